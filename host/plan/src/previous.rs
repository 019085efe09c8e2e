//! What was decided before, as far as the next decision must know.

use std::collections::BTreeMap;

use portolan_api::PolicyRef;
use serde::{Deserialize, Serialize};

/// The last decision about a template. The shell keeps it: on directories in the inventory, on a control plane in the
/// binding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Previous {
    /// Names of the clusters where the object is.
    #[serde(skip)]
    pub clusters: Vec<String>,
    /// How many replicas it has on each, where it is a workload.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub replicas: BTreeMap<String, u32>,
    /// The group of clusters that it was placed on, where the placement has groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Names of the clusters that it is on its way out of, where the shell knows of such.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evicting: Vec<String>,
    /// The policy that has claimed the template: it places it for as long as it selects it, whichever others come to do
    /// so too. Only where there is somebody to write claims down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<PolicyRef>,
    /// The policy that placed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyRef>,
    /// The digest of that policy's spec, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_digest: Option<String>,
    /// The override policies that selected it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<PolicyRef>,
}
