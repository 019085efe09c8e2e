//! What is to be placed.

use std::sync::Arc;

use portolan_api::{Object, ObjectKey};
use serde_json::Value;

/// An object that the user wrote and that goes to members.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// Its identity, with the namespace that it lives in.
    pub key: ObjectKey,
    /// The whole object, as the user or the API server has it.
    pub object: Arc<Value>,
}

impl Template {
    /// Takes an object that has been settled in its namespace.
    pub fn new(object: Object) -> Self {
        Self { key: object.key(), object: Arc::new(object.into_value()) }
    }

    /// One label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.object.get("metadata")?.get("labels")?.get(key)?.as_str()
    }

    /// One annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.object.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// Whether its content is for its users' eyes only.
    pub fn is_secret(&self) -> bool {
        is_secret(&self.object)
    }

    /// The UID that an API server gave it.
    pub fn uid(&self) -> Option<&str> {
        self.object.get("metadata")?.get("uid")?.as_str()
    }

    /// How often its content was changed, where an API server counts that.
    pub fn generation(&self) -> Option<u64> {
        self.object.get("metadata")?.get("generation")?.as_u64()
    }
}

/// Whether an object's content is for its users' eyes only.
pub(crate) fn is_secret(object: &Value) -> bool {
    let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
    names_secrets(text("apiVersion"), text("kind"))
}

/// Whether objects of this kind are.
pub(crate) fn names_secrets(api_version: &str, kind: &str) -> bool {
    api_version == "v1" && kind == "Secret"
}
