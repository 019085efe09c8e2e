//! PropagationPolicy and ClusterPropagationPolicy: which templates, and where they go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::invalid::Problem;
use crate::label_selector::LabelSelector;
use crate::placement::Placement;
use crate::resource::null_as_default;

/// `spec` of both kinds.
///
/// Every field of the reference's API is known here, so that a misspelt one is found; those that only have a meaning
/// on a running control plane are kept as they stand.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PropagationSpec {
    /// A template is selected by any of them. Never empty.
    pub resource_selectors: Vec<ResourceSelector>,
    /// Where the templates go.
    #[serde(default, deserialize_with = "null_as_default")]
    pub placement: Placement,
    /// The highest wins.
    #[serde(default, deserialize_with = "null_as_default")]
    pub priority: i32,
    /// What to do where a member already has an object of that name.
    #[serde(default, deserialize_with = "null_as_default")]
    pub conflict_resolution: ConflictResolution,
    /// Names of override policies that must exist before this policy is applied.
    #[serde(default, deserialize_with = "null_as_default")]
    pub dependent_overrides: Vec<String>,
    /// Which deliveries wait.
    #[serde(default)]
    pub suspension: Option<Suspension>,
    /// Whether the objects that a template refers to follow it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub propagate_deps: bool,
    /// Whether the members keep their objects once the template is gone.
    #[serde(default, deserialize_with = "null_as_default")]
    pub preserve_resources_on_deletion: bool,
    /// `Lazy`, or nothing.
    #[serde(default)]
    #[schemars(extend("enum" = ["Lazy", ""]))]
    pub activation_preference: Option<String>,
    /// The old name of `propagateDeps`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub association: bool,
    /// `Always` or `Never`.
    #[serde(default)]
    #[schemars(extend("enum" = ["Always", "Never"]))]
    pub preemption: Option<String>,
    /// How workloads move away from failures.
    #[serde(default)]
    pub failover: Option<Value>,
    /// Which scheduler decides.
    #[serde(default)]
    pub scheduler_name: Option<String>,
    /// Who is scheduled first.
    #[serde(default)]
    pub schedule_priority: Option<Value>,
}

/// Selects templates. The fields that are set must all hold; `apiVersion` and `kind` are compared as exact text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceSelector {
    /// `apps/v1`, as the template says it.
    #[schemars(length(min = 1))]
    pub api_version: String,
    /// `Deployment`
    #[schemars(length(min = 1))]
    pub kind: String,
    /// Compared only where it is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Compared only where it is set; then `labelSelector` is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Compared only where it is set and `name` is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<LabelSelector>,
}

/// What to do where a member already has an object of that name which is not ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ConflictResolution {
    /// Leave it alone.
    #[default]
    Abort,
    /// Take it over.
    Overwrite,
}

/// Which deliveries wait: all, or those to some clusters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Suspension {
    /// True: all of them.
    #[serde(default)]
    pub dispatching: Option<bool>,
    /// Only those to these clusters.
    #[serde(default)]
    pub dispatching_on_clusters: Option<SuspendedClusters>,
}

/// A list of clusters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SuspendedClusters {
    /// Their names.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cluster_names: Vec<String>,
}

impl PropagationSpec {
    /// Fills in what admission would, for a policy of this namespace (none: cluster-scoped).
    pub(crate) fn default_for(&mut self, namespace: Option<&str>) {
        self.propagate_deps |= self.association;
        self.placement.default_fields();
        default_namespaces(&mut self.resource_selectors, namespace);
    }

    /// What admission would refuse.
    pub(crate) fn problems(&self, namespace: Option<&str>) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.resource_selectors.is_empty() {
            problems.push(Problem::new(
                "spec.resourceSelectors",
                "needs at least one selector with apiVersion and kind; an empty list would select every Secret too",
            ));
        }
        problems.extend(selector_problems(&self.resource_selectors, namespace));
        problems.extend(self.placement.problems("spec.placement"));
        if let Some(Suspension { dispatching: Some(true), dispatching_on_clusters: Some(_) }) =
            self.suspension
        {
            problems.push(Problem::new(
                "spec.suspension.dispatchingOnClusters",
                "can't stand beside `dispatching: true`, which suspends all clusters; keep one of the two",
            ));
        }
        for (value, at, valid) in [
            (&self.activation_preference, "spec.activationPreference", &["Lazy", ""][..]),
            (&self.preemption, "spec.preemption", &["Always", "Never"][..]),
        ] {
            if let Some(value) = value.as_deref().filter(|value| !valid.contains(value)) {
                let valid =
                    valid.iter().filter(|valid| !valid.is_empty()).copied().collect::<Vec<_>>().join(", ");
                problems.push(Problem::new(at, format!("`{value}` is not known; valid: {valid}")));
            }
        }
        problems
    }
}

/// A policy with a namespace reaches no further: its selectors mean that namespace.
pub(crate) fn default_namespaces(selectors: &mut [ResourceSelector], namespace: Option<&str>) {
    for selector in selectors {
        let set = selector.namespace.take().filter(|namespace| !namespace.is_empty());
        selector.namespace = set.or_else(|| namespace.map(Into::into));
        selector.name = selector.name.take().filter(|name| !name.is_empty());
    }
}

/// What admission would refuse in a list of selectors.
pub(crate) fn selector_problems(selectors: &[ResourceSelector], namespace: Option<&str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, selector) in selectors.iter().enumerate() {
        let at = format!("spec.resourceSelectors[{index}]");
        for (value, field) in [(&selector.api_version, "apiVersion"), (&selector.kind, "kind")] {
            if value.is_empty() {
                problems.push(Problem::new(format!("{at}.{field}"), "can't be empty"));
            }
        }
        if let (Some(own), Some(other)) = (namespace, &selector.namespace)
            && own != other
        {
            problems.push(Problem::new(
                format!("{at}.namespace"),
                format!("`{other}` is out of this policy's reach; valid: {own}, or a cluster-scoped policy"),
            ));
        }
        if let Some(Err(bad)) = selector.label_selector.as_ref().map(LabelSelector::check) {
            problems.push(Problem::new(format!("{at}.labelSelector.{}", bad.field), bad.message));
        }
    }
    problems
}
