//! Which taints keep a template away, and what it may do about it.

use portolan_plugin::testing::Answers;
use portolan_plugin::{Config as _, Fault, Refusal};
use serde_json::{Value, json};
use taint_toleration::{TaintToleration, Tolerations};

fn taint(key: &str, value: &str, effect: &str) -> Value {
    json!({"key": key, "value": value, "effect": effect})
}

fn cluster(name: &str, taints: Value) -> Value {
    json!({"metadata": {"name": name}, "spec": {"taints": taints}})
}

/// Whether a template with these tolerations may go to a cluster with this taint.
fn passes(tolerations: Value, taint: &Value) -> bool {
    let answers = Answers::default().clusters([cluster("c", json!([taint]))]);
    answers.filter::<TaintToleration>(tolerations).expect("the tolerations are well-formed").is_empty()
}

fn said(answers: &Answers, tolerations: Value) -> Vec<(String, Vec<u32>)> {
    let refusals = answers.filter::<TaintToleration>(tolerations).expect("the tolerations are well-formed");
    refusals.into_iter().map(|Refusal { reason, clusters }| (reason, clusters)).collect()
}

#[test]
fn a_toleration_fits_as_kubernetes_has_it() {
    let gpu = taint("gpu", "a100", "NoSchedule");
    for (toleration, fits) in [
        (json!({"key": "gpu", "operator": "Exists"}), true),
        (json!({"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}), true),
        (json!({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}), false),
        (json!({"key": "gpu", "operator": "Exists", "effect": "PreferNoSchedule"}), false),
        (json!({"key": "gp", "operator": "Exists"}), false),
        (json!({"key": "gpu", "operator": "Equal", "value": "a100"}), true),
        (json!({"key": "gpu", "value": "a100"}), true),
        (json!({"key": "gpu", "operator": "", "value": "a100", "effect": ""}), true),
        (
            json!({"key": "gpu", "operator": null, "value": "a100", "effect": null, "tolerationSeconds": null}),
            true,
        ),
        (json!({"key": "gpu", "value": "a10"}), false),
        (json!({"key": "gpu"}), false),
        (json!({"operator": "Exists"}), true),
        (json!({"key": "", "operator": "Exists"}), true),
        (json!({"operator": "Exists", "effect": "NoExecute"}), false),
        // Without a key, values are compared all the same.
        (json!({"value": "a100"}), true),
        (json!({}), false),
        // What Exists has a value for is not looked at, and neither is how long an eviction waits.
        (json!({"key": "gpu", "operator": "Exists", "value": "other", "tolerationSeconds": 300}), true),
    ] {
        assert_eq!(passes(json!([toleration]), &gpu), fits, "{toleration}");
    }
}

#[test]
fn an_absent_value_is_an_empty_one() {
    let bare = json!({"key": "cordoned", "effect": "NoExecute"});
    assert!(passes(json!([{"key": "cordoned"}]), &bare));
    assert!(passes(json!([{}]), &bare));
    assert!(passes(json!([{"key": "cordoned", "value": ""}]), &taint("cordoned", "", "NoExecute")));
    assert!(!passes(json!([{"key": "cordoned", "value": "yes"}]), &bare));
}

#[test]
fn one_toleration_of_several_is_enough() {
    let tolerations = json!([{"key": "a"}, {"key": "gpu", "operator": "Exists"}, {"key": "b"}]);
    assert!(passes(tolerations, &taint("gpu", "a100", "NoSchedule")));
    assert!(!passes(json!([{"key": "a"}, {"key": "b"}]), &taint("gpu", "a100", "NoSchedule")));
}

#[test]
fn a_wish_keeps_nobody_away() {
    assert!(passes(json!([]), &taint("gpu", "", "PreferNoSchedule")));
    assert!(!passes(json!([]), &taint("gpu", "", "NoSchedule")));
    assert!(!passes(json!([]), &taint("gpu", "", "NoExecute")));
}

#[test]
fn each_untolerated_taint_is_a_reason_for_all_who_have_it() {
    let (gpu, dark) = (taint("gpu", "a100", "NoSchedule"), json!({"key": "dark", "effect": "NoExecute"}));
    let answers = Answers::default().clusters([
        cluster("a", json!([gpu, dark, taint("old", "", "NoSchedule")])),
        cluster("b", Value::Null),
        cluster("c", json!([dark, dark])),
        cluster("d", json!([])),
        json!({"metadata": {"name": "e"}}),
    ]);
    let tolerations = json!([{"key": "old", "operator": "Exists"}]);
    let expected = [
        ("untolerated taint {dark:NoExecute}".to_owned(), vec![0, 2]),
        ("untolerated taint {gpu=a100:NoSchedule}".to_owned(), vec![0]),
    ];
    assert_eq!(said(&answers, tolerations), expected);
}

#[test]
fn what_is_there_already_stays() {
    let gpu = taint("gpu", "", "NoExecute");
    let answers = Answers::default().clusters(["a", "b", "c"].map(|name| cluster(name, json!([gpu]))));
    let answers = answers.previously("b", 0);
    assert_eq!(said(&answers, json!([])), [("untolerated taint {gpu:NoExecute}".to_owned(), vec![0, 2])]);
    let answers = answers.previously("a", 3).previously("c", 1);
    assert_eq!(said(&answers, json!([])), []);
}

#[test]
fn one_question_is_enough_where_everything_is_tolerated() {
    let answers = Answers::default().clusters([
        cluster("a", json!([taint("gpu", "", "NoSchedule")])),
        cluster("b", json!([taint("gpu", "", "PreferNoSchedule")])),
    ]);
    assert_eq!(said(&answers, json!([{"key": "gpu", "operator": "Exists"}])), []);
    assert_eq!(answers.asked(), ["fleet.column /spec/taints"]);
    assert_eq!(said(&answers, json!([])).len(), 1);
    assert_eq!(answers.asked()[1..], ["fleet.column /spec/taints", "request.previous"]);
}

#[test]
fn a_toleration_that_could_never_fit_is_a_fault_that_names_it() {
    for (tolerations, text) in [
        (
            json!([{"key": "a"}, {"key": "b", "operator": "Gt", "value": "5"}]),
            "at [1].operator: there is no \"Gt\" for taints of clusters; valid is Equal, Exists",
        ),
        (
            json!([{"key": "a", "operator": "exists"}]),
            "at [0].operator: there is no \"exists\" for taints of clusters; valid is Equal, Exists",
        ),
        (
            json!([{"key": "a", "effect": "NoSchedle"}]),
            "at [0].effect: there is no \"NoSchedle\"; valid is NoSchedule, PreferNoSchedule, NoExecute",
        ),
        (
            json!([{"keys": "a"}]),
            "at [0]: there is no field \"keys\"; valid is key, operator, value, effect, tolerationSeconds",
        ),
        (json!([{"key": 7}]), "at [0].key: expected a string, found 7"),
        (json!({}), "expected a list, found an object"),
    ] {
        let fault = Answers::default().filter::<TaintToleration>(tolerations);
        assert_eq!(fault, Err(Fault::Config(text.to_owned())));
    }
}

#[test]
fn the_schema_has_the_operators_and_effects_that_the_type_has() {
    let schema: Value = serde_json::from_str(&Tolerations::schema()).expect("the schema is JSON");
    for field in ["operator", "effect"] {
        let valid = schema["items"]["properties"][field]["enum"].as_array().expect("a list");
        for value in valid {
            let read = Answers::default().filter::<TaintToleration>(json!([{field: value}]));
            assert_eq!(read, Ok(vec![]), "{field} {value}");
        }
    }
}
