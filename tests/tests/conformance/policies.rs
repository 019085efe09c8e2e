//! Which templates a policy means, and which policy wins.

use portolan_api::{Object, Policy, PolicyKind, PolicyRef, PropagationSpec, ResourceSelector};
use portolan_plan::{Ingredients, Rank, Template, World};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Outcome, compare};

pub(crate) fn rank(input: &Value, expect: &Value) -> Outcome {
    let selectors = Vec::<ResourceSelector>::deserialize(&input["selectors"]).expect("selectors");
    let rank = portolan_plan::rank(&selectors, &template(&input["object"]));
    let got = json!({"match": rank > Rank::Mismatch, "priority": rank as u8});
    compare(expect, &got)
}

pub(crate) fn winner(input: &Value, expect: &Value) -> Outcome {
    let policies = input["policies"].as_array().expect("policies").iter();
    let propagation = policies.map(|policy| propagation(PolicyKind::PropagationPolicy, policy)).collect();
    let (world, problems) = World::new(Ingredients { propagation, ..Ingredients::default() });
    assert_eq!(problems, [], "every policy of the vectors can be used");
    let winner = world.placed_by(&template(&input["object"])).map_or("", |policy| &policy.reference.name);
    compare(expect, &json!({"winner": winner}))
}

/// A policy as the vectors have it: past admission, so what admission would refuse is in it too.
pub(crate) fn propagation(kind: PolicyKind, policy: &Value) -> Policy<PropagationSpec> {
    let spec = &policy["spec"];
    Policy {
        reference: reference(kind, policy),
        spec: PropagationSpec::deserialize(spec).expect("a propagation spec"),
        written: spec.clone(),
    }
}

pub(crate) fn reference(kind: PolicyKind, policy: &Value) -> PolicyRef {
    let text = |key: &str| policy["metadata"][key].as_str().map(ToOwned::to_owned);
    let namespace = if kind.namespaced() { text("namespace") } else { None };
    PolicyRef { kind, namespace, name: text("name").expect("a name") }
}

pub(crate) fn template(object: &Value) -> Template {
    Template::new(Object::parse(object.clone()).expect("an object"))
}
