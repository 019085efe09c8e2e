//! The objects that people write and that Portolan writes, as types.
//!
//! ```text
//!  JSON values ──► Document::read ──► Template | Propagation | Override | Cluster | Plugin
//!                        │
//!                        └─► Invalid: which object, which field, what would be valid
//! ```
//!
//! Policies are Karmada's API (`policy.karmada.io/v1alpha1`, `cluster.karmada.io/v1alpha1`): YAML that runs there runs
//! here. What admission would default there is defaulted here on reading, and what it would refuse is refused, so that
//! nothing behind this door meets a policy that could not exist.
//!
//! This crate knows no client, no file and no WebAssembly.

mod affinity;
mod affinity_group;
mod binding;
mod cluster;
mod condition;
mod definitions;
mod division;
mod document;
mod invalid;
mod label_selector;
pub mod metadata;
pub mod names;
mod object;
mod overriding;
mod placement;
mod plugin;
mod propagation;
mod resource;
mod scope;
mod spread;
mod structural;
mod work;

pub use affinity::{ClusterAffinity, FieldRequirement, FieldSelector};
pub use affinity_group::AffinityGroup;
pub use binding::{
    AggregatedStatus, BindingSpec, BindingStatus, EvictionTask, ObjectReference, TargetCluster,
};
pub use cluster::{ApiEnablement, ApiKind, Cluster, ClusterSpec, ClusterStatus, NodeSummary, Taint};
pub use condition::Condition;
pub use definitions::definitions;
pub use division::{ReplicaScheduling, StaticWeight, WeightPreference};
pub use document::{Context, Document};
pub use invalid::{Invalid, Problem, Reach, Unread};
pub use label_selector::{BadSelector, LabelRequirement, LabelSelector, Operator};
pub use object::{NotAnObject, Object, ObjectKey, group_version};
pub use overriding::{
    ContainerOverrider, FieldOperation, FieldOverrider, ImageOverrider, ImagePredicate, MapOverrider,
    OverrideRule, OverrideSpec, Overriders, PlaintextOverrider,
};
pub use placement::Placement;
pub use plugin::{BudgetSpec, ClusterPlugin, PluginSource, PluginSpec, PluginUse};
pub use propagation::{ConflictResolution, PropagationSpec, ResourceSelector, SuspendedClusters, Suspension};
pub use resource::{ObjectMeta, Policy, PolicyKind, PolicyRef};
pub use scope::Scopes;
pub use spread::SpreadConstraint;
pub use work::{DeliveredStatus, ManifestIdentifier, ManifestStatus, WorkSpec, WorkStatus, Workload};
