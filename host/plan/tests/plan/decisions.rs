//! What is decided about one template, through the door of the room.

use crate::fixture::{Double, Scene, config_map, overriding, placing, refusal};
use portolan_api::{PolicyKind, PolicyRef};
use portolan_plan::{
    Act, Amendment, Blame, Decision, Digest, Fault, Hold, Patch, Previous, Template, Verb, World, decide,
};
use serde_json::{Value, json};

/// What each concerned cluster sees: `+` a delivery with this value of `data.key`, `=` kept, `-` taken away.
fn outcome(world: &World, decision: &Decision, previous: &Previous) -> Vec<String> {
    let acts = decision.acts(world, previous);
    let shown = acts.iter().map(|(cluster, act)| match act {
        Act::Deliver(delivery, place) => {
            let manifest = delivery.work(world.fleet(), *place).manifest;
            format!("+{cluster} {}", manifest["data"]["key"].as_str().unwrap_or("?"))
        }
        Act::Keep => format!("={cluster}"),
        Act::Remove => format!("-{cluster}"),
    });
    shown.collect()
}

fn was_on(clusters: &[&str]) -> Previous {
    Previous { clusters: clusters.iter().map(|name| (*name).to_owned()).collect(), ..Previous::default() }
}

fn replace(value: &str) -> Value {
    json!({"plaintext": [{"path": "/data/key", "operator": "replace", "value": value}]})
}

fn on(clusters: &[&str], overriders: Value) -> Value {
    json!({"targetCluster": {"clusterNames": clusters}, "overriders": overriders})
}

#[test]
fn a_template_goes_where_its_policy_says_and_leaves_where_it_was() {
    let scene = Scene::new(&[config_map("a"), placing("p", &["member1", "member2"])]);
    let previous = was_on(&["member2", "member3", "gone"]);
    let (world, decision) = scene.decide(&previous);
    assert_eq!(
        outcome(&world, &decision, &previous),
        ["-gone", "+member1 value", "+member2 value", "-member3"]
    );
}

#[test]
fn rules_apply_in_order_and_only_to_their_clusters() {
    let rules = json!([on(&["member1", "member2"], replace("first")), on(&["member2"], replace("second"))]);
    let scene = Scene::new(&[config_map("a"), placing("p", &[]), overriding("o", rules)]);
    let (world, decision) = scene.decide(&Previous::default());
    assert_eq!(
        outcome(&world, &decision, &Previous::default()),
        ["+member1 first", "+member2 second", "+member3 value"]
    );
}

#[test]
fn an_override_that_fails_holds_its_clusters_and_no_others() {
    let missing = json!({"plaintext": [
        {"path": "/data/key", "operator": "replace", "value": "half"},
        {"path": "/data/none", "operator": "remove"}]});
    let rules = json!([on(&["member2"], missing)]);
    let scene = Scene::new(&[config_map("a"), placing("p", &[]), overriding("o", rules)]);
    let previous = was_on(&["member2"]);
    let (world, decision) = scene.decide(&previous);
    assert_eq!(outcome(&world, &decision, &previous), ["+member1 value", "=member2", "+member3 value"]);
    let troubles = decision.troubles(world.fleet());
    assert_eq!(troubles.len(), 1);
    assert_eq!(
        troubles[0].text,
        "ConfigMap shop/a: OverridePolicy shop/o spec.overrideRules[0].overriders.plaintext: overrider `plaintext`: \
         operation 2 (`remove /data/none`): nothing is there; valid: a path that exists; it stays as it was on member2"
    );
}

#[test]
fn an_amendment_without_a_patch_holds_its_clusters_and_a_warning_holds_nobody() {
    let amends = Double::overrider(|_, _| {
        let mut patch = Patch::default();
        patch.push(Verb::Replace, "/data/key", json!("other")).expect("a pointer");
        let fault = Err(Fault::Template("it has no such field".into()));
        let warnings = vec!["there is nothing like it".into()];
        Ok(vec![
            Amendment { clusters: vec![0], patch: Ok(patch), warnings: vec!["half of it is lost".into()] },
            Amendment { clusters: vec![1], patch: fault, warnings: Vec::new() },
            Amendment { clusters: vec![2], patch: Ok(Patch::default()), warnings },
        ])
    });
    let rules = json!([{"overriders": {"plugins": [{"name": "amends"}]}}]);
    let mut scene = Scene::new(&[config_map("a"), placing("p", &[])]);
    scene.plugin("amends", amends);
    scene.document(overriding("o", rules));
    let previous = was_on(&["member2"]);
    let (world, decision) = scene.decide(&previous);
    assert_eq!(outcome(&world, &decision, &previous), ["+member1 other", "=member2", "+member3 value"]);
    let step = "ConfigMap shop/a: OverridePolicy shop/o spec.overrideRules[0].overriders.plugins[0]: overrider `amends`";
    let said: Vec<_> =
        decision.troubles(world.fleet()).into_iter().map(|trouble| (trouble.blame, trouble.text)).collect();
    assert_eq!(
        said,
        [
            (
                Blame::User,
                format!(
                    "{step}: it does not fit this object: it has no such field; it stays as it was on member2"
                )
            ),
            (Blame::Decision, format!("{step}: half of it is lost (on member1)")),
            (Blame::Decision, format!("{step}: there is nothing like it (on member3)")),
        ]
    );
    let report = serde_json::to_value(decision.report(world.fleet())).expect("JSON");
    assert_eq!(
        report["rules"][0]["overriders"][0],
        json!({
            "plugin": "amends",
            "field": "spec.overrideRules[0].overriders.plugins[0]",
            "patches": [{"clusters": ["member1"], "patch": "replace /data/key = \"other\""}],
            "changed": ["member1"],
            "failed": [{"clusters": ["member2"], "why": "it does not fit this object: it has no such field"}],
            "warnings": [
                {"clusters": ["member1"], "text": "half of it is lost"},
                {"clusters": ["member3"], "text": "there is nothing like it"},
            ],
        })
    );
}

#[test]
fn no_override_makes_another_object_of_it() {
    for (path, value, field) in [
        ("/apiVersion", json!("v2"), "apiVersion"),
        ("/kind", json!("Secret"), "kind"),
        ("/metadata/name", json!("b"), "metadata.name"),
        ("/metadata/namespace", json!("kube-system"), "metadata.namespace"),
        (
            "",
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}),
            "metadata.namespace",
        ),
        ("/metadata/labels", json!({"karmada.io/managed": "false"}), "`karmada.io/managed`"),
        ("/metadata/annotations", json!({"work.karmada.io/name": "x"}), "`work.karmada.io/name`"),
        ("/metadata/labels", json!({"a": 1}), "metadata.labels would be no map"),
    ] {
        let overriders = json!({"plaintext": [{"path": path, "operator": "add", "value": value}]});
        let rules = json!([{"overriders": overriders}]);
        let scene = Scene::new(&[config_map("a"), placing("p", &[]), overriding("o", rules)]);
        let previous = was_on(&["member1"]);
        let (world, decision) = scene.decide(&previous);
        assert_eq!(outcome(&world, &decision, &previous), ["=member1", "=member2", "=member3"], "{path}");
        let text = &decision.troubles(world.fleet())[0].text;
        assert!(text.contains(field), "{path}: {text}");
    }
}

#[test]
fn a_custom_plugin_may_not_touch_what_decides_over_an_objects_life() {
    for path in ["/metadata/finalizers", "/metadata/ownerReferences", "/status"] {
        let rules = json!([{"overriders": {"plugins": [
            {"name": "plaintext", "config": {"path": path, "operator": "add", "value": ["x"]}}]}}]);
        let scene = Scene::new(&[config_map("a"), placing("p", &["member1"]), overriding("o", rules)]);
        let previous = was_on(&["member1"]);
        let (world, decision) = scene.decide(&previous);
        assert_eq!(outcome(&world, &decision, &previous), ["=member1"], "{path}");
        assert!(decision.troubles(world.fleet())[0].text.contains("which a custom plugin may not"));
    }
}

#[test]
fn a_template_does_not_vanish_unless_its_policy_changed_or_somebody_allows_it() {
    let policy = placing("p", &["nowhere"]);
    let digest = Digest::of(policy["spec"].to_string().as_bytes()).to_string();
    let reference = |name: &str| {
        Some(PolicyRef {
            kind: PolicyKind::PropagationPolicy,
            namespace: Some("shop".into()),
            name: name.into(),
        })
    };
    let same = Previous { policy: reference("p"), policy_digest: Some(digest), ..was_on(&["member1"]) };

    let (world, decision) = Scene::new(&[config_map("a"), policy.clone()]).decide(&same);
    assert_eq!(decision.hold, Some(Hold::WouldVanish));
    assert_eq!(outcome(&world, &decision, &same), ["=member1"]);

    let mut allowed = Scene::new(&[config_map("a"), policy.clone()]);
    allowed.options.allow_empty = true;
    let (world, decision) = allowed.decide(&same);
    assert_eq!(outcome(&world, &decision, &same), ["-member1"]);

    // Nobody knows what was decided before, or it was another policy that decided.
    let other =
        Previous { policy: reference("q"), policy_digest: Some("other".into()), ..was_on(&["member1"]) };
    for unknown in [was_on(&["member1"]), other] {
        let (world, decision) = Scene::new(&[config_map("a"), policy.clone()]).decide(&unknown);
        assert_eq!(outcome(&world, &decision, &unknown), ["=member1"]);
    }

    let changed = Previous { policy_digest: Some("other".into()), ..same };
    let (world, decision) = Scene::new(&[config_map("a"), policy]).decide(&changed);
    assert_eq!(outcome(&world, &decision, &changed), ["-member1"]);
}

#[test]
fn what_no_policy_selects_any_more_stays_where_it_is() {
    let previous = was_on(&["member1"]);
    let (world, decision) = Scene::new(&[config_map("a")]).decide(&previous);
    assert_eq!(decision.hold, Some(Hold::Unclaimed));
    assert_eq!(outcome(&world, &decision, &previous), ["=member1"]);
}

#[test]
fn a_fault_of_a_filter_keeps_everything_and_names_itself() {
    let mut scene = Scene::new(&[config_map("a"), placing("p", &["member1"])]);
    scene.plugin("cluster-affinity", Double::filter(|_, _| Err(Fault::Trap("out of luck".into()))));
    let previous = was_on(&["member3"]);
    let (world, decision) = scene.decide(&previous);
    assert_eq!(decision.hold, Some(Hold::Fault));
    assert_eq!(outcome(&world, &decision, &previous), ["=member3"]);
    assert_eq!(
        decision.troubles(world.fleet())[0].text,
        "ConfigMap shop/a: PropagationPolicy shop/p spec.placement.clusterAffinity: filter `cluster-affinity`: the \
         plugin broke down: out of luck; it stays as it was"
    );
}

#[test]
fn every_filter_is_asked_and_every_reason_kept() {
    let mut policy = placing("p", &["member1"]);
    policy["spec"]["placement"]["plugins"] = json!([{"name": "odd"}]);
    let mut scene = Scene::new(&[config_map("a"), policy]);
    scene.plugin("odd", Double::filter(|_, _| Ok(vec![refusal("odd", &[0, 2])])));
    let (world, decision) = scene.decide(&Previous::default());
    let report = decision.report(world.fleet());
    let reasons: Vec<Vec<&str>> = (report.clusters.iter())
        .map(|cluster| cluster.reasons.iter().map(|reason| reason.reason.as_str()).collect())
        .collect();
    assert_eq!(reasons, [vec!["odd"], vec!["not listed"], vec!["not listed", "odd"]]);
    assert!(decision.selected.is_empty());
}

#[test]
fn a_policy_that_cannot_be_used_holds_what_it_means_and_nothing_else() {
    let mut broken = placing("p", &["member1"]);
    broken["spec"]["placement"]["workloadAffinity"] = json!({"affinity": {}});
    let mut other = config_map("b");
    other["kind"] = json!("Secret");
    let mut also = placing("q", &["member1"]);
    also["spec"]["resourceSelectors"][0]["kind"] = json!("Secret");
    let scene = Scene::new(&[config_map("a"), other, broken, also]);
    let (world, problems) = World::new(scene.ingredients);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].problem.at, "spec.placement.workloadAffinity");
    let decide = |template: &Template| decide(&world, template.clone(), &Previous::default(), scene.options);
    assert!(matches!(decide(&scene.templates[0]).hold, Some(Hold::BrokenPolicies(_))));
    assert_eq!(decide(&scene.templates[1]).hold, None);
}

#[test]
fn a_policy_that_may_stand_in_what_could_not_be_read_is_waited_for() {
    let scene = Scene::new(&[config_map("a"), placing("p", &["member1"]), overriding("o", json!([]))]);
    let (_, decision) = scene.decide(&Previous::default());
    let previous = Previous { clusters: vec!["member1".into()], ..decision.remember };
    let mut scene = Scene::new(&[config_map("a"), placing("p", &["member2"])]);
    scene.ingredients.incomplete = true;
    let (world, decision) = scene.decide(&previous);
    assert!(matches!(&decision.hold, Some(Hold::UnreadPolicies(missing)) if missing[0].name == "o"));
    assert_eq!(outcome(&world, &decision, &previous), ["=member1"]);
}

#[test]
fn nothing_leaves_while_what_is_due_elsewhere_is_held_back() {
    let missing = json!({"plaintext": [{"path": "/data/none", "operator": "remove"}]});
    let rules = json!([on(&["member2"], missing)]);
    let scene = Scene::new(&[config_map("a"), placing("p", &["member2"]), overriding("o", rules)]);
    let previous = was_on(&["member1"]);
    let (world, decision) = scene.decide(&previous);
    assert_eq!(outcome(&world, &decision, &previous), ["=member1", "=member2"]);
}

#[test]
fn a_policy_whose_own_selector_is_wrong_holds_everything_of_its_kind() {
    let mut broken = overriding("o", json!([]));
    broken["spec"]["resourceSelectors"][0]["labelSelector"] =
        json!({"matchExpressions": [{"key": "a", "operator": "Inn", "values": ["b"]}]});
    let (_, decision) =
        Scene::new(&[config_map("a"), placing("p", &["member1"]), broken]).decide(&Previous::default());
    assert!(matches!(decision.hold, Some(Hold::BrokenPolicies(_))));
}

#[test]
fn nothing_goes_where_there_is_no_cluster_at_all() {
    let mut scene = Scene::new(&[config_map("a"), placing("p", &["member1"])]);
    scene.ingredients.clusters.clear();
    let reference =
        PolicyRef { kind: PolicyKind::PropagationPolicy, namespace: Some("shop".into()), name: "p".into() };
    let previous =
        Previous { policy: Some(reference), policy_digest: Some("other".into()), ..was_on(&["member1"]) };
    let (world, decision) = scene.decide(&previous);
    assert_eq!(outcome(&world, &decision, &previous), ["=member1"]);
}

#[test]
fn a_slip_in_the_kind_of_an_override_holds_what_it_overrode() {
    let documents = [config_map("a"), placing("p", &["member1"]), overriding("o", json!([]))];
    let (_, decision) = Scene::new(&documents).decide(&Previous::default());
    let previous = Previous { clusters: vec!["member1".into()], ..decision.remember };
    for (field, slip) in [("kind", "OveridePolicy"), ("apiVersion", "policy.karmda.io/v1alpha1")] {
        let mut documents = documents.clone();
        documents[2][field] = json!(slip);
        let (_, decision) = Scene::new(&documents).decide(&previous);
        assert!(matches!(decision.hold, Some(Hold::UnreadPolicies(_))), "{slip}");
    }
}

#[test]
fn a_cluster_that_could_not_be_read_keeps_what_it_has() {
    let typo = json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster", "metadata": {"name": "member4"},
        "spec": {"regoin": "eu"}});
    let scene = Scene::new(&[config_map("a"), placing("p", &["member1", "member4"]), typo]);
    let previous = was_on(&["member1", "member4", "member5"]);
    let (world, decision) = scene.decide(&previous);
    assert_eq!(outcome(&world, &decision, &previous), ["+member1 value", "=member4", "-member5"]);
}

#[test]
fn a_config_that_a_plugins_schema_refuses_and_a_plugin_that_is_not_there_are_said_with_their_place() {
    let mut policy = placing("p", &["member1"]);
    policy["spec"]["placement"]["plugins"] = json!([{"name": "plaintext"}, {"name": "nobody"}, {"name": "cluster-affinity", "config": {"bad": 1}}]);
    let (_, problems) = World::new(Scene::new(&[config_map("a"), policy]).ingredients);
    let texts: Vec<String> = problems.iter().map(|found| found.problem.to_string()).collect();
    let valid = "valid here: cluster-affinity, or a further one by --plugin NAME=FILE or a ClusterPlugin";
    assert_eq!(
        texts,
        [
            format!("spec.placement.plugins[0].name: plugin `plaintext` has no part in placement; {valid}"),
            format!("spec.placement.plugins[1].name: plugin `nobody` is not loaded; {valid}"),
            "spec.placement.plugins[2].config: plugin `cluster-affinity`: bad: not allowed; valid: nothing"
                .into(),
        ]
    );
}

#[test]
fn suspended_clusters_keep_what_they_have() {
    let mut policy = placing("p", &["member1", "member2"]);
    policy["spec"]["suspension"] = json!({"dispatchingOnClusters": {"clusterNames": ["member2"]}});
    let (world, decision) = Scene::new(&[config_map("a"), policy]).decide(&Previous::default());
    assert_eq!(outcome(&world, &decision, &Previous::default()), ["+member1 value", "=member2"]);
}

#[test]
fn what_the_host_wrote_says_whose_the_object_is() {
    let mut template = config_map("a");
    template["metadata"]["uid"] = json!("u-1");
    template["metadata"]["generation"] = json!(7);
    template["metadata"]["labels"] = json!({"app": "a"});
    let rules = json!([{"overriders": replace("x<y")}]);
    let scene = Scene::new(&[template, placing("p", &["member1"]), overriding("o", rules)]);
    let (world, decision) = scene.decide(&Previous::default());
    let work = decision.deliveries[0].work(world.fleet(), 0);
    assert_eq!((work.namespace.as_str(), work.name.as_str()), ("karmada-es-member1", "a-78c467b586"));
    let metadata = &work.manifest["metadata"];
    assert_eq!(metadata["labels"]["karmada.io/managed"], "true");
    assert_eq!(metadata["annotations"]["resourcetemplate.karmada.io/generation"], "7");
    assert_eq!(
        metadata["annotations"]["resourcetemplate.karmada.io/managed-labels"],
        "app,karmada.io/managed,resourcebinding.karmada.io/permanent-id,work.karmada.io/permanent-id"
    );
    assert!(metadata.get("uid").is_none() && metadata.get("generation").is_none());
    assert_eq!(
        work.annotations["policy.karmada.io/applied-overrides"],
        r#"[{"policyName":"o","overriders":{"plaintext":[{"path":"/data/key","operator":"replace","value":"x\u003cy"}]}}]"#
    );
}
