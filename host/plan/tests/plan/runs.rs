//! What holds over many templates: memory, threads, order, and what had no effect.

use std::convert::Infallible;
use std::num::NonZeroUsize;

use crate::fixture::{Double, Scene, by_name, config_map, literal, object, overriding, placing, refusal};
use portolan_plan::{Options, Previous, Tally, World, plan_all};
use serde_json::{Value, json};

/// Everything that a run says, as text.
fn transcript(world: &World, templates: &[Value], workers: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut tally = Tally::default();
    let input = templates.iter().map(|template| move || (object(template.clone()), Previous::default()));
    let workers = NonZeroUsize::new(workers).expect("a worker");
    let done: Result<(), Infallible> = plan_all(world, input, Options::default(), workers, |decision, _| {
        tally.note(world, &decision);
        lines.push(serde_json::to_string(&decision.report(world.fleet())).expect("a report is JSON"));
        for delivery in &decision.deliveries {
            lines.extend(
                delivery.clusters.iter().map(|place| format!("{:?}", delivery.work(world.fleet(), *place))),
            );
        }
        Ok(())
    });
    let Ok(()) = done;
    lines.extend(tally.notices(world).iter().map(|notice| format!("{notice:?}")));
    lines
}

fn documents() -> Vec<Value> {
    let rule = |cluster: &str, value: &str| {
        json!({"targetCluster": {"clusterNames": [cluster]}, "overriders": {"plaintext":
            [{"path": "/data/key", "operator": "replace", "value": value}]}})
    };
    vec![
        placing("p", &["member1", "member2"]),
        placing("q", &["member3"]),
        overriding("o", json!([rule("member1", "one"), rule("member9", "nine")])),
    ]
}

#[test]
fn threads_and_the_order_of_policies_change_nothing() {
    let templates: Vec<Value> = (0..200).map(|n| config_map(&format!("c{n:03}"))).collect();
    let (world, _) = World::new(Scene::new(&documents()).ingredients);
    let alone = transcript(&world, &templates, 1);
    for workers in [2, 3, 8] {
        let (world, _) = World::new(Scene::new(&documents()).ingredients);
        assert_eq!(transcript(&world, &templates, workers), alone, "{workers} workers");
    }
    let mut turned = documents();
    turned.reverse();
    let (world, _) = World::new(Scene::new(&turned).ingredients);
    assert_eq!(transcript(&world, &templates, 2), alone);
}

#[test]
fn what_asks_nothing_of_the_template_is_asked_once() {
    let templates: Vec<Value> = (0..20).map(|n| config_map(&format!("c{n}"))).collect();
    let (filter, overrider) = (by_name(), literal());
    let mut scene = Scene::new(&documents());
    scene.plugin("cluster-affinity", filter.clone());
    scene.plugin("plaintext", overrider.clone());
    let (world, _) = World::new(scene.ingredients);
    transcript(&world, &templates, 1);
    // The placement and two targets; the override of member1.
    assert_eq!((filter.called(), overrider.called()), (3, 1));
}

#[test]
fn what_looks_at_the_template_is_asked_for_each() {
    let templates: Vec<Value> = (0..20).map(|n| config_map(&format!("c{n}"))).collect();
    let filter = Double::filter(|_, reading| {
        let odd =
            reading.template("/metadata/name").expect("an answer").is_some_and(|name| name.contains('1'));
        Ok(if odd { vec![refusal("its name", &[0])] } else { Vec::new() })
    });
    let mut scene = Scene::new(&[placing("p", &["member1"])]);
    scene.plugin("cluster-affinity", filter.clone());
    let (world, _) = World::new(scene.ingredients);
    transcript(&world, &templates, 1);
    assert_eq!(filter.called(), 20);
}

#[test]
fn policies_rules_and_overriders_without_effect_are_named_with_what_they_nearly_meant() {
    let mut off_by_one = placing("off", &["member1"]);
    off_by_one["spec"]["resourceSelectors"] =
        json!([{"apiVersion": "v1beta1", "kind": "ConfigMap", "name": "a"}]);
    let rules = json!([
        {"targetCluster": {"clusterNames": ["member9"]}, "overriders": {"plaintext":
            [{"path": "/data/key", "operator": "replace", "value": "x"}]}},
        {"overriders": {"plaintext": [{"path": "/data/key", "operator": "replace", "value": "value"}]}}]);
    let mut documents = vec![off_by_one, placing("p", &["member1"]), overriding("o", rules)];
    documents.push(json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy",
        "metadata": {"name": "slip", "namespace": "shop"}, "spec": {
            "resourceSelectors": [{"apiVersion": "v1", "kind": "Configmap", "name": "a"}],
            "overrideRules": [{"overriders": {"plaintext": [{"path": "/data", "operator": "remove"}]}}]}}));
    let (world, _) = World::new(Scene::new(&documents).ingredients);
    let mut stray = config_map("stray");
    stray["kind"] = json!("Secret");
    let lines = transcript(&world, &[config_map("a"), stray], 1);
    let notices: Vec<&String> = lines.iter().filter(|line| line.starts_with("Notice")).collect();
    for (notice, expected) in notices.iter().zip([
        "selects no template; nearly ConfigMap shop/a, whose apiVersion is `v1`, not `v1beta1`",
        "targets none of the clusters to which its templates go; not among the clusters: `member9`",
        "overrideRules[1].overriders.plaintext\", text: \"changed nothing",
        "selects no template that is placed; nearly ConfigMap shop/a, whose kind is `ConfigMap`, not `Configmap`",
        "Secret shop/stray: no policy selects it",
    ]) {
        assert!(notice.contains(expected), "{notice}\ndoes not say\n{expected}");
    }
    assert_eq!(notices.len(), 5, "{notices:#?}");
}

#[test]
fn a_policy_that_fits_no_cluster_is_named() {
    let (world, _) = World::new(Scene::new(&[placing("p", &["member9"])]).ingredients);
    let lines = transcript(&world, &[config_map("a")], 1);
    assert!(
        lines.iter().any(|line| line.contains("places them nowhere, because no cluster fits")),
        "{lines:#?}"
    );
}
