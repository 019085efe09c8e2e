//! What the plugins `image`, `command` and `args` share: where an object keeps its containers, and edits to the lists of
//! strings that they have.
//!
//! ```text
//!  kind ──► where ──► the containers of each group of equal objects ──edits──► one patch a group, and warnings
//! ```
//!
//! Which kinds have containers is told by the kind's name alone, whatever its API group, and only `containers` are looked
//! at, never `initContainers`: both as in Karmada. Kinds beyond these are left alone, and a warning says so.
//!
//! It will never know what a container runs.

mod lists;

use portolan_plugin::{Amendment, Cluster, Questions};
use serde_json::Value;

pub use lists::{Edit, Edits, patch};

/// Where an object of a kind keeps its containers; none where this kind is not looked at.
pub fn of_kind(kind: &str) -> Option<&'static str> {
    match kind {
        "Pod" => Some("/spec/containers"),
        "ReplicaSet" | "Deployment" | "DaemonSet" | "StatefulSet" | "Job" => {
            Some("/spec/template/spec/containers")
        }
        _ => None,
    }
}

/// What is said of a kind whose containers are not looked at; `otherwise` says what would do it.
pub fn unknown_kind(kind: &str, otherwise: &str) -> String {
    format!(
        "nothing changes, because containers are looked for in Pod, ReplicaSet, Deployment, DaemonSet, StatefulSet and Job, and \
         this is a {kind}; {otherwise}"
    )
}

/// The kind of the objects that a rule targets, which these groups are: they have the same, whatever else differs.
pub fn kind(groups: &[Vec<Cluster>], questions: &dyn Questions) -> Option<String> {
    let first = *groups.first()?.first()?;
    match questions.target_get(first, "/kind")? {
        Value::String(kind) => Some(kind),
        _ => None,
    }
}

/// A warning on all clusters that a rule targets.
pub fn everywhere(warning: String, groups: Vec<Vec<Cluster>>) -> Vec<Amendment> {
    vec![Amendment::new(groups.concat(), Vec::new()).warning(warning)]
}

/// What a value is, for messages about one that should be something else.
pub fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
