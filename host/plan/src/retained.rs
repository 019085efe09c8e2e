//! What stays of a member's metadata when its object is replaced, whatever its kind.

use std::collections::BTreeSet;

use portolan_api::metadata::{MANAGED_ANNOTATIONS, MANAGED_LABELS};
use serde_json::{Map, Value};

use crate::guard::at;

/// Fields of the metadata that are the member's own.
const MEMBERS_OWN: &[&str] = &["resourceVersion", "finalizers", "ownerReferences"];

/// The desired object with what the member's metadata keeps: its own fields, and each label and annotation of its that
/// is not ours. Ours are those that we wrote the last time, which stand in a list; one that is no longer desired goes.
pub(crate) fn metadata_retained(desired: &Value, observed: &Value) -> Value {
    let mut object = desired.clone();
    let Some(members) = object.as_object_mut() else { return object };
    let metadata = members.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    let Some(metadata) = metadata.as_object_mut() else { return object };
    for field in MEMBERS_OWN {
        match at(observed, &["metadata", field]) {
            Some(value) => drop(metadata.insert((*field).into(), value.clone())),
            None => drop(metadata.remove(*field)),
        }
    }
    for (map, list) in [("labels", MANAGED_LABELS), ("annotations", MANAGED_ANNOTATIONS)] {
        let ours: BTreeSet<&str> = at(observed, &["metadata", "annotations", list])
            .and_then(Value::as_str)
            .map(|keys| keys.split(',').collect())
            .unwrap_or_default();
        let theirs = at(observed, &["metadata", map]).and_then(Value::as_object);
        let mut kept: Map<String, Value> = (theirs.into_iter().flatten())
            .filter(|(key, _)| !ours.contains(key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if let Some(Value::Object(wanted)) = metadata.get(map) {
            kept.extend(wanted.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        if !kept.is_empty() {
            metadata.insert(map.into(), Value::Object(kept));
        }
    }
    object
}
