//! A Cluster says how its member is, and is written only where that changes.

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use kube::api::{Api, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use portolan_clusters_tests::{Clusters, SOON, until};
use portolan_control::{Thresholds, keep};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// As short as makes a difference.
const THRESHOLDS: Thresholds = Thresholds {
    period: Duration::from_millis(200),
    failure: Duration::from_secs(1),
    success: Duration::from_secs(1),
};

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_member_is_not_ready_until_it_goes_on() {
    let Some(clusters) = Clusters::up(&["control", "member1"]).await else { return };
    let cluster = define(&clusters).await;
    let dedicated = json!({"key": "dedicated", "value": "gpu", "effect": "NoSchedule"});
    clusters.apply("control", &object(json!({"syncMode": "Push", "taints": [dedicated]}))).await;
    let keeping = keeps(&clusters, Ok(clusters.client("member1")));

    let ready =
        seen(&cluster, "it is ready", |cluster| condition(cluster, "Ready")["status"] == json!("True")).await;
    assert_eq!(condition(&ready, "Ready")["reason"], json!("ClusterReady"));
    assert_eq!(condition(&ready, "CompleteAPIEnablements")["status"], json!("True"));
    let version = clusters.client("member1").apiserver_version().await.expect("it answers").git_version;
    assert_eq!(ready["status"]["kubernetesVersion"], json!(version));
    assert!(serves(&ready, "v1", "configmaps"), "{}", ready["status"]["apiEnablements"]);
    assert_eq!(ready["status"]["nodeSummary"], json!({"totalNum": 0, "readyNum": 0}));

    clusters.freeze("member1").await;
    let away = seen(&cluster, "it is tainted", |cluster| taints(cluster).len() == 2).await;
    assert_eq!(condition(&away, "Ready")["status"], json!("False"));
    assert_eq!(condition(&away, "Ready")["reason"], json!("ClusterNotReachable"));
    let ours = json!({"key": "cluster.karmada.io/not-ready", "effect": "NoSchedule"});
    assert_eq!(taints(&away), [dedicated.clone(), ours]);
    assert!(serves(&away, "v1", "configmaps"), "what was known stays");

    clusters.thaw("member1").await;
    let back = seen(&cluster, "it is not tainted by us", |cluster| taints(cluster).len() == 1).await;
    assert_eq!(condition(&back, "Ready")["status"], json!("True"));
    assert_eq!(taints(&back), [dedicated]);
    keeping.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_member_serves_anew_is_one_write_and_nothing_else_is_any() {
    let Some(clusters) = Clusters::up(&["control", "member1"]).await else { return };
    let cluster = define(&clusters).await;
    let created = clusters.apply("control", &object(json!({"syncMode": "Push"}))).await;
    clusters.apply("member1", &node("a", "True")).await;
    let keeping = keeps(&clusters, Ok(clusters.client("member1")));
    let ready =
        seen(&cluster, "it is ready", |cluster| condition(cluster, "Ready")["status"] == json!("True")).await;
    assert_eq!(ready["status"]["nodeSummary"]["totalNum"], json!(1));

    let harbours = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "harbours.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"kind": "Harbour", "plural": "harbours"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}],
        },
    });
    clusters.apply("member1", &harbours).await;
    let served =
        seen(&cluster, "harbours are served", |cluster| serves(cluster, "example.com/v1", "harbours")).await;
    assert_eq!(
        condition(&ready, "Ready"),
        condition(&served, "Ready"),
        "a condition that holds is not touched"
    );

    // All writes since it was made: Ready, then harbours.
    let since = created["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    let until = served["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    assert_eq!(changes(&cluster, since, until).await, 2);
    keeping.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_to_which_there_is_no_way_says_why() {
    let Some(clusters) = Clusters::up(&["control"]).await else { return };
    let cluster = define(&clusters).await;
    clusters.apply("control", &object(json!({"syncMode": "Push"}))).await;
    let keeping = keeps(&clusters, Err("cluster member1: spec.apiEndpoint: it is missing".into()));
    let said = seen(&cluster, "it is tainted", |cluster| taints(cluster).len() == 1).await;
    let ready = condition(&said, "Ready");
    assert_eq!((&ready["status"], &ready["reason"]), (&json!("False"), &json!("ClusterNotReachable")));
    assert_eq!(ready["message"], json!("cluster member1: spec.apiEndpoint: it is missing"));
    keeping.abort();
}

fn keeps(clusters: &Clusters, member: Result<Client, String>) -> JoinHandle<()> {
    tokio::spawn(keep(Arc::from("member1"), clusters.client("control"), member, THRESHOLDS))
}

/// Serves Clusters.
async fn define(clusters: &Clusters) -> Api<DynamicObject> {
    let named = |definition: &Value| definition["metadata"]["name"] == json!("clusters.cluster.karmada.io");
    let definition = portolan_api::definitions().into_iter().find(named).expect("Clusters are ours");
    clusters.apply("control", &definition).await;
    let gvk = GroupVersionKind::gvk("cluster.karmada.io", "v1alpha1", "Cluster");
    let api: Api<DynamicObject> = Api::all_with(clusters.client("control"), &ApiResource::from_gvk(&gvk));
    until("Clusters are served", SOON, async || {
        api.list(&ListParams::default()).await.map(|_| ()).map_err(|error| error.to_string())
    })
    .await;
    api
}

fn object(spec: Value) -> Value {
    let metadata = json!({"name": "member1"});
    json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "metadata": metadata, "spec": spec})
}

fn node(name: &str, ready: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
        "status": {"conditions": [{"type": "Ready", "status": ready}]},
    })
}

/// The Cluster, once it is as it is waited for.
async fn seen(api: &Api<DynamicObject>, what: &str, mut so: impl FnMut(&Value) -> bool) -> Value {
    until(what, SOON, async || {
        let cluster = api.get("member1").await.map_err(|error| error.to_string())?;
        let cluster = serde_json::to_value(cluster).map_err(|error| error.to_string())?;
        if so(&cluster) {
            Ok(cluster)
        } else {
            Err(format!("{} {}", cluster["spec"], cluster["status"]["conditions"]))
        }
    })
    .await
}

/// How often the Cluster was written after one moment and up to another.
async fn changes(api: &Api<DynamicObject>, since: &str, until: &str) -> usize {
    use futures::TryStreamExt as _;
    use kube::api::{WatchEvent, WatchParams};
    let stream = api.watch(&WatchParams::default(), since).await.expect("a watch");
    let mut stream = std::pin::pin!(stream);
    let mut count = 0;
    while let Some(event) = stream.try_next().await.expect("an event") {
        if let WatchEvent::Modified(cluster) = event {
            count += 1;
            if cluster.metadata.resource_version.as_deref() == Some(until) {
                break;
            }
        }
    }
    count
}

fn condition(cluster: &Value, of_type: &str) -> Value {
    let conditions = cluster.pointer("/status/conditions").and_then(Value::as_array);
    let found = conditions.into_iter().flatten().find(|one| one["type"] == json!(of_type));
    found.cloned().unwrap_or_default()
}

fn taints(cluster: &Value) -> Vec<Value> {
    cluster.pointer("/spec/taints").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn serves(cluster: &Value, version: &str, resource: &str) -> bool {
    let enablements = cluster.pointer("/status/apiEnablements").and_then(Value::as_array);
    let of_version = |one: &&Value| one["groupVersion"] == json!(version);
    let found = enablements.into_iter().flatten().find(of_version);
    let resources = found.and_then(|one| one["resources"].as_array());
    resources.is_some_and(|resources| resources.iter().any(|one| one["name"] == json!(resource)))
}
