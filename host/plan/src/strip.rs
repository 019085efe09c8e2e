//! What never travels to a member: what the API server of the control plane wrote, not the user.

use serde_json::Value;

/// Fields of `metadata` that belong to the object on its own server.
pub(crate) const SERVER_METADATA: &[&str] = &[
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
    "ownerReferences",
    "finalizers",
];

/// Labels that the Job controller puts on pods, to find its own.
const JOB_LABELS: &[&str] =
    &["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];

/// The object as it leaves for a member, before any override. For each kind the same is taken away as by the
/// reference.
pub fn strip(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(root) = object.as_object_mut() {
        root.remove("status");
    }
    remove(&mut object, "/metadata", SERVER_METADATA);
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (api_version, kind, name) = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
    match (api_version.as_str(), kind.as_str()) {
        ("apps/v1", "Deployment") => remove(
            &mut object,
            "/metadata/annotations",
            &["deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history"],
        ),
        ("v1", "Service") => strip_service(&mut object),
        ("batch/v1", "Job") => strip_job(&mut object),
        ("v1", "ServiceAccount") => strip_service_account(&mut object, &name),
        ("v1", "Secret") if text("/type") == "kubernetes.io/service-account-token" => {
            if let Some(data) = object.get_mut("data") {
                *data = Value::Null;
            }
            remove(&mut object, "/metadata/annotations", &["kubernetes.io/service-account.uid"]);
        }
        ("v1", "PersistentVolumeClaim") => {
            remove(&mut object, "/metadata/annotations", &["volume.kubernetes.io/selected-node"]);
        }
        _ => {}
    }
    object
}

/// Every member gives a Service an address of its own; only "None", which asks for none, is the user's.
fn strip_service(object: &mut Value) {
    let headless = object.pointer("/spec/clusterIP").and_then(Value::as_str) == Some("None");
    if !headless {
        remove(object, "/spec", &["clusterIP", "clusterIPs"]);
    }
}

/// A Job's selector is generated on each server, unless the user manages it.
fn strip_job(object: &mut Value) {
    remove(object, "/spec", &["ttlSecondsAfterFinished"]);
    if object.pointer("/spec/manualSelector") != Some(&Value::Bool(true)) {
        remove(object, "/spec/template/metadata/labels", JOB_LABELS);
        remove(
            object,
            "/spec/selector/matchLabels",
            &["controller-uid", "batch.kubernetes.io/controller-uid"],
        );
    }
}

/// Tokens are made on each server.
fn strip_service_account(object: &mut Value, name: &str) {
    let token = format!("{name}-token-");
    if let Some(Value::Array(secrets)) = object.get_mut("secrets") {
        secrets.retain(|secret| {
            !secret.get("name").and_then(Value::as_str).is_some_and(|name| name.starts_with(&token))
        });
    }
}

fn remove(object: &mut Value, from: &str, keys: &[&str]) {
    if let Some(Value::Object(map)) = object.pointer_mut(from) {
        map.retain(|key, _| !keys.contains(&key.as_str()));
    }
}
