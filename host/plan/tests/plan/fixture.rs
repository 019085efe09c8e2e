//! Worlds for tests: clusters, policies as YAML's JSON, and plugins that are closures.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portolan_api::{Context, Document, Object, Scopes};
use portolan_plan::{
    Amendment, Choice, Decision, Dependency, Digest, Fault, Health, Ingredients, Kind, Manifest,
    MemberStatus, Options, Outcome, Patch, Place, Plugin, Previous, Reading, Refusal, Revision, Size, Stage,
    Template, Terms, Verb, World, decide,
};
use serde_json::{Value, json};

type Answer = dyn Fn(Stage, &Value, &mut Reading) -> Result<Outcome, Fault> + Send + Sync;

/// A plugin that is a closure and counts its calls.
pub struct Double {
    manifest: Manifest,
    answer: Box<Answer>,
    pub calls: AtomicUsize,
}

impl Double {
    pub fn filter(
        answer: impl Fn(&Value, &mut Reading) -> Result<Vec<Refusal>, Fault> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::standing(&[Stage::Filter], move |_, config, reading| answer(config, reading).map(Outcome::from))
    }

    pub fn overrider(
        answer: impl Fn(&Value, &mut Reading) -> Result<Vec<Amendment>, Fault> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let stages = [Stage::Overrider];
        Self::standing(&stages, move |_, config, reading| answer(config, reading).map(Outcome::from))
    }

    /// Stands in any stages, and is told in which one it is asked.
    pub fn standing(
        stages: &[Stage],
        answer: impl Fn(Stage, &Value, &mut Reading) -> Result<Outcome, Fault> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::speaking_for(&[], stages, answer)
    }

    /// Speaks for kinds.
    pub fn speaking_for(
        kinds: &[(&str, &str)],
        stages: &[Stage],
        answer: impl Fn(Stage, &Value, &mut Reading) -> Result<Outcome, Fault> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let kind = |(api_version, kind): &(&str, &str)| Kind {
            api_version: (*api_version).to_owned(),
            kind: (*kind).to_owned(),
        };
        let manifest = Manifest {
            name: "double".into(),
            version: "0".into(),
            summary: String::new(),
            config_schema: json!({}),
            digest: Digest::of(b"double"),
            stages: stages.iter().copied().collect(),
            kinds: kinds.iter().map(kind).collect(),
        };
        Arc::new(Self { manifest, answer: Box::new(answer), calls: AtomicUsize::new(0) })
    }

    pub fn called(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn asked<T>(
        &self,
        stage: Stage,
        config: &str,
        reading: &mut Reading,
        meant: impl FnOnce(Outcome) -> Option<T>,
    ) -> Result<T, Fault> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let config = serde_json::from_str(config).expect("plan writes JSON");
        (self.answer)(stage, &config, reading).map(|outcome| meant(outcome).expect("an answer of that stage"))
    }
}

/// The answer in an outcome, where it is of the kind that is meant.
macro_rules! meant {
    ($variant:ident) => {
        |outcome| match outcome {
            Outcome::$variant(answer) => Some(answer),
            _ => None,
        }
    };
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
        self.asked(Stage::Filter, config, reading, meant!(Refusals))
    }

    fn score(&self, config: &str, reading: &mut Reading) -> Result<Vec<u8>, Fault> {
        self.asked(Stage::Scorer, config, reading, meant!(Scores))
    }

    fn estimate(&self, config: &str, reading: &mut Reading) -> Result<Vec<Option<u32>>, Fault> {
        self.asked(Stage::Estimator, config, reading, meant!(Estimates))
    }

    fn select(&self, config: &str, reading: &mut Reading) -> Result<Choice, Fault> {
        self.asked(Stage::Selector, config, reading, meant!(Choice))
    }

    fn assign(&self, config: &str, reading: &mut Reading) -> Result<Vec<u32>, Fault> {
        self.asked(Stage::Assigner, config, reading, meant!(Replicas))
    }

    fn patch(&self, config: &str, reading: &mut Reading) -> Result<Vec<Amendment>, Fault> {
        self.asked(Stage::Overrider, config, reading, meant!(Amendments))
    }

    fn replicas(&self, reading: &mut Reading) -> Result<Option<Size>, Fault> {
        self.asked(Stage::Replicas, "null", reading, meant!(Size))
    }

    fn revise(&self, revision: Revision, reading: &mut Reading) -> Result<Patch, Fault> {
        let revision = serde_json::to_string(&revision).expect("numbers are JSON");
        self.asked(Stage::Revise, &revision, reading, meant!(Patch))
    }

    fn prune(&self, reading: &mut Reading) -> Result<Patch, Fault> {
        self.asked(Stage::Prune, "null", reading, meant!(Patch))
    }

    fn retain(&self, reading: &mut Reading) -> Result<Patch, Fault> {
        self.asked(Stage::Retain, "null", reading, meant!(Patch))
    }

    fn health(&self, reading: &mut Reading) -> Result<Health, Fault> {
        self.asked(Stage::Health, "null", reading, meant!(Health))
    }

    fn reflect(&self, reading: &mut Reading) -> Result<Option<Value>, Fault> {
        self.asked(Stage::Reflect, "null", reading, meant!(Status))
    }

    fn aggregate(&self, members: &[MemberStatus], reading: &mut Reading) -> Result<Option<Value>, Fault> {
        let members = serde_json::to_string(members).expect("statuses are JSON");
        self.asked(Stage::Aggregate, &members, reading, meant!(Status))
    }

    fn dependencies(&self, reading: &mut Reading) -> Result<Vec<Dependency>, Fault> {
        self.asked(Stage::Dependencies, "null", reading, meant!(Dependencies))
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
