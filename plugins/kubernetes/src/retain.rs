//! What a member owns of an object that is replaced.

use portolan_plugin::{Fault, Operation, Questions, Retain};
use serde_json::{Map, Value};

use crate::Kubernetes;
use crate::object::{items, kind, number, put, text, text_at};

impl Retain for Kubernetes {
    fn retain(questions: &dyn Questions) -> Result<Vec<Operation>, Fault> {
        Ok(match kind(questions.template_get("/kind")).as_str() {
            "Deployment" => return replicas(questions),
            "Service" => service(questions),
            "ServiceAccount" => [merged("secrets", questions), merged("imagePullSecrets", questions)].into(),
            "PersistentVolumeClaim" => {
                let volume = text(questions.observed_get("/spec/volumeName"));
                if volume.is_empty() {
                    Vec::new()
                } else {
                    put(questions, &["spec"], "volumeName", volume.into())
                }
            }
            "PersistentVolume" => match questions.observed_get("/spec/claimRef") {
                Some(claim) => put(questions, &["spec"], "claimRef", claim),
                None => Vec::new(),
            },
            "Pod" => pod(questions),
            "Job" => job(questions),
            "Secret" if text(questions.template_get("/type")) == "kubernetes.io/service-account-token" => {
                token(questions)
            }
            _ => Vec::new(),
        })
    }
}

/// An autoscaler on the member decides over the replicas of a Deployment with this label.
fn replicas(questions: &dyn Questions) -> Result<Vec<Operation>, Fault> {
    let label = "/metadata/labels/resourcetemplate.karmada.io~1retain-replicas";
    if text(questions.template_get(label)) != "true" {
        return Ok(Vec::new());
    }
    match questions.observed_get("/spec/replicas") {
        Some(replicas) => Ok(put(questions, &["spec"], "replicas", replicas)),
        None => Err(Fault::Template(
            "the label resourcetemplate.karmada.io/retain-replicas asks for the member's spec.replicas, and it has none"
                .to_owned(),
        )),
    }
}

/// Addresses and ports that the member gave away stay as long as the Service.
fn service(questions: &dyn Questions) -> Vec<Operation> {
    let mut patch = Vec::new();
    let address = text(questions.observed_get("/spec/clusterIP"));
    if !address.is_empty() {
        patch.extend(put(questions, &["spec"], "clusterIP", address.into()));
    }
    let port = number(questions.observed_get("/spec/healthCheckNodePort").as_ref());
    if port > 0 {
        patch.push(Operation::Add { at: "/spec/healthCheckNodePort".to_owned(), value: port.into() });
    }
    patch
}

/// A ServiceAccount's list, merged by name: what is desired comes first.
fn merged(field: &str, questions: &dyn Questions) -> Operation {
    let at = format!("/{field}");
    let (desired, observed) = (questions.template_get(&at), questions.observed_get(&at));
    let value = if desired.is_none() && observed.is_none() {
        Value::Null
    } else {
        let mut merged = items(desired.as_ref()).to_vec();
        for entry in items(observed.as_ref()) {
            if !merged.iter().any(|other| text_at(other, "/name") == text_at(entry, "/name")) {
                merged.push(entry.clone());
            }
        }
        Value::Array(merged)
    };
    Operation::Add { at, value }
}

/// A running Pod hardly changes: where it runs, as whom, and what is mounted are the member's.
fn pod(questions: &dyn Questions) -> Vec<Operation> {
    let mut patch = Vec::new();
    for field in ["nodeName", "serviceAccountName", "volumes"] {
        let at = format!("/spec/{field}");
        match questions.observed_get(&at).filter(|value| !is_zero(value)) {
            Some(value) => patch.extend(put(questions, &["spec"], field, value)),
            None if questions.template_get(&at).is_some() => patch.push(Operation::Remove { at }),
            None => {}
        }
    }
    for field in ["containers", "initContainers", "ephemeralContainers"] {
        let at = format!("/spec/{field}");
        let Some(Value::Array(mut containers)) = questions.template_get(&at) else { continue };
        let observed = questions.observed_get(&at).filter(|_| field != "ephemeralContainers");
        for container in &mut containers {
            let same = |other: &&Value| text_at(other, "/name") == text_at(container, "/name");
            let theirs =
                items(observed.as_ref()).iter().find(same).map(|theirs| theirs.get("volumeMounts").cloned());
            let Value::Object(container) = container else { continue };
            // As the API server writes it.
            container.entry("resources").or_insert_with(|| Value::Object(Map::new()));
            match theirs {
                Some(Some(mounts)) => drop(container.insert("volumeMounts".to_owned(), mounts)),
                Some(None) => drop(container.remove("volumeMounts")),
                None => {}
            }
        }
        patch.push(Operation::Replace { at, value: Value::Array(containers) });
    }
    patch.push(Operation::Add { at: "/status".to_owned(), value: Value::Object(Map::new()) });
    patch
}

/// A Job's selector and the labels that go with it are generated on the member.
fn job(questions: &dyn Questions) -> Vec<Operation> {
    let mut patch = Vec::new();
    let places: [(&[&str], &str); 2] =
        [(&["spec", "selector"], "matchLabels"), (&["spec", "template", "metadata"], "labels")];
    for (map, key) in places {
        let at = format!("/{}/{key}", map.join("/"));
        if let Some(theirs) = questions.observed_get(&at).filter(Value::is_object) {
            patch.extend(put(questions, map, key, theirs));
        }
    }
    patch
}

/// A token is made on the member.
fn token(questions: &dyn Questions) -> Vec<Operation> {
    let mut patch = Vec::new();
    if let Some(data) = questions.observed_get("/data") {
        patch.push(Operation::Add { at: "/data".to_owned(), value: data });
    }
    let account = "kubernetes.io/service-account.uid";
    if let Some(uid) = questions.observed_get("/metadata/annotations/kubernetes.io~1service-account.uid") {
        patch.extend(put(questions, &["metadata", "annotations"], account, uid));
    }
    patch
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
