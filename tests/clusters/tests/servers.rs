//! The servers themselves: what all other tests on real API servers build upon.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::api::{Api, DeleteParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use portolan_clusters_tests::{Clusters, Identity, SOON, until};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_opens_its_own_cluster_and_no_other() {
    let Some(clusters) = Clusters::up(&["member1", "member2"]).await else { return };
    for name in ["member1", "member2"] {
        let version = clusters.client(name).apiserver_version().await.expect("its own cluster lets it in");
        assert_eq!(version.major, "1");
    }

    let read = |name| Kubeconfig::read_from(clusters.server(name).kubeconfig()).expect("it is there");
    let (own, other) = (read("member1"), read("member2"));
    // The first one's key at the second one's door, with the second one's CA: the server does not know it.
    let stranger = Kubeconfig { clusters: other.clusters.clone(), ..own.clone() };
    let mut stranger = stranger;
    stranger.contexts[0].context.as_mut().expect("there is one").cluster = "member2".into();
    let refused = client(stranger).await.list_core_api_versions().await.expect_err("it is a stranger there");
    assert!(matches!(&refused, kube::Error::Api(status) if status.code == 401), "{refused:?}");

    // The first one's CA: the client does not know the server.
    let mut mistaken = own;
    let there = other.clusters[0].cluster.as_ref().expect("there is one").server.clone();
    mistaken.clusters[0].cluster.as_mut().expect("there is one").server = there;
    let refused = client(mistaken).await.list_core_api_versions().await.expect_err("another CA signed that");
    assert!(!matches!(refused, kube::Error::Api(_)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_comes_back_with_its_data_and_a_stopped_one_goes_on() {
    let Some(clusters) = Clusters::up(&["member1"]).await else { return };
    let harbour = config_map("harbour");
    clusters.apply("member1", &harbour).await;
    let before = clusters.server("member1").pid();

    clusters.kill("member1").await;
    let maps: Api<ConfigMap> = Api::namespaced(clusters.client("member1"), "default");
    maps.get("harbour").await.expect_err("nobody is there");

    clusters.restart("member1").await;
    assert_ne!(clusters.server("member1").pid(), before);
    let kept = until("the data are there", SOON, async || {
        maps.get("harbour").await.map_err(|error| error.to_string())
    });
    assert_eq!(kept.await.data.expect("it has data")["depth"], "12");

    clusters.freeze("member1").await;
    let answer = tokio::spawn({
        let maps = maps.clone();
        async move { maps.get("harbour").await }
    });
    clusters.thaw("member1").await;
    answer.await.expect("it does not panic").expect("it was answered once the server went on");

    clusters.etcd().kill().expect("it runs");
    clusters.etcd().restart().expect("it comes back");
    let kept = until("the data are there", SOON, async || {
        maps.get("harbour").await.map_err(|error| error.to_string())
    });
    assert_eq!(kept.await.data.expect("it has data")["depth"], "12");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_plane_removes_namespaces() {
    let Some(clusters) = Clusters::up(&["control"]).await else { return };
    clusters.apply_yaml("control", "{apiVersion: v1, kind: Namespace, metadata: {name: lisbon}}").await;
    let listed = clusters.kubectl("control", &["get", "namespace", "lisbon", "-o", "json"], "").await;
    let listed: Value = serde_json::from_str(&listed).expect("kubectl prints JSON");
    assert_eq!(listed["status"]["phase"], "Active");

    let namespaces: Api<Namespace> = Api::all(clusters.client("control"));
    namespaces.delete("lisbon", &DeleteParams::default()).await.expect("it is there");
    until("the namespace is gone", SOON, async || match namespaces.get_opt("lisbon").await {
        Ok(None) => Ok(()),
        there => Err(format!("{there:?}")),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_behind() {
    let Some(clusters) = Clusters::up(&["control", "member1"]).await else { return };
    let directory = clusters.directory().to_owned();
    let processes: Vec<Identity> = clusters.servers().pids().into_iter().filter_map(Identity::of).collect();
    assert!(processes.len() >= 3, "etcd and two API servers at least: {processes:?}");
    assert!(clusters.server("member1").kubeconfig().starts_with(&directory));

    drop(clusters);
    let running: Vec<&Identity> = processes.iter().filter(|process| process.runs()).collect();
    assert!(running.is_empty(), "{running:?}");
    assert!(!directory.exists());
}

async fn client(kubeconfig: Kubeconfig) -> Client {
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    Client::try_from(config.expect("it names what it has")).expect("keys are PEM")
}

fn config_map(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"},
        "data": {"depth": "12"},
    })
}
