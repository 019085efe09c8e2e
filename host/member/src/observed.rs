//! A member's object, as far as it has to be remembered: digests, no body.

use std::collections::BTreeSet;

use portolan_api::{metadata, names};
use portolan_plan::{Digest, work_id};
use serde_json::{Map, Value};

use crate::body::text;
use crate::work::Delivered;

/// A member's object, as far as it has to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its uid.
    pub uid: String,
    /// Its resource version.
    pub resource_version: String,
    /// The digest of what is ours in it: equal to that of a manifest, it is that manifest, whatever the member added to
    /// its metadata.
    pub content: Digest,
    /// What changes with whatever of it we have a say about: its generation and what is ours in its metadata, or the digest
    /// of its content where its kind counts no generations.
    pub version: String,
    /// Whether there is nothing of the member's own in it, so that nothing has to be kept when it is replaced.
    pub bare: bool,
    /// Whether it was deleted, and somebody's finalizer holds it.
    pub going: bool,
}

impl Observed {
    /// Looks at an object.
    pub fn of(object: &Value) -> Self {
        let (ours, bare) = ours_of(object);
        let content = Digest::of_value(&ours);
        // An API server counts a generation where the spec changes, and not where labels do.
        let generation = object.pointer("/metadata/generation").and_then(Value::as_u64);
        let version = match generation {
            None => content.to_string(),
            Some(generation) => {
                let metadata = Digest::of_value(ours.get("metadata").unwrap_or(&Value::Null));
                // Eight bytes: two states of one object's labels are told apart, and nobody gains by making them alike.
                let metadata = metadata.0[..8].iter().fold(0, |digits, byte| digits << 8 | u64::from(*byte));
                format!("{generation}-{metadata:016x}")
            }
        };
        Self {
            uid: text(object, "uid").into(),
            resource_version: text(object, "resourceVersion").into(),
            content,
            version,
            bare,
            going: !text(object, "deletionTimestamp").is_empty(),
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

/// What of the metadata is the member's own, of every kind.
const MEMBERS_OWN: [&str; 2] = ["finalizers", "ownerReferences"];

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

/// The object without what its server owns and without what its member added to the metadata: labels and annotations that
/// are not in the lists of those we wrote, finalizers, owners. Second, whether there was nothing of the member's own, a
/// status included.
fn ours_of(object: &Value) -> (Value, bool) {
    let mut bare = object.get("status").is_none_or(Value::is_null);
    let mut object = own_content(object);
    let Some(Value::Object(metadata)) = object.get_mut("metadata") else { return (object, bare) };
    for field in MEMBERS_OWN {
        bare &= metadata.remove(field).is_none();
    }
    let listed = |metadata: &Map<String, Value>, list: &str| -> Option<BTreeSet<String>> {
        let keys = metadata.get("annotations")?.get(list)?.as_str()?;
        Some(keys.split(',').map(str::to_owned).collect())
    };
    // Both before either map changes: the lists are annotations themselves.
    let ours = [("labels", metadata::MANAGED_LABELS), ("annotations", metadata::MANAGED_ANNOTATIONS)]
        .map(|(map, list)| (map, listed(metadata, list)));
    for (map, keys) in ours {
        let (Some(keys), Some(Value::Object(entries))) = (keys, metadata.get_mut(map)) else { continue };
        let all = entries.len();
        entries.retain(|key, _| keys.contains(key));
        bare &= entries.len() == all;
        if entries.is_empty() && all > 0 {
            metadata.remove(map);
        }
    }
    (object, bare)
}

/// The name of the Work that an object on this cluster is of, where it is ours: it says so, it names the Work that an object
/// of its kind and name is carried by, and the Work's permanent id is that of this control plane. A copy that somebody made
/// of one of ours says all of that too, and has another name.
pub fn work_of<'a>(object: &'a Value, namespace: &str, owner: &str) -> Option<&'a str> {
    let of = |map: &str, key: &str| object.get("metadata")?.get(map)?.get(key)?.as_str();
    let work = of("annotations", metadata::WORK_NAME)?;
    let says_so = of("labels", metadata::MANAGED) == Some("true")
        && of("annotations", metadata::WORK_NAMESPACE) == Some(namespace)
        && of("labels", metadata::WORK_ID) == Some(work_id(owner, namespace, work).as_str());
    let kind = object.get("kind").and_then(Value::as_str)?;
    let within = Some(text(object, "namespace")).filter(|namespace| !namespace.is_empty());
    (says_so && names::work(kind, within, text(object, "name")) == work).then_some(work)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent() -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "v"}, "metadata": {"name": "a",
            "labels": {"mine": "1"},
            "annotations": {metadata::MANAGED_LABELS: "mine",
                metadata::MANAGED_ANNOTATIONS: format!("{},{}", metadata::MANAGED_ANNOTATIONS, metadata::MANAGED_LABELS)}}})
    }

    #[test]
    fn what_a_server_adds_to_every_object_changes_nothing() {
        let mut there = sent();
        there["metadata"]["uid"] = "u".into();
        there["metadata"]["resourceVersion"] = "3".into();
        there["metadata"]["creationTimestamp"] = "2026-01-31T12:00:00Z".into();
        let observed = Observed::of(&there);
        assert!(observed.has(Digest::of_value(&sent()), None) && observed.bare);
        assert_eq!(observed.record(Digest::of_value(&sent())), None);

        there["data"]["k"] = "other".into();
        assert!(!Observed::of(&there).has(Digest::of_value(&sent()), None));
    }

    #[test]
    fn what_a_member_adds_to_the_metadata_changes_nothing_and_is_to_be_kept() {
        for (pointer, value) in [
            ("labels", json!({"mine": "1", "theirs": "2"})),
            ("finalizers", json!(["somebody.example/holds"])),
            ("ownerReferences", json!([{"uid": "o"}])),
        ] {
            let mut there = sent();
            there["metadata"][pointer] = value;
            let observed = Observed::of(&there);
            assert!(observed.has(Digest::of_value(&sent()), None), "{pointer}");
            assert!(!observed.bare, "{pointer}");
        }
        let mut there = sent();
        there["metadata"]["annotations"]["theirs"] = "2".into();
        assert!(Observed::of(&there).has(Digest::of_value(&sent()), None));
        for (key, value) in [("mine", json!("2")), ("mine", Value::Null)] {
            let mut there = sent();
            there["metadata"]["labels"][key] = value;
            assert!(!Observed::of(&there).has(Digest::of_value(&sent()), None), "{key} is ours");
        }
    }

    #[test]
    fn a_record_holds_for_one_object_at_one_generation_with_our_labels() {
        let digest = Digest::of_value(&sent());
        let mut there = sent();
        there["spec"] = json!({"filledIn": true});
        there["metadata"]["uid"] = "u".into();
        there["metadata"]["generation"] = 1.into();
        let record = Observed::of(&there).record(digest).expect("its server filled something in");
        assert!(Observed::of(&there).has(digest, Some(&record)));
        for (pointer, value) in [
            ("/metadata/uid", json!("v")),
            ("/metadata/generation", json!(2)),
            ("/metadata/labels/mine", json!("2")),
        ] {
            let mut changed = there.clone();
            *changed.pointer_mut(pointer).expect("it is there") = value;
            assert!(!Observed::of(&changed).has(digest, Some(&record)), "{pointer}");
        }
        there["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2".into();
        assert!(Observed::of(&there).has(digest, Some(&record)), "that is not ours");
    }

    #[test]
    fn only_what_this_control_plane_wrote_is_ours() {
        let work = names::work("ConfigMap", Some("shop"), "web");
        let id = work_id("me", "karmada-es-a", &work);
        let object = json!({"kind": "ConfigMap", "metadata": {"name": "web", "namespace": "shop",
            "labels": {metadata::MANAGED: "true", metadata::WORK_ID: id},
            "annotations": {metadata::WORK_NAMESPACE: "karmada-es-a", metadata::WORK_NAME: work}}});
        assert_eq!(work_of(&object, "karmada-es-a", "me"), Some(&*work));
        assert_eq!(work_of(&object, "karmada-es-b", "me"), None);
        assert_eq!(work_of(&object, "karmada-es-a", "another"), None);

        let mut copy = object.clone();
        copy["metadata"]["name"] = "web-copy".into();
        assert_eq!(work_of(&copy, "karmada-es-a", "me"), None);
    }
}
