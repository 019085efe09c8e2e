//! What the plugins `labels` and `annotations` share: edits to one map of strings inside of an object, given as Karmada's
//! `labelsOverrider` and `annotationsOverrider` are.
//!
//! ```text
//!  edits ──┐
//!          ├──► the map as it is to be ──difference──► patch, once a group of clusters with equal objects
//!  map ────┘
//! ```
//!
//! It will never know which of an object's maps it edits, beyond a pointer to it.

use std::collections::BTreeMap;

use portolan_plugin::{Amendment, Fault, Operation, Questions, pointer};
use serde::Deserialize;
use serde_json::{Map, Value};

/// One entry of an overrider. Entries apply in order, each to what the one before left.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// What is done with each key.
    pub operator: Operator,
    /// The keys, and their values where the operator has a use for them.
    #[serde(default)]
    pub value: Option<BTreeMap<String, String>>,
}

/// What is done with each key of an [`Edit`].
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// Sets the key, and makes the map where there is none.
    Add,
    /// Sets the key where it is there already.
    Replace,
    /// Takes the key out where it is there, whatever its value. A map stays when its last key goes.
    Remove,
}

/// The patches that apply the edits to the map at that pointer, for every cluster that the rule targets.
///
/// The patch holds what changes and nothing else; a cluster on which nothing changes is not named. Of the object only
/// the map is read, once for all clusters whose objects are equal.
///
/// # Errors
///
/// [`Fault::Template`] where what is there is no map.
pub fn patch(edits: &[Edit], at: &str, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
    if edits.is_empty() {
        return Ok(Vec::new());
    }
    let mut amendments = Vec::new();
    for clusters in questions.target_alike() {
        let Some(&first) = clusters.first() else { continue };
        let patch = match questions.target_get(first, at) {
            // A map that is null is one that was left out.
            None | Some(Value::Null) => from_nothing(edits, at),
            Some(Value::Object(before)) => difference(&before, edits, at),
            Some(other) => return Err(no_map(at, &other)),
        };
        if !patch.is_empty() {
            amendments.push(Amendment { clusters, patch });
        }
    }
    Ok(amendments)
}

/// One operation makes the whole map. An empty one is left where everything added was removed again: the reference does
/// so too.
fn from_nothing(edits: &[Edit], at: &str) -> Vec<Operation> {
    let adds = |edit: &Edit| matches!(edit.operator, Operator::Add) && !keys(edit).is_empty();
    if !edits.iter().any(adds) {
        return Vec::new();
    }
    vec![Operation::Add { at: at.to_owned(), value: Value::Object(edited(&Map::new(), edits)) }]
}

fn difference(before: &Map<String, Value>, edits: &[Edit], at: &str) -> Vec<Operation> {
    let after = edited(before, edits);
    let at_key = |key: &String| format!("{at}/{}", pointer::escape(key));
    let removed = before
        .keys()
        .filter(|key| !after.contains_key(*key))
        .map(|key| Operation::Remove { at: at_key(key) });
    let set = after.iter().filter_map(|(key, value)| match before.get(key) {
        Some(same) if same == value => None,
        Some(_) => Some(Operation::Replace { at: at_key(key), value: value.clone() }),
        None => Some(Operation::Add { at: at_key(key), value: value.clone() }),
    });
    removed.chain(set).collect()
}

fn edited(before: &Map<String, Value>, edits: &[Edit]) -> Map<String, Value> {
    let mut map = before.clone();
    for edit in edits {
        for (key, value) in keys(edit) {
            match edit.operator {
                Operator::Add => {
                    map.insert(key.clone(), value.as_str().into());
                }
                Operator::Replace => {
                    if let Some(there) = map.get_mut(key) {
                        *there = value.as_str().into();
                    }
                }
                Operator::Remove => {
                    map.remove(key);
                }
            }
        }
    }
    map
}

fn keys(edit: &Edit) -> &BTreeMap<String, String> {
    const NONE: &BTreeMap<String, String> = &BTreeMap::new();
    edit.value.as_ref().unwrap_or(NONE)
}

fn no_map(at: &str, found: &Value) -> Fault {
    let found = match found {
        Value::Array(_) => "a list",
        Value::String(_) => "a string",
        Value::Number(_) => "a number",
        _ => "true or false",
    };
    Fault::Template(format!("{at} is {found}; it must be an object whose values are strings"))
}
