//! What API servers refuse although nothing is wrong: watches that began too long ago, requests that are too many.

use portolan_clusters_tests::{SOON, until};
use serde_json::json;

use crate::plane::{Plane, config_map};

const MEMBERS: [&str; 2] = ["member1", "member2"];

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_watches_missed_is_found() {
    let Some(plane) = Plane::up(2).await else { return };
    plane.policy(&MEMBERS, json!({})).await;
    for name in ["edited", "doomed", "drifts"] {
        plane.config_map(name, "1").await;
        plane.until_data(&MEMBERS, name, Some("1")).await;
    }

    // An API server that starts knows nothing of what happened before, and says so to whoever wants to hear of it.
    plane.freeze();
    plane.config_map("edited", "2").await;
    plane.config_map("new", "1").await;
    plane.delete("control", &["configmap", "doomed"]).await;
    plane.apply("member1", config_map("drifts", "drifted")).await;
    plane.delete("member2", &["configmap", "drifts"]).await;
    for cluster in ["control", "member1", "member2"] {
        plane.clusters.restart(cluster).await;
    }
    let before = plane.log().len();
    plane.thaw();
    plane.until_data(&MEMBERS, "edited", Some("2")).await;
    plane.until_data(&MEMBERS, "new", Some("1")).await;
    plane.until_data(&MEMBERS, "doomed", None).await;
    plane.until_data(&MEMBERS, "drifts", Some("1")).await;
    for kind in ["kind=ResourceBinding", "kind=ConfigMap"] {
        until(&format!("the watch of {kind} is told that it is expired"), SOON, async || {
            let log = plane.log();
            let expired = |line: &&str| line.contains("too old resource version") && line.contains(kind);
            log[before..].lines().find(expired).map(drop).ok_or(log)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_refuse_what_is_too_much_get_all_of_it() {
    const TEMPLATES: usize = 60;
    // Whoever is an administrator is always answered: so the controller runs as the account that it has in a cluster.
    let narrow = |name: &str| {
        let writes = if name == "control" { 4 } else { 1 };
        vec![
            "--enable-priority-and-fairness=false".to_owned(),
            format!("--max-mutating-requests-inflight={writes}"),
            format!("--max-requests-inflight={}", 2 * writes),
        ]
    };
    let Some(plane) = Plane::up_with(2, narrow).await else { return };
    plane.kill();
    plane.start_as(&plane.account().await);
    plane.policy(&MEMBERS, json!({})).await;
    for value in ["1", "2"] {
        let all: Vec<_> = (0..TEMPLATES).map(|n| config_map(&format!("t{n}"), value)).collect();
        futures::future::join_all(all.iter().map(|map| plane.clusters.apply("control", map))).await;
        for n in 0..TEMPLATES {
            plane.until_data(&MEMBERS, &format!("t{n}"), Some(value)).await;
        }
    }
    for cluster in ["control", "member1", "member2"] {
        assert!(
            plane.answered(cluster, "429").await > 0.0,
            "{cluster} has refused nothing: this tests nothing"
        );
    }
    until("every status is told", SOON, async || {
        let list =
            plane.get("control", "/apis/work.karmada.io/v1alpha2/namespaces/shop/resourcebindings").await?;
        let bindings = list["items"].as_array().cloned().unwrap_or_default();
        let applied = |binding: &&serde_json::Value| {
            let conditions = binding["status"]["conditions"].as_array();
            conditions.is_some_and(|all| all.iter().any(|one| one["reason"] == "FullyAppliedSuccess"))
        };
        let told = bindings.iter().filter(applied).count();
        if told == TEMPLATES { Ok(()) } else { Err(format!("{told} of {TEMPLATES}")) }
    })
    .await;
}
