//! What is kept out, what is chosen and in which order, and what is said of the rest.

use portolan_plugin::testing::Answers;
use portolan_plugin::{Fault, Refusal};
use serde_json::{Value, json};
use spread::Spread;

/// Clusters by name, region, zones and rack; "" is none.
fn cluster([name, region, zones, rack]: [&str; 4]) -> Value {
    let zones: Vec<&str> = zones.split(' ').filter(|zone| !zone.is_empty()).collect();
    let labels = if rack.is_empty() { json!({}) } else { json!({"rack": rack}) };
    json!({"metadata": {"name": name, "labels": labels},
        "spec": {"region": region, "zones": zones, "provider": "p"}})
}

/// Two regions and three zones; `f` is nowhere, and in no rack either.
fn fleet() -> Answers {
    let clusters = [
        ["a", "eu", "eu-1", "r1"],
        ["b", "eu", "eu-2 eu-1", "r2"],
        ["c", "eu", "eu-1", "r3"],
        ["d", "us", "us-1", "r1"],
        ["e", "us", "us-1", "r2"],
        ["f", "", "", ""],
    ];
    Answers::default().clusters(clusters.map(cluster)).replicas(2)
}

fn by(field: &str, min: u32, max: u32) -> Value {
    json!({"spreadByField": field, "minGroups": min, "maxGroups": max})
}

fn by_rack(min: u32, max: u32) -> Value {
    json!({"spreadByLabel": "rack", "minGroups": min, "maxGroups": max})
}

fn duplicated(constraints: &[Value]) -> Value {
    json!({"spreadConstraints": constraints, "replicaScheduling": null})
}

fn by_room(constraints: &[Value]) -> Value {
    let scheduling = json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted",
        "weightPreference": {"dynamicWeight": "AvailableReplicas"}});
    json!({"spreadConstraints": constraints, "replicaScheduling": scheduling})
}

/// The names of those that are chosen, and each reason with the names of those that it is for.
fn told(answers: &Answers, config: Value) -> (String, Vec<String>) {
    let choice = answers.select::<Spread>(config).expect("there is a choice");
    let name = |cluster: &u32| char::from(b'a' + u8::try_from(*cluster).expect("few"));
    let reason = |Refusal { reason, clusters }: &Refusal| {
        format!("{}: {reason}", clusters.iter().map(name).collect::<String>())
    };
    (choice.chosen.iter().map(name).collect(), choice.refused.iter().map(reason).collect())
}

fn chosen(answers: &Answers, config: Value) -> String {
    told(answers, config).0
}

fn nothing_fits(answers: &Answers, config: Value) -> String {
    match answers.select::<Spread>(config) {
        Err(Fault::Unschedulable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cluster_without_what_is_grouped_by_is_kept_out() {
    let constraints =
        [by("cluster", 1, 9), by_rack(1, 9), by("provider", 1, 9), by("zone", 1, 9), by("region", 1, 9)];
    let refusals = fleet().filter::<Spread>(duplicated(&constraints)).expect("a config that is right");
    let told: Vec<_> = refusals.iter().map(|refusal| (&*refusal.reason, &*refusal.clusters)).collect();
    assert_eq!(
        told,
        [
            ("spread by region: it has no spec.region", &[5][..]),
            ("spread by zone: it has no spec.zones", &[5]),
            ("spread by label rack: it has no label rack", &[5]),
        ]
    );
    assert_eq!(fleet().filter::<Spread>(duplicated(&[by("cluster", 1, 1)])), Ok(Vec::new()));
}

#[test]
fn without_constraints_all_are_taken_best_first() {
    let answers = fleet().scored("e", 100).available("c", 9).previously("f", 8).available("f", 1);
    assert_eq!(told(&answers, duplicated(&[])), ("ecfabd".to_owned(), Vec::new()));
    // A lower tier comes before any score.
    assert_eq!(chosen(&answers.tier("e", 1), duplicated(&[])), "cfabde");
}

#[test]
fn constraints_count_for_nothing_where_shares_are_listed() {
    let with = |weights: Value| {
        let scheduling = json!({"replicaSchedulingType": "Divided",
            "replicaDivisionPreference": "Weighted", "weightPreference": weights});
        json!({"spreadConstraints": [by("cluster", 1, 1)], "replicaScheduling": scheduling})
    };
    assert_eq!(chosen(&fleet(), with(Value::Null)), "abcdef");
    assert_eq!(
        chosen(&fleet(), with(json!({"staticWeightList": [{"targetCluster": {}, "weight": 1}]}))),
        "abcdef"
    );
    assert_eq!(chosen(&fleet(), with(json!({}))), "a");
    assert_eq!(chosen(&fleet(), with(json!({"dynamicWeight": "AvailableReplicas"}))), "a");
}

#[test]
fn by_cluster_the_last_give_way_to_those_with_more_room() {
    let answers = fleet().scored("a", 9).available("a", 1).available("b", 0).available("c", 0);
    let answers = answers.available("d", 3).available("e", 3).available("f", 4).replicas(5);
    let constraints = [by("cluster", 1, 2)];
    let (taken, reasons) = told(&answers, by_room(&constraints));
    assert_eq!((&*taken, reasons), ("af", vec!["bcde: spread by cluster: 2 of 6 clusters taken".to_owned()]));
    // With more to place even the best has to go, to the first of those that have as much room.
    assert_eq!(chosen(&answers.replicas(7), by_room(&constraints)), "df");
}

#[test]
fn by_region_the_best_of_each_comes_first() {
    let constraints = [by("cluster", 1, 4), by("region", 2, 2)];
    let answers = fleet().scored("c", 50).scored("d", 10).scored("e", 20);
    let (taken, reasons) = told(&answers, duplicated(&constraints));
    assert_eq!(taken, "ceda");
    assert_eq!(
        reasons,
        ["f: spread by region: it has no spec.region", "b: spread by cluster: 4 of 5 clusters taken"]
    );
    let (taken, reasons) = told(&answers, duplicated(&[by("region", 1, 1), by("cluster", 1, 2)]));
    assert_eq!(taken, "ca");
    assert_eq!(
        reasons,
        [
            "f: spread by region: it has no spec.region",
            "de: spread by region: 1 of 2 regions taken",
            "b: spread by cluster: 2 of 3 clusters taken",
        ]
    );
}

#[test]
fn zones_providers_and_labels_are_spread_over_as_regions_are() {
    let all = by("cluster", 1, 9);
    // b counts for the first of its zones.
    assert_eq!(chosen(&fleet(), duplicated(&[by("zone", 3, 3), all.clone()])), "adbce");
    let (taken, reasons) = told(&fleet(), duplicated(&[by("zone", 1, 1), all.clone()]));
    assert_eq!(taken, "ac");
    assert_eq!(reasons[1], "bde: spread by zone: 1 of 3 zones taken");
    assert_eq!(chosen(&fleet(), duplicated(&[by("provider", 1, 1), all.clone()])), "abcdef");
    let (taken, reasons) = told(&fleet(), duplicated(&[by_rack(2, 2), all]));
    assert_eq!(taken, "abde");
    assert_eq!(reasons[1], "c: spread by label rack: 2 of 3 values of rack taken");
    // No constraint by cluster: one cluster a group.
    assert_eq!(chosen(&fleet(), duplicated(&[by_rack(1, 3)])), "a");
    assert_eq!(chosen(&fleet(), duplicated(&[by_rack(3, 3)])), "abc");
}

#[test]
fn an_empty_label_is_a_value_and_an_empty_field_is_none() {
    let cluster = |name: &str, rack: &str| json!({"metadata": {"name": name, "labels": {"rack": rack}}, "spec": {"region": ""}});
    let answers = Answers::default().clusters([cluster("a", ""), cluster("b", "1")]).replicas(1);
    assert_eq!(chosen(&answers, duplicated(&[by_rack(2, 2)])), "ab");
    let why = nothing_fits(&answers, duplicated(&[by("region", 1, 1)]));
    assert_eq!(why, "spread by region: the clusters left to choose from are in 0 regions, minGroups is 1");
}

#[test]
fn a_further_constraint_is_met_or_said() {
    let further = |min, max| duplicated(&[by("zone", min, max), by("cluster", 1, 2), by("region", 2, 2)]);
    assert_eq!(chosen(&fleet(), further(2, 2)), "ad");
    assert_eq!(
        nothing_fits(&fleet(), further(3, 4)),
        "spread by zone: what the other constraints choose is in 2 zones; minGroups is 3, maxGroups 4"
    );
    assert_eq!(
        nothing_fits(&fleet(), further(1, 1)),
        "spread by zone: what the other constraints choose is in 2 zones; minGroups is 1, maxGroups 1"
    );
}

#[test]
fn what_can_t_be_met_is_said_with_its_numbers() {
    for (constraints, why) in [
        (vec![by("cluster", 7, 9)], "spread by cluster: 6 clusters are left to choose from, minGroups is 7"),
        (
            vec![by("region", 3, 3), by("cluster", 1, 9)],
            "spread by region: the clusters left to choose from are in 2 regions, minGroups is 3",
        ),
        (
            vec![by("region", 1, 1), by("cluster", 4, 9)],
            "spread by cluster: minGroups is 4, and not so many clusters are in any 1 region",
        ),
        (
            vec![by("region", 1, 2), by("cluster", 6, 9)],
            "spread by cluster: minGroups is 6, and not so many clusters are in any 1 to 2 regions",
        ),
        (
            vec![by("region", 2, 1), by("cluster", 1, 9)],
            "spread by region: maxGroups is 1, minGroups is 2; maxGroups must be 2 or more",
        ),
    ] {
        assert_eq!(nothing_fits(&fleet(), duplicated(&constraints)), why);
    }
    assert_eq!(
        nothing_fits(
            &fleet()
                .replicas(5)
                .available("a", 4)
                .available("b", 0)
                .available("c", 0)
                .available("d", 0)
                .available("e", 0)
                .available("f", 0),
            by_room(&[by("cluster", 1, 2)])
        ),
        "spread by cluster: maxGroups is 2, and as many clusters have room for 4 replicas; 5 are asked for"
    );
}

#[test]
fn a_search_that_is_too_long_is_said() {
    let cluster = |n: usize| json!({"metadata": {"name": format!("m{n:04}"), "labels": {"rack": format!("{:04}", n * 5 / 7)}}});
    let answers = Answers::default().clusters((0..3_000).map(cluster)).replicas(1);
    let why = nothing_fits(&answers, duplicated(&[by("cluster", 2_900, 3_000), by_rack(1, 3_000)]));
    assert_eq!(
        why,
        "spread by label rack: the search for the best 1 to 3000 of 2143 values of rack takes more than 4000000 steps; \
         a lower minGroups by cluster, or a lower maxGroups by label rack, makes it shorter"
    );
}

#[test]
fn a_config_that_can_t_be_meant_is_refused() {
    for (constraints, why) in [
        (
            json!([by("region", 1, 1), by("region", 2, 2)]),
            "spreadConstraints[1]: there is an entry by region before it; keep one",
        ),
        (
            json!([{}, by("cluster", 2, 2)]),
            "spreadConstraints[1]: there is an entry by cluster before it; keep one",
        ),
        (
            json!([{"spreadByField": "zone", "spreadByLabel": "rack"}]),
            "spreadConstraints[0]: spreadByField and spreadByLabel can't stand beside each other; keep one",
        ),
        (
            json!([{"spreadByField": "planet"}]),
            "at spreadConstraints[0].spreadByField: there is no \"planet\"; valid is cluster, region, zone, provider",
        ),
    ] {
        let config = json!({"spreadConstraints": constraints, "replicaScheduling": null});
        assert_eq!(fleet().select::<Spread>(config.clone()), Err(Fault::Config(why.to_owned())));
        assert_eq!(fleet().filter::<Spread>(config), Err(Fault::Config(why.to_owned())));
    }
}

#[test]
fn few_questions_are_asked_however_many_clusters_there_are() {
    let cluster = |n: usize| json!({"metadata": {"name": format!("m{n:03}")}, "spec": {"region": format!("r{}", n % 3)}});
    let answers = Answers::default().clusters((0..300).map(cluster)).replicas(1);
    let choice = answers.select::<Spread>(duplicated(&[by("cluster", 1, 5), by("region", 2, 3)]));
    assert_eq!(choice.map(|choice| choice.chosen.len()), Ok(5));
    assert!(answers.asked().len() < 15, "{:?}", answers.asked());
}

#[test]
fn the_schema_is_json() {
    use portolan_plugin::Config as _;
    let schema: Value = serde_json::from_str(&spread::Spreading::schema()).expect("the schema is JSON");
    assert_eq!(schema["properties"]["spreadConstraints"]["items"]["additionalProperties"], false);
}
