//! Which clusters an affinity means, by the real component.

use portolan_plan::Plugins;
use serde_json::{Value, json};

use crate::overriding::{Decided, decide};
use crate::{Outcome, Ran, compare};

pub(crate) fn run(input: &Value, expect: &Value, plugins: &Plugins) -> Ran {
    let placement = json!({"clusterAffinity": input["affinity"]});
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}});
    let Decided { decision, errors } = decide(&object, placement, Vec::new(), &input["cluster"], plugins)?;
    Ok(if let Some(hold) = &decision.hold {
        Outcome::Differs(format!("expected {expect}, and everything is held: {hold}: {}", errors.join("; ")))
    } else {
        compare(expect, &json!({"match": !decision.selected.is_empty()}))
    })
}
