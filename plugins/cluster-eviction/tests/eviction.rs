//! Where a template is on its way out.

use cluster_eviction::ClusterEviction;
use portolan_plugin::testing::Answers;
use portolan_plugin::{Fault, Refusal};
use serde_json::json;

fn fleet() -> Answers {
    Answers::default().clusters(["a", "b", "c"].map(|name| json!({"metadata": {"name": name}})))
}

#[test]
fn what_leaves_a_cluster_does_not_come_back() {
    let answers = fleet().evicting("c").evicting("a").previously("a", 2);
    let reason = "its eviction from there is not over".to_owned();
    let expected = vec![Refusal { reason, clusters: vec![0, 2] }];
    assert_eq!(answers.filter::<ClusterEviction>(json!({})), Ok(expected));
    assert_eq!(answers.asked(), ["request.evicting"]);
}

#[test]
fn nobody_is_refused_where_nothing_leaves() {
    assert_eq!(fleet().filter::<ClusterEviction>(json!({})), Ok(vec![]));
}

#[test]
fn it_is_told_nothing() {
    let fault = fleet().filter::<ClusterEviction>(json!({"grace": 1}));
    assert_eq!(fault, Err(Fault::Config("there is no field \"grace\"; valid is none".into())));
}
