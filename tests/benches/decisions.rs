//! What decisions cost: one call of a filter and of an overrider, each in a fresh instance with fuel and clock on, and
//! whole templates with and without the memory of answers.

use std::convert::Infallible;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use portolan_api::{Cluster, Context, Document, Scopes};
use portolan_plan::{
    Fleet, Ingredients, Options, Previous, Reading, Request, Targets, Template, World, plan_all,
};
use portolan_tests::default_plugins;
use serde_json::{Value, json};

/// Planning is looked at on one core; what a second one adds is another question.
const ONE: NonZeroUsize = NonZeroUsize::MIN;

fn read(value: Value) -> Document {
    let context = Context { default_namespace: "default", scopes: &Scopes::default() };
    Document::read(value, &context).expect("the bench's document")
}

/// Clusters with four labels each, a third of them in production.
fn clusters(size: usize) -> Vec<Cluster> {
    let cluster = |n: usize| {
        let env = ["prod", "dev", "test"][n % 3];
        let labels =
            json!({"env": env, "tier": (n % 5).to_string(), "team": "a", "ring": (n % 7).to_string()});
        let manifest = json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster",
            "metadata": {"name": format!("member{n:04}"), "labels": labels}, "spec": {"region": "eu"}});
        match read(manifest) {
            Document::Cluster(cluster) => *cluster,
            _ => unreachable!("it is a Cluster"),
        }
    };
    (0..size).map(cluster).collect()
}

/// A ConfigMap of about 2 kB.
fn template(n: usize) -> Template {
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

fn filter(c: &mut Criterion) {
    let plugin = Arc::clone(&default_plugins()["cluster-affinity"]);
    let config = r#"{"labelSelector":{"matchLabels":{"env":"prod"}}}"#;
    let object = template(0).object;
    let mut group = c.benchmark_group("one filter call, label selector");
    for size in [100, 1_000] {
        let fleet = Arc::new(Fleet::new(clusters(size)));
        group.bench_function(BenchmarkId::new("clusters", size), |bencher| {
            bencher.iter(|| {
                let mut reading =
                    Reading::for_filter(Arc::clone(&fleet), Arc::clone(&object), Request::default());
                black_box(plugin.filter(config, &mut reading)).expect("an answer")
            });
        });
    }
}

fn overrider(c: &mut Criterion) {
    let plugin = Arc::clone(&default_plugins()["plaintext"]);
    let config = r#"[{"path":"/data/key-07","operator":"replace","value":"another"}]"#;
    let fleet = Arc::new(Fleet::new(clusters(3)));
    let object = template(0).object;
    let targets: Arc<[Targets]> = [Targets { clusters: vec![0], object: Arc::clone(&object) }].into();
    let answer = || {
        let (fleet, object) = (Arc::clone(&fleet), Arc::clone(&object));
        let mut reading = Reading::for_overrider(fleet, object, Request::default(), Arc::clone(&targets));
        plugin.patch(config, &mut reading).expect("an answer")
    };
    c.bench_function("one overrider call, plaintext", |bencher| bencher.iter(|| black_box(answer())));
    let patch = answer().remove(0).patch;
    c.bench_function("its patch applied to a 2 kB object", |bencher| {
        bencher.iter(|| black_box(patch.apply(&object)).expect("it applies"));
    });
}

fn plan(c: &mut Criterion) {
    const TEMPLATES: usize = 2_000;
    let templates: Vec<Template> = (0..TEMPLATES).map(template).collect();
    let mut group = c.benchmark_group("plan, 3 clusters, one placement, one override");
    group.throughput(Throughput::Elements(TEMPLATES as u64)).sample_size(10);
    for (name, forget) in [("every answer asked for", true), ("answers remembered", false)] {
        let world = world(forget);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let input = templates.iter().map(|template| (template.clone(), Previous::default()));
                let Ok(()) = plan_all::<Infallible>(&world, input, Options::default(), ONE, |decision, _| {
                    black_box(decision);
                    Ok(())
                });
            });
        });
    }
}

fn world(forget: bool) -> World {
    let selectors = json!([{"apiVersion": "v1", "kind": "ConfigMap"}]);
    let placing = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy", "metadata": {"name": "p"},
        "spec": {"resourceSelectors": selectors,
            "placement": {"clusterAffinity": {"clusterNames": ["member0000", "member0001", "member0002"]}}}});
    let overriding = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy", "metadata": {"name": "o"},
        "spec": {"resourceSelectors": selectors, "overrideRules": [{"targetCluster": {"clusterNames": ["member0000"]},
            "overriders": {"plaintext": [{"path": "/data/key-07", "operator": "replace", "value": "another"}]}}]}});
    let mut ingredients =
        Ingredients { clusters: clusters(3), plugins: default_plugins(), forget, ..Ingredients::default() };
    for document in [placing, overriding] {
        match read(document) {
            Document::Propagation(policy) => ingredients.propagation.push(*policy),
            Document::Override(policy) => ingredients.overrides.push(*policy),
            _ => unreachable!("it is a policy"),
        }
    }
    World::new(ingredients).0
}

criterion_group!(decisions, filter, overrider, plan);
criterion_main!(decisions);
