//! An object of any kind, as an API server sends it.

use std::borrow::Cow;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::{ApiResource, DynamicResourceScope};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An object of any kind: all of it as a value, without `managedFields`, which nobody here reads.
#[derive(Clone, Debug)]
pub struct Body {
    /// Name, namespace, uid and resource version, for kube.
    metadata: ObjectMeta,
    /// The whole object. In a list API servers leave out `apiVersion` and `kind`.
    pub value: Value,
}

impl Body {
    /// One text in its metadata; empty where it is missing.
    pub fn text(&self, field: &str) -> &str {
        text(&self.value, field)
    }

    /// Its namespace; none where it has none.
    pub fn namespace(&self) -> Option<&str> {
        Some(self.text("namespace")).filter(|namespace| !namespace.is_empty())
    }

    /// The whole object, with the kind that a list leaves out.
    pub fn of_kind(mut self, resource: &ApiResource) -> Value {
        if let Some(object) = self.value.as_object_mut() {
            object.entry("apiVersion").or_insert_with(|| resource.api_version.clone().into());
            object.entry("kind").or_insert_with(|| resource.kind.clone().into());
        }
        self.value
    }
}

/// One text in an object's metadata; empty where it is missing.
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object
        .get("metadata")
        .and_then(|metadata| metadata.get(field))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        if let Some(Value::Object(metadata)) = value.get_mut("metadata") {
            metadata.remove("managedFields");
        }
        let part = |field: &str| Some(text(&value, field).to_owned()).filter(|text| !text.is_empty());
        let metadata = ObjectMeta {
            name: Some(part("name").ok_or_else(|| D::Error::custom("an object without a name"))?),
            namespace: part("namespace"),
            uid: part("uid"),
            resource_version: part("resourceVersion"),
            ..ObjectMeta::default()
        };
        Ok(Self { metadata, value })
    }
}

impl kube::Resource for Body {
    type DynamicType = ApiResource;
    type Scope = DynamicResourceScope;

    fn kind(resource: &ApiResource) -> Cow<'_, str> {
        resource.kind.as_str().into()
    }

    fn group(resource: &ApiResource) -> Cow<'_, str> {
        resource.group.as_str().into()
    }

    fn version(resource: &ApiResource) -> Cow<'_, str> {
        resource.version.as_str().into()
    }

    fn api_version(resource: &ApiResource) -> Cow<'_, str> {
        resource.api_version.as_str().into()
    }

    fn plural(resource: &ApiResource) -> Cow<'_, str> {
        resource.plural.as_str().into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// Whether one resource version is older than another. API servers count them up.
pub fn older(version: &str, than: &str) -> bool {
    match (version.parse::<u64>(), than.parse::<u64>()) {
        (Ok(version), Ok(than)) => version < than,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_versions_are_counted() {
        assert!(older("9", "10"));
        assert!(!older("10", "10"));
        assert!(!older("10", "9"));
        assert!(!older("a", "b"));
    }
}
