//! What interpreters make of an object, through the real components, against the reference's answers.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use portolan_plan::{Dependency, Fault, Health, Interpreters, MemberStatus, Plugin, Plugins, Revision, Which};
use portolan_sandbox::{Sandbox, Settings};
use serde_json::{Value, json};

use super::Vector;

static INTERPRETERS: LazyLock<Interpreters> = LazyLock::new(|| {
    let sandbox = Sandbox::new(Settings::new(1)).expect("plugins can run here");
    let plugins: Plugins = portolan_builtin::ALL
        .iter()
        .map(|builtin| {
            let plugin = sandbox.load(builtin.component).expect("a default plugin loads");
            (builtin.name.to_owned(), Arc::new(plugin) as Arc<dyn Plugin>)
        })
        .collect();
    let (interpreters, contested) = Interpreters::new(&plugins);
    assert_eq!(contested, [], "default plugins don't contend");
    interpreters
});

pub fn interpreting(vector: &Vector) -> Result<(), String> {
    let input = |field: &str| vector.input.get(field).cloned();
    let object = Arc::new(input("object").ok_or("it has an object")?);
    let expect = &vector.expect;
    let nobody = expect["interpreter"] == "none";
    match vector.input["op"].as_str().unwrap_or_default() {
        "prune" => same(&expect["result"], &INTERPRETERS.pruned(&object).outcome),
        "retain" => {
            let observed = Arc::new(input("observed").ok_or("it has a member's object")?);
            same(&expect["result"], &INTERPRETERS.retained(&object, &observed).outcome)
        }
        "replicas" => {
            let size = INTERPRETERS.size(&object).outcome.map_err(|fault| fault.to_string())?;
            let got = size.map_or_else(|| json!({}), |size| {
                json!({"replicas": size.replicas, "requirements": size.requirements})
            });
            let wanted = match nobody {
                true => json!({}),
                false => json!({"replicas": expect["replicas"], "requirements": expect["requirements"]}),
            };
            equal(&wanted, &got)
        }
        "revise" => {
            let replicas = input("replicas").and_then(|replicas| replicas.as_u64()).ok_or("how many")?;
            let replicas = u32::try_from(replicas).map_err(|error| error.to_string())?;
            let revised = INTERPRETERS.revised(&object, Revision { replicas, completions: None }).outcome;
            same(if nobody { &object } else { &expect["result"] }, &revised)
        }
        "health" => {
            let health = INTERPRETERS.health(&object).outcome.map_err(|fault| fault.to_string())?;
            // Where the reference knows nothing, it says healthy; of Flux' current kinds more is known here.
            match expect["healthy"].as_bool() {
                Some(healthy) => equal(&json!(healthy), &json!(health == Health::Healthy)),
                None => Ok(()),
            }
        }
        "reflect" => {
            let status = INTERPRETERS.reflected(&object).outcome.map_err(|fault| fault.to_string())?;
            equal(&expect["status"], &status.unwrap_or_default())
        }
        "aggregate" if nobody => Ok(()),
        "aggregate" => {
            let members: Vec<MemberStatus> =
                input("items").and_then(|items| items.as_array().cloned()).unwrap_or_default()
                    .iter().map(member).collect();
            let status =
                INTERPRETERS.aggregated(&object, &members).outcome.map_err(|fault| fault.to_string())?;
            let status = status.or_else(|| object.get("status").cloned()).unwrap_or_default();
            equal(&without_clocks(&expect["status"]), &without_clocks(&status))
        }
        "dependencies" => match INTERPRETERS.dependencies(&object).outcome {
            Ok(needed) if expect["error"].is_null() => {
                let needed = needed.iter().map(dependency).collect();
                let wanted = expect["dependencies"].as_array().cloned().unwrap_or_default();
                equal(&set(wanted), &set(needed))
            }
            Ok(needed) => Err(format!("it should be an error; got {needed:?}")),
            Err(_) if expect["error"].is_string() => Ok(()),
            Err(fault) => Err(fault.to_string()),
        },
        other => Err(format!("there is no operation `{other}`")),
    }
}

fn same(wanted: &Value, got: &Result<Arc<Value>, Fault>) -> Result<(), String> {
    equal(wanted, got.as_ref().map_err(ToString::to_string)?)
}

fn equal(wanted: &Value, got: &Value) -> Result<(), String> {
    if wanted == got { Ok(()) } else { Err(format!("wanted {wanted}\n   got {got}")) }
}

fn member(item: &Value) -> MemberStatus {
    MemberStatus {
        name: item["clusterName"].as_str().unwrap_or_default().into(),
        status: item.get("status").filter(|status| !status.is_null()).cloned(),
        applied: item["applied"].as_bool().unwrap_or_default(),
        health: match item["health"].as_str() {
            Some("Healthy") => Health::Healthy,
            Some("Unhealthy") => Health::Unhealthy,
            _ => Health::Unknown,
        },
    }
}

fn dependency(Dependency { kind, namespace, which }: &Dependency) -> Value {
    let mut written = json!({"apiVersion": kind.api_version, "kind": kind.kind});
    if let Some(namespace) = namespace {
        written["namespace"] = json!(namespace);
    }
    match which {
        Which::Name(name) => written["name"] = json!(name),
        Which::Labels(labels) => written["labelSelector"] = labels.clone(),
    }
    written
}

/// In the order of their texts: theirs is not specified.
fn set(items: Vec<Value>) -> Value {
    let sorted: BTreeMap<String, Value> = items.into_iter().map(|item| (item.to_string(), item)).collect();
    sorted.into_values().collect()
}

/// A Job's conditions say when they were made.
fn without_clocks(status: &Value) -> Value {
    let mut status = status.clone();
    for condition in status["conditions"].as_array_mut().into_iter().flatten() {
        if let Some(condition) = condition.as_object_mut() {
            if condition.contains_key("lastProbeTime") {
                condition.remove("lastProbeTime");
                condition.remove("lastTransitionTime");
            }
        }
    }
    if status["conditions"].is_null() {
        if let Some(members) = status.as_object_mut() {
            members.remove("conditions");
        }
    }
    status
}
