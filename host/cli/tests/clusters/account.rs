//! The account of `deploy/` may do what the controller does, and is enough for it.

use std::path::Path;

use kube::config::Kubeconfig;
use portolan_clusters_tests::{SOON, until};
use serde_json::{Value, json};

use crate::plane::{Plane, config_map};

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy");

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_deploy_is_enough_whatever_the_template_is() {
    let Some(plane) = Plane::up(1).await else { return };
    plane.kill();
    for file in ["namespace.yaml", "access.yaml"] {
        plane.clusters.apply_file("control", &Path::new(DEPLOY).join(file)).await;
    }
    let kubeconfig = plane.clusters.directory().join("account.kubeconfig");
    let token =
        plane.clusters.kubectl("control", &["create", "token", "portolan", "-n", "portolan-system"], "");
    let text = as_account(&plane.kubeconfig("control"), token.await.trim());
    std::fs::write(&kubeconfig, text).expect("it can be written");
    plane.start_as(&kubeconfig);

    // Who writes to a Role or to what binds one is asked whether he has what it grants: here nobody but an administrator.
    let grants = json!([{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}]);
    let role =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"});
    let rbac = |kind: &str, fields: Value| {
        let mut object = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
            "metadata": {"name": "ship", "namespace": "shop"}});
        for (field, value) in fields.as_object().into_iter().flatten() {
            object[field] = value.clone();
        }
        if kind.starts_with("Cluster") {
            object["metadata"] = json!({"name": "ship"});
        }
        object
    };
    let templates = [
        (config_map("ship", "1"), "/api/v1/namespaces/shop/configmaps/ship"),
        (
            rbac("Role", json!({"rules": grants})),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/ship",
        ),
        (
            rbac("RoleBinding", json!({"roleRef": role})),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/ship",
        ),
        (
            rbac("ClusterRole", json!({"rules": grants})),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/ship",
        ),
        (
            rbac("ClusterRoleBinding", json!({"roleRef": role})),
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/ship",
        ),
    ];
    let selectors: Vec<Value> = templates
        .iter()
        .map(|(template, _)| {
            json!({"apiVersion": template["apiVersion"], "kind": template["kind"], "name": "ship"})
        })
        .collect();
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "ClusterPropagationPolicy",
        "metadata": {"name": "all"},
        "spec": {"resourceSelectors": selectors, "placement": {"clusterAffinity": {"clusterNames": ["member1"]}}}});
    plane.apply("control", policy).await;
    for (template, path) in templates {
        plane.apply("control", template).await;
        until(&format!("{path} is claimed"), SOON, async || {
            let there = plane.get("control", path).await?;
            let claim = &there["metadata"]["annotations"]["clusterpropagationpolicy.karmada.io/name"];
            if claim == "all" { Ok(()) } else { Err(there["metadata"].to_string()) }
        })
        .await;
        until(&format!("{path} is on its member"), SOON, async || plane.get("member1", path).await.map(drop))
            .await;
    }

    // Servers with OwnerReferencesPermissionEnforcement ask this of whoever says that a template owns its binding.
    let account = "--as=system:serviceaccount:portolan-system:portolan";
    let asked =
        ["auth", "can-i", "update", "deployments.apps", "--subresource=finalizers", "-n", "shop", account];
    assert_eq!(plane.clusters.kubectl("control", &asked, "").await.trim(), "yes");
}

/// The administrator's kubeconfig, with an account's token in place of his key.
fn as_account(kubeconfig: &Path, token: &str) -> String {
    let config = Kubeconfig::read_from(kubeconfig).expect("it was written when the servers started");
    let cluster = config.clusters.first().and_then(|cluster| cluster.cluster.as_ref()).expect("it names one");
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "account",
        "clusters": [{"name": "control", "cluster": {
            "server": cluster.server, "certificate-authority-data": cluster.certificate_authority_data}}],
        "users": [{"name": "account", "user": {"token": token}}],
        "contexts": [{"name": "account", "context": {"cluster": "control", "user": "account"}}],
    })
    .to_string()
}
