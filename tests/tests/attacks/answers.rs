//! Attacks on what plugins' answers may do, with real components in the real sandbox: `plaintext` stands in for a custom
//! plugin that asks for whatever its config says. What a plugin may do to the sandbox itself is tried there.

use portolan_api::{Context, Document, Scopes};
use portolan_plan::{Act, Decision, Digest, Hold, Ingredients, Options, Previous, Template, World, decide};
use portolan_tests::default_plugins;
use serde_json::{Value, json};

/// One cluster, one ConfigMap that is there already, one placement, and an override by a custom plugin.
fn attack(operation: Value) -> (World, Decision, Previous) {
    let override_policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy",
        "metadata": {"name": "attack", "namespace": "shop"},
        "spec": {"overrideRules": [{"overriders": {"plugins": [{"name": "plaintext", "config": [operation]}]}}]}});
    place(json!({}), vec![override_policy], |_| Previous {
        clusters: vec!["member1".into()],
        ..Previous::default()
    })
}

fn place(
    placement: Value,
    documents: Vec<Value>,
    previous: impl FnOnce(&Value) -> Previous,
) -> (World, Decision, Previous) {
    let spec =
        json!({"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}], "placement": placement});
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "p", "namespace": "shop"}, "spec": spec});
    let cluster = json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "metadata": {"name": "member1"},
        "spec": {}});
    let template = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"key": "value"},
        "metadata": {"name": "a", "namespace": "shop", "labels": {"app": "a"}}});
    let mut ingredients = Ingredients { plugins: default_plugins(), ..Ingredients::default() };
    let mut templates = Vec::new();
    let scopes = Scopes::default();
    let context = Context { default_namespace: "default", scopes: &scopes };
    for document in [policy, cluster, template].into_iter().chain(documents) {
        match Document::read(document, &context).expect("the test's document") {
            Document::Template(object) => templates.push(Template::new(object)),
            Document::Propagation(policy) => ingredients.propagation.push(*policy),
            Document::Override(policy) => ingredients.overrides.push(*policy),
            Document::Cluster(cluster) => ingredients.clusters.push(*cluster),
            Document::Plugin(_) | Document::Ignored(_) => {}
        }
    }
    let (world, problems) = World::new(ingredients);
    assert_eq!(problems, []);
    let previous = previous(&spec);
    let decision = decide(&world, templates.remove(0), &previous, Options::default());
    (world, decision, previous)
}

/// Nothing of the attack is delivered, what was there stays, and the message names who did what.
fn is_refused(operation: Value, why: &str) {
    let (world, decision, previous) = attack(operation.clone());
    let acts = decision.acts(&world, &previous);
    assert!(matches!(acts[..], [("member1", Act::Keep)]), "{operation}");
    let troubles = decision.troubles(world.fleet());
    let text = &troubles[0].text;
    let named =
        "OverridePolicy shop/attack spec.overrideRules[0].overriders.plugins[0]: overrider `plaintext`";
    assert!(text.contains(named) && text.contains(why), "{text}");
}

#[test]
fn attack_22_patches_to_identity_owners_finalizers_status_and_provenance_are_refused() {
    let add = |path: &str, value: Value| json!({"operator": "add", "path": path, "value": value});
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
fn attack_26_an_object_that_would_not_fit_is_refused() {
    let large = "x".repeat(1_500 * 1024);
    is_refused(json!({"operator": "add", "path": "/data/key", "value": large}), "at most 1433600 travel");
}

#[test]
fn attack_27_a_filter_that_suddenly_refuses_everything_takes_nothing_away() {
    let nobody = json!({"plugins": [{"name": "cluster-affinity", "config": {"clusterNames": ["nobody"]}}]});
    let (world, decision, previous) = place(nobody, Vec::new(), |spec| Previous {
        clusters: vec!["member1".into()],
        policy_digest: Some(Digest::of(spec.to_string().as_bytes()).to_string()),
        ..Previous::default()
    });
    assert_eq!(decision.hold, Some(Hold::WouldVanish));
    assert!(matches!(decision.acts(&world, &previous)[..], [("member1", Act::Keep)]));
    assert!(decision.troubles(world.fleet())[0].text.contains("--allow-empty"));
}
