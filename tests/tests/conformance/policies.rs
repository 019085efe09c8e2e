//! Which templates a policy means, and which policy wins.

use portolan_api::{Object, Policy, PolicyKind, PolicyRef, PropagationSpec, ResourceSelector};
use portolan_plan::{Ingredients, Rank, Template, World};
use serde_json::{Value, json};

use crate::{Ran, compare, read};

pub(crate) fn rank(input: &Value, expect: &Value) -> Ran {
    let selectors: Vec<ResourceSelector> = read(&input["selectors"], "selectors")?;
    let rank = portolan_plan::rank(&selectors, &template(&input["object"])?);
    let got = json!({"match": rank > Rank::Mismatch, "priority": rank as u8});
    Ok(compare(expect, &got))
}

pub(crate) fn winner(input: &Value, expect: &Value) -> Ran {
    let policies = list(input)?.iter();
    let propagation = policies
        .map(|policy| propagation(PolicyKind::PropagationPolicy, policy))
        .collect::<Result<_, _>>()?;
    let (world, problems) = World::new(Ingredients { propagation, ..Ingredients::default() });
    if let Some(problem) = problems.first() {
        return Err(format!("expected {expect}, and {} can't be used: {}", problem.policy, problem.problem));
    }
    let template = template(&input["object"])?;
    let winner = world.placed_by(&template).map_or("", |policy| &policy.reference.name);
    Ok(compare(expect, &json!({"winner": winner})))
}

pub(crate) fn list(input: &Value) -> Result<&Vec<Value>, String> {
    input["policies"].as_array().ok_or_else(|| format!("policies are no list: {}", input["policies"]))
}

/// A policy as the vectors have it: past admission, so what admission would refuse is in it too.
pub(crate) fn propagation(kind: PolicyKind, policy: &Value) -> Result<Policy<PropagationSpec>, String> {
    let spec = &policy["spec"];
    Ok(Policy {
        reference: reference(kind, policy)?,
        spec: read(spec, "a propagation spec")?,
        written: spec.clone(),
    })
}

pub(crate) fn reference(kind: PolicyKind, policy: &Value) -> Result<PolicyRef, String> {
    let text = |key: &str| policy["metadata"][key].as_str().map(ToOwned::to_owned);
    let namespace = if kind.namespaced() { text("namespace") } else { None };
    let name = text("name").ok_or_else(|| format!("a policy has no name: {policy}"))?;
    Ok(PolicyRef { kind, namespace, name })
}

pub(crate) fn template(object: &Value) -> Result<Template, String> {
    let object = Object::parse(object.clone()).map_err(|error| format!("no object: {error}: {object}"))?;
    Ok(Template::new(object))
}
