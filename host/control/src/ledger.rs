//! What is known of each template: itself, its binding and its Works, as the API server had them last. No bodies but the
//! template's own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use portolan_api::{Object, ObjectKey, PolicyKind, PolicyRef, metadata, names};
use portolan_member::{Busy, Delivered, Told};
use portolan_plan::{Digest, Health, Template, policy_id};
use serde_json::Value;

use crate::binding::Binding;
use portolan_member::body;

/// What stands between a template and its members has one name: that of the binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The template's namespace, where it has one.
    pub namespace: Option<String>,
    /// The binding's name.
    pub name: String,
}

impl Key {
    /// The key of a template.
    pub fn of(template: &ObjectKey) -> Self {
        Self { namespace: template.namespace.clone(), name: names::binding(&template.kind, &template.name) }
    }

    /// The key that a Work, or a member's object, says that it belongs to.
    pub fn said_by(object: &Value) -> Option<Self> {
        let annotation = |key: &str| object.get("metadata")?.get("annotations")?.get(key)?.as_str();
        if let Some(name) = annotation(metadata::CLUSTER_BINDING_NAME) {
            return Some(Self { namespace: None, name: name.into() });
        }
        let namespace = Some(annotation(metadata::BINDING_NAMESPACE)?.into());
        Some(Self { namespace, name: annotation(metadata::BINDING_NAME)?.into() })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(to, "{namespace}/{}", self.name),
            None => to.write_str(&self.name),
        }
    }
}

/// What is known of a template.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Which object it is or was, as soon as anybody says so.
    pub object: Option<ObjectKey>,
    /// The template, while it is there.
    pub template: Option<Arc<Kept>>,
    /// Its binding.
    pub binding: Option<Arc<Binding>>,
    /// Its Works, by cluster.
    pub works: BTreeMap<Arc<str>, Work>,
    /// The digest of the manifest that each cluster is known to have taken last.
    pub applied: BTreeMap<Arc<str>, Digest>,
    /// The clusters that may have the object as ours although no Work carries it there: its Work was lost. Never one that has
    /// a Work.
    pub orphans: BTreeSet<Arc<str>>,
}

impl Entry {
    /// The name of its Works; none: nobody knows which object it is.
    pub fn work_name(&self) -> Option<Arc<str>> {
        let object = self.object.as_ref()?;
        Some(names::work(&object.kind, object.namespace.as_deref(), &object.name).into())
    }

    /// The clusters that may have the object as ours.
    pub fn places(&self) -> impl Iterator<Item = &Arc<str>> {
        self.works.keys().chain(&self.orphans)
    }

    /// What is there by what the binding says, and has no Work, may be there as ours all the same.
    pub fn suspect_orphans(&mut self) {
        let Some(binding) = &self.binding else { return };
        let evicting = binding.evicting.iter().map(|eviction| &eviction.from_cluster);
        let lost = binding.clusters.keys().chain(evicting).map(String::as_str);
        let lost = lost.filter(|cluster| !self.works.contains_key(*cluster));
        self.orphans.extend(lost.map(Arc::from));
    }

    /// Whether it leaves clusters as soon as it has arrived on others.
    pub fn is_moving(&self) -> bool {
        self.binding.as_ref().is_some_and(|binding| !binding.evicting.is_empty())
    }

    /// Whether each cluster that it is carried to by its binding has taken it, in any version. What is suspended never arrives,
    /// and nobody waits for it.
    pub fn has_arrived(&self) -> bool {
        let Some(binding) = &self.binding else { return false };
        let mut carried = self.works.iter().filter(|(cluster, _)| binding.clusters.contains_key(&***cluster));
        carried.all(|(cluster, work)| work.suspended || self.applied.contains_key(cluster))
    }
}

/// A template, kept small.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its identity.
    pub key: ObjectKey,
    /// Its uid.
    pub uid: String,
    /// Its resource version.
    pub version: String,
    /// Its generation; 0 where its kind counts none.
    pub generation: u64,
    /// Which policy has claimed it, as its annotations say.
    pub claim: Option<PolicyRef>,
    /// The permanent id that its label gives for that policy.
    pub claim_id: String,
    /// The digest of all of it but the resource version, the claim and the status.
    pub content: Digest,
    json: Arc<[u8]>,
}

/// A Work, as it is on the control plane.
#[derive(Clone, Debug)]
pub struct Work {
    /// Its name.
    pub name: Arc<str>,
    /// Its resource version.
    pub version: String,
    /// Whether nothing is written on the member.
    pub suspended: bool,
    /// Whether the object stays when the Work goes.
    pub preserved: bool,
    /// What its status says was delivered.
    pub delivered: Option<Delivered>,
    /// The digest of its spec, labels and annotations.
    pub content: Digest,
    /// The digest of its manifest.
    pub manifest: Digest,
    /// The digest of the manifest that its status says its member has.
    pub applied: Option<Digest>,
    /// What its status says, for its member.
    pub told: Option<Told>,
    /// What its status says, for its binding; none: nothing yet.
    pub status: Option<WorkStatus>,
}

/// What a Work's status says, as far as its binding and its template have to know.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkStatus {
    /// Whether the member took it.
    pub applied: bool,
    /// Why not.
    pub message: String,
    /// The status of the object on the member, reflected.
    pub status: Option<Value>,
    /// Whether it does its job there.
    pub health: Health,
}

impl Kept {
    /// Keeps a template; none where the object has no identity.
    pub fn new(value: Value) -> Option<Self> {
        let object = Object::parse(value).ok()?;
        let key = object.key();
        let label = |key: &str| object.label(key).unwrap_or_default().to_owned();
        let annotation = |key: &str| object.annotation(key).map(str::to_owned);
        let (claim, claim_id) = if let Some(name) = annotation(metadata::POLICY_NAME) {
            let namespace = annotation(metadata::POLICY_NAMESPACE);
            let policy = PolicyRef { kind: PolicyKind::PropagationPolicy, namespace, name };
            (Some(policy), label(metadata::POLICY_ID))
        } else if let Some(name) = annotation(metadata::CLUSTER_POLICY_NAME) {
            let policy = PolicyRef { kind: PolicyKind::ClusterPropagationPolicy, namespace: None, name };
            (Some(policy), label(metadata::CLUSTER_POLICY_ID))
        } else {
            (None, String::new())
        };
        let value = object.into_value();
        let json = value.to_string().into_bytes().into();
        let (uid, version) =
            (body::text(&value, "uid").to_owned(), body::text(&value, "resourceVersion").to_owned());
        let generation = value.pointer("/metadata/generation").and_then(Value::as_u64).unwrap_or_default();
        let content = content(value);
        Some(Self { key, uid, version, generation, claim, claim_id, content, json })
    }

    /// The same, claimed by another policy, or by none.
    pub fn claimed(&self, owner: &str, policy: Option<PolicyRef>) -> Self {
        let claim_id = policy.as_ref().map(|policy| policy_id(owner, policy)).unwrap_or_default();
        Self { claim: policy, claim_id, ..self.clone() }
    }

    /// The template, to decide about.
    pub fn template(&self) -> Template {
        let value = serde_json::from_slice(&self.json).expect("it was written as JSON here");
        Template { key: self.key.clone(), object: Arc::new(value) }
    }
}

/// The digest of all that a user may change. A status is told by members, and is no reason to decide anew.
fn content(mut object: Value) -> Digest {
    if let Some(object) = object.as_object_mut() {
        object.remove("status");
    }
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.remove("resourceVersion");
        for (map, ours) in [
            ("labels", &[metadata::POLICY_ID, metadata::CLUSTER_POLICY_ID][..]),
            (
                "annotations",
                &[metadata::POLICY_NAMESPACE, metadata::POLICY_NAME, metadata::CLUSTER_POLICY_NAME][..],
            ),
        ] {
            if let Some(Value::Object(entries)) = metadata.get_mut(map) {
                entries.retain(|key, _| !ours.contains(&key.as_str()));
                if entries.is_empty() {
                    metadata.remove(map);
                }
            }
        }
    }
    Digest::of_value(&object)
}

impl Work {
    /// Reads a Work as the API server has it; none where it carries no object.
    pub fn read(work: &Value) -> Option<Self> {
        let manifest = work.pointer("/spec/workload/manifests/0")?;
        let manifest = Digest::of_value(manifest);
        let delivered = work.pointer("/status/delivered").cloned();
        let delivered: Option<Delivered> = delivered.and_then(|value| serde_json::from_value(value).ok());
        let status = WorkStatus::read(work);
        let applied = match &delivered {
            Some(delivered) => Some(delivered.digest),
            // Where the object is exactly as it was sent, nothing else is recorded.
            None => status.as_ref().filter(|status| status.applied).map(|_| manifest),
        };
        let flag = |field: &str| work.pointer(field).and_then(Value::as_bool).unwrap_or_default();
        Some(Self {
            name: body::text(work, "name").into(),
            suspended: flag("/spec/suspendDispatching"),
            preserved: flag("/spec/preserveResourcesOnDeletion"),
            delivered,
            told: work.get("status").and_then(Told::read),
            version: body::text(work, "resourceVersion").into(),
            content: Self::content(work),
            manifest,
            applied,
            status,
        })
    }

    /// The Work as its member is told of it.
    pub fn to_put(
        &self,
        object: &ObjectKey,
        manifest: Option<Arc<Value>>,
        busy: Option<Busy>,
    ) -> portolan_member::Work {
        portolan_member::Work {
            name: Arc::clone(&self.name),
            object: object.clone(),
            told: self.told.clone(),
            resource_version: self.version.clone(),
            digest: self.manifest,
            manifest,
            suspended: self.suspended,
            preserved: self.preserved,
            delivered: self.delivered.clone(),
            busy,
        }
    }

    /// The digest of what control writes of a Work.
    pub fn content(work: &Value) -> Digest {
        let part = |pointer: &str| work.pointer(pointer).cloned().unwrap_or_default();
        let mut annotations = part("/metadata/annotations");
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.retain(|key, _| key.contains("karmada.io/"));
        }
        Digest::of_value(&Value::Array(vec![part("/spec"), part("/metadata/labels"), annotations]))
    }
}

impl WorkStatus {
    fn read(work: &Value) -> Option<Self> {
        let status = work.get("status")?;
        let conditions = status.get("conditions")?.as_array()?;
        let applied = conditions.iter().find(|condition| condition["type"] == "Applied")?;
        let of_object = status.pointer("/manifestStatuses/0");
        let health = match of_object.and_then(|status| status.get("health")).and_then(Value::as_str) {
            Some("Healthy") => Health::Healthy,
            Some("Unhealthy") => Health::Unhealthy,
            _ => Health::Unknown,
        };
        Some(Self {
            applied: applied["status"] == "True",
            message: applied["message"].as_str().unwrap_or_default().into(),
            status: of_object
                .and_then(|status| status.get("status"))
                .filter(|status| !status.is_null())
                .cloned(),
            health,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_no_change_of_content() {
        let bare = json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "web", "namespace": "shop", "uid": "u", "resourceVersion": "1"}, "data": {"a": "b"}});
        let mut claimed = bare.clone();
        claimed["metadata"]["resourceVersion"] = "2".into();
        claimed["metadata"]["labels"] = json!({metadata::POLICY_ID: "id"});
        claimed["metadata"]["annotations"] =
            json!({metadata::POLICY_NAMESPACE: "shop", metadata::POLICY_NAME: "p"});
        let (bare, claimed) = (Kept::new(bare).expect("an object"), Kept::new(claimed).expect("an object"));
        assert_eq!(bare.content, claimed.content);
        assert_eq!(bare.claim, None);
        let policy = claimed.claim.clone().expect("it was claimed");
        assert_eq!(policy.to_string(), "PropagationPolicy shop/p");
        assert_eq!(claimed.claim_id, "id");
        assert_eq!(Key::of(&claimed.key).to_string(), "shop/web-configmap");
    }
}
