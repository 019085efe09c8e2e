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
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    let sandbox = SANDBOX.get_or_init(|| {
        // A twentieth of the fuel is enough to be hostile, and it runs out before any clock however crowded the machine.
        let budgets =
            Budgets { fuel: 50_000_000, wall_clock: Duration::from_secs(600), ..Budgets::default() };
        Sandbox::new(Settings { budgets, ..Settings::new(8) }).expect("a sandbox")
    });
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/sandbox/tests/guests");
    let read = |name: &str| std::fs::read_to_string(guests.join(format!("{name}.wat"))).expect("a guest");
    let text = read(name);
    let stage = if text.contains(r#"(export "patch")"#) { "overrider.stage" } else { "filter.stage" };
    let text = if text.contains("(component") {
        text
    } else {
        read("guest.frame").replace("{{fields}}", &text).replace("{{stage}}", &read(stage))
    };
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
