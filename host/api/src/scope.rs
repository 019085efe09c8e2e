//! Which kinds live in a namespace: what an API server knows by discovery, for when there is none to ask.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::object::{Object, ObjectKey};

/// Kinds of Kubernetes itself that are cluster-scoped, by group and kind.
const CLUSTER_SCOPED: &[(&str, &str)] = &[
    ("", "ComponentStatus"),
    ("", "Namespace"),
    ("", "Node"),
    ("", "PersistentVolume"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("certificates.k8s.io", "ClusterTrustBundle"),
    ("cluster.karmada.io", "Cluster"),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
    ("networking.k8s.io", "IPAddress"),
    ("networking.k8s.io", "IngressClass"),
    ("networking.k8s.io", "ServiceCIDR"),
    ("node.k8s.io", "RuntimeClass"),
    ("plugins.portolan.dev", "ClusterPlugin"),
    ("policy.karmada.io", "ClusterOverridePolicy"),
    ("policy.karmada.io", "ClusterPropagationPolicy"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("resource.k8s.io", "DeviceClass"),
    ("resource.k8s.io", "ResourceSlice"),
    ("scheduling.k8s.io", "PriorityClass"),
    ("storage.k8s.io", "CSIDriver"),
    ("storage.k8s.io", "CSINode"),
    ("storage.k8s.io", "StorageClass"),
    ("storage.k8s.io", "VolumeAttachment"),
    ("storage.k8s.io", "VolumeAttributesClass"),
];

/// The cluster-scoped kinds: those of Kubernetes and those that CustomResourceDefinitions add. Any other kind is
/// taken to live in a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    added: BTreeSet<(String, String)>,
}

impl Scopes {
    /// Learns from a CustomResourceDefinition; any other object teaches nothing.
    pub fn learn(&mut self, object: &Value) {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        if text("/apiVersion") == Some("apiextensions.k8s.io/v1")
            && text("/kind") == Some("CustomResourceDefinition")
            && text("/spec/scope") == Some("Cluster")
            && let (Some(group), Some(kind)) = (text("/spec/group"), text("/spec/names/kind"))
            // Kinds of Kubernetes itself are never defined so.
            && group.contains('.')
        {
            self.added.insert((group.into(), kind.into()));
        }
    }

    /// The namespace in which an object belongs: the default one if it has none and needs one, none if it is
    /// cluster-scoped.
    pub fn namespace(&self, key: &ObjectKey, default_namespace: &str) -> Option<String> {
        let cluster_scoped = CLUSTER_SCOPED.contains(&(key.group(), key.kind.as_str()))
            || self.added.contains(&(key.group().to_owned(), key.kind.clone()));
        if cluster_scoped {
            return None;
        }
        Some(key.namespace.clone().unwrap_or_else(|| default_namespace.into()))
    }

    /// Puts an object there.
    pub fn settle(&self, object: Object, default_namespace: &str) -> Object {
        let key = object.key();
        let namespace = self.namespace(&key, default_namespace);
        if namespace == key.namespace { object } else { object.in_namespace(namespace.as_deref()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn namespace_of(scopes: &Scopes, value: Value) -> Option<String> {
        scopes.settle(Object::parse(value).expect("an object"), "default").key().namespace
    }

    #[test]
    fn kinds_are_namespaced_unless_known_otherwise() {
        let mut scopes = Scopes::default();
        let ship = json!({"apiVersion": "sea.example/v1", "kind": "Ship", "metadata": {"name": "x"}});
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": "x", "namespace": "shop"}});
        assert_eq!(namespace_of(&scopes, ship.clone()), Some("default".into()));
        assert_eq!(namespace_of(&scopes, role), None);
        scopes.learn(&json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "spec": {"scope": "Cluster", "group": "sea.example", "names": {"kind": "Ship"}}}));
        assert_eq!(namespace_of(&scopes, ship), None);
    }
}
