//! What never travels to a member, whatever the kind: what the API server of the control plane wrote, not the user.

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

/// The object without status and without what a server wrote into its metadata. What its kind leaves behind beside that
/// is an interpreter's to say. Where there is nothing to take, which is so for what a user wrote, it is the very same
/// object.
pub fn strip(object: &Arc<Value>) -> Arc<Value> {
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
