//! Facts about the reference, tried through plan and the real components.
//!
//! A few vectors of each shape are kept in `tests/vectors`, whose README has the format, and always run. More of them
//! are run where `PORTOLAN_CONFORMANCE` names a directory or `shared/conformance` lies beside the checkout. Every
//! mismatch is listed and fails. No vector keeps another from running: what can't be read, and what panics, differs.

mod affinity;
mod division;
mod identity;
mod interpreting;
mod overriding;
mod policies;
mod spreading;

use std::any::Any;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use portolan_plan::Plugins;
use portolan_tests::default_plugins;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What came of one vector.
#[derive(Debug, PartialEq)]
enum Outcome {
    Agrees,
    /// What was expected and what came instead.
    Differs(String),
}

/// An outcome, or why the vector can't be read.
type Ran = Result<Outcome, String>;

#[test]
fn kept_vectors_agree() {
    all_agree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors"));
}

/// By itself this is `cargo xtask conformance DIR`.
#[test]
fn given_vectors_agree() {
    let named = std::env::var_os("PORTOLAN_CONFORMANCE").filter(|named| !named.is_empty()).map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance");
    if let Some(directory) = named.or_else(|| beside.is_dir().then_some(beside)) {
        all_agree(&directory);
    } else {
        // Written, not printed: the test runner keeps to itself what a passing test prints.
        let note = "PORTOLAN_CONFORMANCE is not set and shared/conformance is not beside the checkout: \
                    only the vectors in tests/vectors are run";
        writeln!(std::io::stderr(), "conformance: {note}").expect("standard error can be written to");
    }
}

#[test]
fn odd_vectors_differ_and_never_panic() {
    let plugins = default_plugins();
    let odd = [
        r#"{}"#,
        r#"[]"#,
        r#"{"input": {"affinity": 1, "cluster": 2}, "expect": {"match": true}}"#,
        r#"{"input": {"selectors": {}, "object": {}}, "expect": {"match": true}}"#,
        r#"{"input": {"policies": 1, "object": {}}, "expect": {"winner": ""}}"#,
        r#"{"input": {"policies": [{"spec": {}}], "object": {}}, "expect": {"winner": "a"}}"#,
        r#"{"input": {"policies": [{}], "object": {}, "cluster": {}}, "expect": {"result": {}}}"#,
        r#"{"input": {"overriders": {"plaintext": 1}, "object": {}}, "expect": {"result": {}}}"#,
        r#"{"input": {"op": "prune"}, "expect": {"result": {}}}"#,
        r#"{"input": {"replicaScheduling": 1}, "expect": {"result": {}}}"#,
        r#"{"input": {"replicaScheduling": {}, "candidates": [{}]}, "expect": {"result": {}}}"#,
        r#"{"input": {"placement": 1, "candidates": [], "replicas": 1}, "expect": {"selected": ["a"]}}"#,
    ];
    for text in odd {
        let outcome = tried(|| run("odd", &serde_json::from_str(text).expect("JSON"), &plugins));
        let Outcome::Differs(how) = outcome else { panic!("{text}: {outcome:?}") };
        assert!(!how.starts_with("panicked"), "{text}: {how}");
    }
    assert_eq!(tried(|| panic!("at {}", 1)), Outcome::Differs("panicked: at 1".to_owned()));
}

fn all_agree(directory: &Path) {
    let plugins = default_plugins();
    let (mut agreed, mut differing) = (0, Vec::new());
    for Line { file, number, vector } in lines(directory) {
        let id =
            vector.as_ref().ok().and_then(|vector| vector["id"].as_str()).unwrap_or("(no id)").to_owned();
        match tried(|| run(&file, &vector?, &plugins)) {
            Outcome::Agrees => agreed += 1,
            Outcome::Differs(how) => differing.push(format!("{file}.jsonl:{number} {id}: {how}")),
        }
    }
    println!("{agreed} vectors of {} agree, {} differ", directory.display(), differing.len());
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(agreed > 0, "{} holds no vector that can be run", directory.display());
}

/// The outcome, whatever happens on the way.
fn tried(run: impl FnOnce() -> Ran) -> Outcome {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(unreadable)) => Outcome::Differs(unreadable),
        Err(panic) => Outcome::Differs(format!("panicked: {}", panic_text(&*panic))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a text")
}

/// Which part of the product a vector is about is told by its file's name and by the shape of its input, so that any
/// directory of the format can be run.
fn run(file: &str, vector: &Value, plugins: &Plugins) -> Ran {
    let (input, expect) = (&vector["input"], &vector["expect"]);
    let has = |key: &str| input.get(key).is_some();
    match file {
        _ if has("affinity") => affinity::run(input, expect, plugins),
        _ if has("selectors") => policies::rank(input, expect),
        _ if has("Kind") => Ok(identity::run(input, expect)),
        "policy" => policies::winner(input, expect),
        _ if has("overriders") => overriding::one_rule(input, expect, plugins),
        _ if has("object") && has("policies") && has("cluster") => {
            overriding::policies(input, expect, plugins)
        }
        _ if has("policies") => policies::winner(input, expect),
        _ if has("op") => interpreting::run(input, expect, plugins),
        _ if has("replicaScheduling") => division::run(input, expect, plugins),
        _ if has("placement") => spreading::run(input, expect, plugins),
        _ => Err("it has none of the shapes that tests/vectors/README.md lists".to_owned()),
    }
}

/// A line of a file; the file's name is without `.jsonl`.
struct Line {
    file: String,
    number: usize,
    vector: Result<Value, String>,
}

fn lines(directory: &Path) -> Vec<Line> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.expect("a readable directory").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let mut lines = Vec::new();
    for path in files {
        let file = path.file_stem().expect("a file name").to_string_lossy().into_owned();
        match std::fs::read_to_string(&path) {
            Err(error) => lines.push(Line { file, number: 0, vector: Err(error.to_string()) }),
            Ok(text) => {
                let written = text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty());
                lines.extend(written.map(|(index, text)| Line {
                    file: file.clone(),
                    number: index + 1,
                    vector: serde_json::from_str(text).map_err(|error| error.to_string()),
                }));
            }
        }
    }
    lines
}

/// A part of a vector as the product's own type.
fn read<T: DeserializeOwned>(value: &Value, what: &str) -> Result<T, String> {
    T::deserialize(value).map_err(|error| format!("{what} can't be read: {error}: {value}"))
}

/// Compares, and says both sides where they differ.
fn compare(expected: &Value, got: &Value) -> Outcome {
    if expected == got {
        Outcome::Agrees
    } else {
        Outcome::Differs(format!("expected {expected}, got {got}"))
    }
}
