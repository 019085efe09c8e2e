//! What is carried to a member, what is written there, and what is left alone.

use std::sync::Arc;

use kube::{Client, Config};
use portolan_api::{ObjectKey, metadata, names};
use portolan_clusters_tests::{Clusters, SOON, until};
use portolan_member::{Delivered, Event, Member, Quiet, Setting, Told, Work, bounded};
use portolan_plan::{Digest, Interpreters};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

const NAMESPACE: &str = "karmada-es-member1";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_carried_arrives_once_and_what_the_member_added_stays() {
    let Some(stage) = Stage::up().await else { return };
    let map = stage.manifest("ConfigMap", "web", json!({"data": {"k": "1"}}));
    let deployment = stage.manifest("Deployment", "web", deployment());
    let (map_work, deployment_work) = (stage.writes(&map).await, stage.writes(&deployment).await);
    let (member, mut heard) = stage.carries();
    for (work, manifest) in [(&map_work, &map), (&deployment_work, &deployment)] {
        member.put(put(work, Some(manifest)));
    }
    stage.is_told(&map, "AppliedSuccessful").await;
    let told = stage.is_told(&deployment, "AppliedSuccessful").await;
    assert_eq!(told["status"]["delivered"]["digest"], json!(Digest::of_value(&deployment)));
    assert_eq!(told["status"]["manifestStatuses"][0]["identifier"]["resource"], "deployments");
    let map_told = stage.work(&map).await.expect("it is there");
    assert_eq!(map_told["status"].get("delivered"), None, "the object itself tells");
    assert_eq!(heard_applied(&mut heard, 2).await.len(), 2);

    // Whoever starts again finds that there is nothing to do.
    drop(member);
    let before = stage.written().await;
    let (member, mut heard) = stage.carries();
    for manifest in [&map, &deployment] {
        member.put(put(&stage.work(manifest).await.expect("it is there"), None));
    }
    member.complete();
    assert_eq!(heard_applied(&mut heard, 2).await.len(), 2);
    assert_eq!(stage.written().await, before, "nothing was written");

    // The member's own labels and annotations survive an edit; what was removed and is ours comes back.
    let path = path(&map);
    let own = json!({"metadata": {"annotations": {"theirs": "a"}, "labels": {"theirs": "b", "ours": null},
        "finalizers": ["example.com/theirs"]}, "data": {"k": "drift"}});
    stage.patch("member1", &path, &own).await;
    let there = stage.is_so(&path, "it is put right", |there| there["data"]["k"] == "1").await;
    assert_eq!(there["metadata"]["labels"]["ours"], "yes");
    let edited = stage.manifest("ConfigMap", "web", json!({"data": {"k": "2"}}));
    member.put(put(&stage.writes(&edited).await, Some(&edited)));
    let there = stage.is_so(&path, "it is edited", |there| there["data"]["k"] == "2").await;
    assert_eq!(there["metadata"]["annotations"]["theirs"], "a");
    assert_eq!(there["metadata"]["labels"]["theirs"], "b");
    assert_eq!(there["metadata"]["finalizers"], json!(["example.com/theirs"]));

    // A label of ours on a kind that counts generations, which no generation tells of.
    stage
        .patch("member1", &self::path(&deployment), &json!({"metadata": {"labels": {"ours": "drift"}}}))
        .await;
    stage
        .is_so(&self::path(&deployment), "the label is put right", |there| {
            there["metadata"]["labels"]["ours"] == "yes"
        })
        .await;

    // It is deleted, and comes back.
    stage.patch("member1", &path, &json!({"metadata": {"finalizers": null}})).await;
    let uid = there["metadata"]["uid"].clone();
    stage.delete("member1", &path).await;
    stage.is_so(&path, "it is made again", |there| there["metadata"]["uid"] != uid).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_left_alone() {
    let Some(stage) = Stage::up().await else { return };
    stage.namespace("member1", "shop").await;
    let stranger = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "theirs"},
        "metadata": {"name": "stranger", "namespace": "shop", "annotations": {"theirs": "a"}}});
    stage.clusters.apply("member1", &stranger).await;
    let mut manifest = stage.manifest("ConfigMap", "stranger", json!({"data": {"k": "ours"}}));
    let (member, mut heard) = stage.carries();
    member.put(put(&stage.writes(&manifest).await, Some(&manifest)));
    let told = stage.is_told(&manifest, "AppliedFailed").await;
    let message = told["status"]["conditions"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("ConfigMap shop/stranger is there already, and is not ours"), "{message}");
    let path = path(&manifest);
    assert_eq!(stage.get("member1", &path).await.expect("it is there")["data"]["k"], "theirs");

    // Taken over when that is said, and its own annotation stays.
    manifest["metadata"]["annotations"][metadata::CONFLICT_RESOLUTION] = "overwrite".into();
    member.put(put(&stage.writes(&manifest).await, Some(&manifest)));
    let taken = stage.is_so(&path, "it is taken over", |there| there["data"]["k"] == "ours").await;
    assert_eq!(taken["metadata"]["annotations"]["theirs"], "a");
    stage.is_told(&manifest, "AppliedSuccessful").await;

    // A copy of ours has our labels and another name; of an orphan of ours it is told, and it goes when that is said.
    let copy = {
        let mut copy = manifest.clone();
        copy["metadata"]["name"] = "copy".into();
        copy
    };
    let foreign = Stage::manifest_of("another", "ConfigMap", "foreign", json!({"data": {}}));
    let orphan = stage.manifest("ConfigMap", "orphan", json!({"data": {}}));
    for object in [&copy, &foreign, &orphan] {
        stage.clusters.apply("member1", object).await;
    }
    member.complete();
    let told = heard_orphaned(&mut heard).await;
    assert_eq!(told.to_string(), "ConfigMap shop/orphan");
    stage.get("member1", &self::path(&orphan)).await.expect("nobody has said that it is to go");
    member.vanished(&name(&orphan), &told, false);
    stage.is_gone("member1", &self::path(&orphan)).await;
    for object in [&copy, &foreign] {
        stage.get("member1", &self::path(object)).await.expect("it is nobody's business");
    }
    // The copy did not take the place of what it is a copy of: that goes, and the copy stays.
    member.withdraw(&name(&manifest));
    stage.is_gone("member1", &path).await;
    stage.is_gone("control", &work_path(&manifest)).await;
    stage.get("member1", &self::path(&copy)).await.expect("it is nobody's business");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_that_nobody_put_go_as_they_say() {
    let Some(stage) = Stage::up().await else { return };
    let kept = stage.manifest("ConfigMap", "kept", json!({"data": {"k": "v"}}));
    let gone = stage.manifest("ConfigMap", "gone", json!({"data": {"k": "v"}}));
    let (member, mut heard) = stage.carries();
    for (manifest, preserved) in [(&kept, true), (&gone, false)] {
        let work = stage.writes_with(manifest, json!({"preserveResourcesOnDeletion": preserved})).await;
        member.put(put(&work, Some(manifest)));
    }
    heard_applied(&mut heard, 2).await;
    drop(member);

    let (member, mut heard) = stage.carries();
    member.withdraw(&name(&kept));
    member.withdraw(&name(&gone));
    stage.is_gone("control", &work_path(&kept)).await;
    stage.is_gone("control", &work_path(&gone)).await;
    assert!(stage.get("member1", &path(&gone)).await.is_err(), "the object goes first");
    let there = stage.get("member1", &path(&kept)).await.expect("it is preserved");
    let labels = there["metadata"]["labels"].as_object().expect("some");
    assert_eq!(labels.keys().collect::<Vec<_>>(), ["ours"], "nothing says that it is ours");
    for _ in 0..2 {
        let (_, event) = timeout(SOON, heard.recv()).await.expect("soon").expect("it runs");
        assert!(matches!(event, Event::Withdrawn { .. }), "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_member_keeps_what_was_said_of_it_and_converges_by_itself() {
    let Some(stage) = Stage::up().await else { return };
    let doomed = stage.manifest("ConfigMap", "doomed", json!({"data": {"k": "1"}}));
    let stays = stage.manifest("ConfigMap", "stays", json!({"data": {"k": "1"}}));
    let (member, _heard) = stage.carries();
    for manifest in [&doomed, &stays] {
        member.put(put(&stage.writes(manifest).await, Some(manifest)));
        stage.is_told(manifest, "AppliedSuccessful").await;
    }
    drop(member);
    let told = stage.work(&stays).await.expect("it is there");

    // The controller starts while the member hangs.
    stage.clusters.freeze("member1").await;
    let quiet = Quiet::default();
    let (member, _heard) = stage.carries_with(stage.clusters.client("member1"), quiet.clone());
    member.put(put(&told, None));
    member.put(put(&stage.work(&doomed).await.expect("it is there"), None));
    member.withdraw(&name(&doomed));
    member.complete();
    let fresh = stage.manifest("ConfigMap", "fresh", json!({"data": {"k": "1"}}));
    member.put(Work { busy: Some(quiet.disturb()), ..put(&stage.writes(&fresh).await, Some(&fresh)) });
    let refused = stage.is_told(&fresh, "AppliedFailed").await;
    let message = refused["status"]["conditions"][0]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("the member does not answer: "), "{message}");
    assert!(quiet.is_quiet(), "nobody waits for it");
    let now = stage.work(&stays).await.expect("it is there");
    assert_eq!(now["metadata"]["resourceVersion"], told["metadata"]["resourceVersion"], "nothing is new");
    stage.work(&doomed).await.expect("its object may be there");

    stage.clusters.thaw("member1").await;
    stage.is_told(&fresh, "AppliedSuccessful").await;
    stage.is_gone("control", &work_path(&doomed)).await;
    stage.is_gone("member1", &path(&doomed)).await;
    stage.get("member1", &path(&stays)).await.expect("it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_the_member_does_not_serve_is_said_and_taken_up_when_it_does() {
    let Some(stage) = Stage::up().await else { return };
    let manifest = stage.manifest("Harbour", "web", json!({"spec": {"depth": 3}}));
    let (member, _heard) = stage.carries();
    member.put(put(&stage.writes(&manifest).await, Some(&manifest)));
    let told = stage.is_told(&manifest, "AppliedFailed").await;
    let message = told["status"]["conditions"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("does not serve"), "{message}");

    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "harbours.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": {"kind": "Harbour", "plural": "harbours"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": open}}]}});
    stage.clusters.apply("member1", &definition).await;
    stage.is_told(&manifest, "AppliedSuccessful").await;

    // Its status is not a subresource: somebody else writes it into the same object, and an edit leaves it there.
    let path = path(&manifest);
    stage.patch("member1", &path, &json!({"status": {"ships": 4}})).await;
    let edited = stage.manifest("Harbour", "web", json!({"spec": {"depth": 5}}));
    member.put(put(&stage.writes(&edited).await, Some(&edited)));
    let there = stage.is_so(&path, "it is edited", |there| there["spec"]["depth"] == 5).await;
    assert_eq!(there["status"]["ships"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_52_a_member_that_answers_without_end_or_sends_elsewhere() {
    let Some(stage) = Stage::up().await else { return };
    for (answer, why) in [
        (Answer::WithoutEnd, "longer than 3072 KiB: no more of it is read"),
        (Answer::Elsewhere, "it sends elsewhere, where nobody follows"),
        (Answer::Garbage, "[31m"),
    ] {
        let hostile = hostile(answer).await;
        let (member, mut heard) = stage.carries_with(hostile, Quiet::default());
        let manifest = stage.manifest("ConfigMap", "web", json!({"data": {"k": "v"}}));
        member.put(put(&stage.writes(&manifest).await, Some(&manifest)));
        let (_, event) = timeout(SOON, heard.recv()).await.expect("soon").expect("it runs");
        let Event::Refused { why: said, .. } = event else { panic!("{event:?}") };
        assert!(said.contains(why), "{said}");
        assert!(!said.contains(char::is_control) && said.chars().count() <= 501, "{said:?}");
    }
}

/// How a hostile member answers what is written to it.
#[derive(Clone, Copy)]
enum Answer {
    /// It goes on and on.
    WithoutEnd,
    /// Somebody else is to be asked.
    Elsewhere,
    /// Text that acts on a terminal.
    Garbage,
}

/// A client for something that says it serves ConfigMaps, and answers like that.
async fn hostile(answer: Answer) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 8192];
                let Ok(read @ 1..) = stream.read(&mut request).await else { return };
                let resources = json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1",
                    "resources": [{"name": "configmaps", "singularName": "configmap", "namespaced": true,
                        "kind": "ConfigMap", "verbs": ["list", "watch"]}]});
                let ended = |code: &str, more: &str, body: &str| {
                    format!(
                        "HTTP/1.1 {code}\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        body.len()
                    )
                };
                // Who goes away has heard enough.
                let _ = match answer {
                    _ if request[..read].starts_with(b"GET /api/v1 ") => {
                        stream.write_all(ended("200 OK", "", &resources.to_string()).as_bytes()).await
                    }
                    Answer::Elsewhere => {
                        let elsewhere = ended("302 Found", "Location: http://127.0.0.1:9/\r\n", "");
                        stream.write_all(elsewhere.as_bytes()).await
                    }
                    Answer::Garbage => {
                        let text = format!("\u{1b}[31mred\u{202e}{}", "x\n".repeat(10_000));
                        stream.write_all(ended("400 Bad Request", "", &text).as_bytes()).await
                    }
                    Answer::WithoutEnd => {
                        let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"x\":\"").await;
                        while sent.is_ok() {
                            sent = stream.write_all(&[b'x'; 65536]).await;
                        }
                        sent
                    }
                };
            });
        }
    });
    bounded::client(Config::new(format!("http://{address}").parse().expect("a URL"))).expect("a client")
}

/// A control plane that knows Works, and a member.
struct Stage {
    clusters: Clusters,
    owner: String,
}

impl Stage {
    async fn up() -> Option<Self> {
        let clusters = Clusters::up(&["control", "member1"]).await?;
        let definitions = portolan_api::definitions();
        let work =
            definitions.iter().find(|definition| definition["metadata"]["name"] == "works.work.karmada.io");
        clusters.apply("control", work.expect("it is one of our kinds")).await;
        let mut stage = Self { clusters, owner: String::new() };
        let system = stage.get("control", "/api/v1/namespaces/kube-system").await.expect("it is there");
        stage.owner = system["metadata"]["uid"].as_str().expect("it has one").into();
        stage.namespace("control", NAMESPACE).await;
        until("Works are served", SOON, async || {
            let works = "/apis/work.karmada.io/v1alpha1/works";
            stage.get("control", works).await.map(drop)
        })
        .await;
        Some(stage)
    }

    async fn namespace(&self, cluster: &str, name: &str) {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.clusters.apply(cluster, &namespace).await;
    }

    fn carries(&self) -> (Member, Heard) {
        self.carries_with(self.clusters.client("member1"), Quiet::default())
    }

    fn carries_with(&self, member: Client, quiet: Quiet) -> (Member, Heard) {
        let (events, heard) = mpsc::unbounded_channel();
        let (_, interpreters) = watch::channel(Arc::new(Interpreters::default()));
        let (control, owner) = (self.clusters.client("control"), self.owner.clone());
        let cluster = "member1".into();
        (Member::start(Setting { cluster, member, control, interpreters, quiet, owner, events }), heard)
    }

    /// What plan makes of a template in the namespace `shop`.
    fn manifest(&self, kind: &str, name: &str, rest: Value) -> Value {
        Self::manifest_of(&self.owner, kind, name, rest)
    }

    fn manifest_of(owner: &str, kind: &str, name: &str, rest: Value) -> Value {
        let work = names::work(kind, Some("shop"), name);
        let api_version = match kind {
            "Deployment" => "apps/v1",
            "Harbour" => "example.com/v1",
            _ => "v1",
        };
        let id = portolan_plan::work_id(owner, NAMESPACE, &work);
        let mut manifest = json!({
            "apiVersion": api_version, "kind": kind,
            "metadata": {
                "name": name, "namespace": "shop",
                "labels": {metadata::MANAGED: "true", metadata::WORK_ID: id, "ours": "yes"},
                "annotations": {metadata::WORK_NAMESPACE: NAMESPACE, metadata::WORK_NAME: work,
                    metadata::MANAGED_LABELS: "", metadata::MANAGED_ANNOTATIONS: ""},
            },
        });
        for (map, list) in
            [("labels", metadata::MANAGED_LABELS), ("annotations", metadata::MANAGED_ANNOTATIONS)]
        {
            let keys = manifest["metadata"][map].as_object().expect("a map").keys();
            let keys =
                keys.map(String::as_str).chain([metadata::CONFLICT_RESOLUTION]).collect::<Vec<_>>().join(",");
            manifest["metadata"]["annotations"][list] = keys.into();
        }
        for (field, value) in rest.as_object().into_iter().flatten() {
            manifest[field] = value.clone();
        }
        manifest
    }

    /// Writes the Work of a manifest, as the controller does.
    async fn writes(&self, manifest: &Value) -> Value {
        self.writes_with(manifest, json!({})).await
    }

    async fn writes_with(&self, manifest: &Value, mut spec: Value) -> Value {
        spec["workload"] = json!({"manifests": [manifest]});
        let work = json!({"apiVersion": "work.karmada.io/v1alpha1", "kind": "Work",
            "metadata": {"name": &*name(manifest), "namespace": NAMESPACE}, "spec": spec});
        self.clusters.apply("control", &work).await
    }

    async fn work(&self, manifest: &Value) -> Result<Value, String> {
        self.get("control", &work_path(manifest)).await
    }

    /// The Work, once its condition Applied has that reason and is about this manifest.
    async fn is_told(&self, manifest: &Value, reason: &str) -> Value {
        until(&format!("it is told: {reason}"), SOON, async || {
            let work = self.work(manifest).await?;
            let applied = &work["status"]["conditions"][0];
            let told = applied["type"] == "Applied" && applied["reason"] == reason;
            if told { Ok(work) } else { Err(work["status"].to_string()) }
        })
        .await
    }

    async fn is_so(&self, path: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        until(what, SOON, async || {
            let there = self.get("member1", path).await?;
            if so(&there) { Ok(there) } else { Err(there.to_string()) }
        })
        .await
    }

    async fn is_gone(&self, cluster: &str, path: &str) {
        until(&format!("{path} is gone"), SOON, async || match self.get(cluster, path).await {
            Err(why) if why.contains("not found") => Ok(()),
            there => Err(format!("{there:?}")),
        })
        .await;
    }

    async fn get(&self, cluster: &str, path: &str) -> Result<Value, String> {
        self.request(cluster, http::Request::get(path), &Value::Null).await
    }

    async fn patch(&self, cluster: &str, path: &str, patch: &Value) {
        let request = http::Request::patch(path).header("content-type", "application/merge-patch+json");
        self.request(cluster, request, patch).await.expect("it is patched");
    }

    async fn delete(&self, cluster: &str, path: &str) {
        self.request(cluster, http::Request::delete(path), &json!({})).await.expect("it is deleted");
    }

    async fn request(
        &self,
        cluster: &str,
        request: http::request::Builder,
        body: &Value,
    ) -> Result<Value, String> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = request.body(body).expect("it is a path");
        self.clusters.client(cluster).request(request).await.map_err(|error| error.to_string())
    }

    /// How many writes of ConfigMaps and Deployments the member has had, and of Works the control plane, by their own count.
    async fn written(&self) -> f64 {
        let mut writes = 0.0;
        for cluster in ["control", "member1"] {
            let request = http::Request::get("/metrics").body(Vec::new()).expect("it is a path");
            let metrics =
                self.clusters.client(cluster).request_text(request).await.expect("they are counted");
            for line in metrics.lines().filter(|line| line.starts_with("apiserver_request_total{")) {
                let is = |label: &str, values: &[&str]| {
                    values.iter().any(|value| line.contains(&format!("{label}=\"{value}\"")))
                };
                if is("resource", &["configmaps", "deployments", "works"])
                    && is("verb", &["POST", "PUT", "PATCH", "DELETE", "APPLY"])
                    && !line.contains("namespace=\"kube-system\"")
                {
                    let count = line.rsplit(' ').next().and_then(|count| count.parse::<f64>().ok());
                    writes += count.expect("a line ends in a number");
                }
            }
        }
        writes
    }
}

type Heard = mpsc::UnboundedReceiver<(Arc<str>, Event)>;

/// The Works of which it is said that the member has them, so many.
async fn heard_applied(heard: &mut Heard, count: usize) -> Vec<Arc<str>> {
    let mut applied = Vec::new();
    while applied.len() < count {
        let (_, event) = timeout(SOON, heard.recv()).await.expect("soon").expect("it runs");
        match event {
            Event::Applied { work, .. } => applied.push(work),
            other => panic!("{other:?}"),
        }
    }
    applied
}

async fn heard_orphaned(heard: &mut Heard) -> ObjectKey {
    loop {
        let (_, event) = timeout(SOON, heard.recv()).await.expect("soon").expect("it runs");
        if let Event::Orphaned { object, .. } = event {
            return object;
        }
    }
}

/// A Work as the controller puts it; without the manifest, as after a restart.
fn put(work: &Value, manifest: Option<&Value>) -> Work {
    let carried = &work["spec"]["workload"]["manifests"][0];
    let object: ObjectKey = portolan_api::Object::parse(carried.clone()).expect("it is an object").key();
    let flag = |field: &str| work["spec"][field].as_bool().unwrap_or_default();
    let delivered = work.pointer("/status/delivered").cloned();
    Work {
        name: work["metadata"]["name"].as_str().expect("it has one").into(),
        resource_version: work["metadata"]["resourceVersion"].as_str().expect("it has one").into(),
        object,
        digest: Digest::of_value(carried),
        manifest: manifest.map(|manifest| Arc::new(manifest.clone())),
        suspended: flag("suspendDispatching"),
        preserved: flag("preserveResourcesOnDeletion"),
        delivered: delivered.and_then(|delivered| serde_json::from_value::<Delivered>(delivered).ok()),
        told: work.get("status").and_then(Told::read),
        busy: None,
    }
}

fn name(manifest: &Value) -> Arc<str> {
    let text = |pointer| manifest.pointer(pointer).and_then(Value::as_str).expect("it has one");
    names::work(text("/kind"), Some("shop"), text("/metadata/name")).into()
}

fn work_path(manifest: &Value) -> String {
    format!("/apis/work.karmada.io/v1alpha1/namespaces/{NAMESPACE}/works/{}", name(manifest))
}

fn path(manifest: &Value) -> String {
    let kind = match manifest["kind"].as_str() {
        Some("Deployment") => "/apis/apps/v1/namespaces/shop/deployments",
        Some("Harbour") => "/apis/example.com/v1/namespaces/shop/harbours",
        _ => "/api/v1/namespaces/shop/configmaps",
    };
    format!("{kind}/{}", manifest["metadata"]["name"].as_str().expect("it has one"))
}

fn deployment() -> Value {
    json!({"spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}}})
}
