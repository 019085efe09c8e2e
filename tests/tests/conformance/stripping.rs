//! What never travels to a member.

use portolan_plan::strip;
use serde_json::Value;

use crate::{Outcome, compare};

pub(crate) fn run(input: &Value, expect: &Value) -> Outcome {
    compare(&expect["result"], &strip(&input["object"]))
}
