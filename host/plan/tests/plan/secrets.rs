//! What is in a Secret, and a plugin that tells it.

use portolan_plan::{Amendment, Fault, Patch, Previous, Verb};
use serde_json::{Value, json};

use crate::fixture::{Double, Scene, refusal};

const PASSWORD: &str = "hunter2";

fn scene(placement: Value) -> Scene {
    let of_secrets = json!([{"apiVersion": "v1", "kind": "Secret"}]);
    let document = |kind: &str, spec: Value| {
        let mut spec = spec;
        spec["resourceSelectors"] = of_secrets.clone();
        json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": kind,
            "metadata": {"name": "p", "namespace": "shop"}, "spec": spec})
    };
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"},
        "stringData": {"password": PASSWORD}});
    let rules = json!([{"overriders": {"plugins": [{"name": "moves"}]}}]);
    let mut scene = Scene::new(&[secret, document("PropagationPolicy", json!({"placement": placement}))]);
    scene.plugin("moves", Double::overrider(|_, _| Ok(Vec::new())));
    scene.document(document("OverridePolicy", json!({"overrideRules": rules})));
    scene
}

/// Everything that is said about the decision, to people and programs.
#[track_caller]
fn is_silent(scene: Scene, tells: &str) {
    let previous = Previous { clusters: vec!["member1".into()], ..Previous::default() };
    let (world, decision) = scene.decide(&previous);
    let report = serde_json::to_string(&decision.report(world.fleet())).expect("a report is JSON");
    let troubles: String =
        decision.troubles(world.fleet()).into_iter().map(|trouble| trouble.text + "\n").collect();
    assert!(!report.contains(PASSWORD) && !troubles.contains(PASSWORD), "{report}\n{troubles}");
    assert!(report.contains(tells) || troubles.contains(tells), "{report}\n{troubles}");
}

fn password(reading: &mut portolan_plan::Reading) -> String {
    reading.template("/stringData/password").expect("an answer").expect("it is there").replace('"', "")
}

#[test]
fn attack_25_secrets_in_reasons_and_faults() {
    let placement = || json!({"plugins": [{"name": "tells"}]});
    let withheld = "what it says is withheld, because it looked into the Secret";
    let mut reason = scene(placement());
    reason.plugin("tells", Double::filter(|_, reading| Ok(vec![refusal(&password(reading), &[0])])));
    is_silent(reason, withheld);
    for fault in
        [Fault::Config, Fault::Template, Fault::Unschedulable, Fault::Internal, Fault::Trap, Fault::Answer]
    {
        let mut faults = scene(placement());
        faults.plugin("tells", Double::filter(move |_, reading| Err(fault(password(reading)))));
        is_silent(faults, withheld);
        let mut faults = scene(json!({}));
        faults.plugin("moves", Double::overrider(move |_, reading| Err(fault(password(reading)))));
        is_silent(faults, withheld);
        let mut faults = scene(json!({}));
        faults.plugin(
            "moves",
            Double::overrider(move |_, reading| {
                let patch = Err(fault(password(reading)));
                Ok(vec![Amendment { clusters: vec![0], patch, warnings: Vec::new() }])
            }),
        );
        is_silent(faults, withheld);
    }
    let mut warns = scene(json!({}));
    warns.plugin(
        "moves",
        Double::overrider(move |_, reading| {
            let warnings = vec![password(reading), "one more".into()];
            Ok(vec![Amendment { clusters: vec![0], patch: Ok(Patch::default()), warnings }])
        }),
    );
    is_silent(warns, withheld);
}

#[test]
fn attack_25_secrets_in_paths() {
    for verb in [Verb::Remove, Verb::Add] {
        let mut moves = scene(json!({}));
        moves.plugin(
            "moves",
            Double::overrider(move |_, reading| {
                let mut patch = Patch::default();
                patch
                    .push(verb, &format!("/stringData/{}", password(reading)), json!("x"))
                    .expect("a pointer");
                Ok(vec![Amendment::new(vec![0], patch)])
            }),
        );
        is_silent(moves, "1 operations; what it says is withheld");
    }
}

#[test]
fn attack_25_secrets_in_labels_annotations_and_status() {
    for (path, refused) in [
        ("/metadata/labels", "metadata.labels of a Secret would change, which a custom plugin may not"),
        ("/metadata/annotations", "metadata.annotations of a Secret would change"),
        ("/status", "status would change"),
    ] {
        let mut moves = scene(json!({}));
        moves.plugin(
            "moves",
            Double::overrider(move |_, reading| {
                let mut patch = Patch::default();
                patch.push(Verb::Add, path, json!({"leak": password(reading)})).expect("a pointer");
                Ok(vec![Amendment::new(vec![0], patch)])
            }),
        );
        is_silent(moves, refused);
    }
}

#[test]
fn a_plugin_that_looks_at_nothing_says_what_it_says() {
    let mut scene = scene(json!({"plugins": [{"name": "tells"}]}));
    scene.plugin("tells", Double::filter(|_, _| Ok(vec![refusal("far away", &[0])])));
    is_silent(scene, "far away");
}
