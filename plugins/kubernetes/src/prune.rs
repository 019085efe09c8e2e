//! What a server wrote into an object of a kind, and what would be wrong on any other server.

use portolan_plugin::{Fault, Operation, Prune, Questions, pointer};
use serde_json::Value;

use crate::Kubernetes;
use crate::object::{items, kind, text, text_at};

/// Labels that the Job controller puts on pods, to find its own.
const JOB_LABELS: &[&str] =
    &["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];

/// Those of them that stand in a Job's selector.
const JOB_SELECTORS: &[&str] = &["controller-uid", "batch.kubernetes.io/controller-uid"];

impl Prune for Kubernetes {
    fn prune(questions: &dyn Questions) -> Result<Vec<Operation>, Fault> {
        let mut patch = Vec::new();
        match kind(questions.template_get("/kind")).as_str() {
            "Deployment" => {
                let revisions =
                    &["deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history"];
                take(questions, "/metadata/annotations", revisions, &mut patch);
            }
            // Every member gives a Service an address of its own; only "None", which asks for none, is the user's.
            "Service" if text(questions.template_get("/spec/clusterIP")) != "None" => {
                take(questions, "/spec", &["clusterIP", "clusterIPs"], &mut patch);
            }
            "Job" => {
                take(questions, "/spec", &["ttlSecondsAfterFinished"], &mut patch);
                // A Job's selector is generated on each server, unless the user manages it.
                if questions.template_get("/spec/manualSelector") != Some(Value::Bool(true)) {
                    take(questions, "/spec/template/metadata/labels", JOB_LABELS, &mut patch);
                    take(questions, "/spec/selector/matchLabels", JOB_SELECTORS, &mut patch);
                }
            }
            "ServiceAccount" => tokens(questions, &mut patch),
            "Secret" if text(questions.template_get("/type")) == "kubernetes.io/service-account-token" => {
                if questions.template_get("/data").is_some_and(|data| !data.is_null()) {
                    patch.push(Operation::Replace { at: "/data".to_owned(), value: Value::Null });
                }
                take(questions, "/metadata/annotations", &["kubernetes.io/service-account.uid"], &mut patch);
            }
            "PersistentVolumeClaim" => {
                let node = &["volume.kubernetes.io/selected-node"];
                take(questions, "/metadata/annotations", node, &mut patch);
            }
            _ => {}
        }
        Ok(patch)
    }
}

/// Takes these keys out of a map, as far as they are there.
fn take(questions: &dyn Questions, map: &str, keys: &[&str], patch: &mut Vec<Operation>) {
    for key in keys {
        let at = format!("{map}/{}", pointer::escape(key));
        if questions.template_get(&at).is_some() {
            patch.push(Operation::Remove { at });
        }
    }
}

/// Tokens are made on each server. The list stays, also where nothing is left in it.
fn tokens(questions: &dyn Questions, patch: &mut Vec<Operation>) {
    let secrets = questions.template_get("/secrets");
    let prefix = format!("{}-token-", text(questions.template_get("/metadata/name")));
    let kept: Vec<Value> = (items(secrets.as_ref()).iter())
        .filter(|secret| !text_at(secret, "/name").starts_with(&prefix))
        .cloned()
        .collect();
    if kept.len() < items(secrets.as_ref()).len() {
        patch.push(Operation::Replace { at: "/secrets".to_owned(), value: Value::Array(kept) });
    }
}
