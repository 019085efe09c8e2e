//! Interpreters: who speaks for a kind, what may come of it, and what becomes of a template whose interpreter fails.

use std::sync::Arc;

use portolan_plan::{
    Again, Contested, Conversation, Fault, Health, Hold, Interpreted, Interpreters, Kind, MemberStatus,
    Outcome, Patch, Plugin, Plugins, Previous, Reading, Revision, Size, Stage, Verb, World, decide, replay,
};
use serde_json::{Value, json};

use crate::fixture::{Double, Scene};

const WIDGET: (&str, &str) = ("example.com/v1", "Widget");

fn plugins(of: &[(&str, &Arc<Double>)]) -> Plugins {
    let plugin = |double: &Arc<Double>| -> Arc<dyn Plugin> { Arc::<Double>::clone(double) };
    of.iter().map(|(name, double)| ((*name).to_owned(), plugin(double))).collect()
}

/// Speaks for one kind, and gives every object so many replicas.
fn of_size(kind: (&str, &str), replicas: u32) -> Arc<Double> {
    Double::speaking_for(&[kind], &[Stage::Replicas], move |_, _, _| {
        Ok(Outcome::Size(Some(Size { replicas, ..Size::default() })))
    })
}

/// Speaks for widgets in one operation, with one edit whatever it is asked about.
fn editing(stage: Stage, verb: Verb, at: &'static str, value: Value) -> Arc<Double> {
    Double::speaking_for(&[WIDGET], &[stage], move |_, _, _| {
        let mut patch = Patch::default();
        patch.push(verb, at, value.clone()).expect("a pointer");
        Ok(Outcome::Patch(patch))
    })
}

fn widget() -> Arc<Value> {
    Arc::new(json!({"apiVersion": "example.com/v1", "kind": "Widget",
        "metadata": {"name": "it", "namespace": "shop"}, "spec": {"count": 2}}))
}

fn of_kind((api_version, kind): (&str, &str)) -> Arc<Value> {
    Arc::new(json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "it"}}))
}

fn replicas(size: &Interpreted<Option<Size>>) -> Option<u32> {
    size.outcome.as_ref().expect("an answer").as_ref().map(|size| size.replicas)
}

#[test]
fn whoever_was_loaded_speaks_before_a_default_one_and_only_where_it_means_to() {
    let deployment = ("apps/v1", "Deployment");
    let pruning = Stage::Prune;
    let default = Double::speaking_for(&[deployment], &[Stage::Replicas, pruning], |stage, _, _| {
        Ok(match stage {
            Stage::Prune => Outcome::Patch(Patch::default()),
            _ => Outcome::Size(Some(Size { replicas: 1, ..Size::default() })),
        })
    });
    let own = of_size(deployment, 7);
    // Before and behind the default one by name.
    for name in ["a-own", "z-own"] {
        let (interpreters, contested) =
            Interpreters::new(&plugins(&[("kubernetes", &default), (name, &own)]));
        assert_eq!(contested, []);
        let object = of_kind(deployment);
        let size = interpreters.size(&object);
        assert_eq!((replicas(&size), size.by.as_deref()), (Some(7), Some(name)));
        assert_eq!(interpreters.speaker(&object, Stage::Replicas), Some(name));
        assert_eq!(interpreters.speaker(&object, pruning), Some("kubernetes"));
        assert_eq!(interpreters.pruned(&object).by.as_deref(), Some("kubernetes"));
        assert_eq!(interpreters.speaker(&object, Stage::Health), None);
    }
}

#[test]
fn kinds_and_api_versions_are_compared_exactly() {
    let (interpreters, _) = Interpreters::new(&plugins(&[("own", &of_size(WIDGET, 3))]));
    assert_eq!(replicas(&interpreters.size(&of_kind(WIDGET))), Some(3));
    for other in [
        ("example.com/v2", "Widget"),
        ("example.com/v1beta1", "Widget"),
        ("example.com", "Widget"),
        ("v1", "Widget"),
        ("example.com/v1", "widget"),
        ("example.com/v1", "Widgets"),
        ("EXAMPLE.com/v1", "Widget"),
    ] {
        let size = interpreters.size(&of_kind(other));
        assert_eq!((replicas(&size), size.by), (None, None), "{other:?}");
    }
    assert_eq!(interpreters.size(&Arc::new(json!({"kind": 7}))).by, None);
}

#[test]
fn two_that_were_loaded_for_one_kind_leave_it_as_it_is_and_are_both_named() {
    let default = of_size(WIDGET, 1);
    let (one, other, third) = (of_size(WIDGET, 2), of_size(WIDGET, 3), of_size(WIDGET, 4));
    let loaded = plugins(&[("a", &one), ("b", &other), ("c", &third), ("kubernetes", &default)]);
    let (interpreters, contested) = Interpreters::new(&loaded);
    let kind = Kind { api_version: WIDGET.0.into(), kind: WIDGET.1.into() };
    let twice = Contested::Twice { kind, operation: Stage::Replicas, plugins: ["a".into(), "b".into()] };
    assert_eq!(contested, std::slice::from_ref(&twice));
    let says =
        "plugins `a` and `b` both speak for example.com/v1 Widget (replicas); valid: one of them loaded";
    assert_eq!(twice.to_string(), says);
    let size = interpreters.size(&widget());
    assert_eq!(size.outcome, Err(Fault::Config(says.into())));
    assert_eq!((size.by, interpreters.speaker(&widget(), Stage::Replicas)), (None, None));
    assert_eq!([&default, &one, &other, &third].map(|double| double.called()), [0; 4], "nobody is asked");

    // In other operations they don't meet.
    let pruning = editing(Stage::Prune, Verb::Remove, "/spec/count", Value::Null);
    let (_, contested) = Interpreters::new(&plugins(&[("a", &one), ("b", &pruning)]));
    assert_eq!(contested, []);
}

#[test]
fn only_a_default_interpreter_speaks_for_secrets() {
    let secret = ("v1", "Secret");
    let both = Double::speaking_for(&[secret, WIDGET], &[Stage::Replicas], |_, _, _| {
        Ok(Outcome::Size(Some(Size::default())))
    });
    let (interpreters, contested) = Interpreters::new(&plugins(&[("own", &both)]));
    assert_eq!(contested, [Contested::Secrets { plugin: "own".into() }]);
    assert_eq!(contested[0].to_string(), "plugin `own` speaks for v1 Secret; only a default interpreter may");
    assert_eq!(interpreters.size(&of_kind(secret)).by, None, "it is as if it had not said so");
    assert_eq!(interpreters.size(&of_kind(WIDGET)).by.as_deref(), Some("own"));
    let (interpreters, contested) = Interpreters::new(&plugins(&[("kubernetes", &both)]));
    assert_eq!(contested, []);
    assert_eq!(interpreters.size(&of_kind(secret)).by.as_deref(), Some("kubernetes"));
}

#[test]
fn where_nobody_speaks_each_step_does_what_it_does_by_itself() {
    let interpreters = Interpreters::default();
    let object = widget();
    assert_eq!(interpreters.size(&object).outcome, Ok(None));
    let revised = interpreters.revised(&object, Revision { replicas: 9, completions: None });
    assert!(Arc::ptr_eq(&revised.outcome.expect("it stays"), &object));
    assert!(Arc::ptr_eq(&interpreters.pruned(&object).outcome.expect("nothing is to go"), &object));
    assert_eq!(interpreters.dependencies(&object).outcome, Ok(Vec::new()));
    assert_eq!(interpreters.health(&object).outcome, Ok(Health::Healthy));
    assert_eq!(interpreters.reflected(&object).outcome, Ok(None));
    let observed = Arc::new(json!({"status": {"ready": 2}}));
    assert_eq!(interpreters.reflected(&observed).outcome, Ok(Some(json!({"ready": 2}))));
    assert_eq!(interpreters.reflected(&Arc::new(json!({"status": null}))).outcome, Ok(None));
    assert_eq!(interpreters.aggregated(&object, &[]).outcome, Ok(None));
}

#[test]
fn what_a_server_wrote_never_travels_whatever_the_kind() {
    let mut written = (*widget()).clone();
    let server = json!({"uid": "1", "resourceVersion": "2", "generation": 3, "creationTimestamp": "then",
        "managedFields": [], "finalizers": ["f"], "ownerReferences": [{"kind": "Pod"}], "selfLink": "/it",
        "deletionTimestamp": "now", "deletionGracePeriodSeconds": 0, "annotations": {"own": "kept"}});
    for (field, value) in server.as_object().expect("an object") {
        written["metadata"][field] = value.clone();
    }
    written["status"] = json!({"ready": true});
    let pruned = Interpreters::default().pruned(&Arc::new(written.clone())).outcome.expect("an object");
    let mut expected = (*widget()).clone();
    expected["metadata"]["annotations"] = json!({"own": "kept"});
    assert_eq!(*pruned, expected);

    // An interpreter is told what is left of it.
    let told = Double::speaking_for(&[WIDGET], &[Stage::Prune], |_, _, reading| {
        let told = |reading: &mut Reading, at| reading.template(at).expect("an answer");
        assert_eq!((told(reading, "/status"), told(reading, "/metadata/uid")), (None, None));
        let mut patch = Patch::default();
        patch.push(Verb::Remove, "/spec/count", Value::Null).expect("a pointer");
        Ok(Outcome::Patch(patch))
    });
    let (interpreters, _) = Interpreters::new(&plugins(&[("own", &told)]));
    let pruned = interpreters.pruned(&Arc::new(written)).outcome.expect("an object");
    assert_eq!((&pruned["spec"], told.called()), (&json!({}), 1));
}

#[test]
fn of_a_members_metadata_stays_what_is_its_own() {
    let desired =
        Arc::new(json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "it",
        "labels": {"team": "a", "shared": "ours"}, "annotations": {"note": "new"}}, "spec": {"count": 2}}));
    let observed = Arc::new(
        json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "it",
        "resourceVersion": "41", "finalizers": ["member/f"], "ownerReferences": [{"kind": "Owner"}], "uid": "9",
        "labels": {"shared": "theirs", "own": "kept", "gone": "was ours"},
        "annotations": {"note": "old", "own": "kept",
            "resourcetemplate.karmada.io/managed-labels": "gone,shared,team"}},
        "spec": {"count": 5, "address": "10.0.0.1"}}),
    );
    let expected = json!({"name": "it", "resourceVersion": "41", "finalizers": ["member/f"],
        "ownerReferences": [{"kind": "Owner"}], "labels": {"team": "a", "shared": "ours", "own": "kept"},
        "annotations": {"note": "new", "own": "kept",
            "resourcetemplate.karmada.io/managed-labels": "gone,shared,team"}});
    let retained = Interpreters::default().retained(&desired, &observed).outcome.expect("an object");
    assert_eq!((&retained["metadata"], &retained["spec"]), (&expected, &json!({"count": 2})));

    let addressed = Double::speaking_for(&[WIDGET], &[Stage::Retain], |_, _, reading| {
        let address = reading.observed("/spec/address").expect("an answer").expect("it has one");
        let mut patch = Patch::default();
        let address = serde_json::from_str(&address).expect("JSON");
        patch.push(Verb::Add, "/spec/address", address).expect("a pointer");
        Ok(Outcome::Patch(patch))
    });
    let (interpreters, _) = Interpreters::new(&plugins(&[("own", &addressed)]));
    let retained = interpreters.retained(&desired, &observed).outcome.expect("an object");
    assert_eq!(retained["spec"], json!({"count": 2, "address": "10.0.0.1"}));
    assert_eq!(retained["metadata"], expected);
    // Another member has another address.
    let mut other = (*observed).clone();
    other["spec"]["address"] = json!("10.0.0.2");
    let retained = interpreters.retained(&desired, &Arc::new(other)).outcome.expect("an object");
    assert_eq!(retained["spec"]["address"], "10.0.0.2");
}

#[test]
fn attack_22_interpreters_change_neither_identity_nor_owners_nor_labels_of_ours() {
    let add = |at: &'static str, value: Value| (at, value);
    for (at, value) in [
        add("/metadata/name", json!("other")),
        add("/metadata/namespace", json!("kube-system")),
        add("/kind", json!("Secret")),
        add("/apiVersion", json!("v1")),
        add("/metadata/ownerReferences", json!([{"kind": "Pod"}])),
        add("/metadata/finalizers", json!(["mine"])),
        add("/metadata/uid", json!("7")),
        add("/metadata/generateName", json!("it-")),
        add("/status", json!({"ready": true})),
        add("/metadata/labels", json!({"karmada.io/managed": "false"})),
        add("/metadata/annotations", json!({"work.karmada.io/namespace": "karmada-es-other"})),
        add("/metadata/labels", json!({"count": 2})),
        add("/spec/count", json!("x".repeat(1_500 * 1024))),
    ] {
        for stage in [Stage::Prune, Stage::Revise, Stage::Retain] {
            let edits = editing(stage, Verb::Add, at, value.clone());
            let (interpreters, _) = Interpreters::new(&plugins(&[("own", &edits)]));
            let interpreted = match stage {
                Stage::Prune => interpreters.pruned(&widget()),
                Stage::Revise => interpreters.revised(&widget(), Revision { replicas: 1, completions: None }),
                _ => interpreters.retained(&widget(), &widget()),
            };
            let Err(Fault::Answer(why)) = &interpreted.outcome else { panic!("{stage} {at}") };
            assert!(why.starts_with("its patch is not allowed: "), "{stage} {at}: {why}");
            assert_eq!(interpreted.by.as_deref(), Some("own"));
        }
    }
    let misses = editing(Stage::Prune, Verb::Remove, "/spec/missing", Value::Null);
    let (interpreters, _) = Interpreters::new(&plugins(&[("own", &misses)]));
    let Err(Fault::Answer(why)) = interpreters.pruned(&widget()).outcome else { panic!("it applies") };
    assert!(why.starts_with("its patch can't be applied: "), "{why}");
}

#[test]
fn what_members_say_is_handed_on_as_it_is() {
    let tells = Double::speaking_for(
        &[WIDGET],
        &[Stage::Health, Stage::Reflect, Stage::Aggregate, Stage::Dependencies],
        |stage, told, reading| {
            Ok(match stage {
                Stage::Health => Outcome::Health(Health::Unhealthy),
                Stage::Reflect => {
                    assert_eq!(reading.template("").expect("an answer"), None);
                    Outcome::Status(Some(json!({"seen": reading.observed("/kind").expect("an answer")})))
                }
                Stage::Aggregate => Outcome::Status(Some(told.clone())),
                _ => Outcome::Dependencies(Vec::new()),
            })
        },
    );
    let (interpreters, _) = Interpreters::new(&plugins(&[("own", &tells)]));
    assert_eq!(interpreters.health(&widget()).outcome, Ok(Health::Unhealthy));
    assert_eq!(interpreters.reflected(&widget()).outcome, Ok(Some(json!({"seen": "\"Widget\""}))));
    let member = MemberStatus {
        name: "member1".into(),
        status: Some(json!({"ready": 1})),
        applied: true,
        health: Health::Unknown,
    };
    let told = json!([{"name": "member1", "status": {"ready": 1}, "applied": true, "health": "unknown"}]);
    assert_eq!(interpreters.aggregated(&widget(), &[member]).outcome, Ok(Some(told)));
    assert_eq!(interpreters.dependencies(&widget()).by.as_deref(), Some("own"));
}

/// A widget of four replicas that is divided among three members: three to the first, one to the second.
fn scene(widgets: Arc<Double>) -> Scene {
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "example.com/v1", "kind": "Widget"}],
            "placement": {"replicaScheduling": {"replicaSchedulingType": "Divided",
                "replicaDivisionPreference": "Aggregated"}}}});
    let mut scene = Scene::new(&[(*widget()).clone(), policy]);
    let every = |stage: Stage, _: &Value, reading: &mut Reading| {
        let size = reading.size().expect("an answer") as usize;
        Ok(match stage {
            Stage::Filter => Outcome::Refusals(Vec::new()),
            Stage::Scorer => Outcome::Scores(vec![0; size]),
            Stage::Estimator => Outcome::Estimates(vec![None; size]),
            Stage::Selector => Outcome::Choice(portolan_plan::Choice {
                chosen: reading.ranking().expect("an answer"),
                refused: Vec::new(),
            }),
            _ => Outcome::Replicas(vec![3, 1, 0]),
        })
    };
    for (name, stages) in [
        ("cluster-locality", &[Stage::Scorer][..]),
        ("capacity", &[Stage::Estimator]),
        ("division", &[Stage::Assigner]),
        ("spread", &[Stage::Filter, Stage::Selector]),
    ] {
        scene.plugin(name, Double::standing(stages, every));
    }
    scene.plugin("widgets", widgets);
    scene
}

const OF_PLANS: [Stage; 3] = [Stage::Replicas, Stage::Revise, Stage::Prune];

/// Four replicas, counted in `/spec/count`; what is in `/spec/own` does not travel.
fn widgets() -> Arc<Double> {
    Double::speaking_for(&[WIDGET], &OF_PLANS, |stage, told, reading| {
        let mut patch = Patch::default();
        match stage {
            Stage::Replicas => {
                return Ok(Outcome::Size(Some(Size { replicas: 4, ..Size::default() })));
            }
            Stage::Revise => {
                patch.push(Verb::Add, "/spec/count", told["replicas"].clone()).expect("a pointer");
            }
            _ => {
                if reading.template("/spec/own").expect("an answer").is_some() {
                    patch.push(Verb::Remove, "/spec/own", Value::Null).expect("a pointer");
                }
            }
        }
        Ok(Outcome::Patch(patch))
    })
}

#[test]
fn a_fault_of_an_interpreter_keeps_the_template_and_says_so() {
    for failing in OF_PLANS {
        let broken = Double::speaking_for(&[WIDGET], &OF_PLANS, move |stage, told, reading| {
            if stage == failing {
                return Err(Fault::Internal("out of order".into()));
            }
            Ok(match stage {
                Stage::Replicas => Outcome::Size(widgets().replicas(reading)?),
                Stage::Revise => {
                    let revision = serde_json::from_value(told.clone()).expect("a revision");
                    Outcome::Patch(widgets().revise(revision, reading)?)
                }
                _ => Outcome::Patch(Patch::default()),
            })
        });
        let previous = Previous { clusters: vec!["member1".into(), "member3".into()], ..Previous::default() };
        let (world, decision) = scene(broken).decide(&previous);
        assert_eq!(decision.hold, Some(Hold::Fault), "{failing}");
        let kept: Vec<bool> = (decision.acts(&world, &previous).into_iter())
            .map(|(_, act)| matches!(act, portolan_plan::Act::Keep))
            .collect();
        assert_eq!(kept, [true, true], "{failing}: nothing arrives and nothing leaves");
        let troubles = decision.troubles(world.fleet());
        let said: Vec<&str> = troubles.iter().map(|trouble| trouble.text.as_str()).collect();
        let expected = format!("Widget shop/it: {failing}: interpreter `widgets`: ");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with(&expected) && said[0].contains("out of order"), "{said:?}");
        assert!(said[0].ends_with("; it stays as it was"), "{said:?}");
    }
}

#[test]
fn a_contested_kind_keeps_its_templates_and_others_are_decided_as_ever() {
    let mut contested = scene(widgets());
    contested.plugin("others", widgets());
    contested.document(crate::fixture::config_map("a"));
    contested.document(crate::fixture::placing("q", &["member1"]));
    let previous = Previous { clusters: vec!["member1".into()], ..Previous::default() };
    let (world, problems) = World::new(contested.ingredients);
    assert_eq!(problems, []);
    let decisions: Vec<_> = (contested.templates.into_iter())
        .map(|template| decide(&world, template, &previous, contested.options))
        .collect();
    assert_eq!(decisions[0].hold, Some(Hold::Fault));
    let text = &decisions[0].troubles(world.fleet())[0].text;
    assert!(text.contains("plugins `others` and `widgets` both speak for example.com/v1 Widget"), "{text}");
    assert_eq!((&decisions[1].hold, &*decisions[1].selected), (&None, &[0][..]));
}

#[test]
fn what_interpreters_say_is_written_down_and_said_again() {
    let made = || {
        let mut made = scene(widgets());
        let mut object = (*widget()).clone();
        object["spec"]["own"] = json!("server's");
        made.templates = vec![crate::fixture::object(object)];
        made.ingredients.record = true;
        made
    };
    let (options, previous) = (made().options, Previous::default());
    let (world, decision) = made().decide(&previous);
    let written: Vec<(&Value, usize)> = (decision.deliveries.iter())
        .map(|delivery| (&delivery.object["spec"], delivery.clusters.len()))
        .collect();
    assert_eq!(written, [(&json!({"count": 3}), 1), (&json!({"count": 1}), 1)]);
    let transcript = decision.transcript(&world, &previous, options).expect("it was to be recorded");
    let told: Vec<(Stage, String)> = (transcript.calls.iter())
        .map(|call| &call.conversation)
        .filter(|conversation| conversation.stage.interprets())
        .map(|conversation| (conversation.stage, conversation.config.clone()))
        .collect();
    let expected = [
        (Stage::Replicas, "null"),
        (Stage::Prune, "null"),
        (Stage::Revise, "{\"replicas\":1}"),
        (Stage::Revise, "{\"replicas\":3}"),
    ];
    assert_eq!(told, expected.map(|(stage, config)| (stage, config.to_owned())));

    let again = |instead: Option<Arc<Double>>| {
        let mut plugins = made().ingredients.plugins;
        plugins.extend(instead.map(|double| ("widgets".to_owned(), double as Arc<dyn Plugin>)));
        replay(&transcript, move |call: &Conversation| plugins.get(&call.plugin).cloned()).expect("it runs")
    };
    let same = again(None);
    assert!(same.calls.iter().all(|call| *call == Again::Same), "{same:?}");
    assert_eq!(same.same_decision, Some(true));
    let other = again(Some(Double::speaking_for(&[WIDGET], &OF_PLANS, |stage, _, reading| {
        Ok(match stage {
            Stage::Replicas => Outcome::Size(Some(Size { replicas: 5, ..Size::default() })),
            Stage::Prune => Outcome::Patch(widgets().prune(reading)?),
            _ => Outcome::Patch(Patch::default()),
        })
    })));
    assert_eq!(other.calls.iter().filter(|call| matches!(call, Again::Differs(_))).count(), 3, "{other:?}");
    assert_eq!(other.same_decision, Some(false));
}

#[test]
fn attack_25_what_a_default_interpreter_says_of_a_secret_is_written_down_nowhere() {
    const PASSWORD: &str = "hunter2";
    let prunes = Double::speaking_for(&[("v1", "Secret")], &[Stage::Prune], |_, _, reading| {
        let told = reading.template("/stringData/password").expect("an answer").expect("it has one");
        let mut patch = Patch::default();
        patch.push(Verb::Remove, "/data", Value::Null).expect("a pointer");
        patch.push(Verb::Test, "/stringData/password", json!(told)).expect("a pointer");
        Ok(Outcome::Patch(patch))
    });
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"},
        "stringData": {"password": PASSWORD}, "data": {}});
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "Secret"}], "placement": {}}});
    for fails in [false, true] {
        let mut scene = Scene::new(&[secret.clone(), policy.clone()]);
        scene.ingredients.record = true;
        let plugin = if fails {
            Double::speaking_for(&[("v1", "Secret")], &[Stage::Prune], |_, _, reading| {
                let told = reading.template("/stringData/password").expect("an answer").expect("it has one");
                Err(Fault::Template(told))
            })
        } else {
            Arc::clone(&prunes)
        };
        scene.plugin("kubernetes", plugin);
        let (options, previous) = (scene.options, Previous::default());
        let (world, decision) = scene.decide(&previous);
        assert!(decision.hold.is_some(), "the edit does not apply");
        let transcript = decision.transcript(&world, &previous, options).expect("it was to be recorded");
        let written = serde_json::to_string(&transcript).expect("it is JSON");
        assert!(!written.contains(PASSWORD), "{written}");
        let prune = &transcript.calls.iter().find(|call| call.conversation.stage == Stage::Prune);
        assert_eq!(prune.expect("it was asked").conversation.outcome, Outcome::Withheld);
        let report = serde_json::to_string(&decision.report(world.fleet())).expect("a report is JSON");
        let troubles: String =
            decision.troubles(world.fleet()).into_iter().map(|trouble| trouble.text + "\n").collect();
        assert!(!report.contains(PASSWORD) && !troubles.contains(PASSWORD), "{report}\n{troubles}");
    }
}

#[test]
fn interpreters_are_remembered_by_what_they_asked_and_for_nothing_else() {
    let asks_for_the_count = Double::speaking_for(&[WIDGET], &OF_PLANS, |stage, _, reading| {
        let count = reading.template("/spec/count").expect("an answer").unwrap_or_default();
        Ok(match stage {
            Stage::Replicas => Outcome::Size(Some(Size {
                replicas: count.parse().map_err(|_| Fault::Template("no count".into()))?,
                ..Size::default()
            })),
            _ => Outcome::Patch(Patch::default()),
        })
    });
    let mut of_many = scene(Arc::clone(&asks_for_the_count));
    of_many.templates.clear();
    // Two and three each several times; the name is never asked for.
    for (name, count) in [("a", 2), ("b", 3), ("c", 2), ("d", 3), ("e", 2)] {
        let mut object = (*widget()).clone();
        object["metadata"]["name"] = json!(name);
        object["spec"]["count"] = json!(count);
        of_many.document(object);
    }
    let (world, problems) = World::new(of_many.ingredients);
    assert_eq!(problems, []);
    for template in of_many.templates {
        let count = template.object["spec"]["count"].as_u64();
        let decision = decide(&world, template, &Previous::default(), of_many.options);
        let report = serde_json::to_value(decision.report(world.fleet())).expect("a report is JSON");
        assert_eq!(report["replicas"].as_u64(), count, "{report}");
    }
    // Of each count: how big, pruned, and revised to three and to one, which is none of its own.
    assert_eq!(asks_for_the_count.called(), 7);
}
