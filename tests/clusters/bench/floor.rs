//! The floor: every write that carries a template to its members, by a client like ours, with nothing deciding them.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::{Method, Request};
use kube::Client;
use portolan_api::{metadata, names};
use serde_json::{Value, json};

use crate::Failure;
use crate::stage::{MEMBERS, Stage};

/// So many requests are under way at once: as many as the controller has.
const AT_ONCE: usize = 16;
const NAMESPACE: &str = "floor";
/// As large as the script's.
const BYTES: usize = 2_048;

/// What the bare writes take.
pub struct Floor {
    /// Templates, claims, bindings, Works, members' objects.
    pub fanout: Duration,
    /// And the statuses of all Works and bindings.
    pub quiet: Duration,
    /// From the answer to one template to the last member, one at a time, in order.
    pub single: Vec<Duration>,
}

impl Floor {
    /// Writes so many templates at once, their statuses, and some more one by one.
    pub async fn measure(stage: &Stage, templates: usize, probes: usize) -> Result<Self, Failure> {
        let mut members = Vec::new();
        for member in MEMBERS {
            members.push(stage.client(member).await?);
        }
        let writer = Arc::new(Writer { control: stage.client("control").await?, members });
        writer.namespaces().await?;

        let began = Instant::now();
        all(templates, |n| {
            let (writer, name) = (Arc::clone(&writer), format!("t{n}"));
            async move {
                writer.template(&name).await?;
                writer.carry(&name).await
            }
        })
        .await?;
        let fanout = began.elapsed();
        all(templates, |n| {
            let (writer, name) = (Arc::clone(&writer), format!("t{n}"));
            async move { writer.tell(&name).await }
        })
        .await?;
        let quiet = began.elapsed();

        let mut single = Vec::new();
        for probe in 0..probes {
            let name = format!("p{probe}");
            writer.template(&name).await?;
            let began = Instant::now();
            writer.carry(&name).await?;
            single.push(began.elapsed());
        }
        single.sort();
        Ok(Self { fanout, quiet, single })
    }
}

/// Does it for each number, as many at once as there may be.
async fn all<F>(count: usize, each: impl Fn(usize) -> F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), kube::Error>> + Send,
{
    let next = AtomicUsize::new(0);
    let workers = (0..AT_ONCE).map(async |_| {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return Ok(());
            }
            each(n).await?;
        }
    });
    futures::future::try_join_all(workers).await.map_err(|error: kube::Error| error.into()).map(|_| ())
}

struct Writer {
    control: Client,
    members: Vec<Client>,
}

impl Writer {
    async fn namespaces(&self) -> Result<(), Failure> {
        let namespace =
            |name: &str| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        for client in self.members.iter().chain([&self.control]) {
            send(client, Method::POST, "/api/v1/namespaces", &namespace(NAMESPACE)).await?;
        }
        for member in MEMBERS {
            let namespace = namespace(&names::execution_namespace(member));
            send(&self.control, Method::POST, "/api/v1/namespaces", &namespace).await?;
        }
        Ok(())
    }

    /// What the user does.
    async fn template(&self, name: &str) -> Result<(), kube::Error> {
        let body = template(name);
        send(&self.control, Method::POST, &format!("/api/v1/namespaces/{NAMESPACE}/configmaps"), &body).await
    }

    /// What has to be written before the members have it.
    async fn carry(&self, name: &str) -> Result<(), kube::Error> {
        let path = format!("/api/v1/namespaces/{NAMESPACE}/configmaps/{name}");
        send(&self.control, Method::PATCH, &path, &claim()).await?;
        send(&self.control, Method::POST, BINDINGS, &binding(name)).await?;
        for member in MEMBERS {
            let path = works(member);
            send(&self.control, Method::POST, &path, &work(name)).await?;
        }
        for member in &self.members {
            let path = format!("/api/v1/namespaces/{NAMESPACE}/configmaps");
            send(member, Method::POST, &path, &manifest(name)).await?;
        }
        Ok(())
    }

    /// What is told of it afterwards.
    async fn tell(&self, name: &str) -> Result<(), kube::Error> {
        for member in MEMBERS {
            let path = format!("{}/{}/status", works(member), work_name(name));
            send(&self.control, Method::PATCH, &path, &work_status(name)).await?;
        }
        let path = format!("{BINDINGS}/{}/status", names::binding("ConfigMap", name));
        send(&self.control, Method::PATCH, &path, &binding_status()).await
    }
}

const BINDINGS: &str = "/apis/work.karmada.io/v1alpha2/namespaces/floor/resourcebindings";

fn works(member: &str) -> String {
    format!("/apis/work.karmada.io/v1alpha1/namespaces/{}/works", names::execution_namespace(member))
}

fn work_name(template: &str) -> String {
    names::work("ConfigMap", Some(NAMESPACE), template)
}

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Result<(), kube::Error> {
    let kind = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder().method(method).uri(path).header("content-type", kind);
    let request = request.body(body.to_string().into_bytes()).map_err(kube::Error::HttpError)?;
    client.request_text(request).await.map(|_| ())
}

fn template(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"floor": "yes"}},
        "data": {"name": name, "k": "v", "blob": "x".repeat(BYTES)},
    })
}

/// A random id's length, as each object has some.
const ID: &str = "00000000-0000-5000-8000-000000000000";

fn claim() -> Value {
    json!({"metadata": {
        "labels": {"propagationpolicy.karmada.io/permanent-id": ID},
        "annotations": {"propagationpolicy.karmada.io/namespace": NAMESPACE, "propagationpolicy.karmada.io/name": "policy"},
    }})
}

fn binding(name: &str) -> Value {
    let clusters: Vec<_> = MEMBERS.iter().map(|member| json!({"name": member})).collect();
    json!({
        "apiVersion": "work.karmada.io/v1alpha2", "kind": "ResourceBinding",
        "metadata": {
            "name": names::binding("ConfigMap", name), "namespace": NAMESPACE,
            "labels": {metadata::BINDING_ID: ID},
        },
        "spec": {
            "resource": {"apiVersion": "v1", "kind": "ConfigMap", "namespace": NAMESPACE, "name": name, "uid": ID},
            "clusters": clusters,
        },
    })
}

/// What a member gets: the template, and what says whose it is.
fn manifest(name: &str) -> Value {
    let mut manifest = template(name);
    let labels = [metadata::MANAGED, metadata::BINDING_ID, metadata::WORK_ID].join(",");
    let annotations = [metadata::WORK_NAMESPACE, metadata::WORK_NAME, metadata::TEMPLATE_UID].join(",");
    manifest["metadata"]["labels"] =
        json!({"floor": "yes", metadata::MANAGED: "true", metadata::BINDING_ID: ID, metadata::WORK_ID: ID});
    manifest["metadata"]["annotations"] = json!({
        metadata::WORK_NAMESPACE: "karmada-es-member1", metadata::WORK_NAME: work_name(name),
        metadata::BINDING_NAMESPACE: NAMESPACE, metadata::BINDING_NAME: names::binding("ConfigMap", name),
        metadata::CONFLICT_RESOLUTION: "abort", metadata::TEMPLATE_UID: ID, metadata::TEMPLATE_GENERATION: "0",
        metadata::MANAGED_LABELS: labels,
        metadata::MANAGED_ANNOTATIONS: annotations,
    });
    manifest
}

fn work(name: &str) -> Value {
    json!({
        "apiVersion": "work.karmada.io/v1alpha1", "kind": "Work",
        "metadata": {"name": work_name(name), "labels": {metadata::WORK_ID: ID}},
        "spec": {"workload": {"manifests": [manifest(name)]}},
    })
}

const MOMENT: &str = "2026-01-31T12:00:00Z";

fn work_status(name: &str) -> Value {
    let applied = json!({
        "type": "Applied", "status": "True", "reason": "AppliedSuccessful", "message": "", "lastTransitionTime": MOMENT,
    });
    let identifier = json!({
        "ordinal": 0, "group": "", "version": "v1", "kind": "ConfigMap", "resource": "configmaps",
        "namespace": NAMESPACE, "name": name,
    });
    json!({"status": {
        "conditions": [applied], "manifestStatuses": [{"identifier": identifier, "health": "Healthy"}],
    }})
}

fn binding_status() -> Value {
    let condition = |of_type: &str, reason: &str| {
        json!({
            "type": of_type, "status": "True", "reason": reason, "message": "", "lastTransitionTime": MOMENT,
        })
    };
    let told: Vec<_> = MEMBERS
        .iter()
        .map(|member| json!({"clusterName": member, "applied": true, "health": "Healthy"}))
        .collect();
    json!({"status": {
        "conditions": [condition("Scheduled", "Success"), condition("FullyApplied", "FullyAppliedSuccess")],
        "aggregatedStatus": told,
    }})
}
