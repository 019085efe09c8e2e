//! A Job's status.

use portolan_plugin::Member;
use serde_json::{Map, Value, json};

use crate::object::{items, number, text_at};

/// What the control plane sees of a member's.
pub(crate) fn reflected(status: &Map<String, Value>) -> Map<String, Value> {
    let mut reflected = Map::new();
    for field in ["active", "failed", "succeeded"] {
        let number = number(status.get(field));
        if number != 0 {
            reflected.insert(field.to_owned(), number.into());
        }
    }
    for field in ["startTime", "completionTime"] {
        let time = status.get(field).filter(|time| !time.is_null());
        reflected.extend(time.map(|time| (field.to_owned(), time.clone())));
    }
    let mut conditions = items(status.get("conditions")).to_vec();
    for condition in conditions.iter_mut().filter_map(Value::as_object_mut) {
        for field in ["lastProbeTime", "lastTransitionTime"] {
            condition.entry(field).or_insert(Value::Null);
        }
    }
    if !conditions.is_empty() {
        reflected.insert("conditions".to_owned(), Value::Array(conditions));
    }
    reflected
}

/// The members' as one; none where the template's is finished, because then it never changes again.
pub(crate) fn aggregated(old: &Map<String, Value>, members: &[Member]) -> Option<Value> {
    if finished(items(old.get("conditions"))).is_some() {
        return None;
    }
    let mut new = Map::new();
    let statuses = || members.iter().filter_map(|member| Some((member, member.status.as_ref()?)));
    for field in ["active", "failed", "succeeded"] {
        let sum: i64 = statuses().map(|(_, status)| number(status.get(field))).sum();
        if sum != 0 {
            new.insert(field.to_owned(), sum.into());
        }
    }
    let conditions = |status: &'_ Value| items(status.get("conditions")).to_vec();
    let all = |of: &dyn Fn(&[Value]) -> bool| {
        !members.is_empty()
            && members
                .iter()
                .all(|member| member.status.as_ref().is_some_and(|status| of(&conditions(status))))
    };
    let completed = latest(statuses().map(|(_, status)| text_at(status, "/completionTime")));
    let mut said = Vec::new();
    let failed: Vec<&str> = statuses()
        .filter(|(_, status)| finished(&conditions(status)).as_deref() == Some("Failed"))
        .map(|(member, _)| member.name.as_str())
        .collect();
    if !failed.is_empty() {
        let message = format!("Job executed failed in member clusters {}", failed.join(","));
        let when = statuses().flat_map(|(_, status)| conditions(status)).collect::<Vec<_>>();
        let when = latest(when.iter().map(|condition| text_at(condition, "/lastTransitionTime")));
        if statuses().any(|(_, status)| holds(&conditions(status), "FailureTarget")) {
            said.push(condition("FailureTarget", "JobFailed", &message, when));
        }
        said.push(condition("Failed", "JobFailed", &message, when));
    }
    if all(&|conditions| finished(conditions).as_deref() == Some("Complete")) {
        said.push(condition("Complete", "Completed", "Job completed", completed));
        if all(&|conditions| holds(conditions, "SuccessCriteriaMet")) {
            let message = "All member clusters have met success criteria";
            said.push(condition("SuccessCriteriaMet", "CompletionsReached", message, completed));
        }
    }
    if !said.is_empty() {
        new.insert("conditions".to_owned(), Value::Array(said));
    }
    let every = |field: &str| {
        let has =
            |member: &Member| member.status.as_ref().is_some_and(|status| !text_at(status, field).is_empty());
        !members.is_empty() && members.iter().all(has)
    };
    match old.get("startTime").filter(|time| !time.is_null()) {
        Some(started) => drop(new.insert("startTime".to_owned(), started.clone())),
        None if every("/startTime") => {
            let started = statuses().map(|(_, status)| text_at(status, "/startTime")).min();
            new.extend(started.map(|started| ("startTime".to_owned(), started.into())));
        }
        None => {}
    }
    if every("/completionTime") {
        new.extend(completed.map(|completed| ("completionTime".to_owned(), completed.into())));
    }
    Some(Value::Object(new))
}

/// How a Job has ended.
fn finished(conditions: &[Value]) -> Option<String> {
    let ends = |condition: &&Value| {
        matches!(text_at(condition, "/type"), "Complete" | "Failed")
            && text_at(condition, "/status") == "True"
    };
    conditions.iter().find(ends).map(|condition| text_at(condition, "/type").to_owned())
}

fn holds(conditions: &[Value], wanted: &str) -> bool {
    (conditions.iter())
        .any(|condition| text_at(condition, "/type") == wanted && text_at(condition, "/status") == "True")
}

/// A plugin has no clock: the time is the members', where they give one.
fn condition(of: &str, reason: &str, message: &str, when: Option<&str>) -> Value {
    json!({
        "type": of, "status": "True", "reason": reason, "message": message,
        "lastProbeTime": when, "lastTransitionTime": when,
    })
}

/// Kubernetes writes all times in one form, in which later ones are greater texts.
fn latest<'a>(times: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    times.filter(|time| !time.is_empty()).max()
}
