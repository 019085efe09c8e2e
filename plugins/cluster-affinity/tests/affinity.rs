//! What an affinity matches and what it says, on the three clusters of the reference's vectors.

use cluster_affinity::{Affinity, ClusterAffinity};
use portolan_plugin::testing::Answers;
use portolan_plugin::{Config as _, Fault, Refusal};
use serde_json::{Value, json};

/// c1 has everything, c2 nothing, c3 only the zone field that is deprecated.
fn fleet() -> Answers {
    Answers::default().clusters([
        json!({
            "metadata": {"name": "c1", "labels": {"env": "prod", "tier": "1"}},
            "spec": {"zones": ["z1", "z2"], "region": "eu", "provider": "aws"},
        }),
        json!({"metadata": {"name": "c2"}, "spec": {}}),
        json!({"metadata": {"name": "c3", "labels": {"env": "dev"}}, "spec": {"zone": "z1", "region": "us"}}),
    ])
}

fn refusals(affinity: Value) -> Vec<Refusal> {
    fleet().filter::<ClusterAffinity>(affinity).expect("the affinity is well-formed")
}

/// The clusters that nobody refuses.
fn matches(affinity: Value) -> Vec<&'static str> {
    let refusals = refusals(affinity);
    let refused = |cluster| refusals.iter().any(|refusal| refusal.clusters.contains(&cluster));
    (0..).zip(["c1", "c2", "c3"]).filter(|(cluster, _)| !refused(*cluster)).map(|(_, name)| name).collect()
}

/// Reasons with their clusters, as a person would read them.
fn said(affinity: Value) -> Vec<(String, Vec<u32>)> {
    refusals(affinity).into_iter().map(|Refusal { reason, clusters }| (reason, clusters)).collect()
}

fn labels(key: &str, operator: &str, values: Value) -> Value {
    json!({"labelSelector": {"matchExpressions": [{"key": key, "operator": operator, "values": values}]}})
}

fn field(key: &str, operator: &str, values: Value) -> Value {
    json!({"fieldSelector": {"matchExpressions": [{"key": key, "operator": operator, "values": values}]}})
}

#[test]
fn names_are_exact_and_exclusion_wins() {
    for (affinity, expected) in [
        (json!({}), &["c1", "c2", "c3"][..]),
        (json!({"clusterNames": ["c1"]}), &["c1"]),
        (json!({"clusterNames": []}), &["c1", "c2", "c3"]),
        (json!({"clusterNames": null, "exclude": null}), &["c1", "c2", "c3"]),
        (json!({"clusterNames": ["c*"]}), &[]),
        (json!({"clusterNames": ["C1"]}), &[]),
        (json!({"clusterNames": ["c9"]}), &[]),
        (json!({"exclude": ["c1"]}), &["c2", "c3"]),
        (json!({"exclude": ["c9"]}), &["c1", "c2", "c3"]),
        (json!({"exclude": ["c1"], "clusterNames": ["c1", "c2"]}), &["c2"]),
    ] {
        assert_eq!(matches(affinity.clone()), expected, "{affinity}");
    }
}

#[test]
fn labels_match_as_kubernetes_has_it() {
    for (affinity, expected) in [
        (json!({"labelSelector": {}}), &["c1", "c2", "c3"][..]),
        (json!({"labelSelector": null}), &["c1", "c2", "c3"]),
        (json!({"labelSelector": {"matchLabels": {"env": "prod"}}}), &["c1"]),
        (json!({"labelSelector": {"matchLabels": {"env": "prod", "tier": "2"}}}), &[]),
        (labels("env", "In", json!(["prod", "dev"])), &["c1", "c3"]),
        (labels("env", "NotIn", json!(["prod"])), &["c2", "c3"]),
        (labels("tier", "Exists", json!([])), &["c1"]),
        (labels("tier", "DoesNotExist", Value::Null), &["c2", "c3"]),
        (labels("env", "In", json!([])), &[]),
        (labels("env", "Exists", json!(["x"])), &[]),
        (labels("env", "Gt", json!(["1"])), &[]),
        (json!({"labelSelector": {"matchLabels": {"bad key!": "x"}}}), &[]),
        (json!({"labelSelector": {"matchLabels": {"env": "bad value!"}}}), &[]),
    ] {
        assert_eq!(matches(affinity.clone()), expected, "{affinity}");
    }
}

#[test]
fn provider_and_region_are_there_when_they_are_not_empty() {
    for (operator, values, expected) in [
        ("In", json!(["eu"]), &["c1"][..]),
        ("In", json!(["eu", "nope"]), &["c1"]),
        ("In", json!(["nope"]), &[]),
        ("NotIn", json!(["eu"]), &["c2", "c3"]),
        ("NotIn", json!(["nope"]), &["c1", "c2", "c3"]),
        ("Exists", json!([]), &["c1", "c3"]),
        ("DoesNotExist", json!([]), &["c2"]),
        ("Gt", json!(["1"]), &[]),
        ("In", json!([]), &[]),
        ("NotIn", json!([]), &[]),
        ("Exists", json!(["eu"]), &[]),
        ("", json!(["eu"]), &[]),
    ] {
        assert_eq!(matches(field("region", operator, values.clone())), expected, "{operator} {values}");
    }
    assert_eq!(matches(field("provider", "Exists", json!([]))), ["c1"]);
    let empty = Answers::default().clusters([json!({"metadata": {"name": "c"}, "spec": {"region": ""}})]);
    let refusals = empty.filter::<ClusterAffinity>(field("region", "DoesNotExist", json!([])));
    assert_eq!(refusals, Ok(vec![]));
}

#[test]
fn a_zone_matches_by_any_overlap_and_only_through_the_list() {
    for (operator, values, expected) in [
        ("In", json!(["z1"]), &["c1"][..]),
        ("In", json!(["z1", "z2", "z3"]), &["c1"]),
        ("In", json!(["nope"]), &[]),
        ("In", json!([]), &[]),
        ("NotIn", json!(["z2", "z9"]), &["c2", "c3"]),
        ("NotIn", json!(["nope"]), &["c1", "c2", "c3"]),
        ("NotIn", json!([]), &["c1", "c2", "c3"]),
        ("Exists", json!(["ignored"]), &["c1"]),
        ("DoesNotExist", json!([]), &["c2", "c3"]),
        ("Gt", json!(["1"]), &[]),
        ("", json!(["z1"]), &[]),
    ] {
        assert_eq!(matches(field("zone", operator, values.clone())), expected, "{operator} {values}");
    }
    let both = |second| {
        json!({"fieldSelector": {"matchExpressions": [
            {"key": "zone", "operator": "In", "values": ["z1"]},
            {"key": "zone", "operator": second, "values": ["z2"]},
        ]}})
    };
    assert_eq!(matches(both("In")), ["c1"]);
    assert_eq!(matches(both("NotIn")), [""; 0]);
}

#[test]
fn a_field_that_no_cluster_has_is_absent_everywhere() {
    for (key, operator, values, expected) in [
        ("cluster", "In", json!(["c1"]), &[][..]),
        ("cluster", "Exists", json!([]), &[]),
        ("cluster", "NotIn", json!(["c1"]), &["c1", "c2", "c3"]),
        ("cluster", "DoesNotExist", json!([]), &["c1", "c2", "c3"]),
        ("", "In", json!(["x"]), &[]),
        ("", "DoesNotExist", json!([]), &[]),
    ] {
        assert_eq!(matches(field(key, operator, values.clone())), expected, "{key} {operator} {values}");
    }
    assert_eq!(matches(json!({"fieldSelector": {}})), ["c1", "c2", "c3"]);
    assert_eq!(matches(json!({"fieldSelector": {"matchExpressions": []}})), ["c1", "c2", "c3"]);
}

#[test]
fn every_reason_is_told_in_the_words_of_the_policy() {
    let affinity = json!({
        "clusterNames": ["c1", "c2"],
        "exclude": ["c1"],
        "labelSelector": {
            "matchLabels": {"env": "prod"},
            "matchExpressions": [{"key": "tier", "operator": "Exists"}],
        },
        "fieldSelector": {"matchExpressions": [
            {"key": "region", "operator": "NotIn", "values": ["eu", "us"]},
            {"key": "zone", "operator": "DoesNotExist"},
        ]},
    });
    let expected = [
        ("excluded by name", vec![0]),
        ("not among clusterNames", vec![2]),
        ("labels do not match env=prod", vec![1, 2]),
        ("labels do not match tier Exists", vec![1, 2]),
        ("fields do not match region NotIn [eu, us]", vec![0, 2]),
        ("fields do not match zone DoesNotExist", vec![0]),
    ];
    assert_eq!(said(affinity), expected.map(|(reason, clusters)| (reason.to_owned(), clusters)));
}

#[test]
fn what_can_never_match_says_why() {
    for (affinity, reason) in [
        (labels("env", "In", json!([])), "labels can't match env In []: In needs values"),
        (field("region", "In", json!([])), "fields can't match region In []: values must not be empty"),
        (
            field("region", "Exists", json!(["eu"])),
            "fields can't match region Exists [eu]: values must be empty",
        ),
        (
            field("zone", "Gt", json!(["1"])),
            "fields can't match zone Gt [1]: the operator must be In or NotIn",
        ),
        (
            field("zone", "", json!(["1"])),
            "fields can't match zone \"\" [1]: the operator must be In or NotIn",
        ),
        (
            field("", "In", json!(["x"])),
            "fields can't match \"\" In [x]: the key must be provider, region or zone",
        ),
        (
            field("cluster", "In", json!(["c1"])),
            "fields can't match cluster In [c1]: the key must be provider, region or zone",
        ),
    ] {
        assert_eq!(said(affinity), [(reason.to_owned(), vec![0, 1, 2])]);
    }
}

#[test]
fn a_reason_is_told_once_however_often_it_is_written() {
    let twice = json!({"key": "region", "operator": "In", "values": ["eu"]});
    let affinity =
        json!({"exclude": ["c3", "c1", "c3"], "fieldSelector": {"matchExpressions": [twice, twice]}});
    let expected = [("excluded by name", vec![0, 2]), ("fields do not match region In [eu]", vec![1, 2])];
    assert_eq!(said(affinity), expected.map(|(reason, clusters)| (reason.to_owned(), clusters)));
}

#[test]
fn a_field_that_does_not_exist_is_a_fault_that_names_it() {
    for (affinity, text) in [
        (
            json!({"clusternames": ["c1"]}),
            "there is no field \"clusternames\"; valid is clusterNames, exclude, labelSelector, fieldSelector",
        ),
        (
            json!({"labelSelector": {"matchLabel": {"env": "prod"}}}),
            "at labelSelector: there is no field \"matchLabel\"; valid is matchLabels, matchExpressions",
        ),
        (
            json!({"fieldSelector": {"matchExpressions": [{"key": "region", "values": ["eu"]}]}}),
            "at fieldSelector.matchExpressions[0]: the field \"operator\" is missing",
        ),
        (json!({"exclude": "c1"}), "at exclude: expected a list, found \"c1\""),
    ] {
        assert_eq!(fleet().filter::<ClusterAffinity>(affinity), Err(Fault::Config(text.to_owned())));
    }
}

#[test]
fn it_asks_for_what_it_needs_and_never_for_every_name() {
    let asked = |affinity| {
        let fleet = fleet();
        fleet.filter::<ClusterAffinity>(affinity).expect("the affinity is well-formed");
        fleet.asked()
    };
    assert_eq!(
        asked(json!({"clusterNames": ["c1", "c9"]})),
        ["fleet.size", "fleet.find c1", "fleet.find c9"]
    );
    let twice = json!({"key": "region", "operator": "Exists"});
    let affinity = json!({
        "labelSelector": {"matchLabels": {"env": "prod"}},
        "fieldSelector": {"matchExpressions": [twice, twice]},
    });
    assert_eq!(
        asked(affinity),
        ["fleet.size", r#"fleet.matching {"matchLabels":{"env":"prod"}}"#, "fleet.column /spec/region"]
    );
}

#[test]
fn the_schema_is_json() {
    let schema: Value = serde_json::from_str(&Affinity::schema()).expect("the schema is JSON");
    assert_eq!(schema["additionalProperties"], false);
}
