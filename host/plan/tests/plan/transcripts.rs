//! Decisions written down and made again.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;

use portolan_plan::{
    Again, Amendment, Conversation, Fault, Options, Outcome, Patch, Plugin, Previous, Question, ReplayError,
    Transcript, Verb, World, plan_all, replay,
};
use serde_json::{Value, json};

use crate::fixture::{Double, Scene, config_map, literal, object, overriding, placing, refusal};

/// Two of three clusters by a filter that reads the template, and an override that reads each target.
fn scene() -> Scene {
    let mut placing = placing("p", &["member1", "member2"]);
    placing["spec"]["placement"]["plugins"] = json!([{"name": "residency", "config": {}}]);
    let rule = json!({"targetCluster": {"clusterNames": ["member1"]},
        "overriders": {"plugins": [{"name": "doubling", "config": {}}]}});
    let mut scene = Scene::new(&[config_map("a"), placing, overriding("o", json!([rule]))]);
    scene.plugin("residency", residency());
    scene.plugin("doubling", doubling());
    scene.ingredients.record = true;
    scene
}

/// Refuses member2 to whatever has the value `value`.
fn residency() -> Arc<Double> {
    Double::filter(|_, reading| {
        let value = reading.template("/data/key").map_err(|error| Fault::Internal(error.to_string()))?;
        let place = reading.find("member2").expect("an answer").expect("it is on offer");
        let refused = value.as_deref() == Some("\"value\"");
        Ok(refused.then(|| refusal("not this value", &[place])).into_iter().collect())
    })
}

/// Writes the value twice.
fn doubling() -> Arc<Double> {
    Double::overrider(|_, reading| {
        let clusters = reading.targets().expect("an answer");
        let value = reading.target(clusters[0], "/data/key").expect("an answer").unwrap_or_default();
        let mut patch = Patch::default();
        patch.push(Verb::Replace, "/data/key", json!(format!("{value}{value}"))).expect("a pointer");
        Ok(vec![Amendment::new(clusters, patch)])
    })
}

fn transcript(scene: Scene) -> Transcript {
    let (options, previous) = (scene.options, Previous::default());
    let (world, decision) = scene.decide(&previous);
    decision.transcript(&world, &previous, options).expect("it was to be recorded")
}

/// The plugins of [`scene`], with one of them replaced.
fn plugins(instead: Option<(&str, Arc<Double>)>) -> impl FnMut(&Conversation) -> Option<Arc<dyn Plugin>> {
    let mut plugins = scene().ingredients.plugins;
    plugins.extend(instead.map(|(name, plugin)| (name.to_owned(), plugin as Arc<dyn Plugin>)));
    move |conversation| plugins.get(&conversation.plugin).cloned()
}

#[test]
fn a_decision_is_written_down_read_and_made_again() {
    let written = transcript(scene());
    let text = serde_json::to_string(&written).expect("it is JSON");
    let read: Transcript = serde_json::from_str(&text).expect("what was written reads");
    assert_eq!(read, written);
    let plugins: Vec<&str> = read.calls.iter().map(|call| &*call.conversation.plugin).collect();
    assert_eq!(plugins, ["cluster-affinity", "residency", "cluster-affinity", "doubling"]);
    let residency = &read.calls[1];
    assert_eq!(residency.field, "spec.placement.plugins[0]");
    assert_eq!(residency.policy.name, "p");
    assert_eq!(residency.conversation.exchanges[0].question, Question::Template { at: "/data/key".into() });
    assert_eq!(residency.conversation.exchanges[0].answer, json!("\"value\""));
    assert_eq!(read.deliveries.len(), 1);
    assert_eq!(read.deliveries[0].clusters, ["member1"]);

    let again = replay(&read, self::plugins(None)).expect("it can be made again");
    assert_eq!(again.calls, vec![Again::Same; 4]);
    assert_eq!(again.same_decision, Some(true));
}

#[test]
fn a_plugin_that_answers_something_else_is_found_out() {
    let other = Double::filter(|_, reading| {
        reading.template("/data/key").expect("an answer");
        let place = reading.find("member2").expect("an answer").expect("it is on offer");
        Ok(vec![refusal("another reason", &[place])])
    });
    let again = replay(&transcript(scene()), plugins(Some(("residency", other)))).expect("it runs");
    let Again::Differs(Outcome::Refusals(refusals)) = &again.calls[1] else { panic!("{again:?}") };
    assert_eq!(refusals[0].reason, "another reason");
    assert_eq!(again.same_decision, Some(false), "the reason stands in the report");
}

#[test]
fn a_plugin_that_asks_something_else_is_found_out() {
    let other = Double::filter(|_, reading| match reading.names() {
        Ok(_) => Ok(Vec::new()),
        Err(unanswered) => Err(Fault::Internal(unanswered.to_string())),
    });
    let again = replay(&transcript(scene()), plugins(Some(("residency", other)))).expect("it runs");
    let Again::Diverged(divergence) = &again.calls[1] else { panic!("{again:?}") };
    assert_eq!(divergence.to_string(), "question 1 is fleet.names() and was template.get(\"/data/key\")");
    assert_eq!(again.calls[3], Again::NotReached, "nothing is overridden where nothing is placed");
    let incurious = Double::filter(|_, _| Ok(vec![refusal("not this value", &[1])]));
    let again = replay(&transcript(scene()), plugins(Some(("residency", incurious)))).expect("it runs");
    assert_eq!(again.calls[1], Again::AskedLess(2));
}

#[test]
fn a_transcript_that_somebody_changed_does_not_pass() {
    let mut changed = transcript(scene());
    changed.object.as_mut().expect("it is no Secret")["data"]["other"] = json!("added");
    let again = replay(&changed, plugins(None)).expect("it runs");
    assert_eq!(again.calls, vec![Again::Same; 4], "no plugin asked about that");
    assert_eq!(again.same_decision, Some(false), "but members would get it");

    for change in ["/component", "/terms/budget"] {
        let mut two = serde_json::to_value(transcript(scene())).expect("it is JSON");
        let (first, third) = (two["calls"][0].clone(), &mut two["calls"][2]);
        assert_eq!(first["plugin"], third["plugin"], "both are calls of one plugin");
        *third.pointer_mut(change).expect("it is there") = match change {
            "/component" => json!(portolan_plan::Digest([0; 32])),
            _ => json!({"fuel": 1}),
        };
        let two: Transcript = serde_json::from_value(two).expect("it reads");
        let error = replay(&two, plugins(None)).expect_err("which of them would it be");
        assert!(error.to_string().contains("`cluster-affinity` has two components or terms"), "{error}");
    }

    let mut another_field = transcript(scene());
    another_field.calls[0].field = "spec.placement.plugins[7]".into();
    assert_eq!(replay(&another_field, plugins(None)).expect("it runs").same_decision, Some(false));

    let mut of_tomorrow = transcript(scene());
    of_tomorrow.transcript = 3;
    let error = replay(&of_tomorrow, plugins(None)).expect_err("nobody knows its form");
    assert_eq!(error.to_string(), "the transcript has form 3; valid: 2");
}

#[test]
fn a_fault_that_depends_on_the_machine_is_no_difference() {
    let mut scene = scene();
    scene.plugin("residency", Double::filter(|_, _| Err(Fault::Trap("its stack overflowed".into()))));
    let written = transcript(scene);
    let calm = Double::filter(|_, _| Ok(Vec::new()));
    let again = replay(&written, plugins(Some(("residency", calm)))).expect("it runs");
    assert_eq!(again.calls[1], Again::Incomparable(Outcome::Refusals(Vec::new())));
    assert_eq!(again.same_decision, None);
    let error = replay(&written, |_| None).expect_err("there are no plugins");
    assert!(matches!(&error, ReplayError::NoPlugin { name, .. } if name == "cluster-affinity"), "{error}");
}

#[test]
fn attack_25_a_transcript_keeps_nothing_of_a_secret() {
    let mut secret = config_map("a");
    secret["kind"] = json!("Secret");
    secret["data"]["key"] = json!("aHVzaA==");
    let selects_secrets = |mut policy: Value| {
        policy["spec"]["resourceSelectors"][0]["kind"] = json!("Secret");
        policy
    };
    let mut placing = selects_secrets(placing("p", &["member1", "member2"]));
    placing["spec"]["placement"]["plugins"] = json!([{"name": "leaking", "config": {}}]);
    let rule = json!({"overriders": {"plugins": [{"name": "doubling", "config": {}}]}});
    let mut scene = Scene::new(&[secret, placing, selects_secrets(overriding("o", json!([rule])))]);
    // What it was told goes into a question, into a reason.
    let leaking = Double::filter(|_, reading| {
        reading.size().expect("an answer");
        let told = reading.template("/data/key").expect("an answer").unwrap_or_default();
        reading.find(&told).expect("an answer");
        Err(Fault::Unschedulable(told))
    });
    scene.plugin("leaking", leaking);
    scene.plugin("doubling", doubling());
    scene.ingredients.record = true;
    let written = transcript(scene);
    assert_eq!(written.object, None);
    assert_eq!(written.deliveries, [], "a digest would tell a short password");
    assert_eq!(written.policies.len(), 1, "what overrides it may write what is in it");
    assert!(written.calls.iter().all(|call| call.conversation.plugin != "doubling"));
    let leaking = &written.calls[1].conversation;
    assert_eq!(leaking.exchanges.len(), 1, "what was asked before stays");
    assert_eq!(leaking.outcome, Outcome::Withheld);
    let calls = serde_json::to_string(&written.calls).expect("it is JSON");
    assert!(!calls.contains("aHVzaA"), "{calls}");
    let error = replay(&written, plugins(None)).expect_err("not enough is there");
    assert!(matches!(error, ReplayError::Secret));
}

#[test]
fn what_nobody_was_asked_about_is_not_made_again() {
    let mut scene = Scene::new(&[config_map("a")]);
    scene.ingredients.record = true;
    let again = replay(&transcript(scene), |_| None).expect("nothing is needed");
    assert_eq!((again.calls, again.same_decision), (Vec::new(), None));
}

#[test]
fn a_decision_that_no_plugin_was_asked_about_is_made_again() {
    let mut everywhere = placing("p", &[]);
    everywhere["spec"]["placement"] = json!({});
    let mut scene = Scene::new(&[config_map("a"), everywhere]);
    scene.ingredients.record = true;
    let mut written = transcript(scene);
    let again = replay(&written, |_| None).expect("nothing is needed");
    assert_eq!((again.calls, again.same_decision), (Vec::new(), Some(true)));
    written.object.as_mut().expect("it is no Secret")["data"]["other"] = json!("added");
    let again = replay(&written, |_| None).expect("nothing is needed");
    assert_eq!(again.same_decision, Some(false));
}

#[test]
fn a_transcript_does_not_depend_on_other_templates_or_threads() {
    let templates = || {
        (0..20).map(|n| {
            let mut template = config_map(&format!("c{n:02}"));
            template["data"]["list"] = json!(vec![0; n]);
            move || (object(template), Previous::default())
        })
    };
    let written = |workers: usize, alone: Option<usize>| {
        let mut scene = scene();
        scene.ingredients.plugins.insert("doubling".into(), literal());
        let (world, problems) = World::new(scene.ingredients);
        assert_eq!(problems, []);
        let mut written = Vec::new();
        let chosen = templates().enumerate().filter(|(n, _)| alone.is_none_or(|alone| alone == *n));
        let workers = NonZeroUsize::new(workers).expect("a worker");
        let chosen = chosen.map(|(_, template)| template);
        let done: Result<(), Infallible> =
            plan_all(&world, chosen, Options::default(), workers, |decision, previous| {
                written.extend(decision.transcript(&world, &previous, Options::default()));
                Ok(())
            });
        done.expect("the sink never fails");
        written
    };
    let together = written(1, None);
    assert_eq!(together.len(), 20);
    assert!(together.iter().all(|transcript| transcript.calls.len() == 4), "{:?}", together[0].calls);
    assert_eq!(together, written(4, None));
    assert_eq!(together[7..8], written(1, Some(7)));
}

#[test]
fn nothing_is_noted_unless_it_is_asked_for() {
    let mut scene = scene();
    scene.ingredients.record = false;
    let options = scene.options;
    let (world, decision) = scene.decide(&Previous::default());
    assert_eq!(decision.transcript(&world, &Previous::default(), options), None);
    assert!(decision.placed.filters.iter().all(|step| step.answer.conversation.is_none()));
}
