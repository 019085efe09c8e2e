//! The labels and annotations that Portolan writes or heeds, by the reference's names.

/// Label on every member object that is ours; its value is `true`.
pub const MANAGED: &str = "karmada.io/managed";
/// Label: the permanent id of the binding that an object comes from.
pub const BINDING_ID: &str = "resourcebinding.karmada.io/permanent-id";
/// Label: the same for a cluster-scoped template.
pub const CLUSTER_BINDING_ID: &str = "clusterresourcebinding.karmada.io/permanent-id";
/// Label: the permanent id of the Work that carries an object.
pub const WORK_ID: &str = "work.karmada.io/permanent-id";
/// Annotation: the namespace of that Work.
pub const WORK_NAMESPACE: &str = "work.karmada.io/namespace";
/// Annotation: the name of that Work.
pub const WORK_NAME: &str = "work.karmada.io/name";
/// Annotation: the namespace of the binding.
pub const BINDING_NAMESPACE: &str = "resourcebinding.karmada.io/namespace";
/// Annotation: the name of the binding.
pub const BINDING_NAME: &str = "resourcebinding.karmada.io/name";
/// Annotation: the name of the binding of a cluster-scoped template.
pub const CLUSTER_BINDING_NAME: &str = "clusterresourcebinding.karmada.io/name";
/// Annotation, on templates a user's: `overwrite` or `abort`.
pub const CONFLICT_RESOLUTION: &str = "work.karmada.io/conflict-resolution";
/// Annotation: the template's uid.
pub const TEMPLATE_UID: &str = "resourcetemplate.karmada.io/uid";
/// Annotation: the template's generation.
pub const TEMPLATE_GENERATION: &str = "resourcetemplate.karmada.io/generation";
/// Annotation: the keys of all labels that we wrote, sorted, with commas between.
pub const MANAGED_LABELS: &str = "resourcetemplate.karmada.io/managed-labels";
/// Annotation: the same for annotations, itself among them.
pub const MANAGED_ANNOTATIONS: &str = "resourcetemplate.karmada.io/managed-annotations";
/// Annotation on a Work: which rules of which OverridePolicies changed its manifest.
pub const APPLIED_OVERRIDES: &str = "policy.karmada.io/applied-overrides";
/// Annotation on a Work: the same for ClusterOverridePolicies.
pub const APPLIED_CLUSTER_OVERRIDES: &str = "policy.karmada.io/applied-cluster-overrides";
/// Label, on templates a user's: some other controller looks after this one.
pub const CLAIMED_BY: &str = "resourcetemplate.karmada.io/claimed-by";

/// Label on a template: the permanent id of the PropagationPolicy that has claimed it.
pub const POLICY_ID: &str = "propagationpolicy.karmada.io/permanent-id";
/// Annotation on a template: that policy's namespace.
pub const POLICY_NAMESPACE: &str = "propagationpolicy.karmada.io/namespace";
/// Annotation on a template: that policy's name.
pub const POLICY_NAME: &str = "propagationpolicy.karmada.io/name";
/// Label on a template: the permanent id of the ClusterPropagationPolicy that has claimed it.
pub const CLUSTER_POLICY_ID: &str = "clusterpropagationpolicy.karmada.io/permanent-id";
/// Annotation on a template: that policy's name.
pub const CLUSTER_POLICY_NAME: &str = "clusterpropagationpolicy.karmada.io/name";

/// Labels that say whose an object is. Nobody but the host may set or change them.
pub const OUR_LABELS: &[&str] =
    &[MANAGED, BINDING_ID, CLUSTER_BINDING_ID, WORK_ID, POLICY_ID, CLUSTER_POLICY_ID];

/// Annotations that say whose an object is. Nobody but the host may set or change them.
pub const OUR_ANNOTATIONS: &[&str] = &[
    WORK_NAMESPACE,
    WORK_NAME,
    BINDING_NAMESPACE,
    BINDING_NAME,
    CLUSTER_BINDING_NAME,
    TEMPLATE_UID,
    TEMPLATE_GENERATION,
    MANAGED_LABELS,
    MANAGED_ANNOTATIONS,
    APPLIED_OVERRIDES,
    APPLIED_CLUSTER_OVERRIDES,
    POLICY_NAMESPACE,
    POLICY_NAME,
    CLUSTER_POLICY_NAME,
];
