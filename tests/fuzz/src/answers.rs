//! Answers: anything that a plugin may leave in its memory and call its answer.
//!
//! The input says what is answered, and which bytes of it are then changed:
//!
//! ```text
//! {"filter": [{"reason": ..., "clusters": [...]}],
//!  "overrider": [{"clusters": [...], "patch": [{"op": ..., "path": ..., "value": any JSON, or "text": its text}],
//!                 "fault": in its place, "warnings": [text, ...]}],
//!  "scorer" or "assigner": [number, ...], "estimator": [number or null, ...],
//!  "selector": {"chosen": [...], "refused": [as of a filter]},
//!  "size": {"replicas": number, "requirements": text, "completions": number}, "health": number, "status": text,
//!  "dependencies": [{"apiVersion": ..., "kind": ..., "namespace": ..., "name": ... or "labels": ..., all texts}],
//!  "fault": ["config" | "template" | "unschedulable" | "internal", text],
//!  "bytes": [[place, byte], ...], "fleet": size, "targets": [[clusters], ...], "object": ...}
//! ```
//!
//! It is laid out as the component model lays lists and texts out, given to a plugin as its config, or to an interpreter
//! as its template, and the plugin has nothing else to do than to say where it is. So what is tried is what every answer goes through: lifting, checking,
//! counting. Promised:
//!
//! - there is an answer or a fault, and the next call is not the worse for it;
//! - an answer names only clusters that are on offer or targeted, each once, in order, and only text that can be shown;
//! - an answer that the contract allows is taken, as it was meant; one that it does not allow is a fault.
//!
//! It can't find what takes more than 32 KiB of answer, nor what a plugin does beside answering.

mod later;
mod layout;

use std::sync::{Arc, OnceLock};

use portolan_api::Cluster;
use portolan_plan::{Fault, Fleet, Patch, Place, Plugin as _, Reading, Request, Targets, Verb};
use portolan_sandbox::{LoadedPlugin, Sandbox, Settings};
use serde_json::{Value, json};

use crate::guests;
use crate::json::{self, Words};
use crate::random::Random;

const WORDS: Words = Words {
    keys: &[
        "filter",
        "overrider",
        "scorer",
        "estimator",
        "selector",
        "chosen",
        "refused",
        "assigner",
        "size",
        "replicas",
        "requirements",
        "completions",
        "health",
        "status",
        "dependencies",
        "apiVersion",
        "kind",
        "namespace",
        "name",
        "labels",
        "fault",
        "bytes",
        "fleet",
        "targets",
        "object",
        "reason",
        "clusters",
        "patch",
        "warnings",
        "op",
        "path",
        "value",
        "text",
        "a",
        "0",
    ],
    texts: &[
        "add",
        "replace",
        "remove",
        "test",
        "",
        "/a",
        "/a/0",
        "/a/-",
        "/metadata/name",
        "config",
        "template",
        "internal",
        "unschedulable",
        "{}",
        "[[[[",
        "1e999",
        "\"\\ud800\"",
        "{\"a\":0,\"a\":1}",
        "null",
        "v1",
        "{\"matchLabels\":{\"a\":\"b\"}}",
        "{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\"}]}",
    ],
};

/// Another input.
pub fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    json::mutate(input, WORDS, random)
}

/// Holds what is promised against one input.
pub fn run(input: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Value>(input) else { return };
    let fleet = fleet(places(&input["fleet"]).first().copied().unwrap_or(4).min(64));
    if later::run(&input, &fleet) {
        benign();
    } else if input.get("overrider").is_some() {
        overrider(&input, fleet);
    } else {
        filter(&input, fleet);
    }
}

fn filter(input: &Value, fleet: Arc<Fleet>) {
    let (image, changed) = layout::image(input);
    let size = fleet.size();
    let template = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}});
    let mut reading = Reading::for_placement(fleet, Arc::new(template), Request::default());
    let answer = plugins().filter.filter(&image, &mut reading);
    let asked = reading.asked();
    assert!(!asked.template && !asked.request, "it asks nothing");
    let places_offered = |clusters: &[Place]| {
        assert!(clusters.is_sorted_by(|one, other| one < other), "{clusters:?}");
        assert!(clusters.iter().all(|place| (*place as usize) < size), "{clusters:?}");
    };
    match &answer {
        Ok(refusals) => {
            for refusal in refusals {
                places_offered(&refusal.clusters);
                can_be_shown(&refusal.reason);
            }
        }
        Err(fault) => can_be_shown(&fault.to_string()),
    }
    if !changed {
        if let Some(fault) = layout::fault(input) {
            return is_that_fault(answer.err(), fault);
        }
        let meant: Vec<Vec<Place>> =
            items(&input["filter"]).map(|refusal| places(&refusal["clusters"])).collect();
        let allowed = meant
            .iter()
            .all(|clusters| each_once(clusters) && clusters.iter().all(|place| (*place as usize) < size));
        assert_eq!(answer.is_ok(), allowed, "{answer:?}");
        for (refusal, meant) in answer.into_iter().flatten().zip(meant) {
            assert_eq!(refusal.clusters, sorted(meant));
        }
    }
    benign();
}

fn overrider(input: &Value, fleet: Arc<Fleet>) {
    let (image, changed) = layout::image(input);
    let object = Arc::new(input["object"].clone());
    let mut targeted = Vec::new();
    let mut targets = Vec::new();
    for clusters in items(&input["targets"]) {
        let mut clusters = sorted(places(clusters));
        clusters.retain(|place| (*place as usize) < fleet.size() && !targeted.contains(place));
        clusters.dedup();
        targeted.extend_from_slice(&clusters);
        if !clusters.is_empty() {
            targets.push(Targets { clusters, object: Arc::clone(&object) });
        }
    }
    let mut reading = Reading::for_overrider(fleet, Arc::clone(&object), Request::default(), targets);
    let answer = plugins().overrider.patch(&image, &mut reading);
    let asked = reading.asked();
    assert!(!asked.template && !asked.request, "it asks nothing");
    match &answer {
        Ok(amendments) => {
            let mut named = Vec::new();
            for amendment in amendments {
                assert!(amendment.clusters.is_sorted(), "{amendment:?}");
                named.extend_from_slice(&amendment.clusters);
                let _ = amendment.patch.as_ref().map(|patch| patch.apply(&object));
                let fault = amendment.patch.as_ref().err().map(ToString::to_string);
                assert!(amendment.warnings.len() <= 17, "{amendment:?}");
                fault.iter().chain(&amendment.warnings).for_each(|text| can_be_shown(text));
            }
            assert!(each_once(&named) && named.iter().all(|place| targeted.contains(place)), "{named:?}");
        }
        Err(fault) => can_be_shown(&fault.to_string()),
    }
    if !changed {
        if let Some(fault) = layout::fault(input) {
            return is_that_fault(answer.err(), fault);
        }
        // A fault in the place of a patch is always allowed.
        let meant: Vec<(Vec<Place>, Option<Patch>, &Value)> = items(&input["overrider"])
            .map(|amendment| {
                let patch = match layout::fault(amendment) {
                    Some(_) => Some(Patch::default()),
                    None => patch(&amendment["patch"]),
                };
                (places(&amendment["clusters"]), patch, amendment)
            })
            .collect();
        let named: Vec<Place> = meant.iter().flat_map(|(clusters, ..)| clusters).copied().collect();
        let allowed = each_once(&named)
            && named.iter().all(|place| targeted.contains(place))
            && meant.iter().all(|(_, patch, _)| patch.is_some());
        assert_eq!(answer.is_ok(), allowed, "{answer:?}");
        for (amendment, (clusters, patch, meant)) in answer.into_iter().flatten().zip(meant) {
            assert_eq!(amendment.clusters, sorted(clusters));
            match layout::fault(meant) {
                Some(fault) => is_that_fault(amendment.patch.err(), fault),
                None => assert_eq!(amendment.patch.ok(), patch),
            }
            assert_eq!(amendment.warnings.len(), items(&meant["warnings"]).count().min(17));
        }
    }
    benign();
}

/// The patch that is meant; none where it is not allowed.
fn patch(operations: &Value) -> Option<Patch> {
    let mut patch = Patch::default();
    for operation in items(operations) {
        let text = layout::value(operation);
        let (verb, value) = match operation["op"].as_str() {
            Some("replace") => (Verb::Replace, serde_json::from_str(&text).ok()?),
            Some("remove") => (Verb::Remove, Value::Null),
            Some("test") => (Verb::Test, serde_json::from_str(&text).ok()?),
            _ => (Verb::Add, serde_json::from_str(&text).ok()?),
        };
        patch.push(verb, layout::text(&operation["path"]), value).ok()?;
    }
    Some(patch)
}

fn is_that_fault(answer: Option<Fault>, (kind, _): (&str, &str)) {
    let same = match answer {
        Some(Fault::Config(_)) => kind == "config",
        Some(Fault::Template(_)) => kind == "template",
        Some(Fault::Unschedulable(_)) => kind == "unschedulable",
        Some(Fault::Internal(_)) => kind == "internal",
        _ => false,
    };
    assert!(same, "{answer:?} for {kind}");
}

/// One answer that every plugin may give, after whatever came before.
fn benign() {
    let (image, _) = layout::image(&json!({"filter": [{"reason": "so", "clusters": [1, 0]}]}));
    let mut reading = Reading::for_placement(fleet(2), Arc::default(), Request::default());
    let refusals = plugins().filter.filter(&image, &mut reading).expect("a usual answer");
    assert_eq!((refusals.len(), &*refusals[0].reason, &refusals[0].clusters[..]), (1, "so", &[0, 1][..]));
}

fn can_be_shown(text: &str) {
    assert!(text.chars().all(|character| !character.is_control() && character != '\u{202e}'), "{text:?}");
    // A few texts of at most 1 KiB each, and what is said around them.
    assert!(text.len() < 8 << 10, "{} bytes", text.len());
}

fn places(list: &Value) -> Vec<Place> {
    let place = |value: &Value| value.as_u64().and_then(|place| Place::try_from(place).ok());
    if list.is_array() { items(list).filter_map(place).collect() } else { place(list).into_iter().collect() }
}

fn sorted(mut places: Vec<Place>) -> Vec<Place> {
    places.sort_unstable();
    places
}

fn each_once(places: &[Place]) -> bool {
    sorted(places.to_vec()).windows(2).all(|pair| pair[0] != pair[1])
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn fleet(size: u32) -> Arc<Fleet> {
    let clusters = (0..size).map(|index| Cluster {
        name: format!("c{index:02}"),
        facts: json!({"metadata": {"name": format!("c{index:02}")}}),
        taints: Vec::new(),
    });
    Arc::new(Fleet::new(clusters.collect()))
}

struct Plugins {
    filter: LoadedPlugin,
    scorer: LoadedPlugin,
    estimator: LoadedPlugin,
    selector: LoadedPlugin,
    assigner: LoadedPlugin,
    overrider: LoadedPlugin,
    workload: LoadedPlugin,
    health: LoadedPlugin,
    reflect: LoadedPlugin,
    dependencies: LoadedPlugin,
    _sandbox: Sandbox,
}

fn plugins() -> &'static Plugins {
    static PLUGINS: OnceLock<Plugins> = OnceLock::new();
    PLUGINS.get_or_init(|| {
        let sandbox = Sandbox::new(Settings::new(1)).expect("a sandbox");
        let load = |fields: &str| {
            let component = wat::parse_str(guests::framed(fields)).expect("a component");
            sandbox.load(&component).expect("it fits the contract")
        };
        let named = |function| {
            load(&include_str!("../guests/answers-its-config.wat").replace("{{function}}", function))
        };
        let interpreter = |functions: &[&str]| {
            let exported =
                |function: &&str| format!(r#"(func (export "{function}) (result i32) (call $answer))"#);
            let functions: String = functions.iter().map(exported).collect();
            load(&include_str!("../guests/answers-its-template.wat").replace("{{functions}}", &functions))
        };
        Plugins {
            filter: named("filter"),
            scorer: named("score"),
            estimator: named("estimate"),
            selector: named("select"),
            assigner: named("assign"),
            overrider: named("patch"),
            workload: interpreter(&[r#"replicas""#, r#"revise") (param i32 i32 i32"#]),
            health: interpreter(&[r#"health""#]),
            reflect: interpreter(&[r#"reflect""#]),
            dependencies: interpreter(&[r#"dependencies""#]),
            _sandbox: sandbox,
        }
    })
}
