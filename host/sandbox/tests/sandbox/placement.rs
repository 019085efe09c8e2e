//! Scores, estimates, choices and replicas that the contract does not allow.

use portolan_plan::{Budget, Choice, Fault, Plugin as _, Refusal};
use portolan_sandbox::Budgets;

use crate::setting::{guest_text, offer, plugin, refused_text};

#[track_caller]
fn text<T: std::fmt::Debug>(answer: Result<T, Fault>) -> String {
    match answer {
        Err(Fault::Answer(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_contract_allows_is_taken_over() {
    assert_eq!(plugin("scores-its-config").score("\0d2", &mut offer(3)), Ok(vec![0, 100, 50]));
    let estimates = plugin("estimates-its-config").estimate("-05", &mut offer(3));
    assert_eq!(estimates, Ok(vec![None, Some(0), Some(5)]));
    assert_eq!(plugin("assigns-its-config").assign("203", &mut offer(3)), Ok(vec![2, 0, 3]));
    // The best first, as it was chosen; what is refused is in the order of the clusters.
    let choice = plugin("selects-its-config").select("20!31", &mut offer(4));
    let refused = vec![Refusal { reason: "digits".into(), clusters: vec![1, 3] }];
    assert_eq!(choice, Ok(Choice { chosen: vec![2, 0], refused }));
    assert_eq!(plugin("selects-its-config").select("", &mut offer(4)), Ok(Choice::default()));
}

#[test]
fn attack_19_scores_beyond_100() {
    let scores = |config: &str| text(plugin("scores-its-config").score(config, &mut offer(3)));
    assert_eq!(scores("2e2"), "cluster 1 (`c0001`) is given 101; valid: 0 to 100");
    // 195 and 188: a byte is all that a score can be.
    assert_eq!(scores("2ü"), "cluster 1 (`c0001`) is given 195; valid: 0 to 100");
}

#[test]
fn attack_19_too_few_and_too_many_entries() {
    let valid = |entries: usize, what: &str| {
        format!("it has {entries} {what}; valid: 3, one for each cluster on offer")
    };
    for config in ["", "11", "1111"] {
        let length = config.len();
        let scores = plugin("scores-its-config").score(config, &mut offer(3));
        assert_eq!(text(scores), valid(length, "scores"));
        let estimates = plugin("estimates-its-config").estimate(config, &mut offer(3));
        assert_eq!(text(estimates), valid(length, "estimates"));
        let replicas = plugin("assigns-its-config").assign(config, &mut offer(3));
        assert_eq!(text(replicas), valid(length, "numbers of replicas"));
    }
}

#[test]
fn attack_19_scores_that_are_no_whole_numbers() {
    // NaN and infinity are no scores because the contract has no type for them.
    for other in ["f32", "f64", "s8", "u32"] {
        let guest = guest_text("scores-its-config").replace("(list u8)", &format!("(list {other})"));
        let error = refused_text(&guest);
        assert!(
            error.starts_with("its `portolan:policy/scorer@0.1.0` is not as the contract says: "),
            "{error}"
        );
    }
}

#[test]
fn attack_19_replicas_below_zero() {
    // As large as they read without their sign.
    let replicas = plugin("assigns-its-config").assign("1/1", &mut offer(3));
    assert_eq!(
        text(replicas),
        "cluster 1 (`c0001`) is given 4294967295 replicas; valid: 0 to 2147483647, which is as far as Kubernetes counts"
    );
    let estimates = plugin("estimates-its-config").estimate("1-*", &mut offer(3));
    assert_eq!(
        text(estimates),
        "cluster 2 (`c0002`) is said to take 4294967295 replicas; \
         valid: 0 to 2147483647, which is as far as Kubernetes counts, or none"
    );
}

#[test]
fn attack_19_replicas_that_overflow_together() {
    let assign = |config: &str| plugin("assigns-its-config").assign(config, &mut offer(3));
    assert_eq!(assign("G12"), Ok(vec![1 << 30, 1, 2]));
    assert_eq!(
        text(assign("GG0")),
        "all clusters together are given 2147483648 replicas; \
         valid: up to 2147483647, which is as far as Kubernetes counts"
    );
}

#[test]
fn attack_20_choices_of_what_is_not_there() {
    let select = |config: &str| text(plugin("selects-its-config").select(config, &mut offer(3)));
    assert_eq!(select("03"), "the choice names cluster 3, which is not on offer; valid: 0 to 2");
    assert_eq!(select("101"), "the choice names cluster 1 (`c0001`) twice; valid: each once");
    assert_eq!(select("02!12"), "cluster 2 (`c0002`) is both chosen and refused; valid: one of the two");
    assert_eq!(select("0!3"), "refusal 1 (`digits`) names cluster 3, which is not on offer; valid: 0 to 2");
}

#[test]
fn attack_13_choice_as_large_as_memory() {
    let limit = Budgets::default().output_bytes;
    let choice = plugin("chooses-a-lot").select("{}", &mut offer(3));
    assert_eq!(choice, Err(Fault::Budget(Budget::Output(limit))));
}

#[test]
fn whoever_does_not_stand_in_a_stage_says_where_it_stands() {
    let fault = plugin("scores-its-config").assign("{}", &mut offer(1)).expect_err("it is a scorer");
    assert_eq!(
        fault.to_string(),
        "the config can't be used: `guest` is no assigner; it can stand as: scorer"
    );
}
