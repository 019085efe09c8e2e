//! What the tests have in common: a sandbox, guests, a fleet.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use portolan_api::Cluster;
use portolan_plan::{Fleet, Reading, Request, Targets};
use portolan_sandbox::{LoadError, LoadedPlugin, Sandbox, Settings};
use serde_json::json;

/// One sandbox for all tests, because each keeps threads and address space. Sixteen calls at once are more than tests
/// make.
pub(crate) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| Sandbox::new(Settings::new(8)).expect("a sandbox"))
}

/// The bytes of `tests/guests/<name>.wat`: a whole component, or the fields of a filter's or an overrider's core module.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    let text = read(name);
    let frame = match text.lines().find(|line| !line.starts_with(";;")) {
        Some(line) if line.starts_with("(component") => return wat::parse_str(text).expect("a component"),
        _ if text.contains(r#"(export "patch")"#) => read("overrider.frame"),
        _ => read("filter.frame"),
    };
    wat::parse_str(frame.replace("{{fields}}", &text)).expect("a component")
}

/// A guest that loads.
pub(crate) fn plugin(name: &str) -> LoadedPlugin {
    sandbox().load(&guest(name)).unwrap_or_else(|error| panic!("{name}: {}", chain(&error)))
}

/// Why a guest does not load.
pub(crate) fn refused(name: &str) -> LoadError {
    sandbox().load(&guest(name)).expect_err("it should not load")
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
    Reading::for_filter(fleet(size), Arc::new(template), Request::default())
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
