//! What never travels to a member: what the API server of the control plane wrote, not the user.

use std::sync::Arc;

use serde_json::Value;

use crate::guard::at;

/// Fields of `metadata` that belong to the object on its own server.
pub(crate) const SERVER_METADATA: &[&str] = &[
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
    "ownerReferences",
    "finalizers",
];

/// Labels that the Job controller puts on pods, to find its own.
const JOB_LABELS: &[&str] =
    &["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];

/// The object as it leaves for a member, before any override. For each kind the same is taken away as by the
/// reference. Where there is nothing to take, which is so for what a user wrote, it is the very same object.
pub fn strip(object: &Arc<Value>) -> Arc<Value> {
    let parts = parts(object);
    if !parts.iter().any(|part| part.is_in(object)) {
        return Arc::clone(object);
    }
    let mut stripped = Value::clone(object);
    parts.iter().for_each(|part| part.take_from(&mut stripped));
    Arc::new(stripped)
}

/// The same of what is about no kind: status, and what a server wrote into the metadata.
pub(crate) fn strip_metadata(object: &Arc<Value>) -> Arc<Value> {
    let has = |path: &[&str], keys: &[&str]| {
        let map = at(object, path).and_then(Value::as_object);
        map.is_some_and(|map| keys.iter().any(|key| map.contains_key(*key)))
    };
    if !has(&[], &["status"]) && !has(&["metadata"], SERVER_METADATA) {
        return Arc::clone(object);
    }
    let mut stripped = Value::clone(object);
    if let Value::Object(members) = &mut stripped {
        members.remove("status");
        if let Some(Value::Object(metadata)) = members.get_mut("metadata") {
            metadata.retain(|key, _| !SERVER_METADATA.contains(&key.as_str()));
        }
    }
    Arc::new(stripped)
}

/// Something that stays behind.
enum Part {
    /// These keys of the map under those.
    Keys(&'static [&'static str], &'static [&'static str]),
    /// What a Secret holds; the field itself is left, empty.
    Data,
    /// The secrets of a ServiceAccount with this prefix.
    Tokens(String),
}

/// What must not travel of an object of this kind, whether it is there or not.
fn parts(object: &Value) -> Vec<Part> {
    let text = |path: &[&str]| at(object, path).and_then(Value::as_str).unwrap_or_default();
    let mut parts = vec![Part::Keys(&[], &["status"]), Part::Keys(&["metadata"], SERVER_METADATA)];
    match (text(&["apiVersion"]), text(&["kind"])) {
        ("apps/v1", "Deployment") => parts.push(Part::Keys(
            &["metadata", "annotations"],
            &["deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history"],
        )),
        // Every member gives a Service an address of its own; only "None", which asks for none, is the user's.
        ("v1", "Service") if text(&["spec", "clusterIP"]) != "None" => {
            parts.push(Part::Keys(&["spec"], &["clusterIP", "clusterIPs"]));
        }
        ("batch/v1", "Job") => {
            parts.push(Part::Keys(&["spec"], &["ttlSecondsAfterFinished"]));
            // A Job's selector is generated on each server, unless the user manages it.
            if at(object, &["spec", "manualSelector"]) != Some(&Value::Bool(true)) {
                parts.push(Part::Keys(&["spec", "template", "metadata", "labels"], JOB_LABELS));
                parts.push(Part::Keys(
                    &["spec", "selector", "matchLabels"],
                    &["controller-uid", "batch.kubernetes.io/controller-uid"],
                ));
            }
        }
        // Tokens are made on each server.
        ("v1", "ServiceAccount") => {
            parts.push(Part::Tokens(format!("{}-token-", text(&["metadata", "name"]))))
        }
        ("v1", "Secret") if text(&["type"]) == "kubernetes.io/service-account-token" => {
            parts.push(Part::Data);
            parts.push(Part::Keys(&["metadata", "annotations"], &["kubernetes.io/service-account.uid"]));
        }
        ("v1", "PersistentVolumeClaim") => {
            parts.push(Part::Keys(&["metadata", "annotations"], &["volume.kubernetes.io/selected-node"]));
        }
        _ => {}
    }
    parts
}

impl Part {
    fn is_in(&self, object: &Value) -> bool {
        match self {
            Self::Keys(path, keys) => (at(object, path).and_then(Value::as_object))
                .is_some_and(|map| keys.iter().any(|key| map.contains_key(*key))),
            Self::Data => object.get("data").is_some_and(|data| !data.is_null()),
            Self::Tokens(prefix) => (object.get("secrets").and_then(Value::as_array))
                .is_some_and(|secrets| secrets.iter().any(|secret| is_token(secret, prefix))),
        }
    }

    fn take_from(&self, object: &mut Value) {
        match self {
            Self::Keys(path, keys) => {
                let map = path.iter().try_fold(object, |value, key| value.get_mut(*key));
                if let Some(Value::Object(map)) = map {
                    map.retain(|key, _| !keys.contains(&key.as_str()));
                }
            }
            Self::Data => {
                if let Some(data) = object.get_mut("data") {
                    *data = Value::Null;
                }
            }
            Self::Tokens(prefix) => {
                if let Some(Value::Array(secrets)) = object.get_mut("secrets") {
                    secrets.retain(|secret| !is_token(secret, prefix));
                }
            }
        }
    }
}

fn is_token(secret: &Value, prefix: &str) -> bool {
    secret.get("name").and_then(Value::as_str).is_some_and(|name| name.starts_with(prefix))
}
