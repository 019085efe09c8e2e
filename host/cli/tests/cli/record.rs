//! Decisions recorded, told and made again.

use std::fs;

use serde_json::Value;

use crate::place::{CLUSTER, Place, config_map, policy, text};

const OVERRIDE: &str = "---\napiVersion: policy.karmada.io/v1alpha1\nkind: OverridePolicy\nmetadata: {name: o}\nspec:\n  \
    overrideRules:\n  - targetCluster: {clusterNames: [member1]}\n    overriders: {plaintext: [{path: /data, operator: add, \
    value: {a: b}}]}\n";

/// One ConfigMap on one cluster with an override, applied and recorded.
fn recorded() -> Place {
    let place = Place::new();
    let placed = policy("p", "a", "[{name: cluster-affinity, config: {clusterNames: [member1]}}]");
    place.write("in.yaml", [CLUSTER, &config_map("a"), &placed, OVERRIDE].concat());
    let applied = place.portolan(&["apply", "-f", "in.yaml", "--members", "out", "--record", "record"]);
    assert!(applied.status.success(), "{}", text(&applied.stderr));
    place
}

const TRANSCRIPT: &str = "record/transcripts/default/ConfigMap/a.json";

#[test]
fn a_recorded_decision_comes_out_the_same_elsewhere() {
    let here = recorded();
    let elsewhere = Place::new();
    fs::rename(here.path().join("record"), elsewhere.path().join("record")).expect("it can be carried away");
    let replayed = elsewhere.portolan(&["replay", "record", "-o", "json"]);
    assert!(replayed.status.success(), "{}", text(&replayed.stderr));
    let stories: Value = serde_json::from_slice(&replayed.stdout).expect("it is JSON");
    assert_eq!(stories[0]["same"], true, "{stories}");
    let calls = stories[0]["calls"].as_array().expect("a list");
    let plugins: Vec<&str> = calls.iter().filter_map(|call| call["plugin"].as_str()).collect();
    assert_eq!(plugins, ["cluster-affinity", "cluster-affinity", "plaintext"]);
}

#[test]
fn the_same_input_gives_the_same_transcripts() {
    let (one, other) = (recorded(), recorded());
    assert!(one.read(TRANSCRIPT).is_some());
    assert_eq!(one.read(TRANSCRIPT), other.read(TRANSCRIPT));
}

#[test]
fn what_was_changed_in_a_transcript_comes_out() {
    let place = recorded();
    let written = place.read(TRANSCRIPT).expect("it was recorded");
    // The fleet had a cluster more, it says.
    place.write(TRANSCRIPT, written.replacen("\"answer\": 1", "\"answer\": 2", 1));
    let replayed = place.portolan(&["replay", TRANSCRIPT]);
    assert_eq!(replayed.status.code(), Some(3), "{}", text(&replayed.stdout));
    assert!(text(&replayed.stderr).contains("1 of 1 decisions did not come out the same"));
    assert!(text(&replayed.stdout).contains("comes out different"), "{}", text(&replayed.stdout));

    place.write(TRANSCRIPT, &written[..written.len() / 2]);
    let replayed = place.portolan(&["replay", TRANSCRIPT]);
    assert_eq!(replayed.status.code(), Some(1));
    assert!(text(&replayed.stderr).contains("is no transcript; valid: a file of `apply --record`"));
}

#[test]
fn what_is_other_about_the_terms_is_said() {
    let place = recorded();
    let written = place.read(TRANSCRIPT).expect("it was recorded");
    let mut transcript: Value = serde_json::from_str(&written).expect("it is JSON");
    let terms = |transcript: &mut Value, change: fn(&mut Value)| {
        for call in transcript["calls"].as_array_mut().expect("a list") {
            change(&mut call["terms"]);
        }
        place.write(TRANSCRIPT, transcript.to_string());
        text(&place.portolan(&["replay", TRANSCRIPT]).stderr)
    };
    let said = terms(&mut transcript, |terms| terms["engine"] = "another 1.0".into());
    assert!(said.contains("`cluster-affinity` ran by another 1.0 and now by wasmtime"), "{said}");
    assert!(!said.contains("other limits"), "{said}");
    let said = terms(&mut transcript, |terms| terms["budget"]["fuel"] = u64::MAX.into());
    assert!(said.contains("ran by another 1.0 with other limits than it can have here"), "{said}");
}

#[test]
fn questions_that_are_asked_no_more_are_counted() {
    let place = recorded();
    let written = place.read(TRANSCRIPT).expect("it was recorded");
    let mut transcript: Value = serde_json::from_str(&written).expect("it is JSON");
    for said in ["asked 1 question fewer", "asked 2 questions fewer"] {
        let exchanges = transcript["calls"][0]["exchanges"].as_array_mut().expect("a list");
        exchanges.push(exchanges[0].clone());
        place.write(TRANSCRIPT, transcript.to_string());
        let replayed = place.portolan(&["replay", TRANSCRIPT]);
        assert_eq!(replayed.status.code(), Some(3));
        assert!(text(&replayed.stdout).contains(said), "{}", text(&replayed.stdout));
    }
}

#[test]
fn a_component_that_is_not_the_recorded_one_is_not_taken_for_it() {
    let place = recorded();
    let written = place.read(TRANSCRIPT).expect("it was recorded");
    let digest = written.split("\"component\": \"").nth(1).and_then(|rest| rest.get(..71)).expect("a digest");
    let unknown = format!("sha256:{}", "0".repeat(64));
    place.write(TRANSCRIPT, written.replace(digest, &unknown));
    let forged = format!("record/components/{}.wasm", unknown.replace(':', "-"));
    place.write(&forged, "anything");
    let replayed = place.portolan(&["replay", TRANSCRIPT]);
    assert_eq!(replayed.status.code(), Some(1));
    let said = text(&replayed.stderr);
    assert!(
        said.contains(&format!("plugin `cluster-affinity` is needed as the component {unknown}")),
        "{said}"
    );
}

#[test]
fn what_is_recorded_stops_nothing_where_it_can_t_be_kept() {
    let place = Place::new();
    let placed = policy("p", "a", "[{name: cluster-affinity, config: {clusterNames: [member1]}}]");
    place.write("in.yaml", [CLUSTER, &config_map("a"), &placed].concat());
    fs::create_dir(place.path().join("record")).expect("a writable directory");
    place.write("record/components", "in the way");
    let applied = place.portolan(&["apply", "-f", "in.yaml", "--members", "out", "--record", "record"]);
    assert_eq!(applied.status.code(), Some(1));
    assert!(text(&applied.stderr).contains("error: --record: can't write"), "{}", text(&applied.stderr));
    assert!(place.read("out/member1/default/ConfigMap/a.yaml").is_some(), "it is delivered all the same");
}

#[test]
fn a_replay_goes_on_after_what_it_cannot_read_and_says_what_was_of_no_use() {
    let place = recorded();
    let written = place.read(TRANSCRIPT).expect("it was recorded");
    place.write("new.json", written.replacen("\"transcript\": 2", "\"transcript\": 3, \"more\": 0", 1));
    let replayed = place.portolan(&["replay", "none", "new.json", "record", "--plugin", "labels"]);
    assert_eq!(replayed.status.code(), Some(1));
    let (said, told) = (text(&replayed.stderr), text(&replayed.stdout));
    assert!(said.contains("new.json: the transcript has form 3; valid: 2"), "{said}");
    assert!(said.contains("can't read none"), "{said}");
    assert!(said.contains("warning: --plugin labels: no decision was made by it"), "{said}");
    assert!(told.contains("the same for the same reasons"), "{told}");
}

#[test]
fn a_recorded_decision_is_told_with_its_questions() {
    let place = recorded();
    let told = place.portolan(&["explain", "--transcript", TRANSCRIPT]);
    assert!(told.status.success(), "{}", text(&told.stderr));
    let told = text(&told.stdout);
    for line in
        ["placed by PropagationPolicy default/p", "  fleet.find(\"member1\") → 0", "  refuses nothing"]
    {
        assert!(told.contains(line), "{told}");
    }
}

#[test]
fn what_is_recorded_below_an_input_is_not_read_as_one() {
    let place = Place::new();
    let placed = policy("p", "a", "[]");
    place.write("in.yaml", [CLUSTER, &config_map("a"), &placed].concat());
    let apply = || place.portolan(&["apply", "-f", ".", "--members", "out", "--record", "rec"]);
    let first = apply();
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert_eq!(text(&first.stdout), "member1\n  + ConfigMap default/a\n1 created\n");
    assert!(place.read("rec/transcripts/default/ConfigMap/a.json").is_some());
    let second = apply();
    assert!(second.status.success(), "{}", text(&second.stderr));
    assert_eq!(text(&second.stdout), "1 unchanged\n");
    let said = text(&second.stderr);
    assert!(!said.contains("error"), "{said}");
}

#[test]
fn attack_25_nothing_of_a_secret_is_recorded() {
    let place = Place::new();
    let secret = "---\n{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {key: aHVzaGh1c2g=}}\n";
    let placed = policy("p", "a", "[]").replace("kind: ConfigMap", "kind: Secret");
    // It asks about the object: a plaintext override of a text within a string does.
    let rule =
        OVERRIDE.replace("/data, operator: add, value: {a: b}", "/data/key, operator: replace, value: b2s=");
    place.write("in.yaml", [CLUSTER, secret, &placed, &rule].concat());
    let applied = place.portolan(&["apply", "-f", "in.yaml", "--members", "out", "--record", "record"]);
    assert!(applied.status.success(), "{}", text(&applied.stderr));
    let written = place.read("record/transcripts/default/Secret/a.json").expect("it was recorded");
    assert!(written.contains("\"object\": null") && !written.contains("aHVza"), "{written}");
    assert!(written.contains("\"deliveries\": []") && !written.contains("b2s="), "{written}");
    let replayed = place.portolan(&["replay", "record"]);
    assert!(replayed.status.success(), "it is nobody's fault");
    let said = text(&replayed.stderr);
    assert!(said.contains("warning: 1 about a Secret"), "{said}");
}
