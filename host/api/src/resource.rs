//! What all typed objects share: metadata, and how a policy is named.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

/// `metadata`, with the fields that Kubernetes has and no others. What Portolan never reads is kept as it stands.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectMeta {
    /// The name.
    pub name: String,
    /// None for what is cluster-scoped.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The labels.
    #[serde(default, deserialize_with = "null_as_default")]
    pub labels: BTreeMap<String, String>,
    /// The annotations.
    #[serde(default, deserialize_with = "null_as_default")]
    pub annotations: BTreeMap<String, String>,
    /// Set once a deletion was asked for.
    #[serde(default)]
    pub deletion_timestamp: Option<String>,
    #[serde(default, rename = "uid")]
    _uid: Option<Value>,
    #[serde(default, rename = "generation")]
    _generation: Option<Value>,
    #[serde(default, rename = "resourceVersion")]
    _resource_version: Option<Value>,
    #[serde(default, rename = "creationTimestamp")]
    _creation_timestamp: Option<Value>,
    #[serde(default, rename = "deletionGracePeriodSeconds")]
    _deletion_grace_period_seconds: Option<Value>,
    #[serde(default, rename = "finalizers")]
    _finalizers: Option<Value>,
    #[serde(default, rename = "ownerReferences")]
    _owner_references: Option<Value>,
    #[serde(default, rename = "managedFields")]
    _managed_fields: Option<Value>,
    #[serde(default, rename = "generateName")]
    _generate_name: Option<Value>,
    #[serde(default, rename = "selfLink")]
    _self_link: Option<Value>,
}

/// A policy of any of the four kinds: who it is and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy<Spec> {
    /// Who it is.
    pub reference: PolicyRef,
    /// What it says, with defaults filled in.
    pub spec: Spec,
    /// `spec` as it was written: whoever must know whether it changed compares this.
    pub written: Value,
}

/// Names one policy. Ordered by kind, namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRef {
    /// The kind.
    pub kind: PolicyKind,
    /// None for the kinds that are cluster-scoped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl PolicyRef {
    /// The policy of that name with a spec, as one writes it.
    pub fn manifest(&self, spec: &Value) -> Value {
        let Self { kind, namespace, name } = self;
        let mut metadata = json!({"name": name});
        if let Some(namespace) = namespace {
            metadata["namespace"] = namespace.as_str().into();
        }
        json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec})
    }
}

/// `OverridePolicy default/podinfo`, or `ClusterPropagationPolicy all`.
impl fmt::Display for PolicyRef {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name } = self;
        match namespace {
            Some(namespace) => write!(to, "{kind} {namespace}/{name}"),
            None => write!(to, "{kind} {name}"),
        }
    }
}

/// The kinds of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PolicyKind {
    /// Says where templates of its namespace go.
    PropagationPolicy,
    /// Says where templates of any namespace, and cluster-scoped ones, go.
    ClusterPropagationPolicy,
    /// Says how templates of its namespace differ there.
    OverridePolicy,
    /// Says how templates of any namespace, and cluster-scoped ones, differ there.
    ClusterOverridePolicy,
}

impl PolicyKind {
    /// Whether policies of this kind live in a namespace and reach no further.
    pub fn namespaced(self) -> bool {
        matches!(self, Self::PropagationPolicy | Self::OverridePolicy)
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, to)
    }
}

/// Reads `null` as the default: YAML files leave fields empty, and the API server drops them.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
