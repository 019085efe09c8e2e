//! What is answered of the clusters on offer.

use std::sync::Arc;

use portolan_plan::{Asked, Exchange, Fleet, Question, Reading, Request, Served};
use serde_json::{Value, json};

use crate::fixture::Scene;

/// Clusters `a`, `b` and so on.
fn reading(clusters: impl IntoIterator<Item = Value>) -> Reading {
    let mut scene = Scene::new(&[]);
    scene.ingredients.clusters.clear();
    for (name, mut cluster) in ('a'..).zip(clusters) {
        cluster["apiVersion"] = json!("cluster.karmada.io/v1alpha1");
        cluster["kind"] = json!("Cluster");
        cluster["metadata"] = json!({"name": name});
        scene.document(cluster);
    }
    let fleet = Arc::new(Fleet::new(scene.ingredients.clusters));
    Reading::for_placement(fleet, Arc::new(json!({"apiVersion": "v1", "kind": "Secret"})), Request::default())
}

#[test]
fn clusters_are_alike_where_a_field_is_equal() {
    let regions = ["eu", "us", "eu", ""];
    let regions = regions.map(|region| json!({"spec": {"region": region}}));
    let mut reading = reading(regions.into_iter().chain([json!({}), json!({"spec": {"region": null}})]));
    let groups = vec![vec![0, 2], vec![1], vec![3], vec![4, 5]];
    // The second time from memory.
    assert_eq!(reading.alike_at("/spec/region"), Ok(groups.clone()));
    assert_eq!(reading.alike_at("/spec/region"), Ok(groups));
    assert_eq!(reading.alike_at("no pointer"), Ok(vec![vec![0, 1, 2, 3, 4, 5]]));
    assert_eq!(reading.asked(), Asked::default());
    assert_eq!(Reading::default().alike_at("/spec/region"), Ok(vec![]));
}

fn lists(group_versions: &[(&str, &[&str])], conditions: Value) -> Value {
    let group = |(group_version, kinds): &(&str, &[&str])| {
        let resources: Vec<Value> = kinds.iter().map(|kind| json!({"name": "them", "kind": kind})).collect();
        json!({"groupVersion": group_version, "resources": resources})
    };
    let list: Vec<Value> = group_versions.iter().map(group).collect();
    json!({"status": {"apiEnablements": list, "conditions": conditions}})
}

#[test]
fn a_kind_is_listed_missing_unlisted_or_unknown() {
    let complete = |status: &str| json!([{"type": "Ready", "status": "True"}, {"type": "CompleteAPIEnablements", "status": status}]);
    let core: (&str, &[&str]) = ("v1", &["Pod", "ConfigMap"]);
    let apps: (&str, &[&str]) = ("apps/v1", &["Deployment"]);
    let mut reading = reading([
        lists(&[core, apps], complete("True")),
        lists(&[core], complete("True")),
        lists(&[core], complete("Unknown")),
        lists(&[core], Value::Null),
        lists(&[], complete("True")),
        json!({"status": {"apiEnablements": null}}),
        json!({}),
        lists(&[apps, core], complete("False")),
    ]);
    let mut serving = |api_version, kind| reading.serving(api_version, kind).expect("an answer");
    use Served::{Listed, Missing, Unknown, Unlisted};
    assert_eq!(
        serving("apps/v1", "Deployment"),
        [Listed, Missing, Unlisted, Unlisted, Unknown, Unknown, Unknown, Listed]
    );
    assert_eq!(
        serving("v1", "ConfigMap"),
        [Listed, Listed, Listed, Listed, Unknown, Unknown, Unknown, Listed]
    );
    let nobody = [Missing, Missing, Unlisted, Unlisted, Unknown, Unknown, Unknown, Unlisted];
    for (api_version, kind) in
        [("v1", "Deployment"), ("apps", "Deployment"), ("apps/v1", "deployment"), ("", "")]
    {
        assert_eq!(serving(api_version, kind), nobody, "{api_version} {kind}");
    }
    assert_eq!(reading.asked(), Asked::default());
}

#[test]
fn lists_of_no_known_shape_list_nothing() {
    let status = |list: Value| json!({"status": {"apiEnablements": list}});
    let mut reading = reading([
        status(json!({"groupVersion": "v1"})),
        status(json!(["v1", 7, null])),
        status(json!([{"groupVersion": "v1"}, {"resources": [{"kind": "Pod"}]}])),
        status(json!([{"groupVersion": "v1", "resources": [{"name": "pods"}, 1, {"kind": 2}]}])),
    ]);
    use Served::{Unknown, Unlisted};
    assert_eq!(reading.serving("v1", "Pod"), Ok(vec![Unknown, Unlisted, Unlisted, Unlisted]));
}

#[test]
fn questions_are_noted_with_their_answers() {
    let mut reading = reading([json!({}), json!({})]).noting();
    reading.alike_at("/spec/region").expect("an answer");
    reading.serving("v1", "Pod").expect("an answer");
    let noted = reading.take_exchanges().expect("they are noted");
    let serving = Question::Serving { api_version: "v1".into(), kind: "Pod".into() };
    let exchanges = [
        Exchange { question: Question::AlikeAt { at: "/spec/region".into() }, answer: json!([[0, 1]]) },
        Exchange { question: serving, answer: json!(["unknown", "unknown"]) },
    ];
    assert_eq!(noted, exchanges);
    let shown: Vec<String> = noted.iter().map(|exchange| exchange.question.to_string()).collect();
    assert_eq!(shown, [r#"fleet.alike("/spec/region")"#, r#"fleet.serving("v1", "Pod")"#]);
    for exchange in exchanges {
        let written = serde_json::to_string(&exchange).expect("an exchange is JSON");
        assert_eq!(
            serde_json::from_str::<Exchange>(&written).expect("it was written so"),
            exchange,
            "{written}"
        );
    }
}

#[test]
fn what_kind_a_secret_is_is_no_secret() {
    let mut reading = reading([json!({})]);
    assert_eq!(reading.template("/kind"), Ok(Some(r#""Secret""#.into())));
    assert_eq!(reading.template("/apiVersion"), Ok(Some(r#""v1""#.into())));
    assert!(!reading.looked_into_a_secret());
    // Another kind may get another answer, all the same.
    assert_ne!(reading.asked(), Asked::default());
    reading.template("/kind/").expect("an answer");
    assert!(reading.looked_into_a_secret());
}
