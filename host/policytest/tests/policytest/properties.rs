//! Each property: a plan that has it, and one that has not.

use std::sync::atomic::{AtomicUsize, Ordering};

use portolan_plan::{Place, Previous};
use portolan_policytest::{Breach, Property, Scene, breaches};
use serde_json::{Value, json};

use crate::fixture::{Double, adding, placing, refused, scene};

fn found(property: Property, scene: &Scene) -> Vec<Breach> {
    let nowhere = Previous::default();
    let subjects: Vec<_> = scene.templates.iter().map(|template| (template, &nowhere)).collect();
    breaches(property, scene, &subjects)
}

/// A scene that is placed by a filter of the test's own.
fn placed_by(filter: std::sync::Arc<Double>) -> Scene {
    let mut scene = scene(&[placing(json!({"plugins": [{"name": "own", "config": {}}]}))]);
    scene.ingredients.plugins.insert("own".into(), filter);
    scene
}

fn by_names() -> Value {
    placing(json!({"clusterAffinity": {"clusterNames": ["member1", "member2"]}}))
}

#[test]
fn a_plan_by_names_and_values_has_every_property() {
    let scene = scene(&[by_names(), adding(&["member1"], "/spec/replicas", json!(5))]);
    for property in Property::ALL {
        assert_eq!(found(property, &scene), [], "{property}");
    }
}

#[test]
fn whoever_answers_differently_each_time_is_found_by_shuffling() {
    let calls = AtomicUsize::new(0);
    let scene = placed_by(Double::filter(move |_, _| {
        let place = Place::try_from(calls.fetch_add(1, Ordering::SeqCst) % 3).expect("a place");
        refused("its turn", vec![place])
    }));
    let found = found(Property::ShuffledInput, &scene);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].text, "with the input in the order of seed 0 the answer is another one");
    assert_eq!(found[0].differences.len(), 6, "five and how many more: {found:?}");
    assert!(found[0].broken);
}

#[test]
fn whoever_counts_clusters_is_found_by_a_newcomer() {
    // It takes as many clusters as there are, less two.
    let scene = placed_by(Double::filter(|_, reading| {
        let size = reading.size().expect("an answer");
        let mut refuse: Vec<Place> = (0..size).collect();
        let member = reading.find("member3").expect("an answer").expect("it is there");
        refuse.retain(|place| size.is_multiple_of(2) || *place != member);
        refused("not now", refuse)
    }));
    let found = found(Property::UnrelatedCluster, &scene);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].text,
        "with a cluster `0-unrelated`, which is not selected, the answer is another one"
    );
    assert!(
        found[0]
            .differences
            .iter()
            .any(|line| line.starts_with("/report/clusters/2/verdict: \"selected\" became")),
        "{found:?}"
    );
}

#[test]
fn where_every_cluster_is_selected_none_is_unrelated() {
    let scene = scene(&[placing(json!({}))]);
    let found = found(Property::UnrelatedCluster, &scene);
    assert_eq!(found.len(), 1);
    assert!(!found[0].broken);
    assert!(
        found[0]
            .text
            .starts_with("PropagationPolicy shop/web also selects a cluster of which it knows nothing")
    );
}

#[test]
fn whoever_flees_from_where_it_was_is_found_by_asking_again() {
    let scene = placed_by(Double::filter(|_, reading| {
        let previous = reading.previous().expect("an answer");
        let was = |place: &Place| previous.get(*place as usize).is_some_and(Option::is_some);
        let anywhere = (0..3).any(|place| was(&place));
        refused(
            "it was there",
            (0..3).filter(|place| if anywhere { was(place) } else { *place > 0 }).collect(),
        )
    }));
    let found = found(Property::SameAgain, &scene);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].differences.iter().any(|line| line.starts_with("/on/member1: ")), "{found:?}");
}

#[test]
fn whoever_adds_to_a_list_is_found_by_overriding_twice() {
    let scene = scene(&[by_names(), adding(&["member2"], "/spec/list/-", json!("b"))]);
    let found = found(Property::OverrideTwice, &scene);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].text,
        "on member2 OverridePolicy shop/more spec.overrideRules[0].overriders.plaintext (plaintext) changes it once more"
    );
    assert_eq!(found[0].differences, ["/spec/list/2: nothing became \"b\""]);
}
