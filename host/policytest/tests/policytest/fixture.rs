//! Scenes for tests: three clusters, policies as JSON, and plugins that are closures.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portolan_api::{Context, Document, Object, Scopes};
use portolan_plan::{
    Amendment, Digest, Fault, Manifest, Patch, Place, Plugin, Previous, Reading, Refusal, Stage, Template,
    Terms, Verb,
};
use portolan_policytest::{Answer, Miss, Scene, Suite, check};
use serde_json::{Value, json};

type Filter = dyn Fn(&Value, &mut Reading) -> Vec<Refusal> + Send + Sync;

/// A filter that is a closure, and an overrider that does what its config says.
pub struct Double {
    manifest: Manifest,
    filter: Box<Filter>,
}

impl Double {
    pub fn filter(
        answer: impl Fn(&Value, &mut Reading) -> Vec<Refusal> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let manifest = Manifest {
            name: "double".into(),
            version: "0".into(),
            summary: String::new(),
            config_schema: json!({}),
            digest: Digest::of(b"double"),
            stages: [Stage::Filter, Stage::Overrider].into(),
            kinds: BTreeSet::new(),
        };
        Arc::new(Self { manifest, filter: Box::new(answer) })
    }
}

impl Plugin for Double {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn terms(&self) -> Terms {
        Terms { engine: "closures".into(), budget: BTreeMap::new() }
    }

    fn check(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn filter(&self, config: &str, reading: &mut Reading) -> Result<Vec<Refusal>, Fault> {
        Ok((self.filter)(&serde_json::from_str(config).expect("plan writes JSON"), reading))
    }

    /// Each entry of the config, on all targets.
    fn patch(&self, config: &str, reading: &mut Reading) -> Result<Vec<Amendment>, Fault> {
        let entries: Vec<Value> = serde_json::from_str(config).expect("plan writes a list");
        let mut patch = Patch::default();
        for entry in entries {
            let path = entry["path"].as_str().expect("a path");
            patch.push(Verb::Add, path, entry["value"].clone()).expect("a pointer");
        }
        Ok(vec![Amendment {
            clusters: reading.targets().expect("an answer"),
            patch: Ok(patch),
            warnings: Vec::new(),
        }])
    }
}

/// Refuses whoever the config does not list under `clusterNames`.
pub fn by_name() -> Arc<Double> {
    Double::filter(|config, reading| {
        let Some(names) = config.get("clusterNames").and_then(Value::as_array) else { return Vec::new() };
        let listed: Vec<Place> = (names.iter().filter_map(Value::as_str))
            .filter_map(|name| reading.find(name).expect("an answer"))
            .collect();
        let all = 0..reading.size().expect("an answer");
        refused("not listed", all.filter(|place| !listed.contains(place)).collect())
    })
}

pub fn refused(reason: &str, clusters: Vec<Place>) -> Vec<Refusal> {
    if clusters.is_empty() { Vec::new() } else { vec![Refusal { reason: reason.into(), clusters }] }
}

/// Three clusters, a Deployment, and the documents given.
pub fn scene(documents: &[Value]) -> Scene {
    let mut scene = Scene::default();
    let plugins = &mut scene.ingredients.plugins;
    plugins.insert("cluster-affinity".into(), by_name());
    plugins.insert("plaintext".into(), by_name());
    for name in ["member1", "member2", "member3"] {
        add(
            &mut scene,
            json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster",
            "metadata": {"name": name}, "spec": {}}),
        );
    }
    scene.templates.push(template(json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 2, "list": ["a"]}})));
    documents.iter().for_each(|document| add(&mut scene, document.clone()));
    scene
}

pub fn template(object: Value) -> Template {
    Template::new(Object::parse(object).expect("the test's object"))
}

fn add(scene: &mut Scene, document: Value) {
    let scopes = Scopes::default();
    let context = Context { default_namespace: "shop", scopes: &scopes };
    match Document::read(document, &context).expect("the test's document") {
        Document::Propagation(policy) => scene.ingredients.propagation.push(*policy),
        Document::Override(policy) => scene.ingredients.overrides.push(*policy),
        Document::Cluster(cluster) => scene.ingredients.clusters.push(*cluster),
        other => panic!("{other:?}"),
    }
}

/// A policy for every Deployment.
pub fn placing(placement: Value) -> Value {
    json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "apps/v1", "kind": "Deployment"}], "placement": placement}})
}

/// A policy for every Deployment that adds values.
pub fn adding(on: &[&str], path: &str, value: Value) -> Value {
    json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy",
        "metadata": {"name": "more", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "apps/v1", "kind": "Deployment"}],
            "overrideRules": [{"targetCluster": {"clusterNames": on}, "overriders": {"plaintext":
                [{"path": path, "operator": "add", "value": value}]}}]}})
}

pub fn answer(scene: &Scene, previous: &[&str]) -> Answer {
    let clusters = previous.iter().map(|name| (*name).to_owned()).collect();
    let previous = Previous { clusters, ..Previous::default() };
    scene.answer(&scene.world(), &scene.templates[0], &previous).1
}

/// What a test with these fields misses.
pub fn missed(answer: &Answer, expected: Value) -> Vec<Miss> {
    let mut case = json!({"template": "Deployment/web"});
    case.as_object_mut().expect("a map").extend(expected.as_object().expect("a map").clone());
    let suite = Suite::read(&json!({"tests": [case]})).expect("a test file");
    check(&suite.tests[0], answer)
}
