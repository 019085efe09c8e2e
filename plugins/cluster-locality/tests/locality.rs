//! Where a template is already.

use cluster_locality::ClusterLocality;
use portolan_plugin::testing::Answers;
use serde_json::json;

fn fleet() -> Answers {
    Answers::default().clusters(["a", "b", "c"].map(|name| json!({"metadata": {"name": name}})))
}

#[test]
fn a_cluster_that_has_it_is_better_however_many_replicas_it_has() {
    let answers = fleet().previously("a", 0).previously("c", 7);
    assert_eq!(answers.score::<ClusterLocality>(json!({})), Ok(vec![100, 0, 100]));
    assert_eq!(answers.asked(), ["request.previous"]);
}

#[test]
fn all_are_equal_for_what_is_new() {
    assert_eq!(fleet().score::<ClusterLocality>(json!({})), Ok(vec![0, 0, 0]));
}
