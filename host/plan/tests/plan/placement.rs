//! The stages of placement: who is asked, about which clusters, and what becomes of the answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use portolan_plan::{
    Again, Choice, Conversation, Decision, Fault, Hold, Outcome, Patch, Place, Plugin, Previous, Reading,
    Size, Stage, Tally, Verb, Verdict, World, replay,
};
use serde_json::{Value, json};

use crate::fixture::{Double, Scene, refusal};

/// A Deployment of so many replicas, and a policy that places it like this.
fn scene(replicas: u32, placement: Value) -> Scene {
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "7"}, "spec": {"replicas": replicas}});
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "apps/v1", "kind": "Deployment"}], "placement": placement}});
    let mut scene = Scene::new(&[deployment, policy]);
    scene.plugin("kubernetes", kubernetes());
    for (name, stage) in [("cluster-locality", Stage::Scorer), ("capacity", Stage::Estimator)] {
        scene.plugin(name, Double::standing(&[stage], answered));
    }
    scene.plugin("division", Double::standing(&[Stage::Assigner], answered));
    scene.plugin("spread", Double::standing(&[Stage::Filter, Stage::Selector], answered));
    scene
}

/// Knows how big a Deployment is, and writes another size into it.
fn kubernetes() -> Arc<Double> {
    let stages = [Stage::Replicas, Stage::Revise];
    Double::speaking_for(&[("apps/v1", "Deployment")], &stages, |stage, told, reading| {
        if stage == Stage::Revise {
            let mut patch = Patch::default();
            patch.push(Verb::Replace, "/spec/replicas", told["replicas"].clone()).expect("a pointer");
            return Ok(Outcome::Patch(patch));
        }
        let replicas = reading.template("/spec/replicas").expect("an answer").expect("it has some");
        let replicas = serde_json::from_str(&replicas).expect("a number");
        Ok(Outcome::Size(Some(Size { replicas, ..Size::default() })))
    })
}

/// Ten a cluster, room for five, the best last, and all to the first of the ranking but one each to the others.
fn answered(stage: Stage, _: &Value, reading: &mut Reading) -> Result<Outcome, Fault> {
    let size = reading.size().expect("an answer");
    Ok(match stage {
        Stage::Filter => Outcome::Refusals(Vec::new()),
        Stage::Scorer => Outcome::Scores(vec![10; size as usize]),
        Stage::Estimator => Outcome::Estimates(vec![Some(5); size as usize]),
        Stage::Selector => Outcome::Choice(Choice { chosen: (0..size).rev().collect(), refused: Vec::new() }),
        _ => {
            let all = reading.replicas().expect("an answer").expect("a workload");
            let mut shares = vec![1; size as usize];
            shares[reading.ranking().expect("an answer")[0] as usize] = all - (size - 1);
            Outcome::Replicas(shares)
        }
    })
}

fn divided() -> Value {
    json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"})
}

/// Clusters with the replicas that they get, in the report and in what they are to have.
fn replicas(world: &World, decision: &Decision) -> Vec<(String, u32)> {
    let mut written = BTreeMap::new();
    for delivery in &decision.deliveries {
        let replicas = delivery.object["spec"]["replicas"].as_u64().expect("a number");
        written.extend(delivery.clusters.iter().map(|place| (world.fleet().name(*place), replicas)));
    }
    let report = decision.report(world.fleet());
    let placed = report.clusters.into_iter().filter_map(|of| Some((of.cluster, of.replicas?)));
    let placed: Vec<(String, u32)> = placed.collect();
    for (cluster, replicas) in &placed {
        assert_eq!(written[cluster.as_str()], u64::from(*replicas), "{cluster}");
    }
    placed
}

fn numbers(of: &[(&str, u32)]) -> Vec<(String, u32)> {
    of.iter().map(|(name, replicas)| ((*name).to_owned(), *replicas)).collect()
}

#[test]
fn replicas_are_divided_among_the_chosen_and_written_into_the_object() {
    let (world, decision) = scene(9, json!({"replicaScheduling": divided()})).decide(&Previous::default());
    assert_eq!(decision.hold, None);
    let expected = numbers(&[("member1", 1), ("member2", 1), ("member3", 7)]);
    assert_eq!(replicas(&world, &decision), expected);
    let remembered: Vec<_> = decision.remember.replicas.clone().into_iter().collect();
    assert_eq!(remembered, expected);

    let report = decision.report(world.fleet());
    let steps: Vec<(Stage, &str, &str)> =
        report.steps.iter().map(|step| (step.stage, step.plugin.as_str(), step.field.as_str())).collect();
    let field = "spec.placement.replicaScheduling";
    assert_eq!(
        steps,
        [
            (Stage::Scorer, "cluster-locality", field),
            (Stage::Estimator, "capacity", field),
            (Stage::Selector, "spread", field),
            (Stage::Assigner, "division", field),
        ]
    );
    let last = &report.clusters[2];
    assert_eq!((last.rank, last.scores[0].value, last.available[0].value), (Some(1), 10, Some(5)));
}

#[test]
fn later_stages_are_asked_about_what_earlier_ones_left_in_places_of_their_own() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&asked);
    let mut scene = scene(
        9,
        json!({"clusterAffinity": {"clusterNames": ["member2", "member3"]}, "replicaScheduling": divided(),
            "plugins": [{"name": "own"}]}),
    );
    let stages = [Stage::Filter, Stage::Scorer, Stage::Estimator, Stage::Selector];
    scene.plugin(
        "own",
        Double::standing(&stages, move |stage, told, reading| {
            let names = reading.names().expect("an answer").join(" ");
            let known = match stage {
                Stage::Selector => format!(
                    "{:?} {:?}",
                    reading.scores().expect("an answer"),
                    reading.available().expect("an answer")
                ),
                _ => format!("{:?}", reading.previous().expect("an answer")),
            };
            seen.lock().expect("nobody panicked").push(format!("{stage}: {names}: {known}"));
            match stage {
                Stage::Selector => {
                    Ok(Outcome::Choice(Choice { chosen: vec![1], refused: vec![refusal("too far", &[0])] }))
                }
                _ => answered(stage, told, reading),
            }
        }),
    );
    let previous = Previous {
        clusters: vec!["member3".into()],
        replicas: [("member3".to_owned(), 4)].into(),
        ..Previous::default()
    };
    let (world, decision) = scene.decide(&previous);
    assert_eq!(
        *asked.lock().expect("nobody panicked"),
        [
            "filter: member1 member2 member3: [None, None, Some(4)]",
            "scorer: member2 member3: [None, Some(4)]",
            "estimator: member2 member3: [None, Some(4)]",
            "selector: member2 member3: [20, 20] [Some(5), Some(5)]",
        ]
    );
    assert_eq!(replicas(&world, &decision), numbers(&[("member3", 9)]));
    let report = decision.report(world.fleet());
    let reasons: Vec<(&str, Verdict)> = (report.clusters.iter())
        .map(|of| (of.reasons.first().map_or("", |reason| reason.reason.as_str()), of.verdict))
        .collect();
    assert_eq!(
        reasons,
        [("not listed", Verdict::Refused), ("too far", Verdict::Refused), ("", Verdict::Selected)]
    );
}

#[test]
fn groups_are_tried_in_order_and_a_template_does_not_go_back_by_itself() {
    let groups = json!([
        {"affinityName": "nowhere", "clusterNames": ["member9"]},
        {"affinityName": "one", "clusterNames": ["member1"]},
        {"affinityName": "two", "clusterNames": ["member2"]},
    ]);
    let placement = json!({"clusterAffinities": groups});
    let on = |decision: &Decision| decision.selected.clone();

    let (world, decision) = scene(1, placement.clone()).decide(&Previous::default());
    assert_eq!(on(&decision), [0]);
    assert_eq!(decision.remember.group.as_deref(), Some("one"));
    let report = decision.report(world.fleet());
    assert_eq!(report.group.as_deref(), Some("one"));
    assert_eq!(report.passed_over[0].group, "nowhere");
    assert_eq!(report.passed_over[0].why, "no cluster of it is left");

    let previous = Previous { group: Some("two".into()), ..Previous::default() };
    let (_, decision) = scene(1, placement.clone()).decide(&previous);
    assert_eq!(on(&decision), [1]);

    let mut anew = scene(1, placement);
    anew.options.fresh = true;
    assert_eq!(on(&anew.decide(&previous).1), [0]);
}

#[test]
fn a_group_that_has_no_room_is_passed_over_and_one_whose_plugin_is_broken_is_not() {
    let groups = json!([
        {"affinityName": "small", "clusterNames": ["member1"]},
        {"affinityName": "large", "clusterNames": ["member2", "member3"]},
    ]);
    let with = |fault: fn() -> Fault| {
        let mut scene = scene(9, json!({"clusterAffinities": groups, "replicaScheduling": divided()}));
        let assign = move |stage: Stage, told: &Value, reading: &mut Reading| {
            if reading.size().expect("an answer") < 2 { Err(fault()) } else { answered(stage, told, reading) }
        };
        scene.plugin("division", Double::standing(&[Stage::Assigner], assign));
        scene.decide(&Previous::default())
    };
    let (world, decision) = with(|| Fault::Unschedulable("5 of 9".into()));
    assert_eq!(replicas(&world, &decision), numbers(&[("member2", 1), ("member3", 8)]));
    assert_eq!(decision.report(world.fleet()).passed_over[0].why, "`division`: 5 of 9");

    let (_, decision) = with(|| Fault::Internal("out of order".into()));
    assert_eq!(decision.hold, Some(Hold::Fault), "a broken plugin moves nothing");
}

#[test]
fn what_does_not_fit_anywhere_stays_and_says_which_plugin_says_so() {
    let mut scene = scene(9, json!({"replicaScheduling": divided()}));
    let none = |_: Stage, _: &Value, _: &mut Reading| Err(Fault::Unschedulable("room for 3 of 9".into()));
    scene.plugin("division", Double::standing(&[Stage::Assigner], none));
    let previous = Previous { clusters: vec!["member1".into()], ..Previous::default() };
    let (world, decision) = scene.decide(&previous);
    assert!(matches!(&decision.hold, Some(Hold::Unschedulable { plugin, .. }) if plugin == "division"));
    let troubles = decision.troubles(world.fleet());
    assert_eq!(troubles.len(), 1);
    let text = &troubles[0].text;
    assert!(text.ends_with("`division`: nothing fits: room for 3 of 9; it stays as it was"), "{text}");
}

#[test]
fn overflow_tiers_are_told_and_weights_are_those_of_the_rules() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let spy = |asked: &Arc<Mutex<Vec<String>>>| {
        let seen = Arc::clone(asked);
        Double::standing(&[Stage::Assigner], move |stage, told, reading| {
            let (tiers, weights) =
                (reading.tiers().expect("an answer"), reading.weights().expect("an answer"));
            seen.lock().expect("nobody panicked").push(format!("{tiers:?} {weights:?}"));
            answered(stage, told, reading)
        })
    };
    let tiers = json!([{"affinityName": "own", "clusterNames": ["member2"], "overflowAffinities": [
        {"affinityName": "rented", "clusterNames": ["member3", "member2"]}]}]);
    let mut tiered = scene(9, json!({"clusterAffinities": tiers, "replicaScheduling": divided()}));
    tiered.plugin("division", spy(&asked));
    let (world, decision) = tiered.decide(&Previous::default());
    let report = decision.report(world.fleet());
    let of_clusters: Vec<(Option<u32>, usize)> =
        report.clusters.iter().map(|of| (of.tier, of.reasons.len())).collect();
    assert_eq!(of_clusters, [(None, 2), (Some(0), 0), (Some(1), 0)], "every tier says why not");

    let weights = json!({"replicaSchedulingType": "Divided", "weightPreference": {"staticWeightList": [
        {"targetCluster": {"clusterNames": ["member1", "member3"]}, "weight": 2},
        {"targetCluster": {"clusterNames": ["member3"]}, "weight": 5}]}});
    let mut weighted = scene(9, json!({"replicaScheduling": weights}));
    weighted.plugin("division", spy(&asked));
    let (world, decision) = weighted.decide(&Previous::default());
    let weights: Vec<Option<u64>> =
        decision.report(world.fleet()).clusters.iter().map(|of| of.weight).collect();
    assert_eq!(weights, [Some(2), Some(0), Some(5)]);
    let asked = asked.lock().expect("nobody panicked");
    assert_eq!(*asked, ["[0, 1] None", "[0, 0, 0] Some([2, 0, 5])"]);
}

#[test]
fn what_is_scaled_to_nothing_stays_where_it_is_with_nothing() {
    let (world, decision) = scene(0, json!({"replicaScheduling": divided()})).decide(&Previous::default());
    assert_eq!(replicas(&world, &decision), numbers(&[("member1", 0), ("member2", 0), ("member3", 0)]));
}

#[test]
fn a_policy_has_one_selector_and_one_assigner() {
    let problems = |placement: Value| {
        let mut scene = scene(1, placement);
        scene.plugin("own", Double::standing(&[Stage::Selector, Stage::Assigner], answered));
        let (_, problems) = World::new(scene.ingredients);
        problems.iter().map(|found| found.problem.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(problems(json!({"plugins": [{"name": "own"}]})), Vec::<String>::new());
    let both = problems(json!({"plugins": [{"name": "own"}], "replicaScheduling": divided(),
        "spreadConstraints": [{"spreadByField": "cluster", "maxGroups": 1}]}));
    assert_eq!(both.len(), 1, "what replicaScheduling says is data for an assigner: {both:?}");
    assert!(
        both[0].starts_with("spec.placement.plugins[0].name: plugin `own` is a second selector"),
        "{both:?}"
    );
    assert_eq!(problems(json!({"plugins": [{"name": "own"}, {"name": "own"}]})).len(), 2);
}

#[test]
fn answers_hold_for_every_template_that_says_the_same() {
    let by_kind = Double::filter(|_, reading| {
        let kind = reading.template("/kind").expect("an answer").unwrap_or_default();
        let size = reading.size().expect("an answer");
        let refused: Vec<Place> = if kind.contains("Deployment") { vec![0] } else { (0..size).collect() };
        Ok(vec![refusal("not this kind", &refused)])
    });
    let mut scene = scene(3, json!({"plugins": [{"name": "by-kind"}]}));
    scene.plugin("by-kind", Arc::clone(&by_kind));
    let mut other = (*scene.templates[0].object).clone();
    other["metadata"]["name"] = json!("other");
    other["spec"]["replicas"] = json!(4);
    scene.document(other);
    let (world, problems) = World::new(scene.ingredients);
    assert_eq!(problems, []);
    for template in scene.templates {
        let decision = portolan_plan::decide(&world, template, &Previous::default(), scene.options);
        assert_eq!(decision.selected, [1, 2]);
    }
    assert_eq!(by_kind.called(), 1);
}

#[test]
fn what_a_placement_says_without_effect_is_said() {
    let said = |placement: Value| {
        let mut scene = scene(9, placement);
        let unknown = |stage: Stage, told: &Value, reading: &mut Reading| match stage {
            Stage::Estimator => Ok(Outcome::Estimates(vec![Some(9), None, Some(9)])),
            _ => answered(stage, told, reading),
        };
        scene.plugin("capacity", Double::standing(&[Stage::Estimator], unknown));
        let (world, decision) = scene.decide(&Previous::default());
        let mut tally = Tally::default();
        tally.note(&world, &decision);
        let notices = tally.notices(&world).into_iter();
        notices.map(|notice| format!("{} {}", notice.field, notice.text)).collect::<Vec<_>>()
    };
    let weights = json!([{"targetCluster": {"clusterNames": ["member1", "member8"]}, "weight": 2}]);
    let fixed = json!({"weightPreference": {"staticWeightList": weights}});
    let constraints = json!([{"spreadByField": "cluster", "maxGroups": 1}]);
    let notices = said(json!({"replicaScheduling": fixed, "spreadConstraints": constraints}));
    assert_eq!(notices.len(), 3, "{notices:?}");
    let at = "spec.placement.replicaScheduling.weightPreference.staticWeightList";
    assert_eq!(notices[0], format!("{at}[0].targetCluster not among the clusters: `member8`"));
    assert!(notices[1].starts_with("spec.placement.spreadConstraints takes no choice"), "{notices:?}");
    assert!(notices[2].starts_with(" Cluster member2 does not say how much room"), "{notices:?}");

    let both =
        json!({"weightPreference": {"dynamicWeight": "AvailableReplicas", "staticWeightList": weights}});
    let notices = said(json!({"replicaScheduling": both}));
    assert!(notices[0].starts_with(&format!("{at} is not looked at")), "{notices:?}");

    let mut nothing = scene(9, json!({"replicaScheduling": divided()}));
    nothing.ingredients.plugins.remove("kubernetes");
    let (world, decision) = nothing.decide(&Previous::default());
    let mut tally = Tally::default();
    tally.note(&world, &decision);
    assert_eq!(
        tally.notices(&world)[0].text,
        "divides replicas, and none of its templates says that it has any"
    );
}

#[test]
fn interpreters_too_are_asked_once_for_templates_that_say_the_same() {
    let mut scene = scene(9, json!({"replicaScheduling": divided()}));
    let kubernetes = kubernetes();
    scene.plugin("kubernetes", Arc::clone(&kubernetes));
    let mut other = (*scene.templates[0].object).clone();
    other["metadata"]["name"] = json!("other");
    scene.document(other);
    let (world, _) = World::new(scene.ingredients);
    for template in scene.templates {
        let decision = portolan_plan::decide(&world, template, &Previous::default(), scene.options);
        let expected = numbers(&[("member1", 1), ("member2", 1), ("member3", 7)]);
        assert_eq!(replicas(&world, &decision), expected);
    }
    assert_eq!(kubernetes.called(), 3, "for the size, and for one and seven replicas");
}

#[test]
fn a_divided_decision_is_written_down_and_made_again() {
    let made = || {
        let mut made = scene(
            9,
            json!({"clusterAffinity": {"clusterNames": ["member2", "member3"]}, "replicaScheduling": divided()}),
        );
        made.ingredients.record = true;
        made
    };
    let (options, previous) = (made().options, Previous::default());
    let (world, decision) = made().decide(&previous);
    let transcript = decision.transcript(&world, &previous, options).expect("it was to be recorded");
    let stages: Vec<Stage> = transcript.calls.iter().map(|call| call.conversation.stage).collect();
    let expected = [
        Stage::Replicas,
        Stage::Revise,
        Stage::Revise,
        Stage::Filter,
        Stage::Scorer,
        Stage::Estimator,
        Stage::Selector,
        Stage::Assigner,
    ];
    assert_eq!(stages, expected);
    let plugins = made().ingredients.plugins;
    let again = replay(&transcript, |call: &Conversation| -> Option<Arc<dyn Plugin>> {
        plugins.get(&call.plugin).cloned()
    });
    let again = again.expect("it can be made again");
    assert_eq!(again.calls, vec![Again::Same; expected.len()]);
    assert_eq!(again.same_decision, Some(true));
}

/// Two groups of clusters, the template on the first cluster of the first, and a policy that was changed since.
fn of_groups(stage: Stage, name: &str, does: fn() -> Result<Outcome, Fault>) -> (World, Decision, Previous) {
    let groups = json!([
        {"affinityName": "near", "clusterNames": ["member1", "member2"]},
        {"affinityName": "far", "clusterNames": ["member3"]},
    ]);
    let default = ["division", "spread"].contains(&name);
    let plugins = if default { json!([]) } else { json!([{"name": name}]) };
    let mut placement = json!({"clusterAffinities": groups, "plugins": plugins});
    // That would be an assigner beside its own.
    if default || stage != Stage::Assigner {
        placement["replicaScheduling"] = divided();
    }
    let mut scene = scene(9, placement);
    let others = |asked: Stage, told: &Value, reading: &mut Reading| answered(asked, told, reading);
    let stages: &[Stage] = if name == "spread" { &[Stage::Filter, Stage::Selector] } else { &[stage] };
    scene.plugin(
        name,
        Double::standing(
            stages,
            move |asked, told, reading| {
                if asked == stage { does() } else { others(asked, told, reading) }
            },
        ),
    );
    let policy = scene.ingredients.propagation[0].reference.clone();
    let previous = Previous {
        clusters: vec!["member1".into(), "member3".into()],
        policy: Some(policy),
        policy_digest: Some("of what it was before".into()),
        ..Previous::default()
    };
    let (world, decision) = scene.decide(&previous);
    (world, decision, previous)
}

/// It stays where it is: nothing arrives, nothing leaves, no other group is tried; and one message says who is at fault.
#[track_caller]
fn stays(stage: Stage, name: &str, does: fn() -> Result<Outcome, Fault>, says: &str) {
    let (world, decision, previous) = of_groups(stage, name, does);
    assert_eq!(decision.hold, Some(Hold::Fault), "{stage}");
    let tried: Vec<Option<&str>> =
        decision.placed.attempts.iter().map(|attempt| attempt.group.as_deref()).collect();
    assert_eq!(tried, [Some("near")], "{stage}: no other group is tried");
    let acts = decision.acts(&world, &previous);
    assert!(acts.iter().all(|(_, act)| matches!(act, portolan_plan::Act::Keep)), "{stage}");
    assert_eq!(acts.len(), 2, "{stage}");
    let troubles = decision.troubles(world.fleet());
    let said: Vec<&str> = troubles.iter().map(|trouble| trouble.text.as_str()).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains(&format!(": {stage} `{name}`: ")) && said[0].contains(says), "{said:?}");
    assert!(said[0].ends_with("; it stays as it was"), "{said:?}");
}

#[test]
fn attack_27_a_fault_in_any_stage_takes_nothing_away_and_tries_no_other_group() {
    let fails: fn() -> Result<Outcome, Fault> = || Err(Fault::Trap("it ran out of road".into()));
    for (stage, name) in [
        (Stage::Filter, "own"),
        (Stage::Scorer, "own"),
        (Stage::Estimator, "own"),
        (Stage::Selector, "own"),
        (Stage::Assigner, "own"),
        (Stage::Selector, "spread"),
        (Stage::Assigner, "division"),
    ] {
        stays(stage, name, fails, "it ran out of road");
    }
}

#[test]
fn attack_27_an_assigner_that_gives_replicas_to_nobody_is_at_fault() {
    let nothing: fn() -> Result<Outcome, Fault> = || Ok(Outcome::Replicas(vec![0, 0]));
    stays(Stage::Assigner, "own", nothing, "it gives none of 9 replicas to any cluster; valid: ");
}

#[test]
fn attack_27_a_selector_that_chooses_nobody_takes_nothing_away_by_itself() {
    let mut scene = scene(9, json!({"replicaScheduling": divided(), "plugins": [{"name": "own"}]}));
    let nobody = |_: Stage, _: &Value, _: &mut Reading| Ok(Outcome::Choice(Choice::default()));
    scene.plugin("own", Double::standing(&[Stage::Selector], nobody));
    let previous = Previous { clusters: vec!["member1".into()], ..Previous::default() };
    let (world, decision) = scene.decide(&previous);
    assert!(matches!(&decision.hold, Some(Hold::Unschedulable { plugin, .. }) if plugin == "own"));
    let acts = decision.acts(&world, &previous);
    assert!(matches!(&*acts, [("member1", portolan_plan::Act::Keep)]));
    let text = &decision.troubles(world.fleet())[0].text;
    assert!(
        text.ends_with("it takes none of the 3 clusters that no filter refused; it stays as it was"),
        "{text}"
    );
}

#[test]
fn what_one_filter_refuses_no_other_lets_pass() {
    let mut scene = scene(
        9,
        json!({"clusterAffinity": {"clusterNames": ["member1", "member2"]}, "replicaScheduling": divided(),
            "plugins": [{"name": "lenient"}, {"name": "strict"}]}),
    );
    scene.plugin("lenient", Double::filter(|_, _| Ok(Vec::new())));
    scene.plugin("strict", Double::filter(|_, _| Ok(vec![refusal("not that one", &[0])])));
    let (world, decision) = scene.decide(&Previous::default());
    assert_eq!(replicas(&world, &decision), numbers(&[("member2", 9)]));
}
