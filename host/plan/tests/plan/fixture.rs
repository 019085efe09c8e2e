//! Worlds for tests: clusters, policies as YAML's JSON, and plugins that are closures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portolan_api::{Context, Document, Object, Scopes};
use portolan_plan::{
    Amendment, Decision, Digest, Fault, Ingredients, Manifest, Options, Patch, Place, Plugin, Previous,
    Reading, Refusal, Stage, Template, Terms, Verb, World, decide,
};
use serde_json::{Value, json};

type Filter = dyn Fn(&Value, &mut Reading) -> Result<Vec<Refusal>, Fault> + Send + Sync;
type Overrider = dyn Fn(&Value, &mut Reading) -> Result<Vec<Amendment>, Fault> + Send + Sync;

/// A plugin that is a closure and counts its calls.
pub struct Double {
    manifest: Manifest,
    filter: Box<Filter>,
    overrider: Box<Overrider>,
    pub calls: AtomicUsize,
}

impl Double {
    pub fn filter(
        answer: impl Fn(&Value, &mut Reading) -> Result<Vec<Refusal>, Fault> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::new(Stage::Filter, Box::new(answer), Box::new(|_, _| Ok(Vec::new())))
    }

    pub fn overrider(
        answer: impl Fn(&Value, &mut Reading) -> Result<Vec<Amendment>, Fault> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::new(Stage::Overrider, Box::new(|_, _| Ok(Vec::new())), Box::new(answer))
    }

    pub fn called(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn new(stage: Stage, filter: Box<Filter>, overrider: Box<Overrider>) -> Arc<Self> {
        let manifest = Manifest {
            name: "double".into(),
            version: "0".into(),
            summary: String::new(),
            config_schema: json!({}),
            digest: Digest::of(b"double"),
            stages: [stage].into(),
            kinds: [].into(),
        };
        Arc::new(Self { manifest, filter, overrider, calls: AtomicUsize::new(0) })
    }
}

impl Plugin for Double {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn terms(&self) -> Terms {
        Terms { engine: "closures".into(), budget: BTreeMap::new() }
    }

    fn check(&self, config: &Value) -> Result<(), String> {
        if config.get("bad").is_some() { Err("bad: not allowed; valid: nothing".into()) } else { Ok(()) }
    }

    fn filter(&self, config: &str, reading: &mut Reading) -> Result<Vec<Refusal>, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        (self.filter)(&serde_json::from_str(config).expect("plan writes JSON"), reading)
    }

    fn patch(&self, config: &str, reading: &mut Reading) -> Result<Vec<Amendment>, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        (self.overrider)(&serde_json::from_str(config).expect("plan writes JSON"), reading)
    }
}

/// A filter that refuses whoever the config does not list under `clusterNames`; no list refuses nobody.
pub fn by_name() -> Arc<Double> {
    Double::filter(|config, reading| {
        let Some(names) = config.get("clusterNames").and_then(Value::as_array) else { return Ok(Vec::new()) };
        let listed: Vec<Place> = names
            .iter()
            .filter_map(Value::as_str)
            .filter_map(|name| reading.find(name).expect("an answer"))
            .collect();
        let others: Vec<Place> =
            (0..reading.size().expect("an answer")).filter(|place| !listed.contains(place)).collect();
        Ok(if others.is_empty() { Vec::new() } else { vec![refusal("not listed", &others)] })
    })
}

/// An overrider that does what each entry of its config says, on all targets, without looking at anything.
pub fn literal() -> Arc<Double> {
    Double::overrider(|config, reading| {
        let entries = config.as_array().cloned().unwrap_or_else(|| vec![config.clone()]);
        let mut patch = Patch::default();
        for entry in entries {
            let verb = match entry["operator"].as_str() {
                Some("replace") => Verb::Replace,
                Some("remove") => Verb::Remove,
                _ => Verb::Add,
            };
            let path = entry["path"].as_str().unwrap_or_default();
            patch
                .push(verb, path, entry["value"].clone())
                .map_err(|error| Fault::Config(error.to_string()))?;
        }
        Ok(vec![Amendment::new(reading.targets().expect("an answer"), patch)])
    })
}

pub fn refusal(reason: &str, clusters: &[Place]) -> Refusal {
    Refusal { reason: reason.into(), clusters: clusters.to_vec() }
}

/// Three clusters, the plugins `cluster-affinity` and `plaintext` as closures, and the documents given.
pub struct Scene {
    pub ingredients: Ingredients,
    pub templates: Vec<Template>,
    pub options: Options,
}

impl Scene {
    pub fn new(documents: &[Value]) -> Self {
        let mut scene =
            Self { ingredients: Ingredients::default(), templates: Vec::new(), options: Options::default() };
        scene.plugin("cluster-affinity", by_name());
        scene.plugin("plaintext", literal());
        for name in ["member1", "member2", "member3"] {
            scene.document(json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster",
                "metadata": {"name": name}, "spec": {}}));
        }
        documents.iter().for_each(|document| scene.document(document.clone()));
        scene
    }

    pub fn plugin(&mut self, name: &str, plugin: Arc<Double>) {
        self.ingredients.plugins.insert(name.into(), plugin);
    }

    pub fn document(&mut self, value: Value) {
        let scopes = Scopes::default();
        let context = Context { default_namespace: "default", scopes: &scopes };
        match Document::read(value, &context) {
            Ok(Document::Template(object)) => self.templates.push(Template::new(object)),
            Ok(Document::Propagation(policy)) => self.ingredients.propagation.push(*policy),
            Ok(Document::Override(policy)) => self.ingredients.overrides.push(*policy),
            Ok(Document::Cluster(cluster)) => self.ingredients.clusters.push(*cluster),
            Ok(Document::Plugin(_) | Document::Ignored(_)) => {}
            Err(invalid) => self.ingredients.unread.extend(invalid.unread.map(|unread| *unread)),
        }
    }

    /// The world, and the decision about the first template.
    pub fn decide(self, previous: &Previous) -> (World, Decision) {
        let Self { ingredients, mut templates, options } = self;
        let (world, problems) = World::new(ingredients);
        assert_eq!(problems, []);
        let decision = decide(&world, templates.remove(0), previous, options);
        (world, decision)
    }
}

pub fn config_map(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"},
        "data": {"key": "value"}})
}

pub fn placing(name: &str, clusters: &[&str]) -> Value {
    json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}],
            "placement": {"clusterAffinity": {"clusterNames": clusters}}}})
}

pub fn overriding(name: &str, rules: Value) -> Value {
    json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}], "overrideRules": rules}})
}

pub fn object(value: Value) -> Template {
    Template::new(Object::parse(value).expect("the test's object"))
}
