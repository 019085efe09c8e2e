//! The kit and the host: what an author writes in Rust is what the host is told, in every stage.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use portolan_api::Cluster;
use portolan_plan::{
    Amendment, Dependency, Fault, Fleet, Health, Kind, MemberStatus, Plugin as _, Reading, Request, Revision,
    Size, Stage, Targets, Which,
};
use portolan_plugin_builder::Build;
use portolan_sandbox::{LoadedPlugin, Sandbox, Settings};
use serde_json::{Value, json};

const CONFIG: &str = "{}";

/// `tests/every-stage`, built as any plugin is and loaded as any plugin is.
fn every_stage() -> &'static LoadedPlugin {
    static LOADED: OnceLock<LoadedPlugin> = OnceLock::new();
    LOADED.get_or_init(|| {
        let build = Build {
            workspace: Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace"),
            packages: &["every-stage"],
            target_dir: Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/built")),
            locked: true,
            outside: &[],
        };
        let built = build.run().unwrap_or_else(|error| panic!("{error}"));
        let sandbox = Sandbox::new(Settings::new(1)).expect("this machine can run WebAssembly");
        sandbox.load(&built.components[0].bytes).unwrap_or_else(|error| panic!("{error}"))
    })
}

fn reading() -> Reading {
    reading_with(Request::default())
}

fn reading_with(request: Request) -> Reading {
    let cluster = |name: &str, nodes: Option<u32>| Cluster {
        name: name.to_owned(),
        facts: json!({"metadata": {"name": name}, "status": {"nodes": nodes}}),
        taints: Vec::new(),
    };
    let fleet = Fleet::new(vec![cluster("a", Some(3)), cluster("b", None), cluster("c", Some(5))]);
    let object = Arc::new(json!({"kind": "ConfigMap"}));
    let targets = Targets { clusters: vec![0, 2], object: Arc::clone(&object) };
    Reading::for_overrider(Arc::new(fleet), object, request, vec![targets])
}

#[test]
fn it_stands_in_every_stage_and_says_who_it_is() {
    let manifest = every_stage().manifest();
    assert_eq!(manifest.name, "every-stage");
    assert_eq!(manifest.version, env!("CARGO_PKG_VERSION"));
    assert!(manifest.summary.starts_with("A plugin that stands in every stage"));
    assert_eq!(manifest.stages, Stage::ALL.into());
    let kinds: Vec<String> = manifest.kinds.iter().map(Kind::to_string).collect();
    assert_eq!(kinds, ["every.stage/v1 Thing", "every.stage/v2 Thing"]);
}

#[test]
fn its_schema_is_its_type_s() {
    let manifest = every_stage().manifest();
    assert_eq!(manifest.config_schema["description"], "What it is told, in every stage.");
    let field = &manifest.config_schema["properties"]["panic"];
    assert_eq!(field["description"], "Ends the call with this message.");
    assert_eq!(every_stage().check(&json!({"panic": "now"})), Ok(()));
    let slip = every_stage().check(&json!({"pannic": "now"})).expect_err("there is no such field");
    assert!(slip.contains("'pannic' was unexpected"), "{slip}");
}

#[test]
fn every_answer_arrives_as_it_was_given() {
    let plugin = every_stage();
    let refusals = plugin.filter(CONFIG, &mut reading()).expect("a filter");
    assert_eq!(refusals.len(), 1);
    assert_eq!((&*refusals[0].reason, &*refusals[0].clusters), ("it is the first", &[0][..]));
    assert_eq!(plugin.score(CONFIG, &mut reading()), Ok(vec![0, 10, 20]));
    assert_eq!(plugin.estimate(CONFIG, &mut reading()), Ok(vec![Some(3), None, Some(5)]));
    let choice = plugin.select(CONFIG, &mut reading()).expect("a selector");
    assert_eq!(choice.chosen, [2, 1]);
    assert_eq!((&*choice.refused[0].reason, &*choice.refused[0].clusters), ("two are enough", &[0][..]));
    assert_eq!(plugin.assign(CONFIG, &mut reading()), Ok(vec![1, 2, 3]));
    let amendments = plugin.patch(CONFIG, &mut reading()).expect("an overrider");
    let [Amendment { clusters, patch: Ok(patch), warnings }, other] = &*amendments else {
        panic!("{amendments:?}")
    };
    assert_eq!((&**clusters, &**warnings), (&[0][..], &["it is the first".to_owned()][..]));
    let fault = Fault::Template("one is enough".into());
    let warnings = ["it is not the first", "it is another"].map(Into::into).into();
    assert_eq!(*other, Amendment { clusters: vec![2], patch: Err(fault), warnings });
    let patched = patch.apply(&json!({"kind": "ConfigMap"})).expect("it applies");
    assert_eq!(patched, json!({"kind": "ConfigMap", "data": {"by": "every-stage"}}));
}

#[test]
fn weights_and_ranking_are_told_as_they_are_known() {
    let request = Request { ranking: vec![2, 0, 1], weights: vec![10, 0, 500], ..Request::default() };
    let mut reading = reading_with(request).noting();
    assert_eq!(every_stage().assign(CONFIG, &mut reading), Ok(vec![12, 3, 501]));
    assert!(reading.asked().request, "the answer is for no other template");
    let exchanges = reading.take_exchanges().expect("they were noted");
    let told: Vec<_> = exchanges.iter().map(|told| format!("{} → {}", told.question, told.answer)).collect();
    assert_eq!(told, ["request.ranking() → [2,0,1]", "request.weights() → [10,0,500]"]);
}

/// A call about a template, an object that a member has, or both.
fn about(template: Option<Value>, observed: Option<Value>) -> Reading {
    Reading::for_interpreter(template.map(Arc::new), observed.map(Arc::new))
}

fn thing() -> Value {
    json!({"apiVersion": "every.stage/v1", "kind": "Thing", "metadata": {"name": "it"},
        "spec": {"size": 3, "needs": {"cpu": "1"}, "tasks": 9, "own": true, "selector": {"matchLabels": {"a": "b"}}}})
}

#[test]
fn a_size_arrives_and_is_changed_as_it_was_said() {
    let plugin = every_stage();
    let size = Size { replicas: 3, requirements: Some(json!({"cpu": "1"})), completions: Some(9) };
    assert_eq!(plugin.replicas(&mut about(Some(thing()), None)), Ok(Some(size)));
    let small = json!({"spec": {"size": 0}});
    assert_eq!(plugin.replicas(&mut about(Some(small), None)), Ok(Some(Size::default())));
    assert_eq!(plugin.replicas(&mut about(Some(json!({})), None)), Ok(None), "it is no workload");

    let revised = |replicas, completions| {
        let revision = Revision { replicas, completions };
        let patch = plugin.revise(revision, &mut about(Some(thing()), None)).expect("a patch");
        let object = patch.apply(&thing()).expect("it applies");
        (object["spec"]["size"].clone(), object["spec"]["tasks"].clone())
    };
    assert_eq!(revised(7, None), (json!(7), json!(9)));
    assert_eq!(revised(0, Some(2)), (json!(0), json!(2)));
    let nothing =
        plugin.revise(Revision { replicas: 1, completions: None }, &mut about(Some(json!({})), None));
    assert_eq!(nothing, Err(Fault::Template("spec.size is missing; valid: a number".into())));
}

#[test]
fn what_travels_and_what_stays_arrives_as_it_was_said() {
    let plugin = every_stage();
    let pruned = plugin.prune(&mut about(Some(thing()), None)).expect("a patch");
    assert_eq!(pruned.apply(&thing()).expect("it applies")["spec"]["own"], json!(null));
    let observed = json!({"spec": {"address": "10.0.0.1"}});
    let retained = plugin.retain(&mut about(Some(thing()), Some(observed))).expect("a patch");
    assert_eq!(retained.apply(&thing()).expect("it applies")["spec"]["address"], "10.0.0.1");
    let unknown = plugin.retain(&mut about(Some(thing()), None)).expect("a patch");
    assert!(unknown.is_empty());
}

#[test]
fn health_and_statuses_arrive_as_they_were_said() {
    let plugin = every_stage();
    let observed = |ready: Value| about(None, Some(json!({"status": {"ready": ready}})));
    assert_eq!(plugin.health(&mut observed(json!(true))), Ok(Health::Healthy));
    assert_eq!(plugin.health(&mut observed(json!(false))), Ok(Health::Unhealthy));
    assert_eq!(plugin.health(&mut observed(json!("soon"))), Ok(Health::Unknown));
    assert_eq!(plugin.reflect(&mut observed(json!(true))), Ok(Some(json!({"ready": true}))));
    assert_eq!(plugin.reflect(&mut about(None, Some(json!({})))), Ok(None));

    let member = |name: &str, status: Option<Value>, applied, health| MemberStatus {
        name: name.to_owned(),
        status,
        applied,
        health,
    };
    let members = [
        member("a", Some(json!({"ready": true})), true, Health::Healthy),
        member("b", None, false, Health::Unknown),
        member("c", Some(json!({"ready": false})), true, Health::Unhealthy),
    ];
    let told = json!({"of": "it", "members": [
        ["a", {"ready": true}, true, "well"], ["b", null, false, "unknown"], ["c", {"ready": false}, true, "ill"],
    ]});
    assert_eq!(plugin.aggregate(&members, &mut about(Some(thing()), None)), Ok(Some(told)));
    assert_eq!(plugin.aggregate(&[], &mut about(Some(thing()), None)), Ok(None));
}

#[test]
fn dependencies_arrive_as_they_were_said() {
    let kind = |kind: &str| Kind { api_version: "v1".to_owned(), kind: kind.to_owned() };
    let expected = [
        Dependency { kind: kind("Namespace"), namespace: None, which: Which::Name("harbour".into()) },
        Dependency {
            kind: kind("ConfigMap"),
            namespace: Some("harbour".into()),
            which: Which::Labels(json!({"matchLabels": {"a": "b"}})),
        },
    ];
    assert_eq!(every_stage().dependencies(&mut about(Some(thing()), None)), Ok(expected.into()));
}

#[test]
fn a_panic_arrives_as_a_message_with_its_place() {
    let config = json!({"panic": "no harbour in sight"}).to_string();
    let (answer, figures) = every_stage().filter_measured(&config, &mut reading());
    let Err(Fault::Trap(how)) = answer else { panic!("{answer:?}") };
    assert!(how.contains("panicked at tests/every-stage/src/lib.rs:"), "{how}");
    assert!(how.contains("no harbour in sight"), "{how}");
    let said: Vec<&str> = figures.log.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(said[0], "asked as a filter");
    assert!(said[1].ends_with("no harbour in sight"), "{said:?}");
    // The next call knows nothing of it.
    assert!(every_stage().filter(CONFIG, &mut reading()).is_ok());
}
