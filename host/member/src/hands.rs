//! The hands: each request about one Work, to its member and to the control plane.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request};
use kube::core::{ApiResource, Status};
use kube::{Client, Resource as _};
use portolan_api::{ObjectKey, metadata, names};
use portolan_plan::{Digest, Interpreters};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

use crate::body::Body;
use crate::bounded::TooLong;
use crate::cause::Cause;
use crate::observed::{Observed, own_content, work_of};
use crate::said::harmless;
use crate::told::Doing;

/// Who the API servers say wrote a field.
const FIELD_MANAGER: &str = "portolan";

/// How long a member may take for an answer. API servers give up after a minute, and one that needs more than a few seconds
/// is in trouble; arbitrary within that.
const ANSWERS: Duration = Duration::from_secs(15);

/// How often what somebody else changes at the same time is read again at once. Then it is tried again later.
const CONFLICTS: usize = 3;

/// Does what is to be done about Works of one cluster.
#[derive(Clone)]
pub struct Hands {
    /// The member's API server.
    pub member: Client,
    /// The control plane's.
    pub control: Client,
    /// The namespace of the cluster's Works.
    pub namespace: Arc<str>,
    /// The uid of the control plane.
    pub owner: Arc<str>,
    /// Who speaks for which kinds.
    pub interpreters: watch::Receiver<Arc<Interpreters>>,
    /// As many of them are asked at once as there are processors.
    pub calls: Arc<Semaphore>,
}

/// What is on the member after a Work was carried there.
pub struct Carried {
    /// The object.
    pub object: Value,
    /// The digest of the manifest that it was made of.
    pub digest: Digest,
}

/// Why something was not done. It is tried again in either case.
#[derive(Debug)]
pub enum Failure {
    /// Somebody said no, and will say so again until something changes.
    Refused(String),
    /// There was no answer, or none that says anything.
    Away(String),
    /// The control plane did not say what is to be done.
    Unread(String),
}

impl Hands {
    /// Brings a Work's object to the member: makes it, or gives it what it is to say. `known` is what is there as far as
    /// anybody knows; `plain` whether it was exactly as we wrote it, so that there is nothing to keep of it.
    pub async fn carry(
        &self,
        resource: &ApiResource,
        work: &str,
        manifest: Option<Arc<Value>>,
        known: Option<&Observed>,
        plain: bool,
    ) -> Result<Carried, Failure> {
        let manifest = match manifest {
            Some(manifest) => manifest,
            None => Arc::new(self.manifest(work).await?),
        };
        let digest = Digest::of_value(&manifest);
        let carried = |object| Ok(Carried { object, digest });
        let path = path_of(resource, &manifest);
        match known {
            None => {
                if let Some(object) = self.create(resource, &manifest).await? {
                    return carried(object);
                }
            }
            Some(known) if plain => {
                if let Some(object) = self.replace(&path, &manifest, &known.resource_version).await? {
                    return carried(object);
                }
            }
            Some(_) => {}
        }
        for _ in 0..CONFLICTS {
            let Some(observed) = self.look(&path).await? else {
                match self.create(resource, &manifest).await? {
                    Some(object) => return carried(object),
                    None => continue,
                }
            };
            let observed = Arc::new(observed);
            let ours = work_of(&observed, &self.namespace, &self.owner) == Some(work);
            if !ours && !overwrites(&manifest) {
                return Err(Failure::Refused(format!(
                    "{} is there already, and is not ours: it stays as it is; valid: another name, \
                     conflictResolution: Overwrite to take it over, or no such object on the member",
                    ObjectName(&manifest)
                )));
            }
            let desired = self.retained(&manifest, &observed).await?;
            if own_content(&desired) == own_content(&observed) {
                return carried(Arc::unwrap_or_clone(observed));
            }
            let desired = with_status_of(desired, &observed);
            let version = crate::body::text(&observed, "resourceVersion");
            if let Some(object) = self.replace(&path, &desired, version).await? {
                return carried(object);
            }
        }
        Err(Failure::Refused("somebody else writes it all the time".into()))
    }

    /// Takes a Work's object away, if it still is the one that is known, or what says that it is ours.
    pub async fn remove(
        &self,
        resource: &ApiResource,
        object: &ObjectKey,
        known: &Observed,
        preserved: bool,
    ) -> Result<(), Failure> {
        let path = format!("{}/{}", Body::url_path(resource, object.namespace.as_deref()), object.name);
        if preserved {
            return self.release(&path, known).await;
        }
        if known.going {
            return Ok(());
        }
        let options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
            "preconditions": {"uid": known.uid}});
        let answer = self.member_request::<Value>(Method::DELETE, &path, Some(&options)).await;
        match answer {
            // Gone, or another one of that name.
            Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => Ok(()),
            answer => answer.map(drop).map_err(failure),
        }
    }

    async fn release(&self, path: &str, known: &Observed) -> Result<(), Failure> {
        for _ in 0..CONFLICTS {
            let Some(mut object) = self.look(path).await? else { return Ok(()) };
            if crate::body::text(&object, "uid") != known.uid {
                return Ok(());
            }
            for (map, ours) in [("labels", metadata::OUR_LABELS), ("annotations", metadata::OUR_ANNOTATIONS)]
            {
                let entries = object.get_mut("metadata").and_then(|metadata| metadata.get_mut(map));
                if let Some(entries) = entries.and_then(Value::as_object_mut) {
                    entries.retain(|key, _| {
                        !ours.contains(&key.as_str()) && key != metadata::CONFLICT_RESOLUTION
                    });
                }
            }
            let version = crate::body::text(&object, "resourceVersion").to_owned();
            if self.replace(path, &object, &version).await?.is_some() {
                return Ok(());
            }
        }
        Err(Failure::Refused("somebody else writes it all the time".into()))
    }

    /// Deletes a Work whose object is gone.
    pub async fn delete_work(&self, work: &str) -> Result<(), Failure> {
        match self
            .control_request::<Value>(Method::DELETE, &self.work_path(work), "application/json", &json!({}))
            .await
        {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
            answer => answer.map(drop).map_err(unread),
        }
    }

    /// Writes a Work's status; returns its new resource version, or none where there is no such Work any more.
    pub async fn tell(&self, work: &str, version: &str, status: &Value) -> Result<Option<String>, Failure> {
        let path = format!("{}/status?fieldManager={FIELD_MANAGER}", self.work_path(work));
        // Only the status of it is looked at.
        let whole = json!({
            "apiVersion": "work.karmada.io/v1alpha1", "kind": "Work",
            "metadata": {"name": work, "namespace": &*self.namespace, "resourceVersion": version},
            "spec": {"workload": {"manifests": []}},
            "status": status,
        });
        let json = "application/json";
        let written = match self.control_request::<Written>(Method::PUT, &path, json, &whole).await {
            Err(kube::Error::Api(refused)) if refused.is_conflict() => {
                let patch = json!([{"op": "add", "path": "/status", "value": status}]);
                let json_patch = "application/json-patch+json";
                self.control_request::<Written>(Method::PATCH, &path, json_patch, &patch).await
            }
            written => written,
        };
        match written {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
            written => written.map(|written| Some(written.metadata.resource_version)).map_err(unread),
        }
    }

    /// How an object is doing. Whoever speaks for its kind and can't tell is no reason to tell nothing.
    pub async fn doing(&self, object: Arc<Value>) -> Doing {
        let interpreters = Arc::clone(&self.interpreters.borrow());
        let _permit = self.calls.acquire().await;
        let asked = tokio::task::spawn_blocking(move || Doing::of(&interpreters, &object));
        asked.await.unwrap_or_default()
    }

    async fn retained(&self, desired: &Arc<Value>, observed: &Arc<Value>) -> Result<Arc<Value>, Failure> {
        let interpreters = Arc::clone(&self.interpreters.borrow());
        let (desired, observed) = (Arc::clone(desired), Arc::clone(observed));
        let _permit = self.calls.acquire().await;
        let retained = tokio::task::spawn_blocking(move || {
            let answer = interpreters.retained(&desired, &observed);
            let by = answer.by.as_deref().unwrap_or("retain").to_owned();
            answer
                .outcome
                .map_err(|fault| format!("plugin `{by}` can't say what the member keeps of it: {fault}"))
        });
        match retained.await {
            Ok(retained) => retained.map_err(|why| Failure::Refused(harmless(&why))),
            Err(error) => Err(Failure::Refused(harmless(&error.to_string()))),
        }
    }

    async fn manifest(&self, work: &str) -> Result<Value, Failure> {
        let read = self.work(work).await?.ok_or_else(|| Failure::Unread("there is no such Work".into()))?;
        let manifest = read.pointer("/spec/workload/manifests/0");
        manifest.cloned().ok_or_else(|| Failure::Refused("its Work carries no object".into()))
    }

    /// The whole Work; none: there is none.
    pub async fn work(&self, work: &str) -> Result<Option<Value>, Failure> {
        let path = self.work_path(work);
        match self.control_request::<Value>(Method::GET, &path, "application/json", &Value::Null).await {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
            answer => answer.map(Some).map_err(unread),
        }
    }

    /// None: there is one already.
    async fn create(&self, resource: &ApiResource, manifest: &Value) -> Result<Option<Value>, Failure> {
        let namespace =
            Some(crate::body::text(manifest, "namespace")).filter(|namespace| !namespace.is_empty());
        let path = format!("{}?fieldManager={FIELD_MANAGER}", Body::url_path(resource, namespace));
        for made_namespace in [false, true] {
            match self.member_request::<Value>(Method::POST, &path, Some(manifest)).await {
                Err(kube::Error::Api(status)) if status.is_already_exists() => return Ok(None),
                Err(kube::Error::Api(status)) if status.is_not_found() && !made_namespace => {
                    let Some(namespace) = namespace else { return Err(failure(kube::Error::Api(status))) };
                    self.make_namespace(namespace).await?;
                }
                made => return made.map(Some).map_err(failure),
            }
        }
        Ok(None)
    }

    async fn make_namespace(&self, name: &str) -> Result<(), Failure> {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let path = format!("/api/v1/namespaces?fieldManager={FIELD_MANAGER}");
        match self.member_request::<Value>(Method::POST, &path, Some(&namespace)).await {
            Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(()),
            made => made.map(drop).map_err(failure),
        }
    }

    /// None: it is not what it was any more.
    async fn replace(&self, path: &str, object: &Value, version: &str) -> Result<Option<Value>, Failure> {
        let mut object = object.clone();
        object["metadata"]["resourceVersion"] = version.into();
        let path = format!("{path}?fieldManager={FIELD_MANAGER}");
        match self.member_request::<Value>(Method::PUT, &path, Some(&object)).await {
            Err(kube::Error::Api(status)) if status.is_conflict() || status.is_not_found() => Ok(None),
            replaced => replaced.map(Some).map_err(failure),
        }
    }

    async fn look(&self, path: &str) -> Result<Option<Value>, Failure> {
        match self.member_request::<Value>(Method::GET, path, None).await {
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(None),
            found => found.map(Some).map_err(failure),
        }
    }

    fn work_path(&self, work: &str) -> String {
        format!("/apis/work.karmada.io/v1alpha1/namespaces/{}/works/{work}", self.namespace)
    }

    async fn member_request<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, kube::Error> {
        send(&self.member, method, path, "application/json", body).await
    }

    async fn control_request<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: &Value,
    ) -> Result<T, kube::Error> {
        send(&self.control, method, path, content_type, Some(body).filter(|body| !body.is_null())).await
    }
}

#[derive(Deserialize)]
struct Written {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    resource_version: String,
}

async fn send<T: DeserializeOwned>(
    client: &Client,
    method: Method,
    path: &str,
    content_type: &str,
    body: Option<&Value>,
) -> Result<T, kube::Error> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(http::header::CONTENT_TYPE, content_type)
        .body(body.map(Value::to_string).unwrap_or_default().into_bytes())
        .map_err(kube::Error::HttpError)?;
    match tokio::time::timeout(ANSWERS, answered(client, request)).await {
        Ok(answer) => serde_json::from_slice(&answer?).map_err(kube::Error::SerdeError),
        Err(_) => Err(kube::Error::Service(format!("no answer in {} s", ANSWERS.as_secs()).into())),
    }
}

/// The body of an answer that is no refusal.
async fn answered(client: &Client, request: Request<Vec<u8>>) -> Result<Vec<u8>, kube::Error> {
    let answer = client.send(request.map(Into::into)).await?;
    let code = answer.status();
    let body = answer.into_body().collect_bytes().await?;
    if code.is_success() {
        return Ok(body.into());
    }
    let status = serde_json::from_slice::<Status>(&body).ok().filter(|status| status.code == code.as_u16());
    let status = status.unwrap_or_else(|| {
        // Something in between answers, or nothing that is an API server.
        let what = if code.is_redirection() {
            "it sends elsewhere, where nobody follows; valid: the address of the API server itself".into()
        } else {
            String::from_utf8_lossy(&body[..body.len().min(2000)])
        };
        Status::failure(&format!("{code}: {what}"), "").with_code(code.as_u16())
    });
    Err(kube::Error::Api(status.boxed()))
}

fn failure(error: kube::Error) -> Failure {
    // It does answer, and will say as much again.
    if let Some(too_long) = TooLong::within(&error) {
        return Failure::Refused(too_long.to_string());
    }
    let cause = Cause::from(error);
    let why = harmless(&cause.to_string());
    match cause.code {
        // 429 and what the server itself could not do pass.
        Some(300..=428 | 430..500) => Failure::Refused(why),
        _ => Failure::Away(why),
    }
}

fn unread(error: kube::Error) -> Failure {
    Failure::Unread(harmless(&Cause::from(error).to_string()))
}

/// The object with the status that is there. Whoever has a subresource for it does not look at it; the others would lose it.
fn with_status_of(mut desired: Arc<Value>, observed: &Value) -> Arc<Value> {
    if let Some(status) = observed.get("status")
        && let Some(members) = Arc::make_mut(&mut desired).as_object_mut()
    {
        members.insert("status".into(), status.clone());
    }
    desired
}

fn overwrites(manifest: &Value) -> bool {
    let annotations = manifest.get("metadata").and_then(|metadata| metadata.get("annotations"));
    annotations.and_then(|annotations| annotations.get(metadata::CONFLICT_RESOLUTION))
        == Some(&"overwrite".into())
}

fn path_of(resource: &ApiResource, manifest: &Value) -> String {
    let namespace = Some(crate::body::text(manifest, "namespace")).filter(|namespace| !namespace.is_empty());
    format!("{}/{}", Body::url_path(resource, namespace), crate::body::text(manifest, "name"))
}

/// `ConfigMap shop/web`
struct ObjectName<'a>(&'a Value);

impl std::fmt::Display for ObjectName<'_> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(object) = self;
        let kind = object["kind"].as_str().unwrap_or_default();
        let (namespace, name) = (crate::body::text(object, "namespace"), crate::body::text(object, "name"));
        if namespace.is_empty() {
            write!(to, "{kind} {name}")
        } else {
            write!(to, "{kind} {namespace}/{name}")
        }
    }
}

/// The namespace of a cluster's Works.
pub fn namespace_of(cluster: &str) -> Arc<str> {
    names::execution_namespace(cluster).into()
}
