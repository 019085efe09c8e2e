//! What plan keeps of answers, and that it ends.

use portolan_plan::{Fault, Options, Previous, World, decide};
use serde_json::json;

use crate::fixture::{Double, Scene, refusal};

/// Two templates, and so many policies for each that ask the plugin with a config of their own.
fn scene(policies: usize) -> Scene {
    let mut scene = Scene::new(&[]);
    for policy in 0..policies {
        let name = format!("p{policy}");
        scene.document(json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap",
                "labelSelector": {"matchLabels": {"policy": name}}}],
                "placement": {"plugins": [{"name": "talks", "config": {"number": policy}}]}}}));
        for copy in ["a", "b"] {
            scene.document(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata":
                {"name": format!("{name}{copy}"), "namespace": "shop", "labels": {"policy": name}}}));
        }
    }
    scene
}

/// How often the plugin is asked for two templates a policy, each of which it keeps from the first cluster.
fn calls(policies: usize, reason: &str) -> usize {
    let reason = reason.to_owned();
    let talks = Double::filter(move |_, _| Ok(vec![refusal(&reason, &[0])]));
    let mut scene = scene(policies);
    scene.plugin("talks", talks.clone());
    let (world, problems) = World::new(scene.ingredients);
    assert_eq!(problems, []);
    for template in scene.templates {
        let decision = decide(&world, template, &Previous::default(), Options::default());
        // Whose answer is kept can't be seen.
        assert_eq!((decision.hold, decision.selected), (None, vec![1, 2]));
    }
    talks.called()
}

#[test]
fn attack_31_answers_without_end() {
    assert_eq!(calls(40, "no"), 40, "each answer is kept for the other template");
    // Of 40 answers of a little more than 4 MiB 15 find room in 64 MiB; the others are asked for again.
    assert_eq!(calls(40, &"x".repeat(4 << 20)), 40 + 25);
}

#[test]
fn attack_31_faults_without_end_are_kept_and_take_no_room() {
    let faults = Double::filter(|_, _| Err(Fault::Internal("no".into())));
    let mut scene = scene(3);
    scene.plugin("talks", faults.clone());
    let (world, _) = World::new(scene.ingredients);
    for template in scene.templates {
        decide(&world, template, &Previous::default(), Options::default());
    }
    assert_eq!(faults.called(), 3);
}
