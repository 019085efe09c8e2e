//! What an object needs beside it, each once, in the order in which the object names them.

use portolan_plugin::{Dependencies, Dependency, Fault, Questions, Which};
use serde_json::{Value, json};

use crate::Kubernetes;
use crate::object::{items, kind, text, text_at};

impl Dependencies for Kubernetes {
    fn dependencies(questions: &dyn Questions) -> Result<Vec<Dependency>, Fault> {
        let mut needed = Needed::new(questions);
        match kind(questions.template_get("/kind")).as_str() {
            "Deployment" | "ReplicaSet" | "DaemonSet" | "Job" => {
                needed.by_pod(questions.template_get("/spec/template/spec"));
            }
            "StatefulSet" => {
                needed.by_pod(questions.template_get("/spec/template/spec"));
                // Its own claims are made from templates, on each member.
                let own = questions.template_get("/spec/volumeClaimTemplates");
                let own: Vec<&str> =
                    items(own.as_ref()).iter().map(|claim| text_at(claim, "/metadata/name")).collect();
                needed.found.retain(|one| {
                    let name = matches!(&one.which, Which::Name(name) if own.contains(&name.as_str()));
                    one.kind != "PersistentVolumeClaim" || !name
                });
            }
            "CronJob" => needed.by_pod(questions.template_get("/spec/jobTemplate/spec/template/spec")),
            "Pod" => needed.by_pod(questions.template_get("/spec")),
            "Ingress" => return ingress(needed, questions),
            "ServiceImport" => {
                let service = format!("derived-{}", text(questions.template_get("/metadata/name")));
                needed.add("v1", "Service", &service);
                let labels = json!({"matchLabels": {"kubernetes.io/service-name": service}});
                needed.push("discovery.k8s.io/v1", "EndpointSlice", Which::Labels(labels));
            }
            _ => {}
        }
        Ok(needed.found)
    }
}

/// A certificate without a Secret is the default one of the member's controller. It can't be told whether that is there,
/// so that nobody can say that all is there that the Ingress needs.
fn ingress(mut needed: Needed, questions: &dyn Questions) -> Result<Vec<Dependency>, Fault> {
    let tls = questions.template_get("/spec/tls");
    for (index, entry) in items(tls.as_ref()).iter().enumerate() {
        let secret = text_at(entry, "/secretName");
        if secret.is_empty() {
            return Err(Fault::Template(format!(
                "spec.tls[{index}].secretName is missing; valid: the name of a Secret"
            )));
        }
        needed.add("v1", "Secret", secret);
    }
    Ok(needed.found)
}

/// What was found so far.
struct Needed {
    namespace: Option<String>,
    found: Vec<Dependency>,
}

/// Where a volume names a Secret.
const VOLUME_SECRETS: &[&str] = &[
    "/azureFile/secretName",
    "/cephfs/secretRef/name",
    "/cinder/secretRef/name",
    "/csi/nodePublishSecretRef/name",
    "/flexVolume/secretRef/name",
    "/iscsi/secretRef/name",
    "/rbd/secretRef/name",
    "/scaleIO/secretRef/name",
    "/secret/secretName",
    "/storageos/secretRef/name",
];

impl Needed {
    fn new(questions: &dyn Questions) -> Self {
        let namespace = text(questions.template_get("/metadata/namespace"));
        Self { namespace: (!namespace.is_empty()).then_some(namespace), found: Vec::new() }
    }

    fn by_pod(&mut self, pod: Option<Value>) {
        let pod = pod.unwrap_or_default();
        for secret in items(pod.get("imagePullSecrets")) {
            self.add("v1", "Secret", text_at(secret, "/name"));
        }
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            items(pod.get(list)).iter().for_each(|container| self.by_container(container));
        }
        for volume in items(pod.get("volumes")) {
            self.add("v1", "ConfigMap", text_at(volume, "/configMap/name"));
            VOLUME_SECRETS.iter().for_each(|at| self.add("v1", "Secret", text_at(volume, at)));
            for source in items(volume.pointer("/projected/sources")) {
                self.add("v1", "ConfigMap", text_at(source, "/configMap/name"));
                self.add("v1", "Secret", text_at(source, "/secret/name"));
            }
            self.add("v1", "PersistentVolumeClaim", text_at(volume, "/persistentVolumeClaim/claimName"));
        }
        let account = text_at(&pod, "/serviceAccountName");
        if account != "default" {
            self.add("v1", "ServiceAccount", account);
        }
    }

    fn by_container(&mut self, container: &Value) {
        for source in items(container.get("envFrom")) {
            self.add("v1", "ConfigMap", text_at(source, "/configMapRef/name"));
            self.add("v1", "Secret", text_at(source, "/secretRef/name"));
        }
        for variable in items(container.get("env")) {
            self.add("v1", "ConfigMap", text_at(variable, "/valueFrom/configMapKeyRef/name"));
            self.add("v1", "Secret", text_at(variable, "/valueFrom/secretKeyRef/name"));
        }
    }

    /// Where there is a name.
    fn add(&mut self, api_version: &str, kind: &str, name: &str) {
        if !name.is_empty() {
            self.push(api_version, kind, Which::Name(name.to_owned()));
        }
    }

    fn push(&mut self, api_version: &str, kind: &str, which: Which) {
        let dependency = Dependency {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: self.namespace.clone(),
            which,
        };
        if !self.found.contains(&dependency) {
            self.found.push(dependency);
        }
    }
}
