//! Loading: any bytes as a component.
//!
//! The input is a component's text, so that it can be read and mutated where it is still a component, or anything else,
//! which is taken for bytes. Lines such as `;;! 123 255` at its end change bytes of the binary made of it. Promised:
//!
//! - loading ends in a plugin or an error, and the compiler does not break down;
//! - an error is one line that can be shown, however hostile the names in the component are;
//! - a plugin has a name and a stage, checks configs, and answers a call in each stage or gives a fault; what it
//!   answers is what the contract allows;
//! - the second time it is the same.
//!
//! It can't find what takes a component of more than 64 KiB, nor what is wrong inside the engine's code for a plugin
//! unless that crashes: the engine itself is not told to report which of its edges ran.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use portolan_api::Cluster;
use portolan_plan::{Fleet, Plugin as _, Reading, Request, Targets};
use portolan_sandbox::{Budgets, LoadError, Loading, Sandbox, Settings};
use serde_json::json;

use crate::component_text;
use crate::random::Random;

const MAX_BYTES: usize = 64 << 10;

/// Another input.
pub fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    component_text::mutate(input, random)
}

/// Holds what is promised against one input.
pub fn run(input: &[u8]) {
    let Some(bytes) = component(input) else { return };
    let first = loaded(&bytes);
    // Time makes no difference that can be told from outside but for what it forbids, which is nothing of this size.
    if bytes.len() < 4 << 10 {
        assert_eq!(first, loaded(&bytes), "the same again");
    }
}

/// The binary that is meant; none where the text is none.
fn component(input: &[u8]) -> Option<Vec<u8>> {
    let text = match std::str::from_utf8(input) {
        Ok(text) if text.trim_start().starts_with(['(', ';']) => text,
        _ => return Some(input.to_vec()),
    };
    let mut bytes = wat::parse_str(text).ok()?;
    for (place, byte) in component_text::changes(text) {
        let end = bytes.len();
        bytes[place % end] = byte;
    }
    Some(bytes)
}

/// What became of it, as text.
fn loaded(bytes: &[u8]) -> String {
    let plugin = match sandbox().load(bytes) {
        Ok(plugin) => plugin,
        Err(error) => {
            assert!(
                !matches!(error, LoadError::CompilerBroke | LoadError::Busy | LoadError::CompileTime(_)),
                "{error}"
            );
            let mut text = error.to_string();
            let mut next = std::error::Error::source(&error);
            while let Some(cause) = next {
                text = format!("{text}: {cause}");
                next = cause.source();
            }
            assert!(
                text.chars().all(|character| !character.is_control() && character != '\u{202e}'),
                "{text:?}"
            );
            assert!(text.len() < 8 << 10, "{} bytes", text.len());
            return text;
        }
    };
    let manifest = plugin.manifest();
    assert!(!manifest.name.is_empty() && !manifest.version.is_empty());
    let checked = [json!({}), json!(null), json!({"a": [1, "b"]})].map(|config| plugin.check(&config));
    let mut reading = Reading::for_placement(fleet(), template(), Request::default());
    let refusals = plugin.filter(r#"{"a":"b"}"#, &mut reading);
    for refusal in refusals.iter().flatten() {
        assert!(refusal.clusters.is_sorted_by(|one, other| one < other));
        assert!(refusal.clusters.iter().all(|place| *place < 4));
    }
    let targets = vec![Targets { clusters: vec![0, 2], object: template() }];
    let mut reading = Reading::for_overrider(fleet(), template(), Request::default(), targets);
    let amendments = plugin.patch(r#"{"a":"b"}"#, &mut reading);
    for amendment in amendments.iter().flatten() {
        assert!(amendment.clusters.iter().all(|place| [0, 2].contains(place)));
        let _ = amendment.patch.as_ref().map(|patch| patch.apply(&template()));
    }
    format!("{manifest:?} {checked:?} {refusals:?} {amendments:?}")
}

fn template() -> Arc<serde_json::Value> {
    Arc::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}, "a": [1, 2]}))
}

fn fleet() -> Arc<Fleet> {
    let clusters = (0..4).map(|index| Cluster {
        name: format!("c{index}"),
        facts: json!({"metadata": {"name": format!("c{index}"), "labels": {"region": "eu"}}}),
        taints: Vec::new(),
    });
    Arc::new(Fleet::new(clusters.collect()))
}

fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let budgets = Budgets {
            // Enough for every guest of the corpus to end, and a loop ends in milliseconds.
            fuel: 2_000_000,
            // So much that fuel is what ends it on the slowest machine: what is cut by the clock differs the next time.
            wall_clock: Duration::from_secs(60),
            ..Budgets::default()
        };
        let loading = Loading { max_bytes: MAX_BYTES, ..Loading::default() };
        Sandbox::new(Settings { budgets, loading, ..Settings::new(1) }).expect("a sandbox")
    })
}
