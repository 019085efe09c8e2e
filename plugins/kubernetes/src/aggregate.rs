//! The members' statuses as one.

use std::collections::BTreeMap;

use portolan_plugin::{Aggregate, Fault, Member, Questions};
use serde_json::{Map, Value, json};

use crate::Kubernetes;
use crate::job;
use crate::object::{items, kind, number, text, text_at};

impl Aggregate for Kubernetes {
    fn aggregate(members: Vec<Member>, questions: &dyn Questions) -> Result<Option<Value>, Fault> {
        let members = &members[..];
        Ok(match kind(questions.template_get("/kind")).as_str() {
            "Deployment" => {
                let fields = &[
                    "availableReplicas",
                    "readyReplicas",
                    "replicas",
                    "unavailableReplicas",
                    "updatedReplicas",
                ];
                Some(workload(&[], fields, caught_up, members, questions))
            }
            "ReplicaSet" => {
                let fields = &["availableReplicas", "fullyLabeledReplicas", "readyReplicas"];
                Some(workload(&["replicas"], fields, caught_up, members, questions))
            }
            "StatefulSet" => {
                let fields = &["currentReplicas", "readyReplicas", "updatedReplicas"];
                let always = &["availableReplicas", "replicas"];
                // Its members don't say which generation they have seen.
                Some(workload(always, fields, |_, _| true, members, questions))
            }
            "DaemonSet" => {
                let always = &[
                    "currentNumberScheduled",
                    "desiredNumberScheduled",
                    "numberMisscheduled",
                    "numberReady",
                ];
                let fields = &["numberAvailable", "numberUnavailable", "updatedNumberScheduled"];
                Some(workload(always, fields, caught_up, members, questions))
            }
            "Job" => job::aggregated(&old(questions), members),
            "CronJob" => Some(cron_job(members, questions)),
            "Service" if text(questions.template_get("/spec/type")) != "LoadBalancer" => None,
            "Service" | "Ingress" => Some(json!({"loadBalancer": addresses(members)})),
            "Pod" => pod(members),
            "PersistentVolumeClaim" => phase(&["Lost", "Pending", "Bound"], members),
            "PersistentVolume" => phase(&["Failed", "Pending", "Available", "Bound", "Released"], members),
            "PodDisruptionBudget" => Some(disruption_budget(members, questions)),
            "HorizontalPodAutoscaler" => {
                let mut status = old(questions);
                sum(&["desiredReplicas"], &["currentReplicas"], members, &mut status);
                status.entry("currentMetrics").or_insert(Value::Null);
                Some(Value::Object(status))
            }
            _ => None,
        })
    }
}

fn old(questions: &dyn Questions) -> Map<String, Value> {
    match questions.template_get("/status") {
        Some(Value::Object(status)) => status,
        _ => Map::new(),
    }
}

fn statuses(members: &[Member]) -> impl Iterator<Item = &Value> {
    members.iter().filter_map(|member| member.status.as_ref())
}

/// Sets sums over all members; the second fields are left out where they are 0.
fn sum(always: &[&str], otherwise: &[&str], members: &[Member], status: &mut Map<String, Value>) {
    for (fields, zeros) in [(always, true), (otherwise, false)] {
        for field in fields {
            let sum: i64 = statuses(members).map(|status| number(status.get(*field))).sum();
            if sum != 0 || zeros {
                status.insert((*field).to_owned(), sum.into());
            } else {
                status.remove(*field);
            }
        }
    }
}

/// Counters are added up. The template's generation counts as observed once every member says so.
fn workload(
    always: &[&str],
    otherwise: &[&str],
    observed: impl Fn(&Value, i64) -> bool,
    members: &[Member],
    questions: &dyn Questions,
) -> Value {
    let mut status = old(questions);
    sum(always, otherwise, members, &mut status);
    let generation = number(questions.template_get("/metadata/generation").as_ref());
    let all =
        (members.iter()).all(|member| observed(member.status.as_ref().unwrap_or(&Value::Null), generation));
    if all && generation != 0 {
        status.insert("observedGeneration".to_owned(), generation.into());
    }
    Value::Object(status)
}

/// Whether a member has the template as it is now, and its controller has seen what it has.
fn caught_up(status: &Value, generation: i64) -> bool {
    number(status.get("resourceTemplateGeneration")) >= generation
        && number(status.get("observedGeneration")) >= number(status.get("generation"))
        && !status.is_null()
}

fn cron_job(members: &[Member], questions: &dyn Questions) -> Value {
    let mut status = old(questions);
    let active: Vec<Value> =
        statuses(members).flat_map(|status| items(status.get("active")).iter().cloned()).collect();
    status.remove("active");
    if !active.is_empty() {
        status.insert("active".to_owned(), Value::Array(active));
    }
    for field in ["lastScheduleTime", "lastSuccessfulTime"] {
        let times = statuses(members).filter_map(|status| status.get(field)?.as_str());
        status.remove(field);
        status.extend(times.max().map(|time| (field.to_owned(), time.into())));
    }
    Value::Object(status)
}

/// Every address that any member has, once.
fn addresses(members: &[Member]) -> Value {
    let all = statuses(members).flat_map(|status| items(status.pointer("/loadBalancer/ingress")));
    let union: BTreeMap<String, &Value> = all.map(|address| (address.to_string(), address)).collect();
    if union.is_empty() { json!({}) } else { json!({"ingress": union.values().collect::<Vec<_>>()}) }
}

/// The first of these phases that any member is in. Of one that has not said anything it is taken to be pending.
fn first_phase(order: &[&str], members: &[Member]) -> Option<String> {
    let phase = |member: &Member| match &member.status {
        Some(status) => text_at(status, "/phase").to_owned(),
        None => "Pending".to_owned(),
    };
    let phases: Vec<String> = members.iter().map(phase).collect();
    let first = order.iter().find(|one| phases.iter().any(|phase| phase == **one));
    first.map(|first| (*first).to_owned())
}

fn phase(order: &[&str], members: &[Member]) -> Option<Value> {
    first_phase(order, members).map(|phase| json!({"phase": phase}))
}

/// The containers of all members, by what can be told of all of them: whether they are ready, and their state.
fn pod(members: &[Member]) -> Option<Value> {
    let phase = first_phase(&["Failed", "Pending", "Running", "Succeeded"], members)?;
    let mut status = json!({"phase": phase});
    let containers = statuses(members).flat_map(|status| items(status.get("containerStatuses")));
    let containers: Vec<Value> = containers
        .map(|container| {
            json!({
                "name": "", "image": "", "imageID": "", "restartCount": 0, "lastState": {},
                "ready": container.get("ready").and_then(Value::as_bool).unwrap_or_default(),
                "state": container.get("state").cloned().unwrap_or_else(|| json!({})),
            })
        })
        .collect();
    if !containers.is_empty() {
        status["containerStatuses"] = Value::Array(containers);
    }
    Some(status)
}

/// Pods are told apart by their cluster.
fn disruption_budget(members: &[Member], questions: &dyn Questions) -> Value {
    let mut status = old(questions);
    let always = &["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"];
    sum(always, &[], members, &mut status);
    let mut pods = Map::new();
    for member in members {
        let theirs = member.status.as_ref().and_then(|status| status.get("disruptedPods")?.as_object());
        for (pod, when) in theirs.into_iter().flatten() {
            pods.insert(format!("{}/{pod}", member.name), when.clone());
        }
    }
    status.remove("disruptedPods");
    if !pods.is_empty() {
        status.insert("disruptedPods".to_owned(), Value::Object(pods));
    }
    Value::Object(status)
}
