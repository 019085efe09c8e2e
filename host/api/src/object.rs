//! Any Kubernetes object, with the four parts of its identity at hand.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A Kubernetes object: a JSON object whose `apiVersion`, `kind` and `metadata.name` are non-empty strings and whose
/// `metadata.namespace`, where it is set, is a string.
#[derive(Clone, Debug, PartialEq)]
pub struct Object(Value);

/// Why a value is no Kubernetes object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} must be {must_be}")]
pub struct NotAnObject {
    /// The field, as a path from the root such as `metadata.name`.
    pub field: &'static str,
    /// What would be valid.
    pub must_be: &'static str,
}

impl Object {
    /// Takes a value for an object if it has an identity.
    pub fn parse(value: Value) -> Result<Self, NotAnObject> {
        let text =
            |pointer: &str| value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
        let wrong = |field, must_be| Err(NotAnObject { field, must_be });
        if !value.is_object() {
            return wrong("the document", "a map with apiVersion, kind and metadata");
        }
        if text("/apiVersion").is_none() {
            return wrong("apiVersion", "a non-empty string such as apps/v1");
        }
        if text("/kind").is_none() {
            return wrong("kind", "a non-empty string such as Deployment");
        }
        if text("/metadata/name").is_none() {
            return wrong("metadata.name", "a non-empty string");
        }
        match value.pointer("/metadata/namespace") {
            None | Some(Value::Null | Value::String(_)) => {}
            Some(_) => return wrong("metadata.namespace", "a string"),
        }
        for (pointer, field) in
            [("/metadata/labels", "metadata.labels"), ("/metadata/annotations", "metadata.annotations")]
        {
            let of_strings = match value.pointer(pointer) {
                None | Some(Value::Null) => true,
                Some(Value::Object(map)) => map.values().all(Value::is_string),
                Some(_) => false,
            };
            if !of_strings {
                return wrong(field, "a map from strings to strings (quote numbers and booleans)");
            }
        }
        Ok(Self(value))
    }

    /// `apps/v1`
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// `Deployment`
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// `metadata.name`
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// `metadata.namespace`; none where it is absent or empty.
    pub fn namespace(&self) -> Option<&str> {
        Some(self.text("/metadata/namespace")).filter(|namespace| !namespace.is_empty())
    }

    /// `metadata.labels`; empty where it is absent.
    pub fn labels(&self) -> BTreeMap<&str, &str> {
        self.strings("/metadata/labels").collect()
    }

    /// One label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.0.get("metadata")?.get("labels")?.get(key)?.as_str()
    }

    /// One annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.0.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// Its identity.
    pub fn key(&self) -> ObjectKey {
        ObjectKey {
            api_version: self.api_version().into(),
            kind: self.kind().into(),
            namespace: self.namespace().map(Into::into),
            name: self.name().into(),
        }
    }

    /// The whole object.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// The whole object, to keep.
    pub fn into_value(self) -> Value {
        self.0
    }

    /// The same object in another namespace, or in none.
    pub fn in_namespace(mut self, namespace: Option<&str>) -> Self {
        if let Some(Value::Object(metadata)) = self.0.get_mut("metadata") {
            match namespace {
                Some(namespace) => metadata.insert("namespace".into(), Value::String(namespace.into())),
                None => metadata.remove("namespace"),
            };
        }
        self
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn strings(&self, pointer: &str) -> impl Iterator<Item = (&str, &str)> {
        let map = self.0.pointer(pointer).and_then(Value::as_object);
        map.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }
}

/// What tells one object from every other. Ordered by API version, kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectKey {
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// None for what is cluster-scoped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectKey {
    /// The API group: the part of `apiVersion` before the slash, "" for the core group.
    pub fn group(&self) -> &str {
        group_version(&self.api_version).0
    }
}

/// The group and the version of an `apiVersion`; the core group is "".
pub fn group_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// `Deployment shop/web`, or `ClusterRole reader` for what has no namespace.
impl fmt::Display for ObjectKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api_version: _, kind, namespace, name } = self;
        match namespace {
            Some(namespace) => write!(to, "{kind} {namespace}/{name}"),
            None => write!(to, "{kind} {name}"),
        }
    }
}
