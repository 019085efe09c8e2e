//! What members get: the object with everything on it that says whose it is, and the Work that carries it.

use std::collections::BTreeMap;
use std::sync::Arc;

use portolan_api::{ConflictResolution, PolicyRef, metadata, names};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::applied;
use crate::digest::Digest;
use crate::fleet::{Fleet, Place, places};
use crate::overriding::Group;
use crate::template::Template;

/// The namespace of our own name-based UUIDs, made once by chance.
const IDS: Uuid = Uuid::from_u128(0x6f2b_1c0e_5d0f_4a52_9a7e_3c1d_84b6_e2f9);

/// An object for all clusters that get an equal one.
///
/// Two keys differ from cluster to cluster, the Work's namespace and its permanent id; [`Delivery::work`] fills them
/// in. All else is made once.
#[derive(Clone)]
pub struct Delivery {
    /// Which clusters; ascending.
    pub clusters: Vec<Place>,
    /// Whether a member's own object of that name is taken over.
    pub conflict_resolution: ConflictResolution,
    /// The object after all overrides, before anything is put on it that says whose it is.
    pub object: Arc<Value>,
    work_name: String,
    annotations: BTreeMap<&'static str, String>,
    /// The object's metadata with everything on it that says whose it is, but for the two keys.
    metadata: Option<Value>,
    owner: Arc<str>,
}

/// One object for one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// The cluster.
    pub cluster: String,
    /// The namespace of the Work.
    pub namespace: String,
    /// The name of the Work.
    pub name: String,
    /// The annotations of the Work: what was overridden.
    pub annotations: BTreeMap<&'static str, String>,
    /// What the member gets.
    pub manifest: Value,
}

impl Delivery {
    pub(crate) fn new(
        owner: &Arc<str>,
        template: &Template,
        conflict: ConflictResolution,
        group: &Group,
    ) -> Self {
        let key = &template.key;
        let namespace = key.namespace.as_deref();
        let binding = names::binding(&key.kind, &key.name);
        let work_name = names::work(&key.kind, namespace, &key.name);
        let conflict_resolution = match template.annotation(metadata::CONFLICT_RESOLUTION) {
            Some("overwrite") => ConflictResolution::Overwrite,
            Some("abort") => ConflictResolution::Abort,
            _ => conflict,
        };

        let mut labels = vec![(metadata::MANAGED, "true".to_owned()), (metadata::WORK_ID, String::new())];
        let mut annotations = vec![
            (metadata::WORK_NAMESPACE, String::new()),
            (metadata::WORK_NAME, work_name.clone()),
            (
                metadata::CONFLICT_RESOLUTION,
                match conflict_resolution {
                    ConflictResolution::Abort => "abort".into(),
                    ConflictResolution::Overwrite => "overwrite".into(),
                },
            ),
        ];
        match namespace {
            Some(namespace) => {
                labels.push((metadata::BINDING_ID, binding_id(owner, Some(namespace), &binding)));
                annotations.push((metadata::BINDING_NAMESPACE, namespace.into()));
                annotations.push((metadata::BINDING_NAME, binding));
            }
            None => {
                labels.push((metadata::CLUSTER_BINDING_ID, binding_id(owner, None, &binding)));
                annotations.push((metadata::CLUSTER_BINDING_NAME, binding));
            }
        }
        annotations.extend(template.uid().map(|uid| (metadata::TEMPLATE_UID, uid.to_owned())));
        let generation = template.generation().map(|generation| generation.to_string());
        annotations.extend(generation.map(|generation| (metadata::TEMPLATE_GENERATION, generation)));
        annotations.push((metadata::MANAGED_LABELS, String::new()));
        annotations.push((metadata::MANAGED_ANNOTATIONS, String::new()));

        // Only this part of the object is copied: the rest is the same for every Work, and each makes a copy for itself.
        let mut whose = group.object.get("metadata").cloned();
        if let Some(whose) = &mut whose {
            // What a template says about whose it is counts for nothing.
            remove(whose, "labels", metadata::OUR_LABELS);
            remove(whose, "annotations", metadata::OUR_ANNOTATIONS);
            insert(whose, "labels", labels);
            insert(whose, "annotations", annotations);
            let lists = [
                (metadata::MANAGED_LABELS, keys(whose, "labels")),
                (metadata::MANAGED_ANNOTATIONS, keys(whose, "annotations")),
            ];
            insert(whose, "annotations", lists);
        }
        Self {
            clusters: places(&group.clusters),
            conflict_resolution,
            object: Arc::clone(&group.object),
            work_name,
            annotations: applied::annotations(&group.applied).into_iter().collect(),
            metadata: whose,
            owner: Arc::clone(owner),
        }
    }

    /// The annotations of every Work of this delivery: what was overridden.
    pub fn annotations(&self) -> &BTreeMap<&'static str, String> {
        &self.annotations
    }

    /// The digest of what all of its clusters get, as compact JSON without the two keys that differ.
    pub fn digest(&self) -> Digest {
        let manifest = with_metadata(&self.object, self.metadata.clone());
        Digest::of(manifest.to_string().as_bytes())
    }

    /// The Work for one of its clusters.
    pub fn work(&self, fleet: &Fleet, cluster: Place) -> Work {
        let cluster = fleet.name(cluster).to_owned();
        let namespace = names::execution_namespace(&cluster);
        let id = work_id(&self.owner, &namespace, &self.work_name);
        let mut whose = self.metadata.clone();
        if let Some(whose) = &mut whose {
            insert(whose, "labels", [(metadata::WORK_ID, id)]);
            insert(whose, "annotations", [(metadata::WORK_NAMESPACE, namespace.clone())]);
        }
        let manifest = with_metadata(&self.object, whose);
        let annotations = self.annotations.clone();
        Work { cluster, namespace, name: self.work_name.clone(), annotations, manifest }
    }
}

/// The permanent id of a Work of this owner: the same on every machine and for ever.
pub fn work_id(owner: &str, namespace: &str, name: &str) -> String {
    permanent_id(owner, "Work", namespace, name)
}

/// The permanent id of a binding of this owner; without a namespace, of a cluster-scoped template's.
pub fn binding_id(owner: &str, namespace: Option<&str>, name: &str) -> String {
    let kind = if namespace.is_some() { "ResourceBinding" } else { "ClusterResourceBinding" };
    permanent_id(owner, kind, namespace.unwrap_or_default(), name)
}

/// The permanent id of a policy of this owner.
pub fn policy_id(owner: &str, policy: &PolicyRef) -> String {
    let PolicyRef { kind, namespace, name } = policy;
    permanent_id(owner, &kind.to_string(), namespace.as_deref().unwrap_or_default(), name)
}

fn permanent_id(owner: &str, kind: &str, namespace: &str, name: &str) -> String {
    let by = if owner.is_empty() { String::new() } else { format!("{owner}/") };
    Uuid::new_v5(&IDS, format!("{by}{kind}/{namespace}/{name}").as_bytes()).to_string()
}

/// A copy of an object with other metadata.
fn with_metadata(object: &Value, metadata: Option<Value>) -> Value {
    let Value::Object(members) = object else { return object.clone() };
    let rest = members.iter().filter(|(key, _)| *key != "metadata");
    let rest = rest.map(|(key, value)| (key.clone(), value.clone()));
    rest.chain(metadata.map(|metadata| ("metadata".to_owned(), metadata))).collect()
}

/// Sets entries of a map in an object's metadata, which is made where it is missing.
fn insert(metadata: &mut Value, map: &str, entries: impl IntoIterator<Item = (&'static str, String)>) {
    let Some(metadata) = metadata.as_object_mut() else { return };
    let map = metadata.entry(map).or_insert_with(|| json!({}));
    if map.is_null() {
        *map = Value::Object(Map::new());
    }
    if let Some(map) = map.as_object_mut() {
        map.extend(entries.into_iter().map(|(key, value)| (key.to_owned(), Value::String(value))));
    }
}

fn remove(metadata: &mut Value, map: &str, keys: &[&str]) {
    if let Some(Value::Object(map)) = metadata.get_mut(map) {
        map.retain(|key, _| !keys.contains(&key.as_str()));
    }
}

fn keys(metadata: &Value, map: &str) -> String {
    let map = metadata.get(map).and_then(Value::as_object);
    map.into_iter().flat_map(Map::keys).map(String::as_str).collect::<Vec<_>>().join(",")
}
