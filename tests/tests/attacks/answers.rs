//! What plugins' answers may do to an object: `plaintext` stands in for a custom plugin that asks for whatever its config
//! says.

use portolan_tests::default_plugins;
use serde_json::{Value, json};

use crate::setting::{cluster, config_map, decided, outcome, overriding, placing, was_on, world};

/// Nothing of the attack is delivered, what was there stays, and the message names who did what.
fn is_refused(operation: Value, why: &str) {
    let documents = [
        cluster("member1"),
        config_map("a"),
        placing("a", json!({})),
        overriding("a", "plaintext", &json!([operation])),
    ];
    let (world, templates) = world(default_plugins(), documents);
    let previous = was_on(&["member1"]);
    let decision = decided(&world, &templates[0], &previous);
    assert_eq!(outcome(&world, &decision, &previous), [("member1".into(), "=".into())], "{operation}");
    let troubles = decision.troubles(world.fleet());
    let text = &troubles[0].text;
    let named =
        "OverridePolicy shop/override-a spec.overrideRules[0].overriders.plugins[0]: overrider `plaintext`";
    assert!(text.contains(named) && text.contains(why), "{text}");
}

fn add(path: &str, value: Value) -> Value {
    json!({"operator": "add", "path": path, "value": value})
}

#[test]
fn attack_22_patches_to_identity_owners_finalizers_status_and_provenance_are_refused() {
    is_refused(add("/metadata/name", json!("b")), "metadata.name would change");
    is_refused(
        add("/metadata/ownerReferences", json!([{"kind": "Pod"}])),
        "metadata.ownerReferences would change",
    );
    is_refused(add("/metadata/finalizers", json!(["mine"])), "metadata.finalizers would change");
    is_refused(add("/status", json!({"ready": true})), "status would change");
    is_refused(add("/metadata/labels/karmada.io~1managed", json!("false")), "`karmada.io/managed`");
    let annotations = json!({"work.karmada.io/namespace": "karmada-es-other"});
    is_refused(add("/metadata/annotations", annotations), "`work.karmada.io/namespace`");
}

#[test]
fn attack_22_patches_that_speak_for_a_server_are_refused() {
    for (field, value) in [
        ("uid", json!("8f1c")),
        ("resourceVersion", json!("1")),
        ("generation", json!(7)),
        ("creationTimestamp", json!("2000-01-01T00:00:00Z")),
        ("deletionTimestamp", json!("2000-01-01T00:00:00Z")),
        ("deletionGracePeriodSeconds", json!(0)),
        ("managedFields", json!([])),
        ("selfLink", json!("/api")),
        ("generateName", json!("a-")),
    ] {
        let why = format!("metadata.{field} would change, which a custom plugin may not");
        is_refused(add(&format!("/metadata/{field}"), value), &why);
    }
    // And with a patch that takes everything away that says who and whose it is.
    is_refused(json!({"operator": "remove", "path": "/metadata"}), "metadata.name would change");
}

#[test]
fn attack_23_another_kind_and_another_scope_are_refused() {
    let replace = |path: &str, value: Value| json!({"operator": "replace", "path": path, "value": value});
    is_refused(replace("/kind", json!("Secret")), "kind would change");
    is_refused(replace("/apiVersion", json!("apps/v1")), "apiVersion would change");
    is_refused(replace("/metadata/namespace", json!("kube-system")), "metadata.namespace would change");
    is_refused(
        json!({"operator": "remove", "path": "/metadata/namespace"}),
        "metadata.namespace would change",
    );
    let other = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"}});
    is_refused(replace("", other), "apiVersion would change");
}

#[test]
fn attack_23_what_has_no_namespace_gets_none() {
    let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"}});
    let selectors = json!([{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}]);
    let policy = |kind: &str, spec: Value| {
        let mut spec = spec;
        spec["resourceSelectors"] = selectors.clone();
        json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": kind, "metadata": {"name": "p"}, "spec": spec})
    };
    let operation = add("/metadata/namespace", json!("kube-system"));
    let rules = json!([{"overriders": {"plugins": [{"name": "plaintext", "config": [operation]}]}}]);
    let documents = [
        cluster("member1"),
        role,
        policy("ClusterPropagationPolicy", json!({"placement": {}})),
        policy("ClusterOverridePolicy", json!({"overrideRules": rules})),
    ];
    let (world, templates) = world(default_plugins(), documents);
    let previous = was_on(&["member1"]);
    let decision = decided(&world, &templates[0], &previous);
    assert_eq!(outcome(&world, &decision, &previous), [("member1".into(), "=".into())]);
    assert!(decision.troubles(world.fleet())[0].text.contains("metadata.namespace would change"));
}

#[test]
fn attack_26_an_object_that_would_not_fit_is_refused() {
    let large = "x".repeat(1_500 * 1024);
    is_refused(json!({"operator": "add", "path": "/data/key", "value": large}), "at most 1433600 travel");
}

#[test]
fn attack_26_annotations_that_would_not_fit_are_refused() {
    // Kubernetes takes 256 KiB of them, keys and values together; our own, and lists of their keys, come with them.
    let one = json!({"note": "x".repeat(260 * 1024)});
    is_refused(add("/metadata/annotations", one), "metadata.annotations would take 2662");
    let many: serde_json::Map<String, Value> =
        (0..5_000).map(|number| (format!("{number:032}"), json!(""))).collect();
    // 5,000 keys of 32 bytes, each there and in a list.
    is_refused(add("/metadata/annotations", many.into()), "would take 325004 bytes with the lists of keys");
}
