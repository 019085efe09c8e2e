//! What the tests have in common: a sandbox, guests, a fleet.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use portolan_api::Cluster;
use portolan_plan::{Fault, Fleet, Plugin as _, Reading, Refusal, Request, Targets};
use portolan_sandbox::{Budgets, LoadError, LoadedPlugin, Sandbox, Settings};
use serde_json::json;

/// One sandbox for all tests, because each keeps threads and address space. Sixteen calls at once are more than tests
/// make.
pub(crate) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| sandbox_for(8, Budgets::default()))
}

/// A sandbox whose clock does not run out before the fuel does, however crowded the machine is.
pub(crate) fn sandbox_for(workers: u32, budgets: Budgets) -> Sandbox {
    let budgets = Budgets { wall_clock: Duration::from_secs(600), ..budgets };
    Sandbox::new(Settings { budgets, ..Settings::new(workers) }).expect("a sandbox")
}

/// Each stage that can be asked, by the function that it exports.
const STAGES: [(&str, &str); 13] = [
    ("filter", "filter"),
    ("score", "scorer"),
    ("estimate", "estimator"),
    ("select", "selector"),
    ("assign", "assigner"),
    ("patch", "overrider"),
    ("replicas", "workload"),
    ("prune", "prune"),
    ("retain", "retain"),
    ("health", "health"),
    ("reflect", "reflect"),
    ("aggregate", "aggregate"),
    ("dependencies", "dependencies"),
];

/// The text of `tests/guests/<name>.wat`, which is a whole component, or the fields of a core module; those are put into
/// the frame, with the stage whose function they export.
pub(crate) fn guest_text(name: &str) -> String {
    framed(name, read(name))
}

/// An interpreter whose answer, in every operation of an interface, is what the words of memory from 0 on say; and the
/// texts beside them, each at its address.
pub(crate) fn answering(interface: &str, answer: &[u32], texts: &[(u32, &str)]) -> String {
    let bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let words: Vec<u8> = answer.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut data = format!("(data (i32.const 0) \"{}\")", bytes(&words));
    for (at, text) in texts {
        data += &format!("(data (i32.const {at}) \"{}\")", bytes(text.as_bytes()));
    }
    let function =
        |name: &str, takes: &str| format!("(func (export \"{name}\") {takes} (result i32) (i32.const 0))");
    let functions = match interface {
        "workload" => function("replicas", "") + &function("revise", "(param i32 i32 i32)"),
        "aggregate" => function(interface, "(param i32 i32)"),
        _ => function(interface, ""),
    };
    framed(interface, data + &functions)
}

/// Loads component text.
pub(crate) fn loaded(text: &str) -> LoadedPlugin {
    let component = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"));
    sandbox().load(&component).unwrap_or_else(|error| panic!("{}", chain(&error)))
}

fn framed(name: &str, text: String) -> String {
    if text.lines().find(|line| !line.starts_with(";;")).is_some_and(|line| line.starts_with("(component")) {
        return text;
    }
    let exported = |(function, _): &&(&str, &str)| text.contains(&format!(r#"(export "{function}")"#));
    let (_, stage) = STAGES.iter().find(exported).unwrap_or_else(|| panic!("{name} exports no stage"));
    read("guest.frame").replace("{{fields}}", &text).replace("{{stage}}", &read(&format!("{stage}.stage")))
}

/// The same as a component.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    wat::parse_str(guest_text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A filter whose component has more in it.
pub(crate) fn guest_with(more: &str) -> Vec<u8> {
    let text = guest_text("refuses-all");
    let inside = text.trim_end().strip_suffix(')').expect("a component ends");
    wat::parse_str(format!("{inside}\n{more})")).expect("a component")
}

/// A guest that loads.
pub(crate) fn plugin(name: &str) -> LoadedPlugin {
    sandbox().load(&guest(name)).unwrap_or_else(|error| panic!("{name}: {}", chain(&error)))
}

/// Why a component does not load.
pub(crate) fn refused(component: &[u8]) -> LoadError {
    sandbox().load(component).expect_err("it should not load")
}

/// Why a component given as text does not load, causes and all.
pub(crate) fn refused_text(component: &str) -> String {
    chain(&refused(&wat::parse_str(component).expect("a component")))
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// Clusters `c0000`, `c0001` and so on, every second one in region `eu`.
pub(crate) fn fleet(size: usize) -> Arc<Fleet> {
    let clusters = (0..size).map(|index| {
        let name = format!("c{index:04}");
        let region = if index % 2 == 0 { "eu" } else { "us" };
        let labels =
            json!({"region": region, "tier": "gold", "team": "a", "zone": format!("z{}", index % 3)});
        let facts = json!({"metadata": {"name": name, "labels": labels}, "spec": {"region": region}});
        Cluster { name, facts, taints: Vec::new() }
    });
    Arc::new(Fleet::new(clusters.collect()))
}

/// A call to a filter with so many clusters on offer.
pub(crate) fn offer(size: usize) -> Reading {
    let template =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}, "data": {"a": "b"}});
    Reading::for_placement(fleet(size), Arc::new(template), Request::default())
}

/// What a guest answers for four clusters.
pub(crate) fn filter(name: &str, config: &str) -> Result<Vec<Refusal>, Fault> {
    plugin(name).filter(config, &mut offer(4))
}

/// A call to an overrider for some of four clusters.
pub(crate) fn target(clusters: &[u32]) -> Reading {
    let object = Arc::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}}));
    let targets = vec![Targets { clusters: clusters.into(), object: Arc::clone(&object) }];
    Reading::for_overrider(fleet(4), object, Request::default(), targets)
}

fn read(name: &str) -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests").join(name).with_added_extension("wat");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
