use patch_path::{Path, place};
use portolan_plugin::{Operation, pointer};
use serde_json::Value;

use patch_path::Operator;

use crate::entry::{Step, operation};

/// One object, as the steps so far leave it.
///
/// After a step that does not apply nothing is known any more, and the steps are handed on by their word. The
/// host then fails at the same step, since the spelling that was to be translated is one that it does not
/// take, and reports it for the clusters that have this object and no others.
pub(crate) struct Replay {
    object: Option<Value>,
}

impl Replay {
    pub(crate) fn new(object: Value) -> Self {
        Self { object: Some(object) }
    }

    /// The step as the host is to apply it to this object.
    pub(crate) fn resolve(&mut self, step: &Step) -> Operation {
        let applied = self.object.as_mut().and_then(|object| apply(object, step));
        if applied.is_none() {
            self.object = None;
        }
        operation(step.operator, applied.unwrap_or_else(|| step.path.pointer()), step.value.clone())
    }
}

/// Applies the step and answers where that was, strictly written. None where it does not apply.
fn apply(object: &mut Value, step: &Step) -> Option<String> {
    let Step { operator, path: Path { segments }, value } = step;
    let Some((last, parents)) = segments.split_last() else {
        if *operator != Operator::Test {
            *object = value.clone();
        }
        return Some(String::new());
    };
    let mut at = String::new();
    let mut parent = object;
    for segment in parents {
        parent = match parent {
            Value::Object(map) => {
                push(&mut at, segment);
                map.get_mut(segment)?
            }
            Value::Array(list) => {
                let place = place(segment, list.len())?;
                push(&mut at, &place.to_string());
                list.get_mut(place)?
            }
            _ => return None,
        };
    }
    match parent {
        Value::Object(map) => {
            push(&mut at, last);
            match operator {
                Operator::Add => {
                    map.insert(last.clone(), value.clone());
                }
                Operator::Replace => *map.get_mut(last)? = value.clone(),
                Operator::Remove => {
                    map.remove(last)?;
                }
                // Whether it holds is for the host to see; if not, the whole patch is void and nothing else
                // matters.
                Operator::Test => {}
            }
        }
        Value::Array(list) => {
            // An insertion has one place more: behind the last entry. It is the place that -1 means there.
            let places = list.len() + usize::from(*operator == Operator::Add);
            let place = match (last.as_str(), operator) {
                ("-", Operator::Add) => list.len(),
                _ => place(last, places)?,
            };
            push(&mut at, &place.to_string());
            match operator {
                Operator::Add => list.insert(place, value.clone()),
                Operator::Replace => list[place] = value.clone(),
                Operator::Remove => {
                    list.remove(place);
                }
                Operator::Test => {}
            }
        }
        _ => return None,
    }
    Some(at)
}

fn push(at: &mut String, segment: &str) {
    at.push('/');
    at.push_str(&pointer::escape(segment));
}
