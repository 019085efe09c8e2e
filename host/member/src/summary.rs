//! What a member's nodes have and its pods take, as `status` of a Cluster says it.

use std::collections::BTreeMap;

use quantity::Quantity;
use serde_json::{Value, json};

/// Amounts, by the names of what they are of.
type Amounts = BTreeMap<String, Quantity>;

/// Sums over nodes and pods, one at a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    nodes: i64,
    ready: i64,
    allocatable: Amounts,
    /// What pods take that have a node.
    allocated: Amounts,
    /// What pods ask for that have none yet.
    allocating: Amounts,
}

impl Summary {
    /// One node more.
    pub fn node(&mut self, node: &Value) {
        self.nodes += 1;
        let conditions = node.pointer("/status/conditions").and_then(Value::as_array);
        let ready = |condition: &Value| {
            condition["type"].as_str() == Some("Ready") && condition["status"].as_str() == Some("True")
        };
        self.ready += i64::from(conditions.is_some_and(|conditions| conditions.iter().any(ready)));
        add(&mut self.allocatable, amounts(node.pointer("/status/allocatable")));
    }

    /// One pod more. One that has ended takes nothing.
    pub fn pod(&mut self, pod: &Value) {
        if matches!(pod.pointer("/status/phase").and_then(Value::as_str), Some("Succeeded" | "Failed")) {
            return;
        }
        let node = pod.pointer("/spec/nodeName").and_then(Value::as_str);
        let into = match node {
            Some(node) if !node.is_empty() => &mut self.allocated,
            _ => &mut self.allocating,
        };
        add(into, requests(&pod["spec"]));
        add(into, Amounts::from([("pods".to_owned(), Quantity::of(1))]));
    }

    /// Whether there are any.
    pub fn has_nodes(&self) -> bool {
        self.nodes > 0
    }

    /// `status.nodeSummary`.
    pub fn of_nodes(&self) -> Value {
        json!({"totalNum": self.nodes, "readyNum": self.ready})
    }

    /// `status.resourceSummary`.
    pub fn of_resources(&self) -> Value {
        json!({
            "allocatable": written(&self.allocatable),
            "allocated": written(&self.allocated),
            "allocating": written(&self.allocating),
        })
    }
}

/// What a scheduler sets aside for a pod: its containers and its sidecars together, or whatever runs before them where that
/// is more, and what the pod itself takes. Requests of the pod as a whole stand for its containers'.
fn requests(spec: &Value) -> Amounts {
    let list = |field: &str| spec.get(field).and_then(Value::as_array).into_iter().flatten();
    let of = |container: &Value| amounts(container.pointer("/resources/requests"));
    let mut running = Amounts::new();
    list("containers").for_each(|container| add(&mut running, of(container)));
    let mut sidecars = Amounts::new();
    let mut most = Amounts::new();
    for container in list("initContainers") {
        let asked = of(container);
        if container["restartPolicy"].as_str() == Some("Always") {
            add(&mut sidecars, asked);
            raise(&mut most, &sidecars);
        } else {
            // It runs beside the sidecars that began before it.
            let mut beside = sidecars.clone();
            add(&mut beside, asked);
            raise(&mut most, &beside);
        }
    }
    add(&mut running, sidecars);
    raise(&mut most, &running);
    most.extend(amounts(spec.pointer("/resources/requests")));
    add(&mut most, amounts(spec.get("overhead")));
    most
}

/// What can't be read is nothing: a server has none such.
fn amounts(of: Option<&Value>) -> Amounts {
    let amounts = of.and_then(Value::as_object).into_iter().flatten();
    amounts
        .filter_map(|(name, amount)| {
            let amount = match amount {
                Value::String(text) => text.parse().ok()?,
                amount => Quantity::of(amount.as_i64()?),
            };
            Some((name.clone(), amount))
        })
        .collect()
}

fn add(to: &mut Amounts, more: Amounts) {
    for (name, amount) in more {
        let sum = to.entry(name).or_default();
        *sum = *sum + amount;
    }
}

fn raise(to: &mut Amounts, least: &Amounts) {
    for (name, amount) in least {
        let most = to.entry(name.clone()).or_default();
        *most = (*most).max(*amount);
    }
}

fn written(amounts: &Amounts) -> Value {
    amounts.iter().map(|(name, amount)| (name.clone(), Value::from(text(name, *amount)))).collect()
}

/// As people write it: processors in thousandths where they are no whole number, and bytes in the largest unit that leaves no
/// remainder.
fn text(name: &str, amount: Quantity) -> String {
    let milli = amount.milli();
    if milli % 1_000 != 0 {
        return format!("{milli}m");
    }
    let units = amount.units();
    let counted_in_bytes =
        name == "memory" || name.contains("ephemeral-storage") || name.starts_with("hugepages-");
    let binary = [("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let fitting = binary.into_iter().find(|(_, power)| units != 0 && units % (1 << power) == 0);
    match fitting {
        Some((unit, power)) if counted_in_bytes => format!("{}{unit}", units >> power),
        _ => units.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(ready: &str, cpu: &str) -> Value {
        json!({"status": {
            "conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": ready}],
            "allocatable": {"cpu": cpu, "memory": "4Gi", "pods": "110"},
        }})
    }

    fn pod(node: Option<&str>, phase: &str, cpu: &str) -> Value {
        json!({
            "spec": {
                "nodeName": node,
                "containers": [{"resources": {"requests": {"cpu": cpu, "memory": "256Mi"}}}],
            },
            "status": {"phase": phase},
        })
    }

    #[test]
    fn nodes_have_and_pods_take() {
        let mut summary = Summary::default();
        assert!(!summary.has_nodes());
        summary.node(&node("True", "3900m"));
        summary.node(&node("Unknown", "100m"));
        summary.pod(&pod(Some("a"), "Running", "250m"));
        summary.pod(&pod(Some("a"), "Succeeded", "250m"));
        summary.pod(&pod(None, "Pending", "1"));
        assert_eq!(summary.of_nodes(), json!({"totalNum": 2, "readyNum": 1}));
        let resources = json!({
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "220"},
            "allocated": {"cpu": "250m", "memory": "256Mi", "pods": "1"},
            "allocating": {"cpu": "1", "memory": "256Mi", "pods": "1"},
        });
        assert_eq!(summary.of_resources(), resources);
    }

    #[test]
    fn a_pod_takes_what_it_takes_at_its_most() {
        let cpu = |amount: &str| json!({"resources": {"requests": {"cpu": amount}}});
        let sidecar = |amount: &str| {
            let mut sidecar = cpu(amount);
            sidecar["restartPolicy"] = json!("Always");
            sidecar
        };
        let taken = |spec: Value| text("cpu", requests(&spec)["cpu"]);
        assert_eq!(taken(json!({"containers": [cpu("1"), cpu("500m")]})), "1500m");
        assert_eq!(taken(json!({"containers": [cpu("1")], "initContainers": [cpu("3"), cpu("2")]})), "3");
        assert_eq!(taken(json!({"containers": [cpu("1")], "initContainers": [sidecar("1"), cpu("2")]})), "3");
        assert_eq!(taken(json!({"containers": [cpu("1")], "initContainers": [cpu("1"), sidecar("1")]})), "2");
        assert_eq!(taken(json!({"containers": [cpu("1")], "overhead": {"cpu": "250m"}})), "1250m");
        assert_eq!(taken(json!({"containers": [cpu("1")], "resources": {"requests": {"cpu": "4"}}})), "4");
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        let bytes = |amount| text("memory", Quantity::of(amount));
        assert_eq!([bytes(0), bytes(1), bytes(1024), bytes(3 << 20)], ["0", "1", "1Ki", "3Mi"]);
        assert_eq!(text("pods", Quantity::of(2048)), "2048");
    }
}
