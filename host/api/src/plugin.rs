//! Plugins as objects, and how policies name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A policy's call for a plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginUse {
    /// The name of a [`ClusterPlugin`], or of one that was named on the command line.
    pub name: String,
    /// What the plugin is told: any JSON that its config schema allows. Absent, an empty object.
    #[serde(default = "empty", skip_serializing_if = "is_empty")]
    pub config: Value,
}

/// `ClusterPlugin` in `plugins.portolan.dev/v1alpha1`: a plugin that every policy may name.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterPlugin {
    /// The name by which policies call it.
    pub name: String,
    /// Where it comes from and what it may use.
    pub spec: PluginSpec,
}

/// `spec` of a plugin.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginSpec {
    /// Where the component comes from.
    pub source: PluginSource,
    /// `sha256:` and 64 hex digits: the component must be exactly this one.
    #[serde(default)]
    pub digest: Option<String>,
    /// Narrower budgets than the host's own.
    #[serde(default, deserialize_with = "crate::resource::null_as_default")]
    pub budget: BudgetSpec,
}

/// Where a component comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginSource {
    /// A file, relative to the manifest that names it and not outside that manifest's directory.
    pub file: String,
}

/// What one call may use. What is absent, or more than the host's own budget, is the host's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BudgetSpec {
    /// Instructions, roughly.
    #[serde(default)]
    pub fuel: Option<u64>,
    /// Bytes of linear memory.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// Milliseconds on the clock.
    #[serde(default)]
    pub wall_clock_millis: Option<u64>,
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

fn is_empty(config: &Value) -> bool {
    config.as_object().is_some_and(serde_json::Map::is_empty)
}
