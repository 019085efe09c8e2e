//! Which clusters an affinity means, by the real component.

use portolan_plan::{Decision, Plugins, World};
use serde_json::{Value, json};

use crate::{Outcome, compare};

pub(crate) fn run(input: &Value, expect: &Value, plugins: &Plugins) -> Outcome {
    let placement = json!({"clusterAffinity": input["affinity"]});
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}});
    let (_, decision): (World, Decision) =
        crate::overriding::decide(&object, placement, Vec::new(), &input["cluster"], plugins);
    if let Some(hold) = &decision.hold {
        return Outcome::Differs(format!("expected {expect}, and everything is held: {hold}"));
    }
    compare(expect, &json!({"match": !decision.selected.is_empty()}))
}
