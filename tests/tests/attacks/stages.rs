//! Hostile plugins in the later stages of placement, and hostile interpreters: nothing moves, nothing goes, the message says
//! who did what, and no other template notices.

use std::sync::Arc;

use portolan_plan::{Decision, Plugin, Previous, World};
use portolan_tests::default_plugins;
use serde_json::{Value, json};

use crate::setting::{
    cluster, config_map, decided, guest, guest_as, interpreter, outcome, placing, was_on, world,
};

/// Three replicas that are divided.
fn deployment() -> Value {
    let pod = json!({"containers": [{"name": "web", "image": "web:1"}]});
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "bad", "namespace": "shop"},
        "spec": {"replicas": 3, "template": {"spec": pod}}})
}

fn divided() -> Value {
    json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"})
}

/// Two clusters that are near and one that is far, in groups that are tried in this order.
fn policy(more: &[(&str, Value)]) -> Value {
    let mut placement = json!({"clusterAffinities": [
        {"affinityName": "near", "clusterNames": ["member1", "member2"]},
        {"affinityName": "far", "clusterNames": ["member3"]}]});
    for (field, value) in more {
        placement[field] = value.clone();
    }
    json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "place-bad", "namespace": "shop"}, "spec": {"placement": placement,
            "resourceSelectors": [{"apiVersion": "apps/v1", "kind": "Deployment"}]}})
}

/// The decision about the Deployment, which is on two clusters by a policy that was changed since; and what becomes of
/// somebody else's ConfigMap meanwhile.
fn decide(plugin: &Arc<dyn Plugin>, policy: Value) -> (World, Decision, Previous) {
    let mut plugins = default_plugins();
    plugins.insert("hostile".into(), Arc::clone(plugin));
    let honest = placing("good", json!({"clusterAffinity": {"clusterNames": ["member1"]}}));
    let clusters = ["member1", "member2", "member3"].map(cluster).into_iter();
    let documents = clusters.chain([config_map("good"), honest, deployment(), policy]);
    let (world, templates) = world(plugins, documents);
    let of = |name: &str| templates.iter().find(|template| template.key.name == name).expect("it is there");
    let elsewhere = || {
        let previous = was_on(&["member2"]);
        outcome(&world, &decided(&world, of("good"), &previous), &previous)
    };
    let before = elsewhere();
    assert_eq!(before.len(), 2, "it arrives at member1 and leaves member2");
    let previous = Previous {
        policy: decided(&world, of("bad"), &Previous::default())
            .policy
            .map(|policy| policy.reference.clone()),
        policy_digest: Some("of what it was before".into()),
        ..was_on(&["member1", "member3"])
    };
    let decision = decided(&world, of("bad"), &previous);
    assert_eq!(elsewhere(), before, "another template is decided as ever");
    (world, decision, previous)
}

/// It stays where it is, and the one message about it says who did what.
#[track_caller]
fn stays(plugin: &Arc<dyn Plugin>, policy: Value, names: &str, says: &str) {
    let (world, decision, previous) = decide(plugin, policy);
    let kept = ["member1", "member3"].map(|name| (name.to_owned(), "=".to_owned()));
    assert_eq!(outcome(&world, &decision, &previous), kept, "{names}");
    assert!(decision.deliveries.is_empty(), "{names}");
    let groups = decision.placed.attempts.iter().filter_map(|attempt| attempt.group.as_deref());
    assert!(groups.eq(["near"].into_iter().take(decision.placed.attempts.len())), "{names}: no other group");
    let troubles: Vec<String> =
        decision.troubles(world.fleet()).into_iter().map(|trouble| trouble.text).collect();
    assert_eq!(troubles.len(), 1, "{troubles:?}");
    let text = &troubles[0];
    assert!(text.starts_with("Deployment shop/bad: ") && text.contains(names), "{text}");
    assert!(text.contains(says) && text.ends_with("; it stays as it was"), "{text}");
}

/// The policy that names the plugin, alone or with a division by somebody else.
fn naming(config: &Value, assigns: bool) -> Value {
    let plugins = ("plugins", json!([{"name": "hostile", "config": config}]));
    if assigns { policy(&[plugins]) } else { policy(&[plugins, ("replicaScheduling", divided())]) }
}

#[test]
fn attack_01_to_55_a_hostile_plugin_in_any_stage_keeps_what_is_there_and_harms_nobody() {
    for (function, stage) in
        [("score", "scorer"), ("estimate", "estimator"), ("select", "selector"), ("assign", "assigner")]
    {
        for (name, says) in [
            ("asks-for-ever", "100000 questions"),
            ("asks-beyond-the-fleet", "it asked about what it was not offered"),
            ("grows-at-once", "67108864 bytes of memory"),
            ("loops", "50000000 units of fuel"),
            ("panics", "panicked at src/lib.rs:7:9"),
            ("recurses", "its stack overflowed"),
        ] {
            let names = format!("spec.placement.plugins[0]: {stage} `hostile`: ");
            stays(&guest_as(name, function), naming(&json!({}), stage == "assigner"), &names, says);
        }
    }
}

#[test]
fn attack_19_and_20_answers_that_are_none_in_any_stage_move_nothing() {
    for (name, stage, config, says) in [
        // The bytes of the config, quotes and all, are the scores.
        ("scores-its-config", "scorer", json!(7), "it has 1 scores; valid: 2, one for each cluster on offer"),
        ("scores-its-config", "scorer", json!("e"), "it has 3 scores; valid: 2"),
        ("estimates-its-config", "estimator", json!(123), "it has 3 estimates; valid: 2"),
        ("selects-its-config", "selector", json!(11), "the choice names cluster 1 (`member2`) twice"),
        (
            "selects-its-config",
            "selector",
            json!(9),
            "the choice names cluster 9, which is not on offer; valid: 0 to 1",
        ),
        // Of the clusters that no filter refused there are two: the third of all is not on offer.
        (
            "selects-its-config",
            "selector",
            json!(2),
            "the choice names cluster 2, which is not on offer; valid: 0 to 1",
        ),
        ("assigns-its-config", "assigner", json!(1), "it has 1 numbers of replicas; valid: 2"),
        ("assigns-its-config", "assigner", json!(123), "it has 3 numbers of replicas; valid: 2"),
        (
            "assigns-its-config",
            "assigner",
            json!(-1),
            "cluster 0 (`member1`) is given 4294967293 replicas; valid: 0 to",
        ),
    ] {
        let names = format!("spec.placement.plugins[0]: {stage} `hostile`: ");
        stays(&guest(name), naming(&config, stage == "assigner"), &names, says);
    }
}

#[test]
fn attack_27_an_assigner_that_drops_every_cluster_takes_nothing_away() {
    let drops =
        framed_assigner("(i32.store (i32.const 4) (i32.const 1000)) (i32.store (i32.const 8) (call $size))");
    let names = "spec.placement.plugins[0]: assigner `hostile`: ";
    stays(&drops, naming(&json!({}), true), names, "it gives none of 3 replicas to any cluster");
}

/// An assigner that does this and then answers with what is at 0.
fn framed_assigner(body: &str) -> Arc<dyn Plugin> {
    crate::setting::framed(&format!(
        r#"(func (export "assign") (param i32 i32) (result i32) {body} (i32.const 0))"#
    ))
}

#[test]
fn attack_27_a_selector_that_chooses_nobody_never_takes_the_last_copy() {
    let nobody =
        crate::setting::framed(r#"(func (export "select") (param i32 i32) (result i32) (i32.const 0))"#);
    let (world, decision, previous) = decide(&nobody, naming(&json!({}), false));
    // The policy was changed, which lets filters take the template away; a choice that is empty does not.
    assert!(decision.deliveries.is_empty());
    let kept = ["member1", "member3"].map(|name| (name.to_owned(), "=".to_owned()));
    assert_eq!(outcome(&world, &decision, &previous), kept);
    assert!(decision.troubles(world.fleet())[0].text.ends_with("it stays as it was"));
}

#[test]
fn attack_27_what_one_filter_refuses_no_other_plugin_lets_pass() {
    let lenient =
        crate::setting::framed(r#"(func (export "filter") (param i32 i32) (result i32) (i32.const 0))"#);
    let (world, decision, _) = decide(&lenient, naming(&json!({}), false));
    let on: Vec<&str> = decision.selected.iter().map(|place| world.fleet().name(*place)).collect();
    assert!(!on.is_empty() && !on.contains(&"member3"), "{on:?}");
}

#[test]
fn attack_01_to_55_a_hostile_interpreter_keeps_what_is_there_and_harms_nobody() {
    let loops = "(loop $on (br $on))";
    let workload = |replicas: &str, revise: &str| {
        interpreter(&format!(
            r#"(func (export "replicas") (result i32) {replicas} (i32.const 0))
               (func (export "revise") (param i32 i32 i32) (result i32) {revise} (i32.const 0))"#
        ))
    };
    let prune = |fields: &str, body: &str| {
        interpreter(&format!(r#"{fields} (func (export "prune") (result i32) {body} (i32.const 0))"#))
    };
    let put = |at: u32, word: u32| format!("(i32.store (i32.const {at}) (i32.const {word}))");
    // A size of so many replicas and no more to it.
    let size = |replicas: u32| put(4, 1) + &put(8, replicas);
    // One operation, whose words are at 100.
    let one = |operation: [u32; 5]| {
        let words = (100..).step_by(4).zip(operation).map(|(at, word)| put(at, word));
        put(4, 100) + &put(8, 1) + &words.collect::<String>()
    };
    let texts = r#"(data (i32.const 2000) "/metadata/name\"x\"/missing/nil")"#;
    // To each the same, so that each gets less than the template says.
    let evenly = json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted"});
    let placed = || policy(&[("replicaScheduling", evenly.clone())]);
    for (plugin, operation, says) in [
        (workload(loops, ""), "replicas", "50000000 units of fuel"),
        (workload("(unreachable)", ""), "replicas", "unreachable"),
        (
            workload(&size(u32::MAX), ""),
            "replicas",
            "its size has 4294967295 replicas; valid: 0 to 2147483647",
        ),
        (workload(&size(3), loops), "revise", "50000000 units of fuel"),
        (workload(&size(3), &(put(4, 65_536) + &put(8, 100_000_000))), "revise", "component model"),
        (prune("", loops), "prune", "50000000 units of fuel"),
        (
            prune(texts, &one([0, 2000, 14, 2014, 3])),
            "prune",
            "its patch is not allowed: metadata.name would change",
        ),
        (prune(texts, &one([2, 2017, 12, 0, 0])), "prune", "its patch can't be applied: "),
    ] {
        let names = format!("Deployment shop/bad: {operation}: interpreter `hostile`: ");
        stays(&plugin, placed(), &names, says);
    }
}
