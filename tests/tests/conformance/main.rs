//! Facts about the reference, tried through plan and the real components.
//!
//! `PORTOLAN_CONFORMANCE` names a directory of vectors in the format of `shared/conformance/README.md`, one JSON
//! object a line; without it the visible ones are looked for beside the checkout. Every mismatch is listed and fails;
//! what this version can't run yet is listed by name and counted.

mod affinity;
mod identity;
mod overriding;
mod policies;
mod stripping;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portolan_plan::Plugins;
use portolan_tests::default_plugins;
use serde_json::Value;

/// What came of one vector.
enum Outcome {
    Agrees,
    /// What was expected and what came instead.
    Differs(String),
    /// The part of the product that is not there yet.
    NotYet(&'static str),
}

#[test]
fn every_vector_agrees() {
    let Some(directory) = directory() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "shared/conformance is not beside the checkout, and CI is set"
        );
        println!(
            "no vectors: shared/conformance is not beside the checkout and PORTOLAN_CONFORMANCE is not set"
        );
        return;
    };
    let plugins = default_plugins();
    let (mut agreed, mut differing) = (0, Vec::new());
    let mut not_yet = BTreeMap::<&str, Vec<String>>::new();
    for (file, line, vector) in vectors(&directory) {
        let id = vector["id"].as_str().unwrap_or("(no id)").to_owned();
        match run(&file, &id, &vector, &plugins) {
            Outcome::Agrees => agreed += 1,
            Outcome::Differs(how) => differing.push(format!("{file}.jsonl:{line} {id}: {how}")),
            Outcome::NotYet(what) => not_yet.entry(what).or_default().push(id),
        }
    }
    for (what, ids) in &not_yet {
        println!("can't run yet, {what} ({}): {}", ids.len(), ids.join(" "));
    }
    println!("{agreed} vectors agree, {} differ", differing.len());
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(agreed > 0, "{} holds no vector that can be run", directory.display());
}

/// Which part of the product a vector is about is told by its file's name and by the shape of its input, so that any
/// directory of the format can be run.
fn run(file: &str, id: &str, vector: &Value, plugins: &Plugins) -> Outcome {
    let (input, expect) = (&vector["input"], &vector["expect"]);
    let has = |key: &str| input.get(key).is_some();
    match file {
        _ if has("affinity") => affinity::run(input, expect, plugins),
        _ if has("selectors") => policies::rank(input, expect),
        _ if has("Kind") => identity::run(input, expect),
        "policy" => policies::winner(input, expect),
        _ if has("overriders") => overriding::one_rule(input, expect, plugins),
        _ if has("object") && has("policies") && has("cluster") => {
            overriding::policies(input, expect, plugins)
        }
        _ if has("policies") => policies::winner(input, expect),
        _ if input["op"] == "prune" => stripping::run(input, expect),
        _ if has("op") => Outcome::NotYet("interpreters"),
        _ if has("replicaScheduling") => Outcome::NotYet("division of replicas"),
        _ if has("placement") => Outcome::NotYet("spread constraints"),
        _ => Outcome::Differs(format!("{id} has none of the shapes that README.md lists")),
    }
}

fn vectors(directory: &Path) -> Vec<(String, usize, Value)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.expect("a readable directory").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let mut vectors = Vec::new();
    for path in files {
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
        for (line, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let vector = serde_json::from_str(text)
                .unwrap_or_else(|error| panic!("{}:{}: {error}", path.display(), line + 1));
            vectors.push((name.clone(), line + 1, vector));
        }
    }
    vectors
}

fn directory() -> Option<PathBuf> {
    let named = std::env::var_os("PORTOLAN_CONFORMANCE").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance");
    named.or_else(|| beside.is_dir().then_some(beside))
}

/// Compares, and says both sides where they differ.
fn compare(expected: &Value, got: &Value) -> Outcome {
    if expected == got {
        Outcome::Agrees
    } else {
        Outcome::Differs(format!("expected {expected}, got {got}"))
    }
}
