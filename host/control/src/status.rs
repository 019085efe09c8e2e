//! The status of a binding, made of its Works', and what the template is told of it.

use std::collections::BTreeSet;

use portolan_plan::{Health, MemberStatus};
use serde_json::{Value, json};

use crate::dispatch::Verdict;
use crate::ledger::{Entry, WorkStatus};
use portolan_member::Instant;

/// Whether every Work of every cluster has said how it went, so that the status can be told once for all.
pub fn is_told(entry: &Entry) -> bool {
    let Some(binding) = &entry.binding else { return false };
    let told = |cluster: &str| entry.works.get(cluster).is_some_and(|work| work.status.is_some());
    binding.clusters.keys().all(|cluster| told(cluster))
}

/// The status that a binding is to have; none where it has it, or there is no binding.
pub fn of_binding(entry: &Entry, verdict: &Verdict, now: Instant) -> Option<Value> {
    let binding = entry.binding.as_deref()?;
    let members: Vec<(&str, &WorkStatus)> = (entry.works.iter())
        .filter_map(|(cluster, work)| Some((&**cluster, work.status.as_ref()?)))
        .collect();
    let aggregated: Vec<Value> =
        members.iter().map(|(cluster, status)| aggregated(cluster, status)).collect();
    let applied: BTreeSet<&str> =
        members.iter().filter(|(_, status)| status.applied).map(|(cluster, _)| *cluster).collect();
    let missing: Vec<&str> =
        (binding.clusters.keys().map(String::as_str)).filter(|cluster| !applied.contains(cluster)).collect();

    let scheduled = match verdict.reason {
        None => {
            condition("Scheduled", true, "Success", "every stage of its policy has answered", binding, now)
        }
        Some(reason) => condition("Scheduled", false, reason, &verdict.message, binding, now),
    };
    let fully_applied = if missing.is_empty() && !binding.clusters.is_empty() {
        condition("FullyApplied", true, "FullyAppliedSuccess", "every cluster has it", binding, now)
    } else {
        let message = match &missing[..] {
            [] => "it goes to no cluster".to_owned(),
            missing => format!("not yet applied on: {}", missing.join(", ")),
        };
        condition("FullyApplied", false, "FullyAppliedFailed", &message, binding, now)
    };
    let mut status = json!({
        "schedulerObservedGeneration": binding.generation,
        "conditions": [scheduled, fully_applied],
    });
    if !aggregated.is_empty() {
        status["aggregatedStatus"] = aggregated.into();
    }
    let group = match verdict.reason {
        None => verdict.group.clone().map(Value::String),
        // The group that was taken last still stands.
        Some(_) => binding.status.get("schedulerObservingAffinityName").cloned(),
    };
    if let Some(group) = group {
        status["schedulerObservingAffinityName"] = group;
    }
    let before = binding.status.get("lastScheduledTime").cloned();
    let generation = binding.status.get("schedulerObservedGeneration").and_then(Value::as_u64);
    let time = before.filter(|_| generation == Some(binding.generation) || verdict.reason.is_some());
    if let Some(time) = time.or_else(|| verdict.reason.is_none().then(|| now.to_string().into())) {
        status["lastScheduledTime"] = time;
    }
    (binding.status != status).then_some(status)
}

/// What the template's interpreter is told of each member, in the order of their names.
pub fn of_members(entry: &Entry) -> Vec<MemberStatus> {
    (entry.works.iter())
        .filter_map(|(cluster, work)| {
            let WorkStatus { applied, message: _, status, health } = work.status.clone()?;
            Some(MemberStatus { name: cluster.to_string(), status, applied, health })
        })
        .collect()
}

fn aggregated(cluster: &str, status: &WorkStatus) -> Value {
    let health = match status.health {
        Health::Healthy => "Healthy",
        Health::Unhealthy => "Unhealthy",
        Health::Unknown => "Unknown",
    };
    let mut aggregated = json!({"clusterName": cluster, "health": health});
    if status.applied {
        aggregated["applied"] = true.into();
    } else {
        aggregated["appliedMessage"] = status.message.as_str().into();
    }
    if let Some(status) = &status.status {
        aggregated["status"] = status.clone();
    }
    aggregated
}

/// A condition; the moment of its last change stays where it does not change.
fn condition(
    kind: &str,
    holds: bool,
    reason: &str,
    message: &str,
    binding: &crate::binding::Binding,
    now: Instant,
) -> Value {
    let status = if holds { "True" } else { "False" };
    let conditions = binding.status.get("conditions").and_then(Value::as_array);
    let before = conditions.into_iter().flatten().find(|condition| condition["type"] == kind);
    let since = before.filter(|before| before["status"] == status);
    let since = since.and_then(|before| before.get("lastTransitionTime")).cloned();
    json!({
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": since.unwrap_or_else(|| now.to_string().into()),
    })
}
