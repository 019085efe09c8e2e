//! Names of bindings, Works and execution namespaces.

use portolan_api::names;
use serde_json::{Value, json};

use crate::{Outcome, compare};

pub(crate) fn run(input: &Value, expect: &Value) -> Outcome {
    let text = |key: &str| input[key].as_str().unwrap_or_default();
    let (kind, name, cluster) = (text("Kind"), text("Name"), text("Cluster"));
    let namespace = Some(text("Namespace")).filter(|namespace| !namespace.is_empty());
    let got = json!({
        "binding": names::binding(kind, name),
        "bindingReferenceKey": names::binding_reference(namespace, name),
        "executionSpace": names::execution_namespace(cluster),
        "work": names::work(kind, namespace, name),
    });
    compare(expect, &got)
}
