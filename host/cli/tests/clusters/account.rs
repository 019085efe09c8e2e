//! The account of `deploy/` may do what the controller does, and is enough for it.

use portolan_clusters_tests::{SOON, until};
use serde_json::{Value, json};

use crate::plane::{Plane, config_map};

#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_deploy_is_enough_whatever_the_template_is() {
    let Some(plane) = Plane::up(1).await else { return };
    plane.kill();
    plane.start_as(&plane.account().await);

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
