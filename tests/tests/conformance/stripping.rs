//! What never travels to a member.

use std::sync::Arc;

use portolan_plan::strip;
use serde_json::Value;

use crate::{Outcome, compare};

pub(crate) fn run(input: &Value, expect: &Value) -> Outcome {
    let object = Arc::new(input["object"].clone());
    compare(&expect["result"], &strip(&object))
}
