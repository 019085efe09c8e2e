//! Parts of an object, as they are asked for.

use portolan_plugin::{Operation, Questions, pointer};
use serde_json::{Map, Value};

/// The object's kind. No two of ours share a name, and the host calls for no other ones.
pub(crate) fn kind(of: Option<Value>) -> String {
    text(of)
}

/// A text; empty where there is none.
pub(crate) fn text(of: Option<Value>) -> String {
    match of {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

/// A whole number; 0 where there is none.
pub(crate) fn number(of: Option<&Value>) -> i64 {
    of.and_then(Value::as_i64).unwrap_or_default()
}

/// The elements of a list; none where there is no list.
pub(crate) fn items(of: Option<&Value>) -> &[Value] {
    of.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text within a value; empty where there is none.
pub(crate) fn text_at<'a>(of: &'a Value, at: &str) -> &'a str {
    of.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

/// Puts a value below a map of the template, and the map where it is missing.
pub(crate) fn put(questions: &dyn Questions, map: &[&str], key: &str, value: Value) -> Vec<Operation> {
    let mut patch = Vec::new();
    let mut at = String::new();
    for part in map {
        at.push('/');
        at.push_str(&pointer::escape(part));
        // Behind one that was missing, all are.
        if !patch.is_empty() || questions.template_get(&at).is_none_or(|there| !there.is_object()) {
            patch.push(Operation::Add { at: at.clone(), value: Value::Object(Map::new()) });
        }
    }
    patch.push(Operation::Add { at: format!("{at}/{}", pointer::escape(key)), value });
    patch
}
