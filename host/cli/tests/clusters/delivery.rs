//! What arrives, what stays, and what is never touched.

use portolan_clusters_tests::{SOON, until};
use serde_json::{Value, json};

use crate::plane::{Plane, config_map};

const ALL: [&str; 3] = ["member1", "member2", "member3"];

/// One set of servers for what takes a moment each: starting them takes longest.
#[tokio::test(flavor = "multi_thread")]
async fn objects_arrive_follow_their_template_and_go_with_it() {
    let Some(plane) = Plane::up(3).await else { return };
    arrives_and_is_overridden(&plane).await;
    follows_a_hundred_edits(&plane).await;
    drift_is_put_right(&plane).await;
    a_strangers_object_stays_untouched(&plane).await;
    a_move_never_passes_through_fewer_copies(&plane).await;
    a_member_that_hung_has_what_was_said_last(&plane).await;
    suspension_and_preservation(&plane).await;
    a_kind_that_is_defined_later(&plane).await;
    goes_with_its_template(&plane).await;
}

async fn arrives_and_is_overridden(plane: &Plane) {
    let overrides = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy",
        "metadata": {"name": "one", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "web"}],
            "overrideRules": [{"targetCluster": {"clusterNames": ["member1"]},
                "overriders": {"plaintext": [{"path": "/data/k", "operator": "replace", "value": "special"}]}}]}});
    plane.apply("control", overrides).await;
    plane.policy(&ALL, json!({})).await;
    plane.config_map("web", "plain").await;
    // The namespace was there on none of them.
    plane.until_data(&["member1"], "web", Some("special")).await;
    plane.until_data(&["member2", "member3"], "web", Some("plain")).await;

    let binding = "/apis/work.karmada.io/v1alpha2/namespaces/shop/resourcebindings/web-configmap";
    let status = until("the binding says so", SOON, async || {
        let binding = plane.get("control", binding).await?;
        let conditions = binding["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let holds = |kind: &str| {
            conditions.iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
        };
        if holds("Scheduled") && holds("FullyApplied") { Ok(binding) } else { Err(binding.to_string()) }
    })
    .await;
    let aggregated = status["status"]["aggregatedStatus"].as_array().expect("a list");
    let clusters: Vec<&Value> = aggregated.iter().map(|status| &status["clusterName"]).collect();
    assert_eq!(clusters, ["member1", "member2", "member3"]);
    assert!(aggregated.iter().all(|status| status["applied"] == true && status["health"] == "Healthy"));

    let template = plane.get("control", "/api/v1/namespaces/shop/configmaps/web").await.expect("it is there");
    let annotations = &template["metadata"]["annotations"];
    assert_eq!(annotations["propagationpolicy.karmada.io/name"], "all");
    let work = plane.names("control", "/apis/work.karmada.io/v1alpha1/works").await.expect("a list");
    assert_eq!(work.len(), 3, "{work:?}");
}

async fn follows_a_hundred_edits(plane: &Plane) {
    for edit in 1..=100 {
        plane.config_map("busy", &edit.to_string()).await;
    }
    plane.until_data(&ALL, "busy", Some("100")).await;
}

async fn drift_is_put_right(plane: &Plane) {
    let mut drifted = config_map("web", "drifted");
    drifted["metadata"]["labels"] = json!({"ship": "yes", "own": "label"});
    plane.apply("member2", drifted).await;
    plane.until_data(&["member2"], "web", Some("plain")).await;
    let there = plane.get("member2", "/api/v1/namespaces/shop/configmaps/web").await.expect("it is there");
    assert_eq!(there["metadata"]["labels"]["own"], "label", "what the member adds for itself stays");

    plane.delete("member3", &["configmap", "web"]).await;
    plane.until_data(&["member3"], "web", Some("plain")).await;
}

async fn a_strangers_object_stays_untouched(plane: &Plane) {
    plane.apply("member2", config_map("theirs", "a stranger's")).await;
    plane.config_map("theirs", "ours").await;
    plane.until_data(&["member1", "member3"], "theirs", Some("ours")).await;
    let works = "/apis/work.karmada.io/v1alpha1/namespaces/karmada-es-member2/works";
    until("the Work says why", SOON, async || {
        let works = plane.get("control", works).await?;
        let said = works["items"].to_string().contains("is there already, and is not ours");
        if said { Ok(()) } else { Err(works.to_string()) }
    })
    .await;
    plane.until_data(&["member2"], "theirs", Some("a stranger's")).await;
    let events = "/apis/events.k8s.io/v1/namespaces/shop/events?fieldSelector=reason%3DNotApplied";
    until("an event says so too", SOON, async || {
        let events = plane.get("control", events).await?;
        let said = events["items"][0]["note"].as_str().is_some_and(|note| note.starts_with("member2: "));
        if said { Ok(()) } else { Err(events.to_string()) }
    })
    .await;
    // And when the template goes, so do ours alone.
    plane.delete("control", &["configmap", "theirs"]).await;
    plane.until_data(&["member1", "member3"], "theirs", None).await;
    plane.until_data(&["member2"], "theirs", Some("a stranger's")).await;

    // Taken over where its user says so.
    let mut taken = config_map("theirs", "taken over");
    taken["metadata"]["annotations"] = json!({"work.karmada.io/conflict-resolution": "overwrite"});
    plane.apply("control", taken).await;
    plane.until_data(&ALL, "theirs", Some("taken over")).await;
}

async fn a_move_never_passes_through_fewer_copies(plane: &Plane) {
    plane.policy(&["member1", "member2"], json!({})).await;
    plane.until_data(&["member3"], "web", None).await;
    plane.until_data(&["member1"], "web", Some("special")).await;
    // Member 3 can't be reached, so the copy on member 2 has to stay.
    plane.clusters.freeze("member3").await;
    plane.policy(&["member1", "member3"], json!({})).await;
    let binding = "/apis/work.karmada.io/v1alpha2/namespaces/shop/resourcebindings/web-configmap";
    until("the binding says where it is on its way out", SOON, async || {
        let binding = plane.get("control", binding).await?;
        let leaving = binding["spec"]["gracefulEvictionTasks"][0]["fromCluster"] == "member2";
        if leaving { Ok(()) } else { Err(binding["spec"].to_string()) }
    })
    .await;
    // Whatever comes after it has been done as well.
    plane.config_map("meanwhile", "1").await;
    plane.until_data(&["member1"], "meanwhile", Some("1")).await;
    plane.until_data(&["member1"], "web", Some("special")).await;
    plane.until_data(&["member2"], "web", Some("plain")).await;
    plane.clusters.thaw("member3").await;
    plane.until_data(&["member3"], "web", Some("plain")).await;
    plane.until_data(&["member2"], "web", None).await;
    plane.policy(&ALL, json!({})).await;
    plane.until_data(&ALL, "busy", Some("100")).await;
}

async fn a_member_that_hung_has_what_was_said_last(plane: &Plane) {
    const TWO: [&str; 2] = ["member1", "member2"];
    plane.clusters.freeze("member3").await;
    for members in [&TWO[..], &ALL, &TWO] {
        plane.policy(members, json!({})).await;
        let binding = "/apis/work.karmada.io/v1alpha2/namespaces/shop/resourcebindings/busy-configmap";
        until(&format!("the binding says {members:?}"), SOON, async || {
            let binding = plane.get("control", binding).await?;
            let clusters = binding["spec"]["clusters"].as_array().cloned().unwrap_or_default();
            let names: Vec<&str> = clusters.iter().filter_map(|cluster| cluster["name"].as_str()).collect();
            if names == members { Ok(()) } else { Err(binding["spec"].to_string()) }
        })
        .await;
    }
    plane.clusters.thaw("member3").await;
    plane.until_data(&["member3"], "busy", None).await;
    plane.policy(&ALL, json!({})).await;
    plane.until_data(&ALL, "busy", Some("100")).await;
}

async fn suspension_and_preservation(plane: &Plane) {
    let suspended = json!({"suspension": {"dispatchingOnClusters": {"clusterNames": ["member3"]}},
        "preserveResourcesOnDeletion": true});
    plane.policy(&ALL, suspended).await;
    let works = "/apis/work.karmada.io/v1alpha1/namespaces/karmada-es-member3/works";
    until("the Works wait", SOON, async || {
        let works = plane.get("control", works).await?;
        let items = works["items"].as_array().cloned().unwrap_or_default();
        let wait = items.iter().all(|work| work["spec"]["suspendDispatching"] == true);
        if wait && !items.is_empty() { Ok(()) } else { Err(works.to_string()) }
    })
    .await;
    plane.config_map("busy", "101").await;
    plane.until_data(&["member1", "member2"], "busy", Some("101")).await;
    until("the Work says so, and that it waits", SOON, async || {
        let works = plane.get("control", works).await?;
        let items = works["items"].as_array().cloned().unwrap_or_default();
        let waits = items.iter().any(|work| {
            let conditions = work["status"]["conditions"].as_array();
            let holds = |one: &Value| one["type"] == "Dispatching" && one["status"] == "False";
            work["spec"]["workload"]["manifests"][0]["data"]["k"] == "101"
                && conditions.is_some_and(|all| all.iter().any(holds))
        });
        if waits { Ok(()) } else { Err(works.to_string()) }
    })
    .await;
    let there = plane.get("member3", "/api/v1/namespaces/shop/configmaps/busy").await.expect("it is there");
    assert_eq!(there["data"]["k"], "100");
    plane.policy(&ALL, json!({"preserveResourcesOnDeletion": true, "suspension": null})).await;
    plane.until_data(&ALL, "busy", Some("101")).await;

    // Its Works have to say so first.
    until("the Works are to leave their objects", SOON, async || {
        let works = plane.get("control", works).await?;
        let items = works["items"].as_array().cloned().unwrap_or_default();
        let stay = items.iter().all(|work| {
            work["spec"]["preserveResourcesOnDeletion"] == true
                && work["spec"]["suspendDispatching"].is_null()
        });
        if stay { Ok(()) } else { Err(works.to_string()) }
    })
    .await;
    plane.delete("control", &["configmap", "busy"]).await;
    for member in ALL {
        let path = "/api/v1/namespaces/shop/configmaps/busy";
        until("it stays and is nobody's", SOON, async || {
            let there = plane.get(member, path).await?;
            let free = there["metadata"]["labels"]["karmada.io/managed"].is_null();
            if free { Ok(()) } else { Err(there.to_string()) }
        })
        .await;
    }
    plane.policy(&ALL, json!({"preserveResourcesOnDeletion": false})).await;
}

async fn a_kind_that_is_defined_later(plane: &Plane) {
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "ships.sea.example"},
        "spec": {"group": "sea.example", "scope": "Namespaced",
            "names": {"kind": "Ship", "plural": "ships", "singular": "ship"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}});
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "ships", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "sea.example/v1", "kind": "Ship"}],
            "placement": {"clusterAffinity": {"clusterNames": ["member1", "member2"]}}}});
    plane.apply("control", policy).await;
    for cluster in ["member1", "member2", "control"] {
        plane.apply(cluster, definition.clone()).await;
    }
    let ship = json!({"apiVersion": "sea.example/v1", "kind": "Ship",
        "metadata": {"name": "santa-maria", "namespace": "shop"}, "hull": {"oak": true}});
    until("the control plane serves ships", SOON, async || {
        plane.get("control", "/apis/sea.example/v1/ships").await.map(drop)
    })
    .await;
    plane.apply("control", ship).await;
    for member in ["member1", "member2"] {
        until("the ship arrives", SOON, async || {
            let ship = plane.get(member, "/apis/sea.example/v1/namespaces/shop/ships/santa-maria").await?;
            if ship["hull"]["oak"] == true { Ok(()) } else { Err(ship.to_string()) }
        })
        .await;
    }
    plane.delete("control", &["ships.sea.example", "santa-maria"]).await;
}

async fn goes_with_its_template(plane: &Plane) {
    plane.delete("control", &["configmap", "web", "theirs", "meanwhile"]).await;
    plane.until_data(&ALL, "web", None).await;
    plane.until_data(&ALL, "theirs", None).await;
    until("nothing is left on the control plane", SOON, async || {
        let works = plane.names("control", "/apis/work.karmada.io/v1alpha1/works").await?;
        let bindings = plane.names("control", "/apis/work.karmada.io/v1alpha2/resourcebindings").await?;
        if works.is_empty() && bindings.is_empty() { Ok(()) } else { Err(format!("{works:?} {bindings:?}")) }
    })
    .await;
}
