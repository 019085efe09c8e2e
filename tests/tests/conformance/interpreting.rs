//! What interpreters make of an object, through the real components, against the reference's answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use portolan_plan::{Dependency, Fault, Health, Interpreters, MemberStatus, Plugins, Revision, Which};
use serde_json::{Value, json};

use crate::{Outcome, Ran, compare};

pub(crate) fn run(input: &Value, expect: &Value, plugins: &Plugins) -> Ran {
    let (interpreters, contested) = Interpreters::new(plugins);
    if let Some(contested) = contested.first() {
        return Err(contested.to_string());
    }
    let object = |field: &str| {
        let object = input.get(field).filter(|object| object.is_object());
        object.cloned().map(Arc::new).ok_or_else(|| format!("it has no {field}"))
    };
    let template = object("object")?;
    let nobody = expect["interpreter"] == "none";
    match input["op"].as_str().unwrap_or_default() {
        "prune" => Ok(same(&expect["result"], &interpreters.pruned(&template).outcome)),
        "retain" => {
            let retained = interpreters.retained(&template, &object("observed")?).outcome;
            Ok(same(&expect["result"], &retained))
        }
        "replicas" => Ok(answered(interpreters.size(&template).outcome, |size| match size {
            None if nobody => Outcome::Agrees,
            None => Outcome::Differs("it is no workload".into()),
            Some(size) => compare(
                &json!([expect["replicas"], expect["requirements"]]),
                &json!([size.replicas, size.requirements]),
            ),
        })),
        "revise" => {
            let replicas = input["replicas"].as_u64().and_then(|replicas| u32::try_from(replicas).ok());
            let replicas = replicas.ok_or("it has no replicas")?;
            let revised = interpreters.revised(&template, Revision { replicas, completions: None }).outcome;
            Ok(same(if nobody { &template } else { &expect["result"] }, &revised))
        }
        // Where the reference knows nothing, more is known here of Flux' current kinds.
        "health" => {
            Ok(answered(interpreters.health(&template).outcome, |health| match expect.get("healthy") {
                Some(healthy) => compare(healthy, &json!(health == Health::Healthy)),
                None => Outcome::Agrees,
            }))
        }
        "reflect" => Ok(answered(interpreters.reflected(&template).outcome, |status| {
            compare(&expect["status"], &status.unwrap_or_default())
        })),
        "aggregate" => {
            let items = input["items"].as_array().ok_or("it has no items")?;
            let members: Vec<MemberStatus> = items.iter().map(member).collect();
            Ok(answered(interpreters.aggregated(&template, &members).outcome, |status| {
                let status = status.or_else(|| template.get("status").cloned()).unwrap_or_default();
                if nobody {
                    return Outcome::Agrees;
                }
                compare(&without_clocks(&expect["status"]), &without_clocks(&status))
            }))
        }
        "dependencies" => Ok(match (interpreters.dependencies(&template).outcome, expect.get("error")) {
            (Ok(needed), None) => {
                let wanted = expect["dependencies"].as_array().cloned().unwrap_or_default();
                compare(&set(wanted), &set(needed.iter().map(dependency).collect()))
            }
            (Ok(needed), Some(error)) => Outcome::Differs(format!("expected {error}, got {needed:?}")),
            (Err(_), Some(_)) => Outcome::Agrees,
            (Err(fault), None) => Outcome::Differs(fault.to_string()),
        }),
        other => Err(format!("there is no operation `{other}`")),
    }
}

fn answered<T>(outcome: Result<T, Fault>, compare: impl FnOnce(T) -> Outcome) -> Outcome {
    outcome.map_or_else(|fault| Outcome::Differs(fault.to_string()), compare)
}

fn same(expected: &Value, got: &Result<Arc<Value>, Fault>) -> Outcome {
    match got {
        Ok(got) => compare(expected, got),
        Err(fault) => Outcome::Differs(fault.to_string()),
    }
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
        if let Some(condition) = condition.as_object_mut()
            && condition.contains_key("lastProbeTime")
        {
            condition.remove("lastProbeTime");
            condition.remove("lastTransitionTime");
        }
    }
    if status["conditions"].is_null()
        && let Some(members) = status.as_object_mut()
    {
        members.remove("conditions");
    }
    status
}
