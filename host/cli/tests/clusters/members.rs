//! Members and the control plane go away and come back: nobody else waits, and everything converges by itself.

use portolan_clusters_tests::{SOON, until};
use serde_json::json;

use crate::plane::Plane;

#[tokio::test(flavor = "multi_thread")]
async fn servers_go_away_and_come_back() {
    let Some(plane) = Plane::up(3).await else { return };
    plane.policy(&["member1", "member2", "member3"], json!({})).await;
    plane.config_map("before", "1").await;
    plane.config_map("doomed", "1").await;
    plane.until_data(&["member1", "member2", "member3"], "before", Some("1")).await;
    plane.until_data(&["member1", "member2", "member3"], "doomed", Some("1")).await;

    // One is dead and one hangs: the third is served all the same.
    plane.clusters.kill("member2").await;
    plane.clusters.freeze("member3").await;
    plane.config_map("before", "2").await;
    plane.config_map("during", "1").await;
    plane.until_data(&["member1"], "before", Some("2")).await;
    plane.until_data(&["member1"], "during", Some("1")).await;
    plane.delete("control", &["configmap", "doomed"]).await;
    plane.until_data(&["member1"], "doomed", None).await;
    plane.until_ready("member2", "False").await;
    plane.until_ready("member3", "False").await;
    plane.until_ready("member1", "True").await;

    plane.clusters.restart("member2").await;
    plane.clusters.thaw("member3").await;
    for member in ["member2", "member3"] {
        plane.until_data(&[member], "before", Some("2")).await;
        plane.until_data(&[member], "during", Some("1")).await;
        // The template went while they were away.
        plane.until_data(&[member], "doomed", None).await;
        plane.until_ready(member, "True").await;
    }

    // Slow: it answers for a moment now and then. And somebody else writes the same objects all the time.
    let slow = async {
        for _ in 0..8 {
            plane.clusters.freeze("member2").await;
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            plane.clusters.thaw("member2").await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let conflicts = async {
        for round in 0..40 {
            let annotation = format!("stranger={round}");
            let binding =
                ["annotate", "--overwrite", "-n", "shop", "resourcebinding", "before-configmap", &annotation];
            plane.clusters.kubectl("control", &binding, "").await;
            let object = ["annotate", "--overwrite", "-n", "shop", "configmap", "before", &annotation];
            plane.clusters.kubectl("member1", &object, "").await;
            plane.config_map("before", &format!("edit {round}")).await;
        }
    };
    tokio::join!(slow, conflicts);
    plane.until_data(&["member1", "member2", "member3"], "before", Some("edit 39")).await;

    // The control plane is killed; the controller neither ends nor has to be told.
    plane.clusters.kill("control").await;
    plane.clusters.restart("control").await;
    plane.config_map("after", "1").await;
    plane.until_data(&["member1", "member2", "member3"], "after", Some("1")).await;
    until("nothing is left of what was deleted", SOON, async || {
        let works = plane.names("control", "/apis/work.karmada.io/v1alpha1/works").await?;
        if works.len() == 9 { Ok(()) } else { Err(format!("{works:?}")) }
    })
    .await;
}
