//! What people do to Works, and templates that can't be propagated: nothing is lost, and whoever looks finds out.

use portolan_clusters_tests::{SOON, until};
use serde_json::{Value, json};

use crate::plane::Plane;

const WORKS: &str = "/apis/work.karmada.io/v1alpha1/namespaces/karmada-es-member1/works";

#[tokio::test(flavor = "multi_thread")]
async fn works_are_put_right_and_objects_stay() {
    let Some(plane) = Plane::up(1).await else { return };
    plane.policy(&["member1"], json!({})).await;
    let mut uids = Vec::new();
    for name in ["emptied", "unnamed", "deleted"] {
        plane.config_map(name, "1").await;
        plane.until_data(&["member1"], name, Some("1")).await;
        uids.push((name, uid(&plane, name).await));
        is_told(&plane, name).await;
    }
    // While the controller runs, and while it does not.
    for runs in [true, false] {
        if !runs {
            plane.kill();
        }
        let empty = r#"{"spec": {"workload": {"manifests": []}}}"#;
        meddle(&plane, "emptied", &["patch", "--type=merge", "-p", empty]).await;
        meddle(&plane, "unnamed", &["annotate", "resourcebinding.karmada.io/name-"]).await;
        meddle(&plane, "deleted", &["delete"]).await;
        if !runs {
            plane.start();
        }
        for (name, before) in &uids {
            is_told(&plane, name).await;
            assert_eq!(uid(&plane, name).await, *before, "{name} is the object that it was");
        }
    }

    what_is_held_keeps_objects_without_works(&plane, &uids[2]).await;
    what_fails_or_fits_nowhere_stays(&plane, "kept").await;
    what_leaves_goes_without_its_work(&plane, "released").await;
    a_name_that_no_binding_can_have_is_said(&plane).await;
    clusters_own_namespaces_are_no_templates(&plane).await;
}

/// Works are lost while nobody can decide what is to be: objects whose templates are there wait for that.
async fn what_is_held_keeps_objects_without_works(plane: &Plane, (name, before): &(&str, Value)) {
    plane.config_map("stranded", "1").await;
    plane.until_data(&["member1"], "stranded", Some("1")).await;
    plane.kill();
    for lost in [name, "stranded"] {
        meddle(plane, lost, &["delete"]).await;
    }
    for gone in ["configmap/stranded", "resourcebinding/stranded-configmap"] {
        plane.clusters.kubectl("control", &["delete", gone, "-n", "shop"], "").await;
    }
    let waits = |overrides: Value| json!({"dependentOverrides": overrides});
    plane.policy(&["member1"], waits(json!(["later"]))).await;
    plane.start();
    plane.until_data(&["member1"], "stranded", None).await;
    plane.policy(&["member1"], waits(json!([]))).await;
    is_told(plane, name).await;
    assert_eq!(uid(plane, name).await, *before, "{name} is the object that it was");

    // The same while the controller runs; and with its template it goes.
    plane.policy(&["member1"], waits(json!(["later"]))).await;
    is_held(plane, name, "WaitsForOverrides").await;
    meddle(plane, name, &["delete"]).await;
    plane.config_map("next", "1").await;
    is_held(plane, "next", "WaitsForOverrides").await;
    assert_eq!(uid(plane, name).await, *before, "{name} is the object that it was");
    plane.delete("control", &["configmap", name]).await;
    plane.until_data(&["member1"], name, None).await;
    plane.policy(&["member1"], json!({})).await;
}

/// A fault deletes nothing, and nothing vanishes although nobody changed its policy, whatever was lost in between.
async fn what_fails_or_fits_nowhere_stays(plane: &Plane, name: &str) {
    plane.config_map(name, "1").await;
    is_told(plane, name).await;
    let before = uid(plane, name).await;
    plane.kill();
    meddle(plane, name, &["delete"]).await;
    let fails = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy",
        "metadata": {"name": "fails", "namespace": "shop"}, "spec": {
            "resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap", "name": name}],
            "overrideRules": [{"overriders": {"plaintext": [
                {"path": "/data/nothing/there", "operator": "replace", "value": "x"}]}}]}});
    plane.apply("control", fails).await;
    plane.start();
    plane.config_map("after-it", "1").await;
    is_told(plane, "after-it").await;
    plane.delete("control", &["overridepolicy", "fails"]).await;
    is_told(plane, name).await;
    assert_eq!(uid(plane, name).await, before, "it is the object that it was");

    plane.kill();
    meddle(plane, name, &["delete"]).await;
    plane.delete("control", &["resourcebinding", &format!("{name}-configmap")]).await;
    plane.policy(&["nowhere"], json!({})).await;
    plane.start();
    is_held(plane, name, "WouldVanish").await;
    plane.policy(&["member1"], json!({})).await;
    is_told(plane, name).await;
    assert_eq!(uid(plane, name).await, before, "it is the object that it was");
}

/// What moves away while its Work is lost goes all the same, also where the member has nothing else of its kind, and what
/// is preserved stays.
async fn what_leaves_goes_without_its_work(plane: &Plane, name: &str) {
    let preserved = json!({"preserveResourcesOnDeletion": true});
    plane.policy(&["member1"], preserved.clone()).await;
    plane.config_map(name, "1").await;
    let secrets = |cluster: &str| {
        json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
            "metadata": {"name": "secrets", "namespace": "shop"}, "spec": {
                "resourceSelectors": [{"apiVersion": "v1", "kind": "Secret", "name": "alone"}],
                "placement": {"clusterAffinity": {"clusterNames": [cluster]}}}})
    };
    plane.apply("control", secrets("member1")).await;
    let alone =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "alone", "namespace": "shop"}});
    plane.apply("control", alone).await;
    is_told(plane, "alone").await;
    until("the Work says that it is preserved", SOON, async || {
        let work = work(plane, name).await?;
        let is_preserved = work["spec"]["preserveResourcesOnDeletion"] == true;
        if is_preserved { Ok(()) } else { Err(work.to_string()) }
    })
    .await;
    let before = uid(plane, name).await;

    plane.kill();
    for lost in [name, "alone"] {
        meddle(plane, lost, &["delete"]).await;
    }
    plane.policy(&["nowhere"], preserved).await;
    plane.apply("control", secrets("nowhere")).await;
    plane.start();
    until("the Secret is gone", SOON, async || {
        match plane.get("member1", "/api/v1/namespaces/shop/secrets/alone").await {
            Err(error) if error.contains("not found") => Ok(()),
            there => Err(format!("{there:?}")),
        }
    })
    .await;
    until("the ConfigMap is nobody's", SOON, async || {
        let object = plane.get("member1", &format!("/api/v1/namespaces/shop/configmaps/{name}")).await?;
        let labels = object["metadata"]["labels"].to_string();
        if labels.contains("karmada.io") { Err(labels) } else { Ok(()) }
    })
    .await;
    assert_eq!(uid(plane, name).await, before, "it is the object that it was");
    plane.policy(&["member1"], json!({})).await;
}

/// Waits until the ConfigMap's binding says why it is not placed as its policy says.
async fn is_held(plane: &Plane, name: &str, why: &str) {
    let path = format!("/apis/work.karmada.io/v1alpha2/namespaces/shop/resourcebindings/{name}-configmap");
    until(&format!("{name} is held: {why}"), SOON, async || {
        let binding = plane.get("control", &path).await?;
        let reason = &binding["status"]["conditions"][0]["reason"];
        if reason == why { Ok(()) } else { Err(binding.to_string()) }
    })
    .await;
}

async fn a_name_that_no_binding_can_have_is_said(plane: &Plane) {
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "ClusterPropagationPolicy",
        "metadata": {"name": "roles"}, "spec": {"placement": {"clusterAffinity": {"clusterNames": ["member1"]}},
            "resourceSelectors": [{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "name": "my_role"}]}});
    plane.apply("control", policy).await;
    let role = ["create", "clusterrole", "my_role", "--verb=get", "--resource=pods"];
    plane.clusters.kubectl("control", &role, "").await;
    until("an Event says so", SOON, async || {
        let events = plane.get("control", "/api/v1/namespaces/default/events").await?;
        let all = events["items"].as_array().cloned().unwrap_or_default();
        let says =
            |event: &&Value| event["reason"] == "NotWritten" && event["involvedObject"]["name"] == "my_role";
        all.iter().find(says).map(drop).ok_or(events.to_string())
    })
    .await;
}

async fn clusters_own_namespaces_are_no_templates(plane: &Plane) {
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "ClusterPropagationPolicy",
        "metadata": {"name": "namespaces"}, "spec": {"placement": {},  "conflictResolution": "Overwrite",
            "resourceSelectors": [{"apiVersion": "v1", "kind": "Namespace"}]}});
    plane.apply("control", policy).await;
    let bindings = "/apis/work.karmada.io/v1alpha2/clusterresourcebindings";
    until("the template's namespace has a binding", SOON, async || {
        let names = plane.names("control", bindings).await?;
        if names == ["/shop-namespace"] { Ok(()) } else { Err(format!("{names:?}")) }
    })
    .await;
    // Whatever comes after it has been done as well.
    plane.config_map("last", "1").await;
    plane.until_data(&["member1"], "last", Some("1")).await;
    assert_eq!(plane.names("control", bindings).await.expect("they are served"), ["/shop-namespace"]);
}

async fn uid(plane: &Plane, name: &str) -> Value {
    let path = format!("/api/v1/namespaces/shop/configmaps/{name}");
    plane.get("member1", &path).await.expect("it is there")["metadata"]["uid"].clone()
}

/// Waits until the ConfigMap's Work is whole and says that its member has it.
async fn is_told(plane: &Plane, name: &str) {
    until(&format!("{name} is carried by a Work"), SOON, async || {
        let work = work(plane, name).await?;
        let named = work["metadata"]["annotations"]["resourcebinding.karmada.io/name"].is_string();
        let applied = work["status"]["conditions"][0]["reason"] == "AppliedSuccessful";
        if named && applied { Ok(()) } else { Err(work.to_string()) }
    })
    .await;
}

async fn work(plane: &Plane, name: &str) -> Result<Value, String> {
    let works = plane.get("control", WORKS).await?;
    let carries = |work: &&Value| work["spec"]["workload"]["manifests"][0]["metadata"]["name"] == name;
    let all = works["items"].as_array().cloned().unwrap_or_default();
    all.iter().find(carries).cloned().ok_or_else(|| format!("no Work carries {name}: {works}"))
}

async fn meddle(plane: &Plane, name: &str, how: &[&str]) {
    let work = work(plane, name).await.expect("it was put right");
    let work = work["metadata"]["name"].as_str().expect("it has a name").to_owned();
    let arguments = [&how[..1], &["work", &work, "-n", "karmada-es-member1"], &how[1..]].concat();
    plane.clusters.kubectl("control", &arguments, "").await;
}
