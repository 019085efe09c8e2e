//! A fleet, templates and policies of any size, made up for benchmarks: the same each time.

use portolan_api::{Cluster, Context, Document, Scopes};
use portolan_plan::{Ingredients, Template, World};
use serde_json::{Value, json};

use crate::default_plugins;

/// What `cluster-affinity` is told where clusters are chosen by a label.
pub const BY_LABEL: &str = r#"{"labelSelector":{"matchLabels":{"env":"prod"}}}"#;

/// What `plaintext` is told where one field changes.
pub const ONE_OPERATION: &str = r#"[{"path":"/data/key-07","operator":"replace","value":"another"}]"#;

/// What `spread` is told where all of ten regions are needed and replicas are divided by room.
pub const SPREAD_BY_REGION: &str = r#"{"spreadConstraints":[{"spreadByField":"cluster","minGroups":1,"maxGroups":1000},{"spreadByField":"region","minGroups":10,"maxGroups":10}],"replicaScheduling":{"replicaSchedulingType":"Divided","replicaDivisionPreference":"Weighted","weightPreference":{"dynamicWeight":"AvailableReplicas"}}}"#;

/// What `division` is told there.
pub const BY_ROOM: &str = r#"{"replicaSchedulingType":"Divided","replicaDivisionPreference":"Weighted","weightPreference":{"dynamicWeight":"AvailableReplicas"}}"#;

/// The same clusters as [`clusters`], in so many regions by turns.
pub fn in_regions(size: usize, regions: usize) -> Vec<Cluster> {
    let mut clusters = clusters(size);
    for (n, cluster) in clusters.iter_mut().enumerate() {
        cluster.facts["spec"]["region"] = json!(format!("region-{}", n % regions));
    }
    clusters
}

/// The same as [`in_regions`], and each says what room it has: 4 to 13 CPUs and as many pods as a small node takes.
pub fn with_room(size: usize, regions: usize) -> Vec<Cluster> {
    let mut clusters = in_regions(size, regions);
    for (n, cluster) in clusters.iter_mut().enumerate() {
        cluster.facts["status"]["resourceSummary"] = json!({
            "allocatable": {"cpu": (4 + n % 10).to_string(), "memory": "64Gi", "pods": "110"},
            "allocated": {"cpu": "1500m", "memory": "6Gi", "pods": "12"},
        });
    }
    clusters
}

/// Every Deployment is divided by room among all regions.
pub fn by_room(clusters: Vec<Cluster>, forget: bool) -> World {
    let told: Value = serde_json::from_str(SPREAD_BY_REGION).expect("it is JSON");
    world(clusters, DEPLOYMENTS, &told, &json!([]), forget)
}

/// A [`workload`] of so many replicas.
pub fn of_replicas(replicas: u32) -> Template {
    let mut object = (*workload(0).object).clone();
    object["spec"]["replicas"] = json!(replicas);
    match read(object) {
        Document::Template(object) => Template::new(object),
        _ => unreachable!("it is a template"),
    }
}

/// Clusters `member0000`, `member0001` and so on with four labels each, a third of them in production.
pub fn clusters(size: usize) -> Vec<Cluster> {
    let cluster = |n: usize| {
        let env = ["prod", "dev", "test"][n % 3];
        let labels =
            json!({"env": env, "tier": (n % 5).to_string(), "team": "a", "ring": (n % 10).to_string()});
        let manifest = json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster",
            "metadata": {"name": format!("member{n:04}"), "labels": labels}, "spec": {"region": "eu"}});
        match read(manifest) {
            Document::Cluster(cluster) => *cluster,
            _ => unreachable!("it is a Cluster"),
        }
    };
    (0..size).map(cluster).collect()
}

/// A ConfigMap of about 2 kB: 40 keys with 40 characters each.
pub fn template(n: usize) -> Template {
    let data: serde_json::Map<String, Value> = (0..40)
        .map(|key| (format!("key-{key:02}"), json!("forty characters of text, give or take one")))
        .collect();
    let manifest = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": format!("config-{n:05}"), "namespace": "default", "labels": {"app": "bench"}}, "data": data});
    match read(manifest) {
        Document::Template(object) => Template::new(object),
        _ => unreachable!("it is a template"),
    }
}

/// What the documents' example has: a policy that places every ConfigMap by names, on the first `placed` clusters, and
/// one whose rule changes a field on the first of them. `forget`: nothing is remembered, every answer is asked for.
pub fn by_names(clusters: Vec<Cluster>, placed: usize, forget: bool) -> World {
    let names: Vec<&str> = clusters.iter().take(placed).map(|cluster| cluster.name.as_str()).collect();
    let placement = json!({"clusterAffinity": {"clusterNames": names}});
    let rule = json!({"targetCluster": {"clusterNames": [names[0]]}, "overriders": {"plaintext": [another("first")]}});
    world(clusters, CONFIG_MAPS, &placement, &json!([rule]), forget)
}

/// Every ConfigMap goes everywhere, and differs by the label `ring`, which has ten values.
pub fn by_rings(clusters: Vec<Cluster>, forget: bool) -> World {
    let rule = |ring: usize| {
        let selector = json!({"matchLabels": {"ring": ring.to_string()}});
        json!({"targetCluster": {"labelSelector": selector},
            "overriders": {"plaintext": [another(&format!("ring {ring}"))]}})
    };
    let rules: Vec<Value> = (0..10).map(rule).collect();
    world(clusters, CONFIG_MAPS, &json!({"clusterAffinity": {}}), &json!(rules), forget)
}

/// Every ConfigMap goes everywhere and is changed everywhere in the same way; nothing is remembered.
pub fn everywhere_alike(clusters: Vec<Cluster>) -> World {
    let rule = json!({"overriders": {"plaintext": [another("alike")]}});
    world(clusters, CONFIG_MAPS, &json!({"clusterAffinity": {}}), &json!([rule]), true)
}

/// Every ConfigMap goes where the label `env` says, as one filter tells and `more` others too, each with a config of its
/// own.
pub fn by_filters(clusters: Vec<Cluster>, more: usize) -> World {
    let selector = |value: &str| json!({"labelSelector": {"matchLabels": {"env": value}}});
    let others = (0..more).map(|number| {
        let expressions = json!([{"key": "env", "operator": "NotIn", "values": ["dev", number.to_string()]}]);
        json!({"name": "cluster-affinity", "config": {"labelSelector": {"matchExpressions": expressions}}})
    });
    let others: Vec<Value> = others.collect();
    world(
        clusters,
        CONFIG_MAPS,
        &json!({"clusterAffinity": selector("prod"), "plugins": others}),
        &json!([]),
        false,
    )
}

/// A Deployment of about 2 kB: two containers, and what usually surrounds them.
pub fn workload(n: usize) -> Template {
    let container = |name: &str, image: String| {
        let env: Vec<Value> = (0..8)
            .map(|key| json!({"name": format!("KEY_{key}"), "value": "some twenty characters"}))
            .collect();
        json!({"name": name, "image": image, "args": ["--verbose", "--port=8080"], "env": env,
            "ports": [{"containerPort": 8080}], "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}}})
    };
    let app = format!("shop-{n:05}");
    let labels = json!({"app": &app, "team": "shop"});
    let containers =
        [container("web", format!("ghcr.io/acme/{app}:1.2.3")), container("proxy", "proxy:2".to_owned())];
    let manifest = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": &app, "namespace": "default", "labels": &labels, "annotations": {"team": "shop"}},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": &app}},
            "template": {"metadata": {"labels": &labels}, "spec": {"containers": containers}}}});
    match read(manifest) {
        Document::Template(object) => Template::new(object),
        _ => unreachable!("it is a template"),
    }
}

/// Every Deployment goes everywhere and is changed by five overriders there: its images, arguments, labels and annotations in
/// the same way, and its replicas in as many ways as `results` says, each by a rule of its own.
pub fn by_results(clusters: Vec<Cluster>, results: usize) -> World {
    let everywhere = json!({"overriders": {
        "imageOverrider": [{"component": "Registry", "operator": "replace", "value": "mirror.example.com"}],
        "argsOverrider": [{"containerName": "web", "operator": "add", "value": ["--site"]}],
        "labelsOverrider": [{"operator": "add", "value": {"site": "a"}}],
        "annotationsOverrider": [{"operator": "add", "value": {"site": "a"}}]}});
    let rule = |result: usize| {
        let names: Vec<&str> =
            clusters.iter().skip(result).step_by(results).map(|cluster| cluster.name.as_str()).collect();
        let operation = json!({"path": "/spec/replicas", "operator": "replace", "value": result + 1});
        json!({"targetCluster": {"clusterNames": names}, "overriders": {"plaintext": [operation]}})
    };
    let rules: Vec<Value> = std::iter::once(everywhere).chain((0..results).map(rule)).collect();
    world(clusters, DEPLOYMENTS, &json!({"clusterAffinity": {}}), &json!(rules), false)
}

/// What is placed where nothing else is said.
const CONFIG_MAPS: (&str, &str) = ("v1", "ConfigMap");

/// What is placed where replicas matter.
const DEPLOYMENTS: (&str, &str) = ("apps/v1", "Deployment");

/// The config of one plaintext operation.
fn another(value: &str) -> Value {
    json!({"path": "/data/key-07", "operator": "replace", "value": value})
}

fn world(
    clusters: Vec<Cluster>,
    (api_version, kind): (&str, &str),
    placement: &Value,
    rules: &Value,
    forget: bool,
) -> World {
    let selectors = json!([{"apiVersion": api_version, "kind": kind}]);
    let policy = |kind: &str, spec: Value| json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": kind, "metadata": {"name": "bench"}, "spec": spec});
    let placing =
        policy("PropagationPolicy", json!({"resourceSelectors": &selectors, "placement": placement}));
    let overriding =
        policy("OverridePolicy", json!({"resourceSelectors": &selectors, "overrideRules": rules}));
    let mut ingredients =
        Ingredients { clusters, plugins: default_plugins(), forget, ..Ingredients::default() };
    for document in [placing, overriding] {
        match read(document) {
            Document::Propagation(policy) => ingredients.propagation.push(*policy),
            Document::Override(policy) => ingredients.overrides.push(*policy),
            _ => unreachable!("it is a policy"),
        }
    }
    let (world, problems) = World::new(ingredients);
    assert!(problems.is_empty(), "{problems:?}");
    world
}

fn read(value: Value) -> Document {
    let context = Context { default_namespace: "default", scopes: &Scopes::default() };
    Document::read(value, &context).expect("what is made up here is valid")
}
