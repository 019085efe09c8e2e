//! How many replicas fit, by pods, by models and by the summary.

use capacity::Capacity;
use portolan_plugin::Fault;
use portolan_plugin::testing::Answers;
use serde_json::{Value, json};

/// A cluster with so much allocatable, allocated and being allocated.
fn cluster(name: &str, allocatable: Value, allocated: Value, allocating: Value) -> Value {
    let summary = json!({"allocatable": allocatable, "allocated": allocated, "allocating": allocating});
    json!({"metadata": {"name": name}, "status": {"resourceSummary": summary}})
}

/// A cluster with nothing on it.
fn empty(name: &str, allocatable: Value) -> Value {
    cluster(name, allocatable, Value::Null, Value::Null)
}

/// The same with models of its nodes, and so many nodes of each.
fn modelled(mut cluster: Value, models: &[Value], counts: &[u64]) -> Value {
    let models = models.iter().zip(0..).map(|(least, grade)| {
        let range = |(name, min): (&String, &Value)| json!({"name": name, "min": min, "max": "9E"});
        let ranges: Vec<Value> = least.as_object().expect("an object").iter().map(range).collect();
        json!({"grade": grade, "ranges": ranges})
    });
    cluster["spec"]["resourceModels"] = models.collect();
    let counts = counts.iter().zip(0..).map(|(count, grade)| json!({"grade": grade, "count": count}));
    cluster["status"]["resourceSummary"]["allocatableModelings"] = counts.collect();
    cluster
}

fn estimates(clusters: impl IntoIterator<Item = Value>, request: Value) -> Vec<Option<u32>> {
    let answers = Answers::default().clusters(clusters).requirements(json!({"resourceRequest": request}));
    answers.estimate::<Capacity>(json!({})).expect("the request is one")
}

fn estimate(cluster: Value, request: Value) -> Option<u32> {
    estimates([cluster], request)[0]
}

#[test]
fn pods_bound_every_estimate() {
    let clusters = [
        cluster("a", json!({"pods": "110"}), json!({"pods": "30"}), json!({"pods": "2"})),
        empty("b", json!({"pods": "110", "cpu": "1000"})),
        cluster("c", json!({"pods": "110"}), json!({"pods": "110"}), Value::Null),
        cluster("d", json!({"pods": "110"}), json!({"pods": "100"}), json!({"pods": "5000"})),
        cluster("e", json!({"pods": "110"}), json!({"cpu": "1"}), json!({})),
        empty("f", json!({"pods": 110})),
        empty("g", json!({"pods": "0.5"})),
    ];
    let none = Answers::default().clusters(clusters.clone());
    let expected = [78, 110, 0, 0, 110, 110, 1].map(Some);
    assert_eq!(none.estimate::<Capacity>(json!({})).expect("an answer"), expected);
    assert_eq!(estimates(clusters.clone(), json!({})), expected);
    // Nothing is needed of it, so it does not matter who has it.
    assert_eq!(estimates(clusters.clone(), json!({"nvidia.com/gpu": "0", "cpu": "-1"})), expected);
    assert_eq!(estimates(clusters, json!({"cpu": "1m"})), [0, 110, 0, 0, 0, 0, 0].map(Some));
}

#[test]
fn the_scarcest_resource_counts() {
    let summary = || {
        let allocatable = json!({"pods": "110", "cpu": "16", "memory": "64Gi", "ephemeral-storage": "100G"});
        let allocated = json!({"pods": "10", "cpu": "3500m", "memory": "20Gi"});
        cluster("c", allocatable, allocated, json!({"pods": "1", "cpu": "500m", "memory": "4Gi"}))
    };
    for (request, replicas) in [
        (json!({"cpu": "1"}), 12),
        (json!({"cpu": "100m"}), 99),
        (json!({"cpu": "700m"}), 17),
        (json!({"cpu": 1}), 12),
        (json!({"cpu": 0.5}), 24),
        (json!({"cpu": 1.5}), 8),
        (json!({"memory": "1Gi"}), 40),
        (json!({"memory": "3Gi"}), 13),
        (json!({"memory": "3G"}), 14),
        (json!({"memory": "1e9"}), 42),
        (json!({"cpu": "1", "memory": "4Gi"}), 10),
        (json!({"cpu": "4", "memory": "4Gi"}), 3),
        (json!({"ephemeral-storage": "30G", "cpu": "1"}), 3),
        (json!({"cpu": "12"}), 1),
        (json!({"cpu": "12001m"}), 0),
        (json!({"nvidia.com/gpu": "1", "cpu": "1"}), 0),
    ] {
        assert_eq!(estimate(summary(), request.clone()), Some(replicas), "{request}");
    }
}

#[test]
fn a_resource_whose_name_has_a_slash_is_found() {
    let gpus = || {
        cluster("c", json!({"pods": "9", "nvidia.com/gpu": "8"}), json!({"nvidia.com/gpu": "3"}), Value::Null)
    };
    assert_eq!(estimate(gpus(), json!({"nvidia.com/gpu": "2"})), Some(2));
    assert_eq!(estimate(gpus(), json!({"nvidia.com~1gpu": "2"})), Some(0));
}

#[test]
fn nothing_is_left_where_more_is_taken_than_there_is() {
    let full =
        |cpu: &str| cluster("c", json!({"pods": "9", "cpu": cpu}), json!({"cpu": "3"}), json!({"cpu": "1"}));
    assert_eq!(estimate(full("4"), json!({"cpu": "1m"})), Some(0));
    assert_eq!(estimate(full("2"), json!({"cpu": "1m"})), Some(0));
    assert_eq!(estimate(full("4.001"), json!({"cpu": "1m"})), Some(1));
    // Thousandths of a processor are the least that is counted.
    assert_eq!(estimate(full("4.0001"), json!({"cpu": "0.1m"})), Some(1));
}

/// Three grades: from nothing, from 2 processors with 8 GiB, from 8 with 32.
fn grades() -> [Value; 3] {
    [
        json!({"cpu": "0", "memory": "0"}),
        json!({"cpu": "2", "memory": "8Gi"}),
        json!({"cpu": "8", "memory": "32Gi"}),
    ]
}

#[test]
fn nodes_count_by_the_least_of_their_grade() {
    // The summary would let more in: resources that lie scattered over nodes are of no use to a large replica.
    let nodes = || {
        let summary = empty("c", json!({"pods": "1000", "cpu": "100", "memory": "400Gi"}));
        modelled(summary, &grades(), &[20, 5, 3])
    };
    for (request, replicas) in [
        (json!({"cpu": "2"}), 5 + 3 * 4),
        (json!({"cpu": "1"}), 5 * 2 + 3 * 8),
        (json!({"cpu": "1", "memory": "8Gi"}), 5 + 3 * 4),
        (json!({"cpu": "2001m"}), 3 * 3),
        (json!({"cpu": "8"}), 3),
        (json!({"cpu": "9"}), 0),
        (json!({"memory": "33Gi", "cpu": "1m"}), 0),
        (json!({"cpu": "1m"}), 1000),
        // Nothing that is modelled is needed: pods say it all.
        (json!({"cpu": "0"}), 1000),
        // The models do not have it, so that the summary speaks.
        (json!({"cpu": "2", "ephemeral-storage": "1"}), 0),
    ] {
        assert_eq!(estimate(nodes(), request.clone()), Some(replicas), "{request}");
    }
}

#[test]
fn models_speak_where_nodes_are_counted() {
    let summary = |name: &str| empty(name, json!({"pods": "1000", "cpu": "100", "memory": "400Gi"}));
    let request = json!({"cpu": "10"});
    let clusters = [
        summary("a"),
        modelled(summary("b"), &grades(), &[]),
        modelled(summary("c"), &grades(), &[7]),
        modelled(summary("d"), &grades(), &[0, 0, 0]),
        modelled(summary("e"), &[json!({"cpu": "20"})], &[2]),
        modelled(summary("f"), &[], &[2]),
        modelled(json!({"metadata": {"name": "g"}, "status": {}}), &grades(), &[1, 2, 3]),
    ];
    let expected = [Some(10), Some(10), Some(0), Some(0), Some(4), Some(10), None];
    assert_eq!(estimates(clusters, request), expected);
}

#[test]
fn a_cluster_that_does_not_say_can_t_be_told() {
    let clusters = [
        json!({"metadata": {"name": "a"}}),
        json!({"metadata": {"name": "b"}, "status": {"resourceSummary": null}}),
        empty("c", json!({"cpu": "8"})),
        empty("d", json!({"cpu": "8", "pods": "4"})),
        cluster("e", json!({"cpu": "8"}), json!({"pods": "4"}), Value::Null),
    ];
    assert_eq!(estimates(clusters, json!({"cpu": "1"})), [None, None, None, Some(4), None]);
    let bare = ["a", "b"].map(|name| json!({"metadata": {"name": name}}));
    let answers = Answers::default().clusters(bare).requirements(json!({"resourceRequest": {"cpu": "1"}}));
    assert_eq!(answers.estimate::<Capacity>(json!({})), Ok(vec![None, None]));
    assert_eq!(
        answers.asked(),
        ["request.requirements", "fleet.column /status/resourceSummary/allocatable/pods"]
    );
}

#[test]
fn an_amount_that_is_none_makes_its_cluster_unknown_and_no_other() {
    let clusters = [
        empty("a", json!({"pods": "8 GB", "cpu": "8"})),
        empty("b", json!({"pods": "8", "cpu": "8 cores"})),
        cluster("c", json!({"pods": "8", "cpu": "8"}), json!({"cpu": true}), Value::Null),
        empty("d", json!({"pods": "8", "cpu": "8"})),
        modelled(empty("e", json!({"pods": "8", "cpu": "4"})), &[json!({"cpu": "much"})], &[1]),
    ];
    let answers =
        Answers::default().clusters(clusters).requirements(json!({"resourceRequest": {"cpu": "1"}}));
    assert_eq!(answers.estimate::<Capacity>(json!({})), Ok(vec![None, None, None, Some(8), Some(4)]));
    let logged: Vec<String> = answers.logged().into_iter().map(|(_, message)| message).collect();
    assert_eq!(logged.len(), 4);
    let begins = |what: &str| logged.iter().any(|message| message.starts_with(what));
    assert!(begins(
        "cluster a can't be told: /status/resourceSummary/allocatable/pods: \"8 GB\" is no quantity; valid is"
    ));
    assert!(begins(
        "cluster e and those with the same models are told by their summary: /spec/resourceModels: \"much\""
    ));
}

#[test]
fn a_need_that_is_none_is_the_template_s_fault() {
    let answers = Answers::default().clusters([empty("a", json!({"pods": "8", "cpu": "8"}))]);
    let answers = answers.requirements(json!({"resourceRequest": {"cpu": "100 m"}}));
    let Err(Fault::Template(text)) = answers.estimate::<Capacity>(json!({})) else { panic!("it is none") };
    let said = "what a replica needs can't be told: resourceRequest.cpu: \"100 m\" is no quantity; valid is a number";
    assert!(text.starts_with(said), "{text}");
}

#[test]
fn more_than_kubernetes_counts_is_the_most_that_it_counts() {
    let vast = || empty("c", json!({"pods": "10G", "cpu": "9E"}));
    assert_eq!(estimate(vast(), json!({})), Some(2_147_483_647));
    assert_eq!(estimate(vast(), json!({"cpu": "1n"})), Some(2_147_483_647));
    let grade = [json!({"cpu": "9E"})];
    assert_eq!(estimate(modelled(vast(), &grade, &[u64::MAX / 2]), json!({"cpu": "1"})), Some(2_147_483_647));
}

#[test]
fn less_is_needed_or_more_is_there_and_no_fewer_fit() {
    let amounts = ["0", "1m", "250m", "1", "1.5", "3", "64"];
    let with = |cpu: &str, counts: &[u64]| {
        let summary = empty("c", json!({"pods": "500", "cpu": cpu, "memory": "4000Gi"}));
        if counts.is_empty() { summary } else { modelled(summary, &grades(), counts) }
    };
    for counts in [&[][..], &[3, 2, 1]] {
        for pair in amounts.windows(2) {
            for other in amounts {
                let (less, more) =
                    (json!({"cpu": pair[0], "memory": "1Mi"}), json!({"cpu": pair[1], "memory": "1Mi"}));
                assert!(
                    estimate(with(other, counts), less) >= estimate(with(other, counts), more),
                    "{pair:?} {other}"
                );
                let need = json!({"cpu": other});
                let (few, many) = (with(pair[0], counts), with(pair[1], counts));
                assert!(estimate(few, need.clone()) <= estimate(many, need), "{other} {pair:?}");
            }
        }
    }
}

#[test]
fn columns_are_asked_for_and_models_read_once_for_all_who_have_them() {
    let nodes = |name| {
        modelled(empty(name, json!({"pods": "9", "cpu": "9", "memory": "9Gi"})), &grades(), &[1, 1, 1])
    };
    let answers = Answers::default().clusters(["a", "b", "c"].map(nodes));
    let answers = answers.requirements(json!({"resourceRequest": {"cpu": "3", "memory": "1Gi"}}));
    assert_eq!(answers.estimate::<Capacity>(json!({})), Ok(vec![Some(2); 3]));
    assert_eq!(
        answers.asked(),
        [
            "request.requirements",
            "fleet.column /status/resourceSummary/allocatable/pods",
            "fleet.column /status/resourceSummary/allocated/pods",
            "fleet.column /status/resourceSummary/allocating/pods",
            "fleet.alike /spec/resourceModels",
            "fleet.get 0 /spec/resourceModels",
            "fleet.column /status/resourceSummary/allocatableModelings/0/count",
            "fleet.column /status/resourceSummary/allocatableModelings/2/count",
        ]
    );
}
