//! The hands: each request that changes something on the control plane.

use std::time::Duration;

use http::{Method, Request};
use kube::Client;
use kube::core::ApiResource;
use portolan_api::{ObjectKey, names};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ledger::Key;

/// Who the API server says wrote a field.
const FIELD_MANAGER: &str = "portolan";

/// How long the control plane may take to answer, other tries included that it asks for when it has too much to do. Arbitrary:
/// a job that waits for ever would keep others from beginning.
const ANSWERS: Duration = Duration::from_secs(60);

/// What the API server says of an object that was written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Written {
    /// Its uid.
    pub uid: String,
    /// Its resource version.
    pub resource_version: String,
    /// Its generation; 0 where its kind counts none.
    pub generation: u64,
}

#[derive(Deserialize)]
struct Metadata {
    metadata: Written,
}

/// The one that writes on the control plane.
#[derive(Clone)]
pub struct Writer {
    client: Client,
}

impl Writer {
    /// With this client.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Applies a claim to a template.
    pub async fn claim(
        &self,
        resource: &ApiResource,
        template: &ObjectKey,
        claim: &Value,
    ) -> Result<Written, kube::Error> {
        let path = template_path(resource, template);
        let query = format!("{path}?fieldManager={FIELD_MANAGER}&force=true");
        self.send(Method::PATCH, &query, "application/apply-patch+yaml", claim).await
    }

    /// Writes the status of a template.
    pub async fn template_status(
        &self,
        resource: &ApiResource,
        template: &ObjectKey,
        status: &Value,
    ) -> Result<(), kube::Error> {
        let path = format!("{}/status?fieldManager={FIELD_MANAGER}", template_path(resource, template));
        // The whole of it: what is left out is not there any more.
        let patch = json!([{"op": "add", "path": "/status", "value": status}]);
        self.send(Method::PATCH, &path, "application/json-patch+json", &patch).await.map(drop)
    }

    /// Makes a binding, or replaces the one that is known.
    pub async fn binding(
        &self,
        key: &Key,
        mut binding: Value,
        known: Option<&str>,
    ) -> Result<Written, kube::Error> {
        match known {
            Some(version) => {
                binding["metadata"]["resourceVersion"] = version.into();
                self.put(&binding_path(key), &binding).await
            }
            None => self.post(&bindings_path(key), &binding).await,
        }
    }

    /// Writes the status of a binding that is known.
    pub async fn binding_status(
        &self,
        key: &Key,
        version: &str,
        status: &Value,
    ) -> Result<Written, kube::Error> {
        let kind = if key.namespace.is_some() { "ResourceBinding" } else { "ClusterResourceBinding" };
        let mut binding = json!({
            "apiVersion": "work.karmada.io/v1alpha2",
            "kind": kind,
            "metadata": {"name": key.name, "resourceVersion": version},
            // Looked at, and otherwise left as it is.
            "spec": {"resource": {"apiVersion": "", "kind": "", "name": ""}},
            "status": status,
        });
        if let Some(namespace) = &key.namespace {
            binding["metadata"]["namespace"] = namespace.as_str().into();
        }
        self.put(&format!("{}/status", binding_path(key)), &binding).await
    }

    /// Deletes a binding, if it still is the one that is known.
    pub async fn delete_binding(&self, key: &Key, uid: &str) -> Result<(), kube::Error> {
        self.delete(&binding_path(key), uid).await
    }

    /// Makes a Work, or gives the one that is there what it is to say. Nobody else writes that, so it takes no resource
    /// version, and the status that its member writes is no conflict.
    pub async fn work(&self, work: &Value, known: bool) -> Result<Written, kube::Error> {
        let metadata = &work["metadata"];
        let text = |field: &str| metadata[field].as_str().unwrap_or_default();
        let (namespace, name) = (text("namespace"), text("name"));
        let all = format!("/apis/work.karmada.io/v1alpha1/namespaces/{namespace}/works");
        if !known {
            match self.post(&all, work).await {
                Err(kube::Error::Api(status)) if status.is_already_exists() => {}
                Err(kube::Error::Api(status)) if status.is_not_found() => {
                    self.namespace(namespace).await?;
                    return self.post(&all, work).await;
                }
                made => return made,
            }
        }
        let patch = json!([
            {"op": "replace", "path": "/spec", "value": work["spec"]},
            {"op": "add", "path": "/metadata/labels", "value": metadata["labels"]},
            {"op": "add", "path": "/metadata/annotations", "value": metadata["annotations"]},
        ]);
        let path = format!("{all}/{name}?fieldManager={FIELD_MANAGER}");
        match self.send(Method::PATCH, &path, "application/json-patch+json", &patch).await {
            // It went in the meantime.
            Err(kube::Error::Api(status)) if status.is_not_found() => self.post(&all, work).await,
            written => written,
        }
    }

    /// Deletes a Work of a cluster that is no more.
    pub async fn delete_work(&self, cluster: &str, name: &str) -> Result<(), kube::Error> {
        let namespace = names::execution_namespace(cluster);
        let path = format!("/apis/work.karmada.io/v1alpha1/namespaces/{namespace}/works/{name}");
        match self.send(Method::DELETE, &path, "application/json", &json!({})).await {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
            done => done.map(drop),
        }
    }

    async fn namespace(&self, name: &str) -> Result<(), kube::Error> {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        match self.post("/api/v1/namespaces", &namespace).await {
            Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
            made => made.map(drop),
        }
    }

    async fn post(&self, path: &str, object: &Value) -> Result<Written, kube::Error> {
        let path = format!("{path}?fieldManager={FIELD_MANAGER}");
        self.send(Method::POST, &path, "application/json", object).await
    }

    async fn put(&self, path: &str, object: &Value) -> Result<Written, kube::Error> {
        let path = format!("{path}?fieldManager={FIELD_MANAGER}");
        self.send(Method::PUT, &path, "application/json", object).await
    }

    async fn delete(&self, path: &str, uid: &str) -> Result<(), kube::Error> {
        let options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}});
        match self.send(Method::DELETE, path, "application/json", &options).await {
            // Another one of that name is not the one that was to go.
            Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => Ok(()),
            done => done.map(drop),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: &Value,
    ) -> Result<Written, kube::Error> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(http::header::CONTENT_TYPE, content_type)
            .body(body.to_string().into_bytes())
            .map_err(kube::Error::HttpError)?;
        // A deletion is answered by a Status, whose metadata is empty.
        match tokio::time::timeout(ANSWERS, self.client.request::<Metadata>(request)).await {
            Ok(answer) => answer.map(|answer| answer.metadata),
            Err(_) => Err(kube::Error::Service(format!("no answer in {} s", ANSWERS.as_secs()).into())),
        }
    }
}

fn template_path(resource: &ApiResource, template: &ObjectKey) -> String {
    use kube::Resource as _;
    let all = portolan_member::Body::url_path(resource, template.namespace.as_deref());
    format!("{all}/{}", template.name)
}

fn bindings_path(key: &Key) -> String {
    match &key.namespace {
        Some(namespace) => format!("/apis/work.karmada.io/v1alpha2/namespaces/{namespace}/resourcebindings"),
        None => "/apis/work.karmada.io/v1alpha2/clusterresourcebindings".into(),
    }
}

fn binding_path(key: &Key) -> String {
    format!("{}/{}", bindings_path(key), key.name)
}
