//! Bindings: what was decided about a template, for people and for the next decision.

use std::collections::BTreeMap;

use portolan_api::metadata;
use portolan_plan::{Decision, Digest, Previous, World, binding_id};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::ledger::{Entry, Kept, Key};
use portolan_member::body;

/// Annotation on a binding: what the next decision has to know and the binding's own fields don't say.
pub const DECIDED: &str = "portolan.dev/decided";

/// Who puts clusters into `gracefulEvictionTasks` when a template moves.
pub const PRODUCER: &str = "portolan";

/// A binding, as it is on the control plane.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Its uid.
    pub uid: String,
    /// Its resource version.
    pub version: String,
    /// Its generation.
    pub generation: u64,
    /// The template's uid, by its owner reference.
    pub owner: String,
    /// The digest of what control writes of it.
    pub content: Digest,
    /// Its status.
    pub status: Value,
    /// Where the template goes, with how many replicas.
    pub clusters: BTreeMap<String, Option<u32>>,
    /// The clusters that it is on its way out of.
    pub evicting: Vec<Eviction>,
    /// Whether objects stay where Works go.
    pub preserved: bool,
    /// What the next decision has to know.
    pub decided: Decided,
}

/// A cluster that a template is on its way out of: an entry of `gracefulEvictionTasks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Eviction {
    /// The cluster.
    pub from_cluster: String,
    /// When that began, as RFC 3339 has it.
    #[serde(default)]
    pub creation_timestamp: Option<String>,
    /// Who said so.
    #[serde(default)]
    pub producer: String,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The annotation [`DECIDED`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Decided {
    /// What the last decision said to remember, but for what stands in the binding's own fields.
    #[serde(flatten)]
    pub previous: Previous,
    /// Where the policy is lazy: the digest of the template that was decided about last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Digest>,
}

impl Binding {
    /// Reads a binding as the API server has it.
    pub fn read(binding: &Value) -> Self {
        let part = |pointer: &str| binding.pointer(pointer).cloned().unwrap_or_default();
        let decided = binding.get("metadata").and_then(|metadata| metadata.get("annotations"));
        let decided = decided.and_then(|annotations| annotations.get(DECIDED)).and_then(Value::as_str);
        let clusters = part("/spec/clusters");
        let clusters = clusters.as_array().into_iter().flatten().filter_map(|target| {
            let replicas = target.get("replicas").and_then(Value::as_u64);
            let replicas = replicas.and_then(|replicas| u32::try_from(replicas).ok());
            Some((target.get("name")?.as_str()?.to_owned(), replicas))
        });
        Self {
            uid: body::text(binding, "uid").into(),
            version: body::text(binding, "resourceVersion").into(),
            generation: binding.pointer("/metadata/generation").and_then(Value::as_u64).unwrap_or_default(),
            owner: part("/metadata/ownerReferences/0/uid").as_str().unwrap_or_default().into(),
            content: content(binding),
            status: part("/status"),
            clusters: clusters.collect(),
            evicting: serde_json::from_value(part("/spec/gracefulEvictionTasks")).unwrap_or_default(),
            preserved: part("/spec/preserveResourcesOnDeletion") == true,
            // What nobody can read is as if it had never been written: the next decision is as the first.
            decided: decided.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
        }
    }
}

/// The digest of what control writes of a binding. Which version of the template it was made of is written down along with
/// other things, and is no reason to write.
pub fn content(binding: &Value) -> Digest {
    let part = |pointer: &str| binding.pointer(pointer).cloned().unwrap_or_default();
    let mut spec = part("/spec");
    if let Some(resource) = spec.get_mut("resource").and_then(Value::as_object_mut) {
        resource.remove("resourceVersion");
    }
    let ours = |map: &str| {
        let mut map = part(map);
        if let Some(entries) = map.as_object_mut() {
            entries.retain(|key, _| key.contains("karmada.io/") || key == DECIDED);
        }
        map
    };
    let owner = part("/metadata/ownerReferences/0/uid");
    Digest::of_value(&json!([spec, ours("/metadata/labels"), ours("/metadata/annotations"), owner]))
}

/// What the next decision has to know of the last one.
pub fn previous(entry: &Entry, template: &Kept) -> Previous {
    let binding = entry.binding.as_deref();
    let remembered = binding.map(|binding| binding.decided.previous.clone()).unwrap_or_default();
    let clusters = binding.map(|binding| &binding.clusters);
    let mut names: std::collections::BTreeSet<String> =
        entry.places().map(|cluster| cluster.to_string()).collect();
    names.extend(clusters.into_iter().flat_map(BTreeMap::keys).cloned());
    let replicas = clusters.into_iter().flatten();
    Previous {
        clusters: names.into_iter().collect(),
        replicas: replicas.filter_map(|(name, replicas)| Some((name.clone(), (*replicas)?))).collect(),
        // What moves because of a policy may come back because of a policy.
        evicting: (binding.iter().flat_map(|binding| &binding.evicting))
            .filter(|eviction| eviction.producer != PRODUCER)
            .map(|eviction| eviction.from_cluster.clone())
            .collect(),
        claim: template.claim.clone(),
        ..remembered
    }
}

/// The binding of a decision, as it is to be.
pub fn of(
    world: &World,
    owner: &str,
    key: &Key,
    template: &Kept,
    decision: &Decision,
    evicting: &[Eviction],
    lazy: bool,
) -> Value {
    let fleet = world.fleet();
    let clusters: Vec<Value> = (decision.placed.clusters.iter())
        .map(|(place, replicas)| match replicas {
            Some(replicas) => json!({"name": fleet.name(*place), "replicas": replicas}),
            None => json!({"name": fleet.name(*place)}),
        })
        .collect();
    let mut spec = json!({
        "resource": {
            "apiVersion": template.key.api_version,
            "kind": template.key.kind,
            "name": template.key.name,
            "uid": template.uid,
            "resourceVersion": template.version,
        },
        "clusters": clusters,
    });
    if let Some(namespace) = &template.key.namespace {
        spec["resource"]["namespace"] = namespace.as_str().into();
    }
    if let Some(replicas) = decision.asked_for() {
        spec["replicas"] = replicas.into();
    }
    if let Some(requirements) = decision.requirements() {
        spec["replicaRequirements"] = requirements.clone();
    }
    if !evicting.is_empty() {
        spec["gracefulEvictionTasks"] = json!(evicting);
    }
    let (mut labels, mut annotations) = (Map::new(), Map::new());
    let id = binding_id(owner, key.namespace.as_deref(), &key.name);
    let id_label = if key.namespace.is_some() { metadata::BINDING_ID } else { metadata::CLUSTER_BINDING_ID };
    labels.insert(id_label.into(), id.into());
    if let Some(policy) = &decision.policy {
        let written = |field: &str| policy.written.get(field).filter(|value| !value.is_null()).cloned();
        for field in ["placement", "propagateDeps", "failover", "suspension", "preserveResourcesOnDeletion"] {
            if let Some(value) = written(field) {
                spec[field] = value;
            }
        }
        spec["conflictResolution"] = json!(policy.spec.conflict_resolution);
        spec["schedulerName"] = written("schedulerName").unwrap_or_else(|| "default-scheduler".into());
        let (claim_labels, claim_annotations) = crate::claim::of(owner, &policy.reference);
        labels.extend(claim_labels);
        annotations.extend(claim_annotations);
    }
    let previous = Previous {
        clusters: Vec::new(),
        replicas: BTreeMap::new(),
        evicting: Vec::new(),
        claim: None,
        ..decision.remember.clone()
    };
    let decided = Decided { previous, template: lazy.then_some(template.content) };
    let decided = serde_json::to_string(&decided).expect("texts and digests are JSON");
    annotations.insert(DECIDED.into(), decided.into());
    let kind = if key.namespace.is_some() { "ResourceBinding" } else { "ClusterResourceBinding" };
    let mut metadata = json!({
        "name": key.name,
        "labels": labels,
        "annotations": annotations,
        "ownerReferences": [{
            "apiVersion": template.key.api_version,
            "kind": template.key.kind,
            "name": template.key.name,
            "uid": template.uid,
            "controller": true,
            "blockOwnerDeletion": true,
        }],
    });
    if let Some(namespace) = &key.namespace {
        metadata["namespace"] = namespace.as_str().into();
    }
    json!({"apiVersion": "work.karmada.io/v1alpha2", "kind": kind, "metadata": metadata, "spec": spec})
}
