//! Plugins tried by hand.

use serde_json::Value;

use crate::faults::component;
use crate::place::{CLUSTER, Place, config_map, text};

fn run(place: &Place, arguments: &[&str]) -> Value {
    let ran = place.portolan(&[arguments, &["--clusters", "clusters.yaml", "-o", "json"]].concat());
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    serde_json::from_slice(&ran.stdout).expect("it is JSON")
}

fn place() -> Place {
    let place = Place::new();
    place.write("clusters.yaml", CLUSTER);
    place.write("template.yaml", config_map("a"));
    place
}

#[test]
fn a_call_shows_its_answer_its_questions_and_what_it_used() {
    let place = place();
    place.write("config.yaml", "clusterNames: [member9]");
    let ran = run(&place, &["plugin", "run", "cluster-affinity", "--config", "config.yaml"]);
    assert_eq!(ran["stage"], "filter");
    assert_eq!(ran["outcome"]["refusals"][0]["reason"], "not among clusterNames");
    assert_eq!(ran["exchanges"][0]["ask"], "fleet.size");
    let used = &ran["used"];
    assert_eq!(used["questions"], ran["exchanges"].as_array().map(Vec::len).expect("a list"));
    assert!(used["fuel"].as_u64().is_some_and(|fuel| fuel > 0), "{used}");
    assert!(ran["budget"]["fuel"].as_u64() > used["fuel"].as_u64(), "{ran}");
}

#[test]
fn inspecting_and_running_list_the_same_budget() {
    let place = place();
    let ran = run(&place, &["plugin", "run", "cluster-affinity"]);
    let inspected = place.portolan(&["plugin", "inspect", "cluster-affinity", "-o", "json"]);
    let inspected: Value = serde_json::from_slice(&inspected.stdout).expect("it is JSON");
    assert!(inspected["budget"]["logBytes"].is_u64(), "{inspected}");
    assert_eq!(inspected["budget"], ran["budget"]);
}

#[test]
fn an_overriders_patch_is_tried_on_the_template() {
    let place = place();
    place.write("config.json", r#"[{"path": "/data/missing/deep", "operator": "add", "value": 1}]"#);
    let arguments = ["plugin", "run", "plaintext", "--template", "template.yaml", "--config", "config.json"];
    let ran = place.portolan(&[&arguments[..], &["--clusters", "clusters.yaml"]].concat());
    assert_eq!(ran.status.code(), Some(3));
    let said = text(&ran.stderr);
    assert!(said.contains("the patch for member1 can't be applied: operation 1"), "{said}");
}

#[test]
fn a_patch_that_a_plan_would_refuse_is_refused() {
    let place = place();
    place.write("config.json", r#"[{"path": "/metadata/name", "operator": "replace", "value": "b"}]"#);
    let arguments = ["plugin", "run", "plaintext", "--template", "template.yaml", "--config", "config.json"];
    let ran = place.portolan(&[&arguments[..], &["--clusters", "clusters.yaml"]].concat());
    assert_eq!(ran.status.code(), Some(3), "{}", text(&ran.stdout));
    let said = text(&ran.stderr);
    assert!(
        said.contains(
            "the patch for member1 is not allowed: metadata.name would change; an override may never"
        ),
        "{said}"
    );
}

#[test]
fn an_interpreters_patch_is_held_to_what_a_plan_would_take() {
    let place = place();
    let run = |name: &str, operation: &str| {
        place.write("prunes.wasm", interpreter(operation));
        let ran = place.portolan(&["plugin", "run", "prunes.wasm", "--template", "template.yaml"]);
        assert_eq!(ran.status.code(), Some(3), "{name}: {}", text(&ran.stdout));
        text(&ran.stderr).to_owned()
    };
    // An addition at the first text of the second, and a removal at the third.
    let said = run("another name", "0 100 14 114 3");
    assert!(said.contains("the patch is not allowed: metadata.name would change"), "{said}");
    let said = run("nothing there", "2 117 8 0 0");
    assert!(said.contains("the patch can't be applied: operation 1"), "{said}");
}

/// Prunes with one operation: its words, of texts that begin at 100.
fn interpreter(operation: &str) -> Vec<u8> {
    let words = operation.split(' ').map(|word| word.parse::<u32>().expect("a number"));
    let put = |(at, word): (u32, u32)| format!("(i32.store (i32.const {at}) (i32.const {word}))");
    let words: String = (200..).step_by(4).zip(words).chain([(4, 200), (8, 1)]).map(put).collect();
    let fields = format!(
        r#"(data (i32.const 100) "/metadata/name\"b\"/missing") (func (export "prune") (result i32) {words} (i32.const 0))"#
    );
    component(&fields, "prune.stage")
}

#[test]
fn what_a_call_costs_is_shown() {
    let place = place();
    place.write("config.yaml", "clusterNames: [member1]");
    let benched = run(&place, &["plugin", "bench", "cluster-affinity", "--config", "config.yaml"]);
    assert!(benched["calls"].as_u64().is_some_and(|calls| calls > 0), "{benched}");
    assert!(benched["microseconds"]["median"].as_f64().is_some_and(|median| median > 0.0), "{benched}");
}

#[test]
fn what_a_trial_lacks_is_said() {
    let place = place();
    place.write("bad.yaml", "clusterNmaes: [member1]");
    place.write("two.yaml", [config_map("a"), config_map("b")].concat());
    let failed = |arguments: &[&str], why: &str| {
        let ran = place.portolan(&[&["plugin", "run"], arguments].concat());
        assert_eq!(ran.status.code(), Some(1), "{}", text(&ran.stdout));
        assert!(text(&ran.stderr).contains(why), "{}", text(&ran.stderr));
    };
    let clusters = ["--clusters", "clusters.yaml"];
    failed(
        &[&["cluster-affinity", "--config", "bad.yaml"], &clusters[..]].concat(),
        "the config does not fit",
    );
    failed(&[&["cluster-affinity", "--config", "none.yaml"], &clusters[..]].concat(), "none.yaml");
    failed(
        &[&["cluster-affinity", "--template", "two.yaml"], &clusters[..]].concat(),
        "it holds 2 objects; valid: one",
    );
    failed(&["cluster-affinity", "--clusters", "two.yaml"], "there is no Cluster in it");
    failed(&[&["cluster-affinity", "--stage", "overrider"], &clusters[..]].concat(), "can stand as: filter");
    failed(&[&["nobody"], &clusters[..]].concat(), "nobody; valid: a file, or one of");
}
