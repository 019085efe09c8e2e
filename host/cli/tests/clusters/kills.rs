//! The controller is killed at any instant: nothing is lost, doubled or orphaned.

use std::collections::BTreeMap;
use std::time::Duration;

use portolan_clusters_tests::until;
use serde_json::json;

use crate::plane::{Plane, config_map};

/// Templates in all.
const TEMPLATES: usize = 1000;

/// How often the controller is killed while they are dispatched.
const KILLS: u64 = 20;

/// How long 1,000 templates may take to be right everywhere, on a machine that has other things to do.
const CONVERGES: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_during_a_thousand_dispatches_it_converges() {
    let Some(plane) = Plane::up(2).await else { return };
    plane.policy(&["member1", "member2"], json!({})).await;
    let writing = async {
        let all = (0..TEMPLATES).map(|n| config_map(&format!("t{n}"), "first"));
        for some in all.collect::<Vec<_>>().chunks(50) {
            futures::future::join_all(some.iter().map(|map| plane.clusters.apply("control", map))).await;
        }
    };
    let killing = async {
        // Instants that are alike in no two rounds, and the same in every run.
        for kill in 0..KILLS {
            tokio::time::sleep(Duration::from_millis(150 + (kill * 7919) % 900)).await;
            plane.kill();
            plane.start();
        }
    };
    tokio::join!(writing, killing);
    converges(&plane, "first", &["member1", "member2"]).await;

    // Again while they are edited and moved: from both to one, then back.
    let editing = async {
        let all = (0..TEMPLATES).map(|n| config_map(&format!("t{n}"), "second"));
        for some in all.collect::<Vec<_>>().chunks(50) {
            futures::future::join_all(some.iter().map(|map| plane.clusters.apply("control", map))).await;
        }
    };
    let killing = async {
        plane.policy(&["member2"], json!({})).await;
        for kill in 0..KILLS / 4 {
            tokio::time::sleep(Duration::from_millis(200 + (kill * 7919) % 900)).await;
            plane.kill();
            plane.start();
        }
        plane.policy(&["member1", "member2"], json!({})).await;
    };
    tokio::join!(editing, killing);
    converges(&plane, "second", &["member1", "member2"]).await;

    // And while they are deleted.
    let deleting = plane.delete("control", &["configmap", "-l", "ship=yes"]);
    let killing = async {
        for kill in 0..KILLS / 4 {
            tokio::time::sleep(Duration::from_millis(100 + (kill * 7919) % 900)).await;
            plane.kill();
            plane.start();
        }
    };
    tokio::join!(deleting, killing);
    until("nothing is left", CONVERGES, async || {
        let works = plane.names("control", "/apis/work.karmada.io/v1alpha1/works").await?;
        let bindings = plane.names("control", "/apis/work.karmada.io/v1alpha2/resourcebindings").await?;
        let there = objects(&plane, "member1").await?.len() + objects(&plane, "member2").await?.len();
        if works.is_empty() && bindings.is_empty() && there == 0 {
            return Ok(());
        }
        Err(format!("{} Works, {} bindings, {there} objects", works.len(), bindings.len()))
    })
    .await;
}

/// Every template is everywhere once, says what it is to say, and there is nothing else.
async fn converges(plane: &Plane, value: &str, members: &[&str]) {
    until("every template is everywhere once", CONVERGES, async || {
        for member in members {
            let there = objects(plane, member).await?;
            let right = there.values().filter(|data| *data == value).count();
            if there.len() != TEMPLATES || right != TEMPLATES {
                return Err(format!("{member}: {} objects, {right} right", there.len()));
            }
        }
        let works = plane.names("control", "/apis/work.karmada.io/v1alpha1/works").await?.len();
        let bindings = plane.names("control", "/apis/work.karmada.io/v1alpha2/resourcebindings").await?.len();
        if works == members.len() * TEMPLATES && bindings == TEMPLATES {
            return Ok(());
        }
        Err(format!("{works} Works, {bindings} bindings"))
    })
    .await;
}

/// What is on a member as ours: `data.k` by name.
async fn objects(plane: &Plane, member: &str) -> Result<BTreeMap<String, String>, String> {
    let list = plane.get(member, "/api/v1/configmaps?labelSelector=karmada.io/managed%3Dtrue").await?;
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(items.iter().map(|item| (text(&item["metadata"]["name"]), text(&item["data"]["k"]))).collect())
}
