//! What overrides make of an object, by the real components.

use portolan_api::{Context, Document, OverrideSpec, Policy, PolicyKind, Scopes};
use portolan_plan::{Decision, Ingredients, Options, Plugins, Previous, World, decide as decide_template};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::policies::{propagation, reference, template};
use crate::{Outcome, compare};

/// Fields of overriders that no plugin answers yet.
const NOT_YET: &[&str] = &["imageOverrider", "commandOverrider", "argsOverrider", "fieldOverrider"];

/// One rule's overriders on one object.
pub(crate) fn one_rule(input: &Value, expect: &Value, plugins: &Plugins) -> Outcome {
    if NOT_YET.iter().any(|field| input["overriders"].get(field).is_some()) {
        return Outcome::NotYet("the image, command, args and field overriders");
    }
    let policy =
        json!({"metadata": {"name": "o"}, "spec": {"overrideRules": [{"overriders": input["overriders"]}]}});
    let policies = vec![overrides(PolicyKind::ClusterOverridePolicy, &policy)];
    let (world, decision) = decide(&input["object"], json!({}), policies, &cluster("c1"), plugins);
    let troubles: Vec<String> =
        decision.troubles(world.fleet()).into_iter().map(|trouble| trouble.text).collect();
    match (expect.get("result"), decision.deliveries.first()) {
        (Some(expected), Some(delivery)) => compare(expected, &delivery.object),
        (None, None) if !troubles.is_empty() => Outcome::Agrees,
        (None, Some(delivery)) => Outcome::Differs(format!("expected an error, got {}", delivery.object)),
        _ => Outcome::Differs(format!("expected {expect}, got an error: {}", troubles.join("; "))),
    }
}

/// Several policies, their order and the record of what was applied.
pub(crate) fn policies(input: &Value, expect: &Value, plugins: &Plugins) -> Outcome {
    let policies = input["policies"].as_array().expect("policies").iter();
    let policies = policies.map(|policy| overrides(PolicyKind::OverridePolicy, policy)).collect();
    let (_, decision) = decide(&input["object"], json!({}), policies, &input["cluster"], plugins);
    let Some(delivery) = decision.deliveries.first() else {
        return Outcome::Differs(format!("expected {expect}, and nothing is delivered"));
    };
    let mut order: Vec<&str> = (decision.rules.iter())
        .filter(|step| !step.targets.is_empty())
        .map(|step| step.policy.reference.name.as_str())
        .collect();
    order.dedup();
    let applied =
        delivery.annotations().get("policy.karmada.io/applied-overrides").map_or("", String::as_str);
    compare(expect, &json!({"result": *delivery.object, "order": order, "applied": applied}))
}

/// Decides about one object, one cluster and one placement, all past admission.
pub(crate) fn decide(
    object: &Value,
    placement: Value,
    overrides: Vec<Policy<OverrideSpec>>,
    cluster: &Value,
    plugins: &Plugins,
) -> (World, Decision) {
    let selector = json!({"apiVersion": object["apiVersion"], "kind": object["kind"]});
    let policy = json!({"metadata": {"name": "p"},
        "spec": {"resourceSelectors": [selector], "placement": placement}});
    let mut manifest = cluster.clone();
    manifest["apiVersion"] = json!("cluster.karmada.io/v1alpha1");
    manifest["kind"] = json!("Cluster");
    let context = Context { default_namespace: "default", scopes: &Scopes::default() };
    let Ok(Document::Cluster(cluster)) = Document::read(manifest, &context) else {
        panic!("{cluster} is a cluster")
    };
    let (world, problems) = World::new(Ingredients {
        clusters: vec![*cluster],
        propagation: vec![propagation(PolicyKind::ClusterPropagationPolicy, &policy)],
        overrides,
        plugins: plugins.clone(),
        ..Ingredients::default()
    });
    assert_eq!(problems, [], "every policy of the vectors can be used");
    let decision = decide_template(&world, template(object), &Previous::default(), Options::default());
    (world, decision)
}

fn overrides(kind: PolicyKind, policy: &Value) -> Policy<OverrideSpec> {
    let spec = &policy["spec"];
    Policy {
        reference: reference(kind, policy),
        spec: OverrideSpec::deserialize(spec).expect("an override spec"),
        written: spec.clone(),
    }
}

fn cluster(name: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {}})
}
