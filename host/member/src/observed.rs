//! A member's object, as far as it has to be remembered: digests, no body.

use portolan_api::metadata;
use portolan_plan::{Digest, work_id};
use serde_json::Value;

use crate::body::text;
use crate::work::Delivered;

/// A member's object, as far as it has to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its uid.
    pub uid: String,
    /// Its resource version.
    pub resource_version: String,
    /// The digest of all of it but what its server owns: equal to that of a manifest, it is that manifest.
    pub content: Digest,
    /// Its generation, or the digest of its content where its kind counts none.
    pub version: String,
}

impl Observed {
    /// Looks at an object.
    pub fn of(object: &Value) -> Self {
        let content = content(object);
        let generation = object.pointer("/metadata/generation").and_then(Value::as_u64);
        Self {
            uid: text(object, "uid").into(),
            resource_version: text(object, "resourceVersion").into(),
            content,
            version: generation.map_or_else(|| content.to_string(), |generation| generation.to_string()),
        }
    }

    /// Whether the member is known to have what this digest stands for.
    pub fn has(&self, digest: Digest, delivered: Option<&Delivered>) -> bool {
        let recorded = delivered.is_some_and(|delivered| {
            delivered.digest == digest && delivered.uid == self.uid && delivered.version == self.version
        });
        self.content == digest || recorded
    }

    /// What is to be recorded of it; none where the object itself tells.
    pub fn record(&self, digest: Digest) -> Option<Delivered> {
        (self.content != digest).then(|| Delivered {
            digest,
            uid: self.uid.clone(),
            version: self.version.clone(),
        })
    }
}

/// What an API server owns of every object's metadata.
const OWNED: [&str; 8] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "managedFields",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
];

/// The object without what its server owns.
pub fn own_content(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(members) = object.as_object_mut() {
        members.remove("status");
        if let Some(Value::Object(metadata)) = members.get_mut("metadata") {
            OWNED.iter().for_each(|field| drop(metadata.remove(*field)));
        }
    }
    object
}

fn content(object: &Value) -> Digest {
    Digest::of_value(&own_content(object))
}

/// The name of the Work that an object on this cluster is of, where it is ours: it says so, it names the Work, and the
/// Work's permanent id is that of this control plane.
pub fn work_of<'a>(object: &'a Value, namespace: &str, owner: &str) -> Option<&'a str> {
    let of = |map: &str, key: &str| object.get("metadata")?.get(map)?.get(key)?.as_str();
    let name = of("annotations", metadata::WORK_NAME)?;
    let ours = of("labels", metadata::MANAGED) == Some("true")
        && of("annotations", metadata::WORK_NAMESPACE) == Some(namespace)
        && of("labels", metadata::WORK_ID) == Some(work_id(owner, namespace, name).as_str());
    ours.then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_adds_to_every_object_changes_nothing() {
        let sent =
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}});
        let mut there = sent.clone();
        there["metadata"]["uid"] = "u".into();
        there["metadata"]["resourceVersion"] = "3".into();
        there["metadata"]["creationTimestamp"] = "2026-01-31T12:00:00Z".into();
        let observed = Observed::of(&there);
        assert!(observed.has(Digest::of_value(&sent), None));
        assert_eq!(observed.record(Digest::of_value(&sent)), None);

        there["data"]["k"] = "other".into();
        assert!(!Observed::of(&there).has(Digest::of_value(&sent), None));
    }

    #[test]
    fn a_record_holds_for_one_object_at_one_generation() {
        let sent = Digest::of_value(&json!({"spec": {}}));
        let there = json!({"spec": {"filledIn": true}, "metadata": {"uid": "u", "generation": 1}});
        let record = Observed::of(&there).record(sent).expect("its server filled something in");
        assert!(Observed::of(&there).has(sent, Some(&record)));
        for (field, value) in [("uid", json!("v")), ("generation", json!(2))] {
            let mut changed = there.clone();
            changed["metadata"][field] = value;
            assert!(!Observed::of(&changed).has(sent, Some(&record)), "{field}");
        }
    }

    #[test]
    fn only_what_this_control_plane_wrote_is_ours() {
        let id = work_id("me", "karmada-es-a", "w");
        let object = json!({"metadata": {"labels": {metadata::MANAGED: "true", metadata::WORK_ID: id},
            "annotations": {metadata::WORK_NAMESPACE: "karmada-es-a", metadata::WORK_NAME: "w"}}});
        assert_eq!(work_of(&object, "karmada-es-a", "me"), Some("w"));
        assert_eq!(work_of(&object, "karmada-es-b", "me"), None);
        assert_eq!(work_of(&object, "karmada-es-a", "another"), None);
    }
}
