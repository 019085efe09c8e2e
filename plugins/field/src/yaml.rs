//! YAML text that is read, edited as JSON, and written anew.

mod emit;
mod float;
mod order;

use portolan_yaml::{Copies, Malformed, compose};
use serde_json::Value;

use crate::entry::Step;
use crate::fields::Wrong;
use crate::json;

/// MiB that anchors and aliases may add up to. No string of an object can be longer than 1.4 MiB, so what comes out could
/// not be delivered beyond that either.
const COPIES: usize = 2;

/// The text after all edits. Of several documents the first is read and kept, as in the reference.
pub(crate) fn edited(text: &str, steps: &[Step]) -> Result<String, Wrong> {
    let (documents, malformed) = compose(text, 1, &mut Copies::mebibytes(COPIES, "this text"));
    let first = documents.into_iter().find(|document| document.index == 0);
    let before = match (first, malformed) {
        (Some(document), _) => document.value,
        (None, Some(Malformed { line, column, message })) => {
            return Err(Wrong::Text(format!("line {line}, column {column}"), message));
        }
        (None, None) => Value::Null,
    };
    if !before.is_object() && !before.is_array() {
        return Err(Wrong::Text("line 1".into(), "it is neither a map nor a list".into()));
    }
    let after = json::edited(&before.to_string(), steps)?;
    let after: Value = serde_json::from_str(&after)
        .map_err(|error| Wrong::Text("what comes of it can't be read".into(), error.to_string()))?;
    Ok(emit::text(&after))
}
