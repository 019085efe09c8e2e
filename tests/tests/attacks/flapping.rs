//! Selections that come out empty, or another one each time.

use portolan_plan::{Digest, Hold, Previous};
use portolan_tests::default_plugins;
use serde_json::json;

use crate::setting::{cluster, config_map, decided, outcome, placing, was_on, with_guest, world};

#[test]
fn attack_27_a_filter_that_suddenly_refuses_everything_takes_nothing_away() {
    let nobody = json!({"plugins": [{"name": "cluster-affinity", "config": {"clusterNames": ["nobody"]}}]});
    let policy = placing("a", nobody);
    let digest = Digest::of(policy["spec"].to_string().as_bytes()).to_string();
    let (world, templates) = world(default_plugins(), [cluster("member1"), config_map("a"), policy]);
    let previous = Previous { policy_digest: Some(digest), ..was_on(&["member1"]) };
    let decision = decided(&world, &templates[0], &previous);
    assert_eq!(decision.hold, Some(Hold::WouldVanish));
    assert_eq!(outcome(&world, &decision, &previous), [("member1".into(), "=".into())]);
    assert!(decision.troubles(world.fleet())[0].text.contains("--allow-empty"));
}

#[test]
fn attack_27_a_filter_that_never_stays_anywhere_never_leaves_a_template_without_a_cluster() {
    let placement = json!({"plugins": [{"name": "refuses-where-it-was"}]});
    let documents = ["member1", "member2", "member3"].map(cluster).into_iter();
    let (world, templates) = world(
        with_guest("refuses-where-it-was"),
        documents.chain([config_map("a"), placing("a", placement)]),
    );
    let mut was = vec!["member1".to_owned()];
    let mut seen = Vec::new();
    for _ in 0..6 {
        let previous = Previous { clusters: was.clone(), ..Previous::default() };
        let decision = decided(&world, &templates[0], &previous);
        // Asked again without being carried out it says the same: it can't flap by itself, only from what was done.
        let again = decided(&world, &templates[0], &previous);
        let done = outcome(&world, &decision, &previous);
        assert_eq!(outcome(&world, &again, &previous), done);
        // Where something goes, something else arrives in the same decision; a shell carries arrivals out first.
        let stays = done.iter().filter(|(_, outcome)| outcome != "-");
        was = stays.map(|(cluster, _)| cluster.clone()).collect();
        assert!(!was.is_empty(), "{done:?}");
        seen.push(was.join(" "));
    }
    assert_eq!(
        seen,
        ["member2 member3", "member1", "member2 member3", "member1", "member2 member3", "member1"]
    );
}

#[test]
fn attack_27_a_filter_that_leaves_where_it_was_with_nowhere_to_go_is_held() {
    let placement = json!({"plugins": [{"name": "refuses-where-it-was"}]});
    let documents = [cluster("member1"), config_map("a"), placing("a", placement)];
    let (world, templates) = world(with_guest("refuses-where-it-was"), documents);
    let previous = was_on(&["member1"]);
    let decision = decided(&world, &templates[0], &previous);
    assert_eq!(decision.hold, Some(Hold::WouldVanish));
    assert_eq!(outcome(&world, &decision, &previous), [("member1".into(), "=".into())]);
}
