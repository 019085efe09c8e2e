//! What a Work's status says: whether its member took the object, and how that is doing.

use std::sync::Arc;

use portolan_api::{ObjectKey, group_version};
use portolan_plan::{Digest, Health, Interpreters};
use serde_json::{Value, json};

use crate::instant::Instant;
use crate::work::Delivered;

/// What a Work's status says, as far as it has to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The digest of the status without the moments in it.
    pub digest: Digest,
    /// The conditions: their kinds, whether they hold, and since when.
    pub conditions: Vec<(String, String, String)>,
}

/// How an object on a member is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doing {
    /// Its status, reflected.
    pub status: Option<Value>,
    /// Whether it does its job.
    pub health: Health,
}

/// What there is to tell of a Work.
pub struct News<'a> {
    /// The object.
    pub object: &'a ObjectKey,
    /// The name of its kind in paths, such as `configmaps`.
    pub resource: &'a str,
    /// Why the member does not have it; none: it has.
    pub refused: Option<&'a str>,
    /// Whether nothing is written on the member.
    pub suspended: bool,
    /// How it is doing there, where it is there.
    pub doing: Option<&'a Doing>,
    /// What is to be recorded of the delivery.
    pub delivered: Option<&'a Delivered>,
}

/// The largest status that is told, as JSON. Those of all clusters go into one binding, which may have 1.4 MiB; arbitrary
/// within that.
const LARGEST: usize = 256 << 10;

impl Doing {
    /// Asks interpreters how an object is doing. One that can't tell is no reason to tell nothing, and a status that is too
    /// large is left out.
    pub fn of(interpreters: &Interpreters, object: &Arc<Value>) -> Self {
        let status = interpreters.reflected(object).outcome.unwrap_or_default();
        Self {
            health: interpreters.health(object).outcome.unwrap_or_default(),
            status: status.filter(|status| status.to_string().len() <= LARGEST),
        }
    }
}

impl Told {
    /// Reads a Work's status; none where there is none.
    pub fn read(status: &Value) -> Option<Self> {
        let conditions = status.get("conditions")?.as_array()?;
        let text = |condition: &Value, field: &str| condition[field].as_str().unwrap_or_default().to_owned();
        let conditions = conditions
            .iter()
            .map(|condition| {
                (text(condition, "type"), text(condition, "status"), text(condition, "lastTransitionTime"))
            })
            .collect();
        let mut timeless = status.clone();
        for condition in timeless.get_mut("conditions").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(condition) = condition.as_object_mut() {
                condition.remove("lastTransitionTime");
            }
        }
        Some(Self { digest: Digest::of_value(&timeless), conditions })
    }
}

impl News<'_> {
    /// The status that a Work is to have; none where it has it.
    pub fn status(&self, told: Option<&Told>, now: Instant) -> Option<Value> {
        let Self { object, resource, refused, suspended, doing, delivered } = self;
        let condition = |kind: &str, holds: bool, reason: &str, message: &str| {
            let status = if holds { "True" } else { "False" };
            let before = told.into_iter().flat_map(|told| &told.conditions);
            let since = before
                .filter(|(of, was, _)| of == kind && was == status)
                .map(|(.., since)| since.clone())
                .next();
            let since = since.filter(|since| !since.is_empty()).unwrap_or_else(|| now.to_string());
            json!({"type": kind, "status": status, "reason": reason, "message": message,
                "lastTransitionTime": since})
        };
        let applied = match refused {
            None if *suspended && doing.is_none() => None,
            None => Some(condition("Applied", true, "AppliedSuccessful", "the member has it")),
            Some(why) => Some(condition("Applied", false, "AppliedFailed", why)),
        };
        let dispatching = if *suspended {
            condition("Dispatching", false, "SuspendDispatching", "its policy suspends it")
        } else {
            condition("Dispatching", true, "Dispatching", "it is written on the member")
        };
        let mut status = json!({"conditions": applied.into_iter().chain([dispatching]).collect::<Vec<_>>()});
        let (group, version) = group_version(&object.api_version);
        let mut identifier = json!({"ordinal": 0, "group": group, "version": version, "kind": object.kind,
            "resource": resource, "name": object.name});
        if let Some(namespace) = &object.namespace {
            identifier["namespace"] = namespace.as_str().into();
        }
        let health = match doing.map(|doing| doing.health) {
            Some(Health::Healthy) => "Healthy",
            Some(Health::Unhealthy) => "Unhealthy",
            Some(Health::Unknown) | None => "Unknown",
        };
        let mut of_object = json!({"identifier": identifier, "health": health});
        if let Some(reflected) = doing.and_then(|doing| doing.status.as_ref()) {
            of_object["status"] = reflected.clone();
        }
        status["manifestStatuses"] = json!([of_object]);
        if let Some(delivered) = delivered {
            status["delivered"] = json!(delivered);
        }
        let now = Told::read(&status).expect("it has conditions");
        (told.map(|told| told.digest) != Some(now.digest)).then_some(status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_once_and_keeps_the_moment_of_its_last_change() {
        let object = ObjectKey {
            api_version: "v1".into(),
            kind: "ConfigMap".into(),
            namespace: Some("shop".into()),
            name: "web".into(),
        };
        let doing = Doing { status: None, health: Health::Healthy };
        let mut news = News {
            object: &object,
            resource: "configmaps",
            refused: None,
            suspended: false,
            doing: Some(&doing),
            delivered: None,
        };
        let noon = Instant::parse("2026-01-31T12:00:00Z").expect("RFC 3339");
        let status = news.status(None, noon).expect("nothing was told yet");
        let told = Told::read(&status).expect("it has conditions");
        assert_eq!(news.status(Some(&told), noon.plus(60)), None);

        news.refused = Some("it is a stranger's");
        let refused = news.status(Some(&told), noon.plus(60)).expect("that is new");
        let conditions = refused["conditions"].as_array().expect("a list");
        let since = |kind: &str| {
            let condition =
                conditions.iter().find(|condition| condition["type"] == kind).expect("it is there");
            condition["lastTransitionTime"].as_str().expect("a moment").to_owned()
        };
        assert_eq!(since("Applied"), "2026-01-31T12:01:00Z");
        assert_eq!(since("Dispatching"), "2026-01-31T12:00:00Z");
    }
}
