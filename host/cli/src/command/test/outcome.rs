//! What came of tests.

use serde::Serialize;
use serde_json::{Value, json};

/// Everything that came of one test file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcomes {
    /// The file, as it was given or found.
    pub file: String,
    /// Each test, then each property.
    pub tests: Vec<Outcome>,
    /// What `plan` would warn of; empty where a test says which warnings there are.
    pub warnings: Vec<String>,
}

/// What came of one test, or of one property.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// What it is called.
    pub name: String,
    /// Where it stands, as `file:line`.
    pub at: String,
    /// What came of it.
    pub status: Status,
    /// What was missed; of a test that did not fail nothing.
    pub failures: Vec<Failure>,
    /// What is worth knowing all the same.
    pub notes: Vec<Failure>,
}

/// What came of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// All that it expects came.
    Passed,
    /// Something else came.
    Failed,
    /// It was not looked at, or has nothing to look at; a note says why.
    Skipped,
}

/// Something that was missed.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Where the expectation stands, as `file:line`.
    pub at: String,
    /// Which expectation, or what is wrong.
    pub what: String,
    /// What was expected and what came, where both are values.
    #[serde(flatten)]
    pub compared: Option<Compared>,
    /// The reasons that the plan gives, or the smallest differences; one a line.
    pub because: Vec<String>,
}

/// What was expected and what came.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// What was expected.
    pub expected: Value,
    /// What came.
    pub got: Value,
}

impl Outcome {
    /// One that failed if it has failures.
    pub fn new(name: String, at: String, failures: Vec<Failure>) -> Self {
        let status = if failures.is_empty() { Status::Passed } else { Status::Failed };
        Self { name, at, status, failures, notes: Vec::new() }
    }
}

impl Failure {
    /// One that is a message.
    pub fn said(at: String, what: impl Into<String>, because: Vec<String>) -> Self {
        Self { at, what: what.into(), compared: None, because }
    }
}

/// How many tests of all files came out so.
pub fn count(outcomes: &[Outcomes], status: Status) -> usize {
    outcomes.iter().flat_map(|file| &file.tests).filter(|test| test.status == status).count()
}

/// All of it for programs.
pub fn document(outcomes: &[Outcomes]) -> Value {
    json!({
        "files": outcomes,
        "passed": count(outcomes, Status::Passed),
        "failed": count(outcomes, Status::Failed),
        "skipped": count(outcomes, Status::Skipped),
    })
}
