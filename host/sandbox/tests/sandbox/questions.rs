//! Questions that nobody should ask.

use portolan_plan::{Fault, Plugin as _};

use crate::setting::{filter, offer, plugin};

#[test]
fn attack_33_question_from_within_a_question() {
    let fault = filter("around-the-call", "123456").expect_err("it may not ask there");
    assert_eq!(fault, Fault::Trap("wasm trap: cannot leave component instance".into()));
}

#[test]
fn attack_33_question_after_the_answer() {
    let fault = filter("around-the-call", "12345678").expect_err("it may not ask there");
    assert_eq!(fault, Fault::Trap("wasm trap: cannot leave component instance".into()));
}

#[test]
fn attack_34_questions_that_make_no_sense() {
    let plugin = plugin("asks-its-config");
    let deep = format!("{{\"matchLabels\":{}", "{\"a\":".repeat(10_000));
    let nonsense = [
        "",
        "/",
        "//",
        "~",
        "/~2",
        "/data/99999999999999999999",
        "\0",
        "\u{feff}",
        "null",
        "[]",
        "{}",
        "{",
        "1e999",
        r#"{"matchLabels":null}"#,
        r#"{"matchLabels":{"a":1}}"#,
        r#"{"matchExpressions":[{}]}"#,
        r#"{"matchExpressions":[{"key":"","operator":"In","values":[]}]}"#,
        r#"{"matchExpressions":[{"key":"a","operator":"\u0000"}]}"#,
        r#"{"matchLabels":{"\ud800":"x"}}"#,
        &deep,
    ];
    for config in nonsense {
        let answer = plugin.filter(config, &mut offer(3));
        assert!(matches!(answer, Err(Fault::Internal(_))), "{config:?} {answer:?}");
        let answer = plugin.filter(config, &mut portolan_plan::Reading::default());
        assert!(matches!(answer, Err(Fault::Internal(_))), "{config:?} {answer:?}");
    }
}

#[test]
fn attack_20_question_about_a_cluster_that_was_not_offered() {
    let fault = filter("asks-beyond-the-fleet", "{}").expect_err("there are four");
    let text =
        "it asked about what it was not offered: cluster 4294967295 is not on offer; valid: places below 4";
    assert_eq!(fault, Fault::Answer(text.into()));
}

#[test]
fn what_was_asked_comes_back_from_a_call_that_ended_badly() {
    let mut reading = offer(3);
    let fault = plugin("asks-its-config").filter("/data", &mut reading);
    assert_eq!(fault, Err(Fault::Internal("/data".into())));
    assert!(reading.asked().template);
    let mut reading = offer(3);
    let fault = plugin("asks-in-no-text").filter("/data", &mut reading);
    assert!(matches!(fault, Err(Fault::Answer(_))));
    assert_eq!(reading.on_offer(), 3);
}
