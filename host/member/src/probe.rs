//! Asks a member how it is. Each question is bounded in time: a member that is frozen answers none, and holds up nobody.

use std::collections::BTreeMap;
use std::time::Duration;

use http::header::{ACCEPT, ETAG, HeaderValue, IF_NONE_MATCH};
use http::{Request, StatusCode};
use kube::client::APIGroupDiscoveryList;
use serde_json::{Value, json};

use crate::cause::Cause;
use crate::summary::Summary;

/// A question that takes longer is not answered. Half of the time between two of them.
const ANSWER: Duration = Duration::from_secs(5);
/// All pages of nodes and pods take no longer than this, or what was known of them stays. Arbitrary.
const PAGES: Duration = Duration::from_secs(60);
/// How many objects come at a time: a few megabytes of pods. The server's own clients ask for as many.
const PAGE: usize = 500;
/// The whole of what is served in one answer, as servers give it from 1.27 on.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,\
                          application/json";

/// What a member answers when it is asked whether it is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is.
    Ready,
    /// It answers, and says that it is not; why, in one line.
    NotReady(String),
    /// It does not answer; why, in one line.
    Unreachable(String),
}

/// Whether it is ready: `/readyz`, and where there is no such thing, `/healthz`.
pub async fn readiness(member: &kube::Client) -> Answer {
    let mut path = "/readyz";
    loop {
        let (status, text) = match asked(member, path, &[]).await {
            Ok(Fetched { status, body, .. }) => (status, String::from_utf8_lossy(&body).into_owned()),
            Err(why) => return Answer::Unreachable(why.to_string()),
        };
        if status == StatusCode::NOT_FOUND && path == "/readyz" {
            path = "/healthz";
            continue;
        }
        // Nobody follows a redirect here: whoever answers with one is not the API server.
        return match status {
            StatusCode::OK => Answer::Ready,
            status => Answer::NotReady(format!("{path} answers {}{}", status.as_u16(), failing(&text))),
        };
    }
}

/// What failed, of the checks that the server lists.
fn failing(text: &str) -> String {
    let failed = text.lines().filter_map(|line| line.strip_prefix("[-]")?.split_whitespace().next());
    let failed: Vec<_> = failed.collect();
    if failed.is_empty() { String::new() } else { format!(": {} failed", failed.join(", ")) }
}

/// Its version, as in `v1.36.2`.
pub async fn version(member: &kube::Client) -> Result<String, Cause> {
    let asked = asked(member, "/version", &[]).await?;
    let version: Value = asked.json()?;
    let version = version.get("gitVersion").and_then(Value::as_str);
    version.map(str::to_owned).ok_or_else(|| Cause::new("/version says no gitVersion"))
}

/// What a member serves, as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Served {
    /// `status.apiEnablements`.
    pub enablements: Vec<Value>,
    /// Whether that is all: no server that it asks in turn was silent.
    pub complete: bool,
    /// What each of the two documents said.
    parts: BTreeMap<&'static str, Part>,
}

/// One of the two documents, and the tag by which the member says that nothing has changed since.
#[derive(Clone, Debug, Default, PartialEq)]
struct Part {
    tag: Option<HeaderValue>,
    versions: Vec<Value>,
    complete: bool,
}

impl Served {
    /// What it serves now; none: the same as before, which most members say in a line.
    pub async fn again(&self, member: &kube::Client) -> Result<Option<Self>, Cause> {
        let mut parts = self.parts.clone();
        for path in ["/api", "/apis"] {
            let mut headers = vec![(ACCEPT, HeaderValue::from_static(AGGREGATED))];
            let tag = parts.get(path).and_then(|part| part.tag.clone());
            headers.extend(tag.map(|tag| (IF_NONE_MATCH, tag)));
            let asked = asked(member, path, &headers).await?;
            if asked.status == StatusCode::NOT_MODIFIED {
                continue;
            }
            let list: Value = asked.json()?;
            if list.get("kind").and_then(Value::as_str) != Some("APIGroupDiscoveryList") {
                return one_by_one(member).await.map(|now| (now != *self).then_some(now));
            }
            let list = serde_json::from_value(list).map_err(|error| Cause::of(&error))?;
            parts.insert(path, Part::read(list, asked.tag));
        }
        if parts == self.parts {
            return Ok(None);
        }
        let versions = parts.values().flat_map(|part| part.versions.iter().cloned());
        let enablements = in_order(versions.collect());
        let complete = parts.values().all(|part| part.complete);
        Ok(Some(Self { enablements, complete, parts }))
    }

    /// Whether it costs a line to ask again.
    pub fn is_tagged(&self) -> bool {
        !self.parts.is_empty() && self.parts.values().all(|part| part.tag.is_some())
    }
}

impl Part {
    fn read(list: APIGroupDiscoveryList, tag: Option<HeaderValue>) -> Self {
        let mut part = Self { tag, versions: Vec::new(), complete: true };
        for group in list.items {
            let group_name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
            for version in group.versions {
                part.complete &= version.freshness.as_deref() != Some("Stale");
                let version_name = version.version.unwrap_or_default();
                let resources = version.resources.into_iter().map(|resource| {
                    let kind = resource.response_kind.and_then(|gvk| gvk.kind).unwrap_or_default();
                    (resource.resource.unwrap_or_default(), kind)
                });
                let version = match group_name.is_empty() {
                    true => version_name,
                    false => format!("{group_name}/{version_name}"),
                };
                part.versions.push(enablement(&version, resources));
            }
        }
        part
    }
}

/// What a member serves that is asked version by version, as those are before 1.27.
async fn one_by_one(member: &kube::Client) -> Result<Served, Cause> {
    let bounded = |error: kube::Error| Cause::from(error);
    let within = tokio::time::timeout(PAGES, async {
        let mut versions: Vec<String> = member.list_core_api_versions().await.map_err(bounded)?.versions;
        let groups = member.list_api_groups().await.map_err(bounded)?.groups;
        let of_groups = groups.into_iter().flat_map(|group| group.versions);
        versions.extend(of_groups.map(|version| version.group_version));
        let mut enablements = Vec::new();
        let mut complete = true;
        for version in versions {
            let listed = match version.contains('/') {
                true => member.list_api_group_resources(&version).await,
                false => member.list_core_api_resources(&version).await,
            };
            match listed {
                Ok(listed) => {
                    let whole = listed.resources.into_iter().filter(|resource| !resource.name.contains('/'));
                    enablements
                        .push(enablement(&version, whole.map(|resource| (resource.name, resource.kind))));
                }
                Err(_) => complete = false,
            }
        }
        Ok(Served { enablements: in_order(enablements), complete, parts: BTreeMap::new() })
    });
    within.await.unwrap_or_else(|_| Err(Cause::new("the list of what it serves takes too long")))
}

/// One API version, with its resources in the order of their names.
fn enablement(version: &str, resources: impl Iterator<Item = (String, String)>) -> Value {
    let resources: BTreeMap<String, String> = resources.collect();
    let resources: Vec<_> =
        resources.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
    json!({"groupVersion": version, "resources": resources})
}

/// In the order of their names, so that two that serve the same say the same.
fn in_order(mut enablements: Vec<Value>) -> Vec<Value> {
    enablements.sort_by(|a, b| a["groupVersion"].as_str().cmp(&b["groupVersion"].as_str()));
    enablements
}

/// What its nodes have and its pods take. Where it has no nodes, nobody asks for pods.
pub async fn summary(member: &kube::Client) -> Result<Summary, Cause> {
    let read = async {
        let mut summary = Summary::default();
        pages(member, "/api/v1/nodes", &mut |node| summary.node(node)).await?;
        if summary.has_nodes() {
            pages(member, "/api/v1/pods", &mut |pod| summary.pod(pod)).await?;
        }
        Ok(summary)
    };
    let within = tokio::time::timeout(PAGES, read).await;
    within.unwrap_or_else(|_| Err(Cause::new("the list of nodes and pods takes too long")))
}

/// Each object of a list; no more of them than one page are held at a time.
async fn pages(
    member: &kube::Client,
    path: &str,
    each: &mut (dyn FnMut(&Value) + Send),
) -> Result<(), Cause> {
    let mut from = String::new();
    loop {
        let page = asked(member, &format!("{path}?limit={PAGE}&continue={from}"), &[]).await?;
        let page: Value = page.json()?;
        let items = page.get("items").and_then(Value::as_array);
        items.into_iter().flatten().for_each(&mut *each);
        match page.pointer("/metadata/continue").and_then(Value::as_str) {
            // It is base64 for URLs: nothing in it needs to be written otherwise.
            Some(next) if !next.is_empty() => next.clone_into(&mut from),
            _ => return Ok(()),
        }
    }
}

struct Fetched {
    status: StatusCode,
    tag: Option<HeaderValue>,
    body: Vec<u8>,
    path: String,
}

impl Fetched {
    fn json(&self) -> Result<Value, Cause> {
        if self.status != StatusCode::OK {
            return Err(Cause::new(&format!("{} answers {}", self.path, self.status.as_u16())));
        }
        serde_json::from_slice(&self.body).map_err(|_| Cause::new(&format!("{} answers no JSON", self.path)))
    }
}

async fn asked(
    member: &kube::Client,
    path: &str,
    headers: &[(http::HeaderName, HeaderValue)],
) -> Result<Fetched, Cause> {
    let mut request = Request::get(path).body(Vec::new().into()).map_err(|error| Cause::of(&error))?;
    request.headers_mut().extend(headers.iter().cloned().map(|(name, value)| (Some(name), value)));
    let path = path.split('?').next().unwrap_or(path).to_owned();
    let answered = async {
        let response = member.send(request).await?;
        let status = response.status();
        let tag = response.headers().get(ETAG).cloned();
        let body = response.into_body().collect_bytes().await?;
        Ok::<_, kube::Error>((status, tag, body.to_vec()))
    };
    match tokio::time::timeout(ANSWER, answered).await {
        Ok(Ok((status, tag, body))) => Ok(Fetched { status, tag, body, path }),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Cause::new(&format!("no answer within {} seconds", ANSWER.as_secs()))),
    }
}
