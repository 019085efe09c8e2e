//! What the attacks have in common: hostile plugins, worlds, what becomes of a decision.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use portolan_api::{Context, Document, Scopes};
use portolan_plan::{
    Act, Decision, Ingredients, Options, Plugin, Plugins, Previous, Template, World, decide,
};
use portolan_sandbox::{Budgets, Sandbox, Settings};
use portolan_tests::default_plugins;
use serde_json::{Value, json};

/// A hostile guest of the sandbox's own tests.
pub(crate) fn guest(name: &str) -> Arc<dyn Plugin> {
    let text = read(name);
    if text.contains("(component") { loaded(&text) } else { framed(&text) }
}

/// The same in another stage than its own, by the function that it exports there.
pub(crate) fn guest_as(name: &str, function: &str) -> Arc<dyn Plugin> {
    let exported = format!(r#"(export "{function}")"#);
    framed(&read(name).replace(r#"(export "filter")"#, &exported))
}

/// An interpreter of Deployments: the fields of its core module, which hold the functions of one interface.
pub(crate) fn interpreter(fields: &str) -> Arc<dyn Plugin> {
    // The list of kinds in what it says of itself, which is empty otherwise, and the one kind in it.
    let kinds = r#"(data (i32.const 59700) "apps/v1Deployment")
        (data (i32.const 59800) "\34\e9\00\00\07\00\00\00\3b\e9\00\00\0a\00\00\00")"#;
    let text = component(&format!("{kinds} {fields}"));
    loaded(&text.replace(r#""\00\00\00\00\00\00\00\00")"#, r#""\98\e9\00\00\01\00\00\00")"#))
}

/// The fields of a core module that export a stage's function, as a plugin.
pub(crate) fn framed(fields: &str) -> Arc<dyn Plugin> {
    loaded(&component(fields))
}

/// A component's text around the fields of its core module, in the stage whose function they export.
fn component(fields: &str) -> String {
    let stages = [
        ("filter", "filter"),
        ("score", "scorer"),
        ("estimate", "estimator"),
        ("select", "selector"),
        ("assign", "assigner"),
        ("patch", "overrider"),
        ("replicas", "workload"),
        ("prune", "prune"),
    ];
    let exported = |(function, _): &&(&str, &str)| fields.contains(&format!(r#"(export "{function}")"#));
    let (_, stage) = stages.iter().find(exported).expect("it stands in some stage");
    read("guest.frame").replace("{{fields}}", fields).replace("{{stage}}", &read(&format!("{stage}.stage")))
}

fn read(name: &str) -> String {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/sandbox/tests/guests");
    std::fs::read_to_string(guests.join(format!("{name}.wat"))).expect("a guest")
}

fn loaded(text: &str) -> Arc<dyn Plugin> {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    let sandbox = SANDBOX.get_or_init(|| {
        // A twentieth of the fuel is enough to be hostile, and it runs out before any clock however crowded the machine.
        let budgets =
            Budgets { fuel: 50_000_000, wall_clock: Duration::from_secs(600), ..Budgets::default() };
        Sandbox::new(Settings { budgets, ..Settings::new(8) }).expect("a sandbox")
    });
    Arc::new(sandbox.load(&wat::parse_str(text).expect("a component")).expect("it loads"))
}

/// The default plugins and a guest by its own name.
pub(crate) fn with_guest(name: &str) -> Plugins {
    let mut plugins = default_plugins();
    plugins.insert(name.into(), guest(name));
    plugins
}

/// A World of these documents, and the templates among them.
pub(crate) fn world(plugins: Plugins, documents: impl IntoIterator<Item = Value>) -> (World, Vec<Template>) {
    let mut ingredients = Ingredients { plugins, ..Ingredients::default() };
    let mut templates = Vec::new();
    let scopes = Scopes::default();
    let context = Context { default_namespace: "default", scopes: &scopes };
    for document in documents {
        match Document::read(document, &context).expect("the test's document") {
            Document::Template(object) => templates.push(Template::new(object)),
            Document::Propagation(policy) => ingredients.propagation.push(*policy),
            Document::Override(policy) => ingredients.overrides.push(*policy),
            Document::Cluster(cluster) => ingredients.clusters.push(*cluster),
            Document::Plugin(_) | Document::Ignored(_) => {}
        }
    }
    let (world, problems) = World::new(ingredients);
    assert_eq!(problems, []);
    (world, templates)
}

pub(crate) fn cluster(name: &str) -> Value {
    json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "metadata": {"name": name}, "spec": {}})
}

pub(crate) fn config_map(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"key": "value"},
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}}})
}

/// A policy of its own for the ConfigMap of a name.
pub(crate) fn placing(template: &str, placement: Value) -> Value {
    json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": format!("place-{template}"), "namespace": "shop"}, "spec": {
            "resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap", "name": template}],
            "placement": placement}})
}

/// An override of the ConfigMap of a name by one plugin.
pub(crate) fn overriding(template: &str, plugin: &str, config: &Value) -> Value {
    json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy",
        "metadata": {"name": format!("override-{template}"), "namespace": "shop"}, "spec": {
            "resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap", "name": template}],
            "overrideRules": [{"overriders": {"plugins": [{"name": plugin, "config": config}]}}]}})
}

pub(crate) fn was_on(clusters: &[&str]) -> Previous {
    Previous { clusters: clusters.iter().map(|name| (*name).to_owned()).collect(), ..Previous::default() }
}

pub(crate) fn decided(world: &World, template: &Template, previous: &Previous) -> Decision {
    decide(world, template.clone(), previous, Options::default())
}

/// What each cluster concerned gets: an object, or `=` for what it has, or `-` for nothing any more.
pub(crate) fn outcome(world: &World, decision: &Decision, previous: &Previous) -> Vec<(String, String)> {
    let acts = decision.acts(world, previous).into_iter().map(|(cluster, act)| {
        let outcome = match act {
            Act::Deliver(delivery, place) => delivery.work(world.fleet(), place).manifest.to_string(),
            Act::Keep => "=".into(),
            Act::Remove => "-".into(),
        };
        (cluster.to_owned(), outcome)
    });
    acts.collect()
}
