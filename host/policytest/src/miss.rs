//! An expectation that was missed.

use serde::Serialize;
use serde_json::Value;

/// What was expected, what came instead, and why it came.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Miss {
    /// Which expectation: a path in the test such as `fields.member1./spec/replicas`.
    pub expectation: String,
    /// What was expected.
    pub expected: Value,
    /// What came.
    pub got: Value,
    /// The reasons that the plan gives for it, one a line.
    pub because: Vec<String>,
}
