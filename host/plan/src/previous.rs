//! What was decided before, as far as the next decision must know.

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
