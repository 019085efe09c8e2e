//! Who gets how many.

use division::Division;
use portolan_plugin::Fault;
use portolan_plugin::testing::Answers;
use serde_json::{Value, json};

fn fleet(names: &[&str]) -> Answers {
    Answers::default().clusters(names.iter().map(|name| json!({"metadata": {"name": name}})))
}

/// Clusters `a`, `b` and so on with room for so many.
fn with_room(room: &[u32]) -> Answers {
    let names: Vec<String> = (b'a'..).take(room.len()).map(|letter| char::from(letter).to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.iter().zip(room).fold(fleet(&names), |answers, (name, room)| answers.available(name, *room))
}

fn duplicated() -> Value {
    json!({"replicaSchedulingType": "Duplicated"})
}

fn listed() -> Value {
    json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted"})
}

fn by_room() -> Value {
    json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted",
        "weightPreference": {"dynamicWeight": "AvailableReplicas"}})
}

fn aggregated() -> Value {
    json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"})
}

fn divided(answers: &Answers, config: Value) -> Vec<u32> {
    answers.assign::<Division>(config).unwrap_or_else(|fault| panic!("{fault:?}"))
}

fn nothing_fits(answers: &Answers, config: Value) -> String {
    match answers.assign::<Division>(config) {
        Err(Fault::Unschedulable(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_cluster_gets_all_replicas_where_they_are_duplicated() {
    assert_eq!(divided(&with_room(&[0, 5]).replicas(3).previously("a", 1), duplicated()), [3, 3]);
    let why = nothing_fits(&with_room(&[0, 0]).replicas(2_000_000_000), duplicated());
    assert_eq!(
        why,
        "2000000000 replicas on each of 2 clusters are more than Kubernetes counts, 2147483647 in all"
    );
}

#[test]
fn what_is_no_workload_gets_none_anywhere() {
    for config in [duplicated(), listed(), by_room(), aggregated()] {
        assert_eq!(divided(&with_room(&[1, 2]), config.clone()), [0, 0]);
        assert_eq!(divided(&with_room(&[1, 2]).replicas(0).previously("a", 3), config.clone()), [0, 0]);
        assert_eq!(nothing_fits(&fleet(&[]), config), "there is no cluster to give replicas to");
    }
}

#[test]
fn listed_weights_count_and_nothing_else_does() {
    let answers = with_room(&[0, 1, 2]).replicas(12).previously("c", 12);
    assert_eq!(divided(&answers, listed()), [4, 4, 4]);
    let answers = answers.weighing("a", 3).weighing("b", 2).weighing("c", 1);
    assert_eq!(divided(&answers, listed()), [6, 4, 2]);
    assert_eq!(divided(&answers.weighing("b", 0), listed()), [9, 0, 3]);
    let nobody = with_room(&[0, 0]).replicas(4).weighing("a", 0);
    assert_eq!(divided(&nobody, listed()), [2, 2], "where nobody has a weight all have the same");
}

#[test]
fn room_is_what_weighs_where_nothing_stands_yet() {
    assert_eq!(divided(&with_room(&[10, 40, 5, 80]).replicas(5), by_room()), [0, 2, 0, 3]);
    // Of which nobody could tell: room for all.
    assert_eq!(divided(&fleet(&["a", "b"]).available("b", 2).replicas(8), by_room()), [6, 2]);
}

#[test]
fn what_stands_stays_while_replicas_are_added() {
    let answers = with_room(&[5, 50]).previously("a", 1).replicas(10);
    assert_eq!(divided(&answers, by_room()), [2, 8]);
    assert_eq!(divided(&answers.fresh(), by_room()), [1, 9]);
}

#[test]
fn replicas_are_taken_from_where_they_stand() {
    let answers = with_room(&[99, 0, 0]).previously("b", 6).previously("c", 3).replicas(3);
    assert_eq!(divided(&answers, by_room()), [0, 2, 1]);
    assert_eq!(divided(&answers.replicas(9), by_room()), [0, 6, 3], "as many stand as are asked for");
}

#[test]
fn few_clusters_are_used_where_replicas_are_aggregated() {
    assert_eq!(divided(&with_room(&[3, 9, 5]).replicas(8), aggregated()), [0, 8, 0]);
    assert_eq!(divided(&with_room(&[3, 9, 5]).replicas(10), aggregated()), [0, 6, 4]);
    // Of two that have as much room the better ranked one is first.
    let equal = with_room(&[5, 5, 5]).ranking(&["c", "b", "a"]).replicas(5);
    assert_eq!(divided(&equal, aggregated()), [0, 0, 5]);
    // Where something stands already comes before where there is more room.
    assert_eq!(divided(&with_room(&[3, 9, 5]).previously("a", 2).replicas(4), aggregated()), [4, 0, 0]);
    assert_eq!(
        divided(&with_room(&[3, 9, 5]).previously("a", 2).replicas(4).fresh(), aggregated()),
        [4, 0, 0],
        "deciding anew too"
    );
}

#[test]
fn fewer_replicas_stay_where_most_stood_and_then_where_the_last_decision_said_first() {
    let answers = with_room(&[0, 0, 0]).previously("c", 4).previously("b", 4).previously("a", 2);
    assert_eq!(divided(&answers.replicas(4), aggregated()), [0, 0, 4]);
}

#[test]
fn each_tier_is_filled_before_the_next() {
    let answers = || with_room(&[4, 2, 10, 10]).tier("c", 1).tier("d", 2);
    for config in [by_room(), aggregated()] {
        assert_eq!(divided(&answers().replicas(6), config.clone()), [4, 2, 0, 0]);
        assert_eq!(divided(&answers().replicas(9), config.clone()), [4, 2, 3, 0]);
        assert_eq!(divided(&answers().replicas(26), config.clone()), [4, 2, 10, 10]);
        assert_eq!(
            nothing_fits(&answers().replicas(27), config.clone()),
            "the clusters chosen (4) have room for 26 replicas; 27 are asked for"
        );
        // What is taken away is taken from the last tier first.
        let standing = || answers().previously("a", 4).previously("c", 3).previously("d", 2);
        assert_eq!(divided(&standing().replicas(6), config.clone()), [4, 0, 2, 0]);
        // And what is added goes to the first.
        assert_eq!(divided(&standing().replicas(10), config)[2..], [3, 2]);
    }
}

#[test]
fn a_lack_of_room_is_told_with_its_numbers() {
    let answers = with_room(&[8, 2, 0]).previously("c", 5).replicas(40);
    assert_eq!(
        nothing_fits(&answers, by_room()),
        "the clusters chosen (3) have room for 10 more replicas; 35 more are needed, because 5 of 40 stand there already"
    );
    assert_eq!(
        nothing_fits(&answers.fresh(), aggregated()),
        "the clusters chosen (3) have room for 15 replicas; 40 are asked for"
    );
}

#[test]
fn a_config_that_does_not_say_how_is_refused() {
    let why = "replicaScheduling says Divided and not how; replicaDivisionPreference must be Weighted or Aggregated";
    for config in [json!({}), json!({"replicaSchedulingType": "Divided"})] {
        assert_eq!(
            with_room(&[1]).replicas(1).assign::<Division>(config),
            Err(Fault::Config(why.to_owned()))
        );
    }
    let slip = with_room(&[1]).assign::<Division>(json!({"replicaSchedulingType": "Doubled"}));
    let why = "at replicaSchedulingType: there is no \"Doubled\"; valid is Duplicated, Divided";
    assert_eq!(slip, Err(Fault::Config(why.to_owned())));
}

/// Numbers that look like chance and are the same each time (Steele, Lea and Flood's SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(end)).expect("it is below a smaller number")
    }
}

/// What holds of every division: it comes to what was asked for, nobody gets more than there is room for, what stands
/// stays while replicas are added, nobody gains while they are taken, and of several tiers only the last that is used has
/// room left.
#[test]
fn every_division_keeps_its_promises() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let mut numbers = Numbers(7);
    for round in 0..3_000 {
        let size = 1 + numbers.below(6) as usize;
        let names = &names[..size];
        let mut draw = |end: u32| (0..size).map(|_| numbers.below(end)).collect::<Vec<u32>>();
        let (room, standing, tiers) = (draw(20), draw(8), draw([1, 3][round % 2]));
        let (mut ranking, order) = (names.to_vec(), draw(99));
        ranking.sort_by_key(|name| order[names.iter().position(|one| one == name).expect("it is there")]);
        let replicas = numbers.below(40);
        let mut answers =
            with_room(&room).replicas(replicas).ranking(&ranking).seed(["", "odd", "even"][round % 3]);
        for (place, name) in names.iter().enumerate() {
            answers = answers.tier(name, tiers[place]);
            if standing[place] > 0 {
                answers = answers.previously(name, standing[place]);
            }
        }
        let stands: u32 = standing.iter().sum();
        for config in [by_room(), aggregated()] {
            let Ok(given) = answers.assign::<Division>(config) else {
                let free: u32 = room.iter().sum();
                assert!(replicas > stands + free, "{replicas} fit into {room:?} on top of {standing:?}");
                continue;
            };
            let case = format!("{replicas} in {room:?} of tiers {tiers:?} on top of {standing:?}: {given:?}");
            assert_eq!(given.iter().sum::<u32>(), replicas, "{case}");
            let may_have = |place: usize| {
                let most = standing[place] + if replicas > stands { room[place] } else { 0 };
                if replicas >= stands { standing[place]..=most } else { 0..=standing[place] }
            };
            assert!((0..size).all(|place| may_have(place).contains(&given[place])), "{case}");
            let changed = |place: &usize| given[*place] != standing[*place];
            let last = (0..size).filter(changed).map(|place| tiers[place]).max();
            if replicas > stands {
                let full = |place: &usize| given[*place] == *may_have(*place).end();
                assert!(
                    (0..size).filter(|place| Some(tiers[*place]) < last).all(|place| full(&place)),
                    "{case}"
                );
            }
        }
    }
}
