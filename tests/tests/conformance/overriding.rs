//! What overrides make of an object, by the real components.

use portolan_api::{Context, Document, OverrideSpec, Policy, PolicyKind, Scopes};
use portolan_plan::{
    Blame, Decision, Ingredients, Options, Plugins, Previous, World, decide as decide_template,
};
use serde_json::{Value, json};

use crate::policies::{list, propagation, reference, template};
use crate::{Outcome, Ran, compare, read};

/// One rule's overriders on one object.
pub(crate) fn one_rule(input: &Value, expect: &Value, plugins: &Plugins) -> Ran {
    let spec = json!({"overrideRules": [{"overriders": input["overriders"]}]});
    let policy = json!({"metadata": {"name": "o"}, "spec": spec});
    let policies = [(PolicyKind::ClusterOverridePolicy, &policy)];
    overridden(
        input,
        &cluster("c1"),
        &policies,
        expect,
        plugins,
        |decision| json!({"result": result(decision)}),
    )
}

/// Several policies, their order and the record of what was applied.
pub(crate) fn policies(input: &Value, expect: &Value, plugins: &Plugins) -> Ran {
    let policies: Vec<_> = list(input)?.iter().map(|policy| (PolicyKind::OverridePolicy, policy)).collect();
    overridden(input, &input["cluster"], &policies, expect, plugins, |decision| {
        let mut order: Vec<&str> = (decision.rules.iter())
            .filter(|step| !step.targets.is_empty())
            .map(|step| step.policy.reference.name.as_str())
            .collect();
        order.dedup();
        let annotations = decision.deliveries.first().map(|delivery| delivery.annotations());
        let applied = annotations.and_then(|all| all.get("policy.karmada.io/applied-overrides").cloned());
        json!({"result": result(decision), "order": order, "applied": applied.unwrap_or_default()})
    })
}

/// Compares what `shown` makes of the decision. Where an error is expected, any that keeps the object back will do.
fn overridden(
    input: &Value,
    cluster: &Value,
    policies: &[(PolicyKind, &Value)],
    expect: &Value,
    plugins: &Plugins,
    shown: impl FnOnce(&Decision) -> Value,
) -> Ran {
    let policies: Vec<_> =
        policies.iter().map(|(kind, policy)| overrides(*kind, policy)).collect::<Result<_, _>>()?;
    let Decided { decision, errors } = decide(&input["object"], json!({}), policies, cluster, plugins)?;
    let errors_text = || if errors.is_empty() { "no error".to_owned() } else { errors.join("; ") };
    Ok(match (expect.get("error").is_some(), decision.deliveries.is_empty()) {
        (true, true) if !errors.is_empty() => Outcome::Agrees,
        (true, true) => {
            Outcome::Differs("expected an error, and nothing is delivered without one".to_owned())
        }
        (true, false) => Outcome::Differs(format!("expected an error, got {}", shown(&decision))),
        (false, true) => {
            Outcome::Differs(format!("expected {expect}, and nothing is delivered: {}", errors_text()))
        }
        (false, false) => compare(expect, &shown(&decision)),
    })
}

fn result(decision: &Decision) -> Option<&Value> {
    decision.deliveries.first().map(|delivery| &*delivery.object)
}

/// What was decided, and all that somebody would be told to look after.
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    pub(crate) errors: Vec<String>,
}

/// Decides about one object, one cluster and one placement, all past admission.
pub(crate) fn decide(
    object: &Value,
    placement: Value,
    overrides: Vec<Policy<OverrideSpec>>,
    cluster: &Value,
    plugins: &Plugins,
) -> Result<Decided, String> {
    let template = template(object)?;
    let selector = json!({"apiVersion": object["apiVersion"], "kind": object["kind"]});
    let policy = json!({"metadata": {"name": "p"},
        "spec": {"resourceSelectors": [selector], "placement": placement}});
    let (world, problems) = World::new(Ingredients {
        clusters: vec![read_cluster(cluster)?],
        propagation: vec![propagation(PolicyKind::ClusterPropagationPolicy, &policy)?],
        overrides,
        plugins: plugins.clone(),
        ..Ingredients::default()
    });
    let decision = decide_template(&world, template, &Previous::default(), Options::default());
    let problems = problems.into_iter().map(|found| format!("{} {}", found.policy, found.problem));
    // A warning keeps nothing back.
    let troubles =
        decision.troubles(world.fleet()).into_iter().filter(|trouble| trouble.blame != Blame::Decision);
    let troubles = troubles.map(|trouble| trouble.text);
    let errors = problems.chain(troubles).collect();
    Ok(Decided { decision, errors })
}

fn overrides(kind: PolicyKind, policy: &Value) -> Result<Policy<OverrideSpec>, String> {
    let spec = &policy["spec"];
    Ok(Policy {
        reference: reference(kind, policy)?,
        spec: read(spec, "an override spec")?,
        written: spec.clone(),
    })
}

pub(crate) fn read_cluster(cluster: &Value) -> Result<portolan_api::Cluster, String> {
    let mut manifest = cluster.clone();
    let fields = manifest.as_object_mut().ok_or_else(|| format!("no cluster: {cluster}"))?;
    fields.insert("apiVersion".to_owned(), json!("cluster.karmada.io/v1alpha1"));
    fields.insert("kind".to_owned(), json!("Cluster"));
    let context = Context { default_namespace: "default", scopes: &Scopes::default() };
    match Document::read(manifest, &context) {
        Ok(Document::Cluster(cluster)) => Ok(*cluster),
        other => Err(format!("no cluster: {cluster}: {other:?}")),
    }
}

fn cluster(name: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {}})
}
