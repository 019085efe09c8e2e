//! What is said of Flux' kinds, beyond the vectors of the conformance tests.

use flux::Flux;
use portolan_plugin::testing::Answers;
use portolan_plugin::{Aggregate, Dependencies, Health, Interpreter, Member, Retain, State, Which};
use serde_json::{Value, json};

fn of(api_version: &str, kind: &str, rest: Value) -> Value {
    let mut object = json!({"apiVersion": api_version, "kind": kind});
    let (Some(object_map), Value::Object(rest)) = (object.as_object_mut(), rest) else { panic!("a map") };
    object_map.extend(rest);
    object
}

fn needs(object: Value) -> Vec<String> {
    let needed = Flux::dependencies(&Answers::default().template(object)).expect("it can be told");
    let name = |which: &Which| match which {
        Which::Name(name) => name.clone(),
        Which::Labels(labels) => labels.to_string(),
    };
    needed.iter().map(|one| format!("{} {}", one.kind, name(&one.which))).collect()
}

#[test]
fn a_current_release_is_healthy_once_it_is_ready_as_it_is() {
    let release = |observed: u32, ready: &str| {
        of(
            "helm.toolkit.fluxcd.io/v2",
            "HelmRelease",
            json!({"metadata": {"generation": 3}, "status": {
                "observedGeneration": observed,
                "conditions": [{"type": "Ready", "status": ready, "reason": "UpgradeSucceeded"}],
            }}),
        )
    };
    let health = |object: Value| Flux::health(&Answers::default().observed(object)).expect("it can be told");
    assert_eq!(health(release(3, "True")), State::Healthy);
    assert_eq!(health(release(2, "True")), State::Unhealthy, "of an older one");
    assert_eq!(health(release(3, "False")), State::Unhealthy);
}

#[test]
fn every_current_kind_is_held_to_its_generation() {
    let current = Flux::KINDS.iter().filter(|(api_version, kind)| {
        let known = ["Kustomization", "GitRepository"].contains(kind);
        !known && (api_version.ends_with("/v1") || api_version.ends_with("/v2"))
    });
    let mut count = 0;
    for (api_version, kind) in current {
        let status = json!({"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "True"}]});
        let object = of(api_version, kind, json!({"metadata": {"generation": 1}, "status": status}));
        let health = Flux::health(&Answers::default().observed(object));
        assert_eq!(health, Ok(State::Healthy), "{api_version} {kind}");
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn failures_are_added_up_and_never_grow_by_being_looked_at() {
    let members = || {
        ["m1", "m2"].map(|name| Member {
            name: name.to_owned(),
            status: Some(json!({"failures": 2})),
            applied: true,
            health: State::Unhealthy,
        })
    };
    let mut status = json!({"failures": 1});
    for _ in 0..3 {
        let release = of("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease", json!({"status": status}));
        let answer = Flux::aggregate(members().into(), &Answers::default().template(release));
        status = answer.expect("they can be put together").expect("there is a status");
        assert_eq!(status["failures"], 4);
    }
}

#[test]
fn what_is_substituted_into_a_kustomization_goes_with_it() {
    let kustomization = of(
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        json!({"spec": {
            "sourceRef": {"kind": "GitRepository", "name": "never"},
            "decryption": {"secretRef": {"name": "keys"}},
            "serviceAccountName": "deployer",
            "postBuild": {"substituteFrom": [
                {"kind": "ConfigMap", "name": "vars"},
                {"kind": "Secret", "name": "keys"},
            ]},
        }}),
    );
    assert_eq!(needs(kustomization), ["Secret keys", "ConfigMap vars", "ServiceAccount deployer"]);
}

#[test]
fn sources_need_what_they_log_in_with() {
    let spec = json!({"spec": {
        "secretRef": {"name": "login"}, "certSecretRef": {"name": "ca"},
        "verify": {"secretRef": {"name": "signers"}}, "serviceAccountName": "puller",
    }});
    for version in ["v1", "v1beta2"] {
        let oci = of(&format!("source.toolkit.fluxcd.io/{version}"), "OCIRepository", spec.clone());
        assert_eq!(needs(oci), ["Secret login", "Secret signers", "Secret ca", "ServiceAccount puller"]);
    }
}

#[test]
fn a_member_may_suspend_what_the_reference_lets_it_suspend() {
    let retained = |api_version: &str, kind: &str| {
        let answers = Answers::default()
            .template(of(api_version, kind, json!({"spec": {}})))
            .observed(json!({"spec": {"suspend": true}}));
        Flux::retain(&answers).expect("it can be retained").len()
    };
    assert_eq!(retained("helm.toolkit.fluxcd.io/v2beta1", "HelmRelease"), 1);
    assert_eq!(retained("source.toolkit.fluxcd.io/v1beta2", "Bucket"), 1);
    assert_eq!(retained("helm.toolkit.fluxcd.io/v2", "HelmRelease"), 0);
}
