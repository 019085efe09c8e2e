//! The members' statuses as one.

use portolan_plugin::{Aggregate, Fault, Member, Questions};
use serde_json::{Map, Value};

use crate::Flux;
use crate::kinds::of_template;

impl Aggregate for Flux {
    fn aggregate(members: Vec<Member>, questions: &dyn Questions) -> Result<Option<Value>, Fault> {
        let known = of_template(questions);
        let mut status = match questions.template_get("/status") {
            Some(Value::Object(status)) => status,
            _ => Map::new(),
        };
        for field in known.last {
            status.extend(last(&members, field).map(|value| ((*field).to_owned(), value)));
        }
        for field in known.last_or_empty {
            status.insert((*field).to_owned(), last(&members, field).unwrap_or_else(|| "".into()));
        }
        for field in known.counters {
            // The reference goes on counting from what the template had, on every occasion; this is what there is.
            if status.get(*field).is_some_and(|count| !count.is_null()) {
                let sum: i64 = statuses(&members).map(|status| number(status.get(*field))).sum();
                status.insert((*field).to_owned(), sum.into());
            }
        }
        if known.artifact {
            status.remove("artifact");
            status.extend(last(&members, "artifact").map(|artifact| ("artifact".to_owned(), artifact)));
        }
        status.remove("conditions");
        let conditions = conditions(&members);
        if !conditions.is_empty() {
            status.insert("conditions".to_owned(), Value::Array(conditions));
        }
        let generation = number(questions.template_get("/metadata/generation").as_ref());
        let observed = if members.iter().all(|member| caught_up(member, generation)) {
            generation
        } else {
            number(status.get("observedGeneration"))
        };
        status.insert("observedGeneration".to_owned(), observed.into());
        Ok(Some(Value::Object(status)))
    }
}

fn statuses(members: &[Member]) -> impl DoubleEndedIterator<Item = &Value> {
    members.iter().filter_map(|member| member.status.as_ref())
}

/// The last member's that is not empty.
fn last(members: &[Member], field: &str) -> Option<Value> {
    let there = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    statuses(members).rev().filter_map(|status| status.get(field)).find(there).cloned()
}

/// Those that say the same are one, in which each member has its message.
fn conditions(members: &[Member]) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::new();
    for member in members {
        let conditions = member.status.as_ref().and_then(|status| status.get("conditions")?.as_array());
        for condition in conditions.into_iter().flatten() {
            let message = format!("{}={}", member.name, text(condition, "message"));
            let same = |other: &&mut Value| {
                ["type", "status", "reason"].iter().all(|field| other.get(*field) == condition.get(*field))
            };
            match merged.iter_mut().find(same) {
                Some(other) => other["message"] = format!("{}, {message}", text(other, "message")).into(),
                None if condition.is_object() => {
                    let mut condition = condition.clone();
                    condition["message"] = message.into();
                    merged.push(condition);
                }
                None => {}
            }
        }
    }
    merged
}

/// Whether a member has the template as it is now, and its controller has seen what it has.
fn caught_up(member: &Member, generation: i64) -> bool {
    let status = member.status.as_ref().unwrap_or(&Value::Null);
    number(status.get("resourceTemplateGeneration")) == generation
        && number(status.get("generation")) == number(status.get("observedGeneration"))
}

fn number(of: Option<&Value>) -> i64 {
    of.and_then(Value::as_i64).unwrap_or_default()
}

fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of.get(field).and_then(Value::as_str).unwrap_or_default()
}
