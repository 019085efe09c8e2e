//! Messages against the parts that are expected of them.

use serde_json::{Value, json};

use crate::miss::Miss;

/// The miss where messages and expected parts are not one for one: every message holds some part, every part is in some
/// message.
pub fn unlike(expectation: &str, expected: &[String], said: &[String]) -> Option<Miss> {
    let held = |part: &&String| !said.iter().any(|text| text.contains(part.as_str()));
    let covered = |text: &&String| !expected.iter().any(|part| text.contains(part.as_str()));
    if !expected.iter().any(|part| held(&part)) && !said.iter().any(|text| covered(&text)) {
        return None;
    }
    // A message that was expected is shown as it was expected, so that the difference is what differs.
    let got: Vec<&String> = said
        .iter()
        .map(|text| expected.iter().find(|part| text.contains(part.as_str())).unwrap_or(text))
        .collect();
    Some(Miss {
        expectation: expectation.into(),
        expected: Value::from(expected.to_vec()),
        got: json!(got),
        because: Vec::new(),
    })
}
