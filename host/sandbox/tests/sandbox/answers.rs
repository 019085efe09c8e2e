//! Answers that the contract does not allow, or that are too much.

use std::sync::Arc;

use portolan_plan::{Budget, Fault, Patch, Plugin as _, Reading, Request, Targets, Verb};
use portolan_sandbox::Budgets;
use serde_json::json;

use crate::setting::{filter, fleet, guest_text, plugin, refused_text, target};

fn patch(name: &str, config: &str) -> Result<Vec<portolan_plan::Amendment>, Fault> {
    plugin(name).patch(config, &mut target(&[0, 2]))
}

fn text(fault: Fault) -> String {
    match fault {
        Fault::Answer(text) => text,
        other => panic!("{other:?}"),
    }
}

fn output() -> Fault {
    Fault::Budget(Budget::Output(Budgets::default().output_bytes))
}

#[test]
fn attack_03_value_that_is_100_000_deep() {
    let fault = text(patch("adds-its-config", &"[".repeat(100_000)).expect_err("it is too deep"));
    assert!(
        fault.starts_with("operation 1 of amendment 1 (at `/data`): its value is no JSON: recursion limit"),
        "{fault}"
    );
}

#[test]
fn attack_03_objects_that_grow_deeper_with_every_operation() {
    // What an operation makes is as deep as its pointer and its value together.
    let at = |levels: usize| "/a".repeat(levels);
    let mut patch = Patch::default();
    let mut object = json!({});
    for level in 1..=127 {
        patch.push(Verb::Add, &at(level), json!({})).expect("it is not too deep");
    }
    object = patch.apply(&object).expect("it applies");
    assert_eq!(object.pointer(&at(127)), Some(&json!({})));
    let error = patch.push(Verb::Add, &at(128), json!({})).expect_err("it is too deep");
    assert_eq!(error.to_string(), "an operation would make the object deeper than 128 levels");
}

#[test]
fn attack_13_list_beyond_memory() {
    let fault = text(filter("answers-beyond-memory", "{}").expect_err("there is no such list"));
    assert!(fault.starts_with("it breaks a rule of the component model: "), "{fault}");
}

#[test]
fn attack_13_list_as_large_as_memory() {
    // 60 MiB of guest memory are 180 MiB as the host's types: stopped while it is taken over.
    assert_eq!(filter("answers-many", &"x".repeat(60)), Err(output()));
    // 20 MiB are 60: taken over, and then found to be too much.
    assert_eq!(filter("answers-many", &"x".repeat(20)), Err(output()));
    // What is left is allowed, whatever it is good for.
    assert_eq!(filter("answers-many", "x").map(|refusals| refusals.len()), Ok(65_536));
}

#[test]
fn attack_13_long_text() {
    assert_eq!(filter("answers-long", "{}"), Err(output()));
}

#[test]
fn attack_14_small_values_that_take_much_memory() {
    // 300 kB of text, 26 MB once parsed.
    let objects = format!("[{}]", vec![r#"{"":0}"#; 40_000].join(","));
    assert_eq!(patch("adds-its-config", &objects), Err(output()));
    let texts = serde_json::to_string(&"{[,".repeat(300_000)).expect("JSON");
    assert_eq!(
        patch("adds-its-config", &texts).map(|amendments| amendments.len()),
        Ok(1),
        "texts are not counted so"
    );
}

#[test]
fn attack_14_kinds_without_end() {
    // A list of a million empty kinds in what the plugin says about itself: 16 bytes each there, 48 on the host.
    let text = guest_text("refuses-all")
        .replace(r#""\00\00\00\00\00\00\00\00")"#, r#""\00\00\01\00\40\42\0f\00")"#)
        .replace(r#"(memory (export "memory") 4)"#, r#"(memory (export "memory") 300)"#);
    assert_eq!(
        refused_text(&text),
        "its manifest can't be used: kinds: there are 1000000; valid: up to 1000"
    );
    let many = guest_text("refuses-all")
        .replace(r#""\00\00\00\00\00\00\00\00")"#, r#""\00\00\01\00\00\00\3f\00")"#)
        .replace(r#"(memory (export "memory") 4)"#, r#"(memory (export "memory") 1023)"#);
    assert_eq!(refused_text(&many), format!("asked who it is: {}", output()));
}

#[test]
fn attack_18_reason_that_is_no_utf_8() {
    let fault = text(filter("refuses-for-no-text", "{}").expect_err("it is no text"));
    assert!(fault.contains("invalid utf-8 sequence"), "{fault}");
}

#[test]
fn attack_18_question_that_is_no_utf_8() {
    let fault = text(filter("asks-in-no-text", "{}").expect_err("it is no text"));
    assert!(fault.contains("invalid utf-8 sequence"), "{fault}");
}

#[test]
fn attack_18_name_that_is_no_utf_8() {
    let text = guest_text("refuses-all").replace(r#""guest" "0.1.0""#, r#""\c3\28\ffst" "0.1.0""#);
    let error = refused_text(&text);
    assert!(
        error.starts_with("asked who it is: the plugin's answer is not allowed: ")
            && error.contains("invalid utf-8 sequence"),
        "{error}"
    );
}

#[test]
fn attack_20_clusters_that_were_not_offered() {
    let fault = text(filter("refuses-the-digits", "4").expect_err("there are four"));
    assert_eq!(fault, "refusal 1 (`digits`) names cluster 4, which is not on offer; valid: 0 to 3");
    // A character below `0`.
    let fault = text(filter("refuses-the-digits", "/").expect_err("there are four"));
    assert!(fault.contains("names cluster 4294967295"), "{fault}");
}

#[test]
fn attack_20_cluster_that_is_named_twice() {
    let fault = text(filter("refuses-the-digits", "121").expect_err("1 is there twice"));
    assert_eq!(fault, "refusal 1 (`digits`) names cluster 1 (`c0001`) twice; valid: each once");
    let fault = text(patch("names-the-digits", "00").expect_err("0 is there twice"));
    assert_eq!(fault, "cluster 0 (`c0000`) is named by two amendments; valid: one for each cluster");
}

#[test]
fn attack_20_cluster_that_is_not_targeted() {
    let fault = text(patch("names-the-digits", "1").expect_err("1 is not targeted"));
    assert_eq!(
        fault,
        "amendment 1 names cluster 1 (`c0001`), which the rule does not target; \
         valid: cluster 0 (`c0000`), cluster 2 (`c0002`)"
    );
}

#[test]
fn places_are_sorted() {
    let refusals = filter("refuses-the-digits", "201").expect("they are on offer");
    assert_eq!(refusals[0].clusters, [0, 1, 2]);
    let amendments = patch("names-the-digits", "20").expect("they are targeted");
    assert_eq!(amendments.iter().map(|amendment| amendment.clusters[0]).collect::<Vec<_>>(), [2, 0]);
    assert_eq!(amendments[0].patch.as_ref().map(ToString::to_string), Ok("remove /a".into()));
}

#[test]
fn attack_55_warnings_that_are_many_and_act_on_a_terminal() {
    let amendments = patch("warns-of-its-config", "\u{1b}[2J").expect("it is allowed");
    let said = "\\u{1b}[2J".to_owned();
    assert_eq!(amendments[0].patch, Err(Fault::Template(said.clone())));
    assert_eq!(amendments[0].warnings[..16], vec![said.clone(); 16]);
    assert_eq!(amendments[0].warnings[16..], ["4 more warnings of the plugin's are not shown"]);
    assert_eq!(amendments[1].patch.as_ref().map(portolan_plan::Patch::len), Ok(0));
    assert_eq!((&*amendments[1].clusters, &*amendments[1].warnings), (&[2][..], &[said][..]));
    let long = patch("warns-of-its-config", &"x".repeat(100_000)).expect("it is allowed");
    assert_eq!(long[1].warnings[0].chars().count(), 1025, "it is cut as any text is");
    // 22 times a million bytes are more than an answer may have.
    assert_eq!(patch("warns-of-its-config", &"x".repeat(1_000_000)), Err(output()));
}

#[test]
fn attack_21_many_operations() {
    let fault = patch("operates-a-lot", "{}");
    assert_eq!(fault, Err(Fault::Budget(Budget::Operations(Budgets::default().operations))));
    // A million are more than is even taken over.
    assert_eq!(patch("operates-a-lot", "a million"), Err(output()));
}

#[test]
fn attack_21_operations_that_the_contract_does_not_have() {
    let fault = text(patch("copies-an-operation", "{}").expect_err("there are four"));
    assert_eq!(fault, "it breaks a rule of the component model: unexpected discriminant: 4");
}

#[test]
fn attack_21_few_operations_on_a_long_list() {
    let operate = |operations: usize, lists: &[usize]| {
        let object = |length: &usize| Arc::new(json!({"list": vec![0; *length]}));
        let clusters: &[&[u32]] = if lists.len() == 1 { &[&[0, 2]] } else { &[&[0], &[2]] };
        let targets: Vec<Targets> = (clusters.iter().zip(lists))
            .map(|(clusters, length)| Targets { clusters: clusters.to_vec(), object: object(length) })
            .collect();
        let mut reading = Reading::for_overrider(fleet(4), object(&0), Request::default(), targets);
        let answer = plugin("removes-from-a-list").patch(&"x".repeat(operations), &mut reading);
        assert!(reading.asked().sizes, "the answer was held against these objects, and holds for no others");
        answer.map(|amendments| amendments[0].patch.as_ref().expect("a patch").len())
    };
    let limit = Budgets::default().operations;
    assert_eq!(limit, 100_000);
    let fault = Err(Fault::Budget(Budget::Operations(limit)));
    assert_eq!(operate(10_000, &[1_000]), Ok(10_000));
    assert_eq!(operate(10_000, &[10_000]), fault);
    // What an object of 1.4 MiB can hold.
    assert_eq!(operate(20, &[700_000]), Ok(20));
    assert_eq!(operate(30, &[700_000]), fault);
    // Two objects take twice as long as one.
    assert_eq!(operate(20, &[700_000, 600_000]), fault);
    assert_eq!(operate(7_000, &[1_000, 1_001]), Ok(7_000));
    assert_eq!(operate(10_000, &[1_000, 1_001]), fault);
}

#[test]
fn attack_21_pointers_and_values_that_are_none() {
    let fault = text(patch("removes-at-its-config", "no pointer").expect_err("it is no pointer"));
    assert!(
        fault
            .starts_with("operation 1 of amendment 1 (at `no pointer`): `no pointer` is no RFC 6901 pointer"),
        "{fault}"
    );
    let fault = text(patch("removes-at-its-config", &"/a".repeat(200)).expect_err("it is too deep"));
    assert!(fault.contains("deeper than 128 levels"), "{fault}");
    let fault = text(patch("adds-its-config", "{").expect_err("it is no JSON"));
    assert!(fault.contains("its value is no JSON: EOF while parsing"), "{fault}");
}

#[test]
fn attack_55_reason_that_acts_on_a_terminal() {
    let reason = "no\n\u{1b}[2J\u{1b}]0;title\u{7}\r\u{9b}1m\u{202e}gnp";
    let refusals = filter("refuses-for-its-config", reason).expect("an answer");
    assert_eq!(refusals[0].reason, r"no\n\u{1b}[2J\u{1b}]0;title\u{7}\r\u{9b}1m\u{202e}gnp");
    let refusals = filter("refuses-for-its-config", &"ä".repeat(1000)).expect("an answer");
    assert_eq!(refusals[0].reason, "ä".repeat(512) + "…");
}
