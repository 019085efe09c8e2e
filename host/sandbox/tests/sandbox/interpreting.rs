//! Interpreters' answers that the contract does not allow, or that are too much.

use std::sync::Arc;

use portolan_plan::{
    Budget, Dependency, Fault, Health, Kind, Outcome, Plugin as _, Reading, Revision, Size, Stage, Which,
};
use portolan_sandbox::{Budgets, LoadedPlugin};
use serde_json::{Value, json};

use crate::setting::{answering, loaded, refused_text};

/// Where tests put texts: above the answer, below what the guest says of itself.
const TEXT: u32 = 4096;

fn reading() -> Reading {
    let object = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "it"}});
    let object = Arc::new(object);
    Reading::for_interpreter(Some(Arc::clone(&object)), Some(object))
}

#[track_caller]
fn text<T: std::fmt::Debug>(answer: Result<T, Fault>) -> String {
    match answer {
        Err(Fault::Answer(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn output() -> Fault {
    Fault::Budget(Budget::Output(Budgets::default().output_bytes))
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).expect("a short text")
}

/// A guest with 32 MiB of memory more, which are zeros, from 64 KiB on.
fn with_memory(text: &str) -> LoadedPlugin {
    loaded(&text.replace(r#"(memory (export "memory") 4)"#, r#"(memory (export "memory") 513)"#))
}

/// A size: of so many replicas, with requirements and completions where there are any.
fn size(replicas: u32, requirements: Option<&str>, completions: Option<u32>) -> Result<Option<Size>, Fault> {
    let wanted = requirements.unwrap_or_default();
    let is = |there: bool| u32::from(there);
    let answer = [
        0,
        1,
        replicas,
        is(requirements.is_some()),
        TEXT,
        length(wanted),
        is(completions.is_some()),
        completions.unwrap_or_default(),
    ];
    loaded(&answering("workload", &answer, &[(TEXT, wanted)])).replicas(&mut reading())
}

/// A status, whole or reflected.
fn statuses(status: &str) -> [Result<Option<Value>, Fault>; 2] {
    let answer = [0, 1, TEXT, length(status)];
    let guest = |interface: &str| loaded(&answering(interface, &answer, &[(TEXT, status)]));
    [guest("reflect").reflect(&mut reading()), guest("aggregate").aggregate(&[], &mut reading())]
}

/// One dependency.
fn dependency(
    kind: [&str; 2],
    namespace: Option<&str>,
    labels: bool,
    which: &str,
) -> Result<Dependency, Fault> {
    let [api_version, kind] = kind;
    let (mut texts, mut at) = (Vec::new(), TEXT);
    let mut put = |text| {
        texts.push((at, text));
        let place = [at, length(text)];
        at += length(text);
        place
    };
    let one = [
        &put(api_version)[..],
        &put(kind),
        &[u32::from(namespace.is_some())],
        &put(namespace.unwrap_or_default()),
        &[u32::from(labels)],
        &put(which),
    ];
    let answer = [&[0, 12, 1][..], &one.concat()].concat();
    let mut all = loaded(&answering("dependencies", &answer, &texts)).dependencies(&mut reading())?;
    assert_eq!(all.len(), 1);
    Ok(all.remove(0))
}

#[test]
fn what_the_contract_allows_an_interpreter_is_taken_over() {
    let of = |replicas, requirements, completions| Ok(Some(Size { replicas, requirements, completions }));
    assert_eq!(size(0, None, None), of(0, None, None));
    assert_eq!(
        size(2_147_483_647, Some("{\"cpu\":1}"), Some(2_147_483_647)),
        of(2_147_483_647, Some(json!({"cpu": 1})), Some(2_147_483_647))
    );
    assert_eq!(size(1, Some(" null "), None), of(1, None, None), "null is none");
    for (state, meant) in [(0, Health::Healthy), (1, Health::Unhealthy), (2, Health::Unknown)] {
        assert_eq!(loaded(&answering("health", &[0, state], &[])).health(&mut reading()), Ok(meant));
    }
    assert_eq!(statuses("[1]"), [Ok(Some(json!([1]))), Ok(Some(json!([1])))]);
    assert_eq!(statuses("null"), [Ok(None), Ok(None)], "a status of null is none");
    let kind = Kind { api_version: "v1".into(), kind: "ConfigMap".into() };
    let named = Dependency { kind: kind.clone(), namespace: None, which: Which::Name("it".into()) };
    assert_eq!(dependency(["v1", "ConfigMap"], None, false, "it"), Ok(named));
    let labels = json!({"matchExpressions": [{"key": "a", "operator": "Exists"}]});
    let labelled = Dependency { kind, namespace: Some("shop".into()), which: Which::Labels(labels.clone()) };
    assert_eq!(dependency(["v1", "ConfigMap"], Some("shop"), true, &labels.to_string()), Ok(labelled));
}

#[test]
fn attack_19_sizes_beyond_what_can_be_counted() {
    let valid = "valid: 0 to 2147483647, which is as far as Kubernetes counts";
    for beyond in [2_147_483_648, u32::MAX] {
        assert_eq!(text(size(beyond, None, None)), format!("its size has {beyond} replicas; {valid}"));
        assert_eq!(text(size(1, None, Some(beyond))), format!("its size has {beyond} completions; {valid}"));
    }
    for (requirements, form) in
        [("[]", "a list"), ("7", "a number"), ("true", "a truth value"), ("\"\"", "a text")]
    {
        let says = format!("its size has requirements that are {form}; valid: a JSON object, or none");
        assert_eq!(text(size(1, Some(requirements), None)), says);
    }
    assert!(text(size(1, Some("{"), None)).starts_with("requirements is no JSON: "));
    // Nobody can ask for more either: what a plan asks for is what an assigner gave, which was checked.
    let arguments =
        [r#"{"replicas": 4294967296}"#, r#"{"replicas": -1}"#, r#"{"replicas": 1.5}"#, "{}", "[]"];
    let plugin = loaded(&answering("workload", &[0, 0, 0], &[]));
    for arguments in arguments {
        let (outcome, _) = plugin.ask_measured(Stage::Revise, arguments, &mut reading());
        let Outcome::Fault(Fault::Config(why)) = outcome else { panic!("{outcome:?}") };
        assert!(why.starts_with("the operation's arguments: "), "{why}");
    }
}

#[test]
fn attack_19_health_that_is_no_state() {
    for state in [3, 255] {
        let fault = text(loaded(&answering("health", &[0, state], &[])).health(&mut reading()));
        assert!(fault.starts_with("it breaks a rule of the component model: "), "{fault}");
    }
    let more = answering("health", &[0, 3], &[]).replace(r#""unknown")"#, r#""unknown" "splendid")"#);
    let refused = refused_text(&more);
    assert!(
        refused.starts_with("its `portolan:policy/health@0.1.0` is not as the contract says: "),
        "{refused}"
    );
}

#[test]
fn attack_03_json_of_interpreters_that_is_100_000_deep() {
    // Above what the guest says of itself, where there is room.
    let deep = "[".repeat(100_000);
    let at = 65_536;
    let guest = |interface: &str, answer: &[u32]| {
        let text = answering(interface, answer, &[(at, &deep)]);
        // What is given out as memory begins behind it.
        loaded(&text.replace("(mut i32) (i32.const 65536)", "(mut i32) (i32.const 196608)"))
    };
    let too_deep = |what: &str, fault: String| {
        assert!(fault.starts_with(what) && fault.contains("recursion limit"), "{fault}");
    };
    let status = [0, 1, at, 100_000];
    too_deep("a status is no JSON", text(guest("reflect", &status).reflect(&mut reading())));
    too_deep("a status is no JSON", text(guest("aggregate", &status).aggregate(&[], &mut reading())));
    let size = [0, 1, 1, 1, at, 100_000, 0, 0];
    too_deep("requirements is no JSON", text(guest("workload", &size).replicas(&mut reading())));
    let labels = [0, 12, 1, 52, 2, 54, 9, 0, 0, 0, 1, at, 100_000];
    let text_of = |answer: &[u32]| {
        let guest = answering("dependencies", answer, &[(52, "v1ConfigMap"), (at, &deep)]);
        text(
            loaded(&guest.replace("(mut i32) (i32.const 65536)", "(mut i32) (i32.const 196608)"))
                .dependencies(&mut reading()),
        )
    };
    too_deep("dependency 1: its labels are no JSON", text_of(&labels));
}

#[test]
fn attack_13_statuses_as_large_as_memory() {
    let status = [0, 1, 65_536, 32 << 20];
    let reflected = with_memory(&answering("reflect", &status, &[])).reflect(&mut reading());
    assert_eq!(reflected, Err(output()));
    let aggregated = with_memory(&answering("aggregate", &status, &[])).aggregate(&[], &mut reading());
    assert_eq!(aggregated, Err(output()));
    let size = [0, 1, 1, 1, 65_536, 32 << 20, 0, 0];
    let size = with_memory(&answering("workload", &size, &[])).replicas(&mut reading());
    assert_eq!(size, Err(output()));
    // And one that ends where no memory is any more.
    let beyond = loaded(&answering("reflect", &[0, 1, 65_536, 32 << 20], &[])).reflect(&mut reading());
    assert!(text(beyond).starts_with("it breaks a rule of the component model: "));
}

#[test]
fn attack_14_statuses_of_small_values() {
    // 210 kB of text, 21 MB once parsed.
    let objects = format!("[{}]", vec![r#"{"":0}"#; 30_000].join(","));
    let guest = |interface: &str| {
        let text = answering(interface, &[0, 1, 65_536, length(&objects)], &[(65_536, &objects)]);
        loaded(
            &text
                .replace("(mut i32) (i32.const 65536)", "(mut i32) (i32.const 327680)")
                .replace(r#"(memory (export "memory") 4)"#, r#"(memory (export "memory") 6)"#),
        )
    };
    assert_eq!(guest("reflect").reflect(&mut reading()), Err(output()));
    assert_eq!(guest("aggregate").aggregate(&[], &mut reading()), Err(output()));
}

#[test]
fn attack_14_dependencies_without_end() {
    let guest = |number| with_memory(&answering("dependencies", &[0, 65_536, number], &[]));
    let all = |number| guest(number).dependencies(&mut reading());
    // 40 bytes of zeros each.
    assert_eq!(text(all(1_001)), "it has 1001 dependencies; valid: up to 1000");
    assert_eq!(all(800_000), Err(output()), "stopped while they are taken over");
    assert!(
        text(all(1_000)).starts_with("dependency 1: its kind lacks the API version or the kind; valid: ")
    );
}

#[test]
fn attack_20_dependencies_on_what_is_nothing() {
    let config_map = ["v1", "ConfigMap"];
    for kind in [["", "ConfigMap"], ["v1", ""]] {
        let says = text(dependency(kind, None, false, "it"));
        assert!(says.starts_with("dependency 1: its kind lacks "), "{says}");
    }
    let says = text(dependency(config_map, Some(""), false, "it"));
    assert!(says.starts_with("dependency 1: its namespace is empty; valid: "), "{says}");
    let says = text(dependency(config_map, None, false, ""));
    assert!(says.starts_with("dependency 1: its name is empty; valid: "), "{says}");
    for labels in ["[]", "7", "null", "\"app\""] {
        let says = text(dependency(config_map, None, true, labels));
        assert!(says.starts_with("dependency 1: its labels are no "), "{labels}: {says}");
    }
    for (labels, why) in [
        (r#"{"matchLabels": 7}"#, "invalid type"),
        (r#"{"matchExpressions": [{"key": "a", "operator": "Like"}]}"#, "Like"),
        (r#"{"matchExpressions": [{"key": "a", "operator": "In"}]}"#, "values"),
        (r#"{"matchLabels": {"no label at all": "x"}}"#, "no label at all"),
    ] {
        let says = text(dependency(config_map, None, true, labels));
        assert!(says.starts_with("dependency 1: its labels are no LabelSelector: "), "{labels}: {says}");
        assert!(says.contains(why), "{labels}: {says}");
    }
}

#[test]
fn attack_21_patches_of_interpreters_that_are_too_much() {
    let revision = Revision { replicas: 1, completions: None };
    let patched = |answer: &[u32], texts: &[(u32, &str)]| {
        let guest = |interface: &str| with_memory(&answering(interface, answer, texts));
        [
            guest("prune").prune(&mut reading()),
            guest("retain").retain(&mut reading()),
            guest("workload").revise(revision, &mut reading()),
        ]
    };
    // Removals of nothing at "": 20 bytes each, of which only the first word is no zero; here they all are additions.
    let operations = Budgets::default().operations;
    for answer in patched(&[0, 65_536, 150_000], &[]) {
        assert_eq!(answer, Err(Fault::Budget(Budget::Operations(operations))));
    }
    for answer in patched(&[0, 65_536, 1_000_000], &[]) {
        assert_eq!(answer, Err(output()));
    }
    // One that does not exist, one at what is no pointer, one whose value is no JSON.
    for answer in patched(&[0, 12, 1, 4, 0, 0, 0, 0], &[]) {
        assert!(text(answer).starts_with("it breaks a rule of the component model: "));
    }
    for answer in patched(&[0, 12, 1, 2, TEXT, 1, 0, 0], &[(TEXT, "x")]) {
        let says = text(answer);
        assert!(says.starts_with("operation 1 of the patch (at `x`): "), "{says}");
        assert!(says.contains("is no RFC 6901 pointer"), "{says}");
    }
    for answer in patched(&[0, 12, 1, 0, TEXT, 2, TEXT + 2, 1], &[(TEXT, "/a{")]) {
        let says = text(answer);
        assert!(says.starts_with("operation 1 of the patch (at `/a`): its value is no JSON: "), "{says}");
    }
}

#[test]
fn attack_01_interpreters_that_never_end() {
    let fuel = Fault::Budget(Budget::Fuel(Budgets::default().fuel));
    let guest = |interface: &str| {
        let text = answering(interface, &[0], &[]);
        loaded(
            &text.replace("(result i32) (i32.const 0))", "(result i32) (loop $on (br $on)) (i32.const 0))"),
        )
    };
    let again = |answer: Result<(), Fault>, of: &str| assert_eq!(answer, Err(fuel.clone()), "{of}");
    let workload = guest("workload");
    again(workload.replicas(&mut reading()).map(drop), "replicas");
    let revision = Revision { replicas: 1, completions: Some(2) };
    again(workload.revise(revision, &mut reading()).map(drop), "revise");
    again(guest("prune").prune(&mut reading()).map(drop), "prune");
    again(guest("retain").retain(&mut reading()).map(drop), "retain");
    again(guest("health").health(&mut reading()).map(drop), "health");
    again(guest("reflect").reflect(&mut reading()).map(drop), "reflect");
    again(guest("aggregate").aggregate(&[], &mut reading()).map(drop), "aggregate");
    again(guest("dependencies").dependencies(&mut reading()).map(drop), "dependencies");
}
