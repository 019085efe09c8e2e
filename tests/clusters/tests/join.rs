//! A member joins, is repaired by joining again, and leaves with all that was carried to it.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use kube::api::{Api, DeleteParams, DynamicObject, ListParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, ResourceExt};
use portolan_clusters_tests::{ClusterSetup, Clusters, Controllers, SOON, until};
use portolan_member::joining::{
    Act, Deed, JoinError, Joining, Lasting, Leaving, NAMESPACE, Place, Side, join, unjoin,
};
use portolan_member::{Member, Quiet, Setting, Work};
use portolan_plan::{Digest, Interpreters};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

#[tokio::test(flavor = "multi_thread")]
async fn joining_again_repairs_and_no_member_joins_twice() {
    let Some(clusters) = Clusters::up(&["control", "member1", "member2"]).await else { return };
    let refused = joins(&clusters, "member1", "member1").await.expect_err("it knows no Clusters");
    assert!(refused.to_string().contains("portolan crds | kubectl apply --server-side -f -"), "{refused}");
    define(&clusters).await;

    let acts = joins(&clusters, "eu", "member1").await.expect("it joins");
    // Nobody there fills the Secrets of tokens.
    assert!(acts.iter().any(|act| matches!(act.deed, Deed::Token(Lasting::Until(_)))), "{acts:?}");
    let cluster = cluster(&clusters, "eu").await.expect("it is there");
    let member = portolan_member::client(&clusters.client("control"), &cluster).await.expect("it is reached");
    let kube_system = Api::<Namespace>::all(member).get("kube-system").await.expect("it may read everything");
    assert_eq!(cluster["spec"]["id"].as_str(), kube_system.uid().as_deref());
    let namespaces = Api::<Namespace>::all(clusters.client("control"));
    namespaces.get("karmada-es-eu").await.expect("it holds the Works");

    let bindings = Api::<ClusterRoleBinding>::all(clusters.client("member1"));
    let account = account(&clusters, "member1").await.expect("join made it");
    bindings.delete(&account, &DeleteParams::default()).await.expect("it was there");
    let acts = joins(&clusters, "eu", "member1").await.expect("it joins again");
    let deed = |object: &str| acts.iter().find(|act| act.object == object).map(|act| act.deed.clone());
    assert_eq!(deed(&format!("ClusterRoleBinding {account}")), Some(Deed::Created));
    assert_eq!(deed(&format!("ClusterRole {account}")), Some(Deed::Unchanged));

    let refused = joins(&clusters, "us", "member1").await.expect_err("it is eu");
    assert!(matches!(&refused, JoinError::Known { other, .. } if other == "eu"), "{refused}");
    let refused = joins(&clusters, "eu", "member2").await.expect_err("eu is another");
    assert!(matches!(&refused, JoinError::Another { .. }), "{refused}");
    let refused = joins(&clusters, "us", "control").await.expect_err("it is the control plane");
    assert!(matches!(&refused, JoinError::Itself), "{refused}");
    assert_eq!(
        account_names(&clusters, "member2").await,
        [] as [&str; 0],
        "nothing is made by what is refused"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_leaves_nothing_behind() {
    let with = |name: &str, controllers| ClusterSetup::new(name).with(controllers);
    let control = with("control", Controllers::ControlPlane);
    let Some(clusters) = Clusters::start(vec![control, with("member1", Controllers::All)]).await else {
        return;
    };
    define(&clusters).await;
    let acts = joins(&clusters, "member1", "member1").await.expect("it joins");
    assert!(acts.iter().any(|act| act.deed == Deed::Token(Lasting::Secret)), "{acts:?}");
    carry(&clusters, "kept", true).await;
    carry(&clusters, "gone", false).await;

    leaves(&clusters, "member1", false).await.expect("it leaves");
    let maps = Api::<ConfigMap>::namespaced(clusters.client("member1"), "default");
    let kept = maps.get("kept").await.expect("it is preserved");
    assert!(!kept.labels().contains_key("karmada.io/managed"), "it is nobody's now: {:?}", kept.metadata);
    assert!(maps.get_opt("gone").await.expect("an answer").is_none());
    assert!(cluster(&clusters, "member1").await.is_none());
    for (server, namespace) in [("control", "karmada-es-member1"), ("member1", NAMESPACE)] {
        let namespaces = Api::<Namespace>::all(clusters.client(server));
        until("the namespace is gone", SOON, async || match namespaces.get_opt(namespace).await {
            Ok(None) => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    }
    let roles = Api::<ClusterRole>::all(clusters.client("member1"));
    let bindings = Api::<ClusterRoleBinding>::all(clusters.client("member1"));
    until("no rights are left", SOON, async || {
        let roles = roles.list_metadata(&ListParams::default()).await.map_err(|error| error.to_string())?;
        let bindings =
            bindings.list_metadata(&ListParams::default()).await.map_err(|error| error.to_string())?;
        let names = roles.iter().map(ResourceExt::name_any).chain(bindings.iter().map(ResourceExt::name_any));
        let left: Vec<_> = names.filter(|name| name.starts_with("portolan")).collect();
        if left.is_empty() { Ok(()) } else { Err(left.join(", ")) }
    })
    .await;

    let refused = leaves(&clusters, "member1", false).await.expect_err("it has left");
    assert!(matches!(&refused, JoinError::Unknown { .. }), "{refused}");
    joins(&clusters, "member1", "member1").await.expect("it joins once more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_away_leaves_only_by_force() {
    let Some(clusters) = Clusters::up(&["control", "member1"]).await else { return };
    define(&clusters).await;
    joins(&clusters, "member1", "member1").await.expect("it joins");
    carry(&clusters, "a", false).await;
    clusters.kill("member1").await;

    let refused = leaves(&clusters, "member1", false).await.expect_err("it does not answer");
    assert!(matches!(&refused, JoinError::Silent { .. }), "{refused}");
    assert!(cluster(&clusters, "member1").await.is_some(), "nothing was begun");

    leaves(&clusters, "member1", true).await.expect("nothing is asked of it");
    assert!(cluster(&clusters, "member1").await.is_none());
    let works = dynamic(&clusters.client("control"), "work.karmada.io", "Work");
    assert_eq!(works.list(&ListParams::default()).await.expect("an answer").items.len(), 0);
    clusters.restart("member1").await;
    let maps = Api::<ConfigMap>::namespaced(clusters.client("member1"), "default");
    maps.get("a").await.expect("nobody took it away");
}

/// Serves our kinds.
async fn define(clusters: &Clusters) {
    for definition in portolan_api::definitions() {
        clusters.apply("control", &definition).await;
    }
    for (group, kind) in [("cluster.karmada.io", "Cluster"), ("work.karmada.io", "Work")] {
        let api = dynamic(&clusters.client("control"), group, kind);
        until("the kind is served", SOON, async || {
            api.list(&ListParams::default()).await.map(|_| ()).map_err(|error| error.to_string())
        })
        .await;
    }
}

async fn joins(clusters: &Clusters, name: &str, member: &str) -> Result<Vec<Act>, JoinError> {
    let joining = Joining {
        name: name.into(),
        member: place(clusters, Side::Member, member),
        control: place(clusters, Side::Control, "control"),
    };
    let mut acts = Vec::new();
    join(&joining, &mut |act| acts.push(act)).await?;
    Ok(acts)
}

async fn leaves(clusters: &Clusters, name: &str, forced: bool) -> Result<Vec<Act>, JoinError> {
    let control = place(clusters, Side::Control, "control");
    let leaving =
        Leaving { name: name.into(), control, member: None, forced, patience: Duration::from_secs(60) };
    let mut acts = Vec::new();
    unjoin(&leaving, &mut |act| acts.push(act)).await?;
    Ok(acts)
}

fn place(clusters: &Clusters, side: Side, server: &str) -> Place {
    Place { side, kubeconfig: Some(clusters.server(server).kubeconfig().to_owned()), context: None }
}

/// Carries a ConfigMap to member1, by a Work, as the controller does.
async fn carry(clusters: &Clusters, name: &str, preserved: bool) {
    let namespace = Api::<Namespace>::all(clusters.client("control"));
    let owner = namespace.get("kube-system").await.expect("it is there").uid().expect("it has one");
    let manifest = manifest(name, &owner);
    let of = portolan_api::names::work("ConfigMap", Some("default"), name);
    let work = json!({
        "apiVersion": "work.karmada.io/v1alpha1", "kind": "Work",
        "metadata": {
            "name": of, "namespace": "karmada-es-member1",
            "labels": {"work.karmada.io/permanent-id": manifest["metadata"]["labels"]["work.karmada.io/permanent-id"]},
        },
        "spec": {"workload": {"manifests": [manifest]}, "preserveResourcesOnDeletion": preserved},
    });
    let work = clusters.apply("control", &work).await;
    let (events, _heard) = mpsc::unbounded_channel();
    let (_interpreters, interpreters) = watch::channel(Arc::new(Interpreters::default()));
    let carrier = Member::start(Setting {
        cluster: "member1".into(),
        member: clusters.client("member1"),
        control: clusters.client("control"),
        interpreters,
        quiet: Quiet::default(),
        owner,
        events,
    });
    let object = portolan_api::Object::parse(manifest.clone()).expect("it is an object").key();
    carrier.put(Work {
        name: of.into(),
        resource_version: work["metadata"]["resourceVersion"].as_str().unwrap_or_default().into(),
        object,
        digest: Digest::of_value(&manifest),
        manifest: Some(Arc::new(manifest)),
        suspended: false,
        preserved,
        delivered: None,
        told: None,
        busy: None,
    });
    let maps = Api::<ConfigMap>::namespaced(clusters.client("member1"), "default");
    until("it is carried", SOON, async || {
        maps.get(name).await.map(|_| ()).map_err(|error| error.to_string())
    })
    .await;
}

/// What plan makes of a template: its permanent id is that of its Work on this control plane.
fn manifest(name: &str, owner: &str) -> Value {
    let work = portolan_api::names::work("ConfigMap", Some("default"), name);
    let id = portolan_plan::work_id(owner, "karmada-es-member1", &work);
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {
            "name": name, "namespace": "default",
            "labels": {"karmada.io/managed": "true", "work.karmada.io/permanent-id": id},
            "annotations": {"work.karmada.io/namespace": "karmada-es-member1", "work.karmada.io/name": work},
        },
        "data": {"k": "v"},
    })
}

async fn cluster(clusters: &Clusters, name: &str) -> Option<Value> {
    let api = dynamic(&clusters.client("control"), "cluster.karmada.io", "Cluster");
    let cluster = api.get_opt(name).await.expect("an answer")?;
    Some(serde_json::to_value(cluster).expect("it came as JSON"))
}

async fn account(clusters: &Clusters, member: &str) -> Option<String> {
    account_names(clusters, member).await.into_iter().next()
}

async fn account_names(clusters: &Clusters, member: &str) -> Vec<String> {
    let accounts = Api::<ServiceAccount>::namespaced(clusters.client(member), NAMESPACE);
    let accounts = accounts.list(&ListParams::default()).await.expect("an answer");
    accounts.iter().map(ResourceExt::name_any).filter(|name| name.starts_with("portolan")).collect()
}

fn dynamic(client: &Client, group: &str, kind: &str) -> Api<DynamicObject> {
    Api::all_with(client.clone(), &ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1alpha1", kind)))
}
