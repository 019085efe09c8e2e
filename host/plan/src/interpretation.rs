//! What interpreters are told and what they answer, as values.

use portolan_api::{LabelSelector, ObjectKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reading::checked;

/// A kind of object: exactly this API version and this kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kind {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Such as `Deployment`.
    pub kind: String,
}

impl Kind {
    /// The kind that an object says to be; empty texts where it says none.
    pub fn of(object: &Value) -> Self {
        let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { api_version: text("apiVersion"), kind: text("kind") }
    }
}

impl From<&ObjectKey> for Kind {
    fn from(object: &ObjectKey) -> Self {
        Self { api_version: object.api_version.clone(), kind: object.kind.clone() }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{} {}", self.api_version, self.kind)
    }
}

/// How big a workload is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Size {
    /// How many replicas it asks for; no more than Kubernetes can count, which is 2,147,483,647.
    pub replicas: u32,
    /// What one replica needs; none where it asks for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirements: Option<Value>,
    /// What all replicas together have to finish, where that is said. It is divided among the clusters as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completions: Option<u32>,
}

/// The size that a workload is to have on a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Revision {
    /// How many replicas.
    pub replicas: u32,
    /// What they have to finish together; none: that stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completions: Option<u32>,
}

/// Whether an object does its job on a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Health {
    /// It does.
    Healthy,
    /// It does not.
    Unhealthy,
    /// Nobody can tell.
    #[default]
    Unknown,
}

impl Health {
    /// As the contract says it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
        }
    }
}

/// What is known of an object on one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberStatus {
    /// The member.
    pub name: String,
    /// The reflected status; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Value>,
    /// Whether the member took the object.
    pub applied: bool,
    /// Whether it does its job there.
    #[serde(default)]
    pub health: Health,
}

/// What an object needs beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Dependency {
    /// Of which kind.
    pub kind: Kind,
    /// In which namespace; none: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Which of them.
    pub which: Which,
}

/// Which objects of a kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// The one of this name, which is not empty.
    Name(String),
    /// All that this LabelSelector matches.
    Labels(Value),
}

impl Which {
    /// All that a LabelSelector matches. The error says why it is none.
    pub fn labels(selector: Value) -> Result<Self, String> {
        LabelSelector::deserialize(&selector).map_err(|error| error.to_string()).and_then(checked)?;
        Ok(Self::Labels(selector))
    }
}
