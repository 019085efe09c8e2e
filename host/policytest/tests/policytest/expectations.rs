//! Each expectation: what meets it, and what a miss says.

use portolan_plan::Previous;
use portolan_policytest::{NotFound, Which, unlike};
use serde_json::json;

use crate::fixture::{adding, answer, missed, placing, scene, template};

fn names() -> serde_json::Value {
    placing(json!({"clusterAffinity": {"clusterNames": ["member1", "member2"]}}))
}

#[test]
fn what_came_is_no_miss() {
    let scene = scene(&[names(), adding(&["member1"], "/spec/replicas", json!(5))]);
    let misses = missed(
        &answer(&scene, &["member3"]),
        json!({
            "placedBy": "PropagationPolicy shop/web",
            "isOn": ["member2", "member1"],
            "refused": {"member3": "not list"},
            "leaves": ["member3"],
            "fields": {"member1": {"/spec/replicas": 5}, "*": {"/metadata/name": "web"}},
            "absent": {"*": ["/spec/template"]},
        }),
    );
    assert_eq!(misses, []);
}

#[test]
fn a_cluster_too_many_or_too_few_is_missed_with_its_reason() {
    let scene = scene(&[names()]);
    let misses = missed(&answer(&scene, &[]), json!({"isOn": ["member1", "member3"]}));
    assert_eq!(misses.len(), 1);
    assert_eq!(
        (&misses[0].expected, &misses[0].got),
        (&json!(["member1", "member3"]), &json!(["member1", "member2"]))
    );
    assert_eq!(
        misses[0].because,
        [
            "member2: selected by PropagationPolicy shop/web",
            "member3: refused by cluster-affinity (spec.placement.clusterAffinity): not listed"
        ]
    );
}

#[test]
fn a_cluster_that_is_none_is_told_with_those_that_are() {
    let scene = scene(&[names()]);
    let misses = missed(&answer(&scene, &[]), json!({"refused": {"member4": ""}}));
    assert_eq!(
        misses[0].because,
        ["member4: is no cluster of the input; there are: member1, member2, member3"]
    );
}

#[test]
fn another_reason_is_a_miss() {
    let scene = scene(&[names()]);
    let misses = missed(&answer(&scene, &[]), json!({"refused": {"member3": "taint", "member1": ""}}));
    assert_eq!(
        misses.iter().map(|miss| (miss.expectation.as_str(), &miss.got)).collect::<Vec<_>>(),
        [("refused.member1", &json!("selected")), ("refused.member3", &json!("not listed")),]
    );
}

#[test]
fn values_are_compared_where_they_are_delivered() {
    let scene = scene(&[names(), adding(&["member1"], "/spec/replicas", json!(5))]);
    let misses = missed(
        &answer(&scene, &[]),
        json!({
            "fields": {"*": {"/spec/replicas": 2}, "member3": {"/spec/replicas": 2}},
            "absent": {"member2": ["/spec/list"]},
        }),
    );
    let said: Vec<_> = misses.iter().map(|miss| (miss.expectation.as_str(), miss.got.clone())).collect();
    assert_eq!(
        said,
        [
            ("fields.*./spec/replicas", json!({"/spec/replicas": 5})),
            ("fields.member3./spec/replicas", json!("member3 does not get it")),
            ("absent.member2./spec/list", json!({"/spec/list": ["a"]})),
        ]
    );
    assert_eq!(
        misses[0].because,
        [
            "member1: OverridePolicy shop/more spec.overrideRules[0].overriders.plaintext, plaintext: add /spec/replicas = 5"
        ]
    );
    assert_eq!(misses[2].because, ["member2: no override changes it there"]);
}

#[test]
fn what_is_held_says_why() {
    let nowhere = placing(json!({"clusterAffinity": {"clusterNames": ["member4"]}}));
    let scene = scene(&[nowhere]);
    let answer = answer(&scene, &["member1"]);
    assert_eq!(
        missed(&answer, json!({"held": "no cluster fits any more", "isOn": ["member1"], "leaves": []})),
        []
    );
    let misses = missed(&answer, json!({"held": "suspended", "placedBy": null}));
    assert_eq!(misses.iter().map(|miss| miss.expectation.as_str()).collect::<Vec<_>>(), ["placedBy", "held"]);
    assert!(
        misses[1].because[0].starts_with("Deployment shop/web stays as it was: no cluster fits"),
        "{misses:?}"
    );
}

#[test]
fn what_is_suspended_on_one_cluster_is_held_there() {
    let mut policy = names();
    policy["spec"]["suspension"] = json!({"dispatchingOnClusters": {"clusterNames": ["member2"]}});
    let scene = scene(&[policy]);
    let answer = answer(&scene, &[]);
    assert_eq!(missed(&answer, json!({"isOn": ["member1"], "held": {"member2": "suspends delivery"}})), []);
    assert_eq!(missed(&answer, json!({"held": {"member1": ""}}))[0].got, json!("selected"));
}

#[test]
fn attack_25_a_secrets_content_is_shown_in_no_miss() {
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "s", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "Secret"}], "placement": {}}});
    let mut scene = scene(&[policy]);
    scene.templates = vec![template(json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "web", "namespace": "shop"}, "stringData": {"password": "hunter2"}}))];
    let expected = json!({"fields": {"*": {"/stringData/password": "x"}}, "absent": {"*": ["/stringData"]}});
    let misses = missed(&answer(&scene, &[]), expected);
    assert_eq!(misses.len(), 6);
    assert!(!format!("{misses:?}").contains("hunter2"), "{misses:?}");
}

#[test]
fn messages_and_parts_are_one_for_one() {
    let said = ["a: one".to_owned(), "b: two".to_owned()];
    let parts = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
    assert_eq!(unlike("warnings", &parts(&["two", "one"]), &said), None);
    let miss = unlike("warnings", &parts(&["one", "three"]), &said).expect("a miss");
    assert_eq!(miss.got, json!(["one", "b: two"]));
    assert!(unlike("warnings", &[], &said).is_some());
}

#[test]
fn a_template_is_named_by_as_much_as_tells_it_from_others() {
    let mut scene = scene(&[]);
    scene.templates.push(template(json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "other"}})));
    let found = |text: &str| {
        scene.template(&Which::parse(text).expect("a name")).map(|template| template.key.to_string())
    };
    assert_eq!(found("deployment.apps shop/web"), Ok("Deployment shop/web".into()));
    assert!(matches!(found("Deployment/web"), Err(NotFound::Several(keys)) if keys.len() == 2));
    assert_eq!(found("Deployment.batch other/web"), Err(NotFound::Nobody));
    for wrong in ["web", "Deployment/", "/web", "Deployment a/b/c", ""] {
        assert_eq!(Which::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn replicas_are_compared_where_they_are_asked_for() {
    let scene = scene(&[names()]);
    let mut answer = answer(&scene, &[]);
    for (report, replicas) in answer.report.clusters.iter_mut().zip([3, 4]) {
        report.replicas = Some(replicas);
    }
    assert_eq!(missed(&answer, json!({"isOn": ["member1", "member2"]})), []);
    assert_eq!(missed(&answer, json!({"isOn": {"member1": 3, "member2": null}})), []);
    let misses = missed(&answer, json!({"isOn": {"member1": 4, "member2": 4}}));
    assert_eq!(misses[0].got, json!({"member1": 3, "member2": 4}));
    assert_eq!(misses[0].because, ["member1: selected by PropagationPolicy shop/web, 3 replicas"]);
}

#[test]
fn what_stays_has_as_many_replicas_as_it_had() {
    let nowhere = placing(json!({"clusterAffinity": {"clusterNames": ["member4"]}}));
    let scene = scene(&[nowhere]);
    let previous = Previous {
        clusters: vec!["member1".into()],
        replicas: [("member1".to_owned(), 5)].into(),
        ..Previous::default()
    };
    let (_, answer) = scene.answer(&scene.world(), &scene.templates[0], &previous);
    assert_eq!(missed(&answer, json!({"isOn": {"member1": 5}, "held": ""})), []);
}
