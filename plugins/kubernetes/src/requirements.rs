//! What one replica needs: which nodes, and how much of them.

use std::collections::BTreeMap;

use quantity::Quantity;
use serde_json::{Map, Value};

use crate::amount;
use crate::object::items;

/// None where the pods ask for nothing.
pub(crate) fn requirements(pod: &Value) -> Option<Value> {
    let mut requirements = Map::new();
    let mut nodes = Map::new();
    let affinity = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    for (name, at) in
        [("hardNodeAffinity", affinity), ("nodeSelector", "/nodeSelector"), ("tolerations", "/tolerations")]
    {
        let there = pod.pointer(at).filter(|value| !is_empty(value));
        nodes.extend(there.map(|value| (name.to_owned(), value.clone())));
    }
    if !nodes.is_empty() {
        requirements.insert("nodeClaim".to_owned(), Value::Object(nodes));
    }
    let request = request(pod);
    if !request.is_empty() {
        requirements.insert("resourceRequest".to_owned(), Value::Object(request));
    }
    (!requirements.is_empty()).then_some(Value::Object(requirements))
}

/// Containers run together, init containers one after the other and before them. What is limited and not asked for is
/// asked for, as Kubernetes does it with pods.
fn request(pod: &Value) -> Map<String, Value> {
    let mut sum = BTreeMap::<String, Quantity>::new();
    for container in items(pod.get("containers")) {
        for (name, quantity) in requests(container, true) {
            let sum = sum.entry(name).or_default();
            *sum = *sum + quantity;
        }
    }
    for container in items(pod.get("initContainers")) {
        for (name, quantity) in requests(container, true) {
            let most = sum.entry(name).or_default();
            *most = (*most).max(quantity);
        }
    }
    for (name, quantity) in quantities(pod.get("overhead")) {
        let sum = sum.entry(name).or_default();
        *sum = *sum + quantity;
    }
    let written = sum.into_iter().filter_map(|(name, quantity)| {
        let text = match name.as_str() {
            _ if quantity == Quantity::default() => return None,
            "cpu" => amount::milli(quantity),
            "memory" | "ephemeral-storage" => amount::binary(quantity),
            _ if name.starts_with("hugepages-") => amount::binary(quantity),
            _ => amount::decimal(quantity),
        };
        Some((name, Value::String(text)))
    });
    written.collect()
}

fn requests(container: &Value, defaulted: bool) -> BTreeMap<String, Quantity> {
    let mut requests = BTreeMap::new();
    if defaulted {
        requests.extend(quantities(container.pointer("/resources/limits")));
    }
    requests.extend(quantities(container.pointer("/resources/requests")));
    requests
}

fn quantities(of: Option<&Value>) -> impl Iterator<Item = (String, Quantity)> {
    let entries = of.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), amount::read(value)?)))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
