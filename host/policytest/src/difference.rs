//! The smallest difference of two values.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// One place at which two values differ, as deep as one can say.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// An RFC 6901 pointer.
    pub at: String,
    /// What the first has there.
    pub before: Option<Value>,
    /// What the second has there.
    pub after: Option<Value>,
}

/// All places at which two values differ, in the order of the first one's keys and indexes.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(String::new(), Some(before), Some(after), &mut found);
    found
}

fn walk(at: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let step = key.replace('~', "~0").replace('/', "~1");
                walk(format!("{at}/{step}"), one.get(key), other.get(key), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                walk(format!("{at}/{index}"), one.get(index), other.get(index), found);
            }
        }
        (before, after) => {
            found.push(Difference { at, before: before.cloned(), after: after.cloned() });
        }
    }
}

/// `/spec/replicas: 2 became 3`
impl fmt::Display for Difference {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".into(), Value::to_string);
        let Self { at, before, after } = self;
        write!(to, "{at}: {} became {}", said(before), said(after))
    }
}
