//! What the plugins `labels` and `annotations` share: edits to one map of strings inside of an object, given
//! as Karmada's `labelsOverrider` and `annotationsOverrider` are.
//!
//! ```text
//!  edits ──┐
//!          ├──► the map as it is to be ──difference──► patch, once a group of clusters with equal objects
//!  map ────┘
//! ```
//!
//! It will never know which of an object's maps it edits, beyond a pointer to it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use portolan_plugin::{Amendment, Config, Fault, Operation, Questions, pointer};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The entries of one rule, applied in order.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Edits(pub Vec<Edit>);

impl Config for Edits {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

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
/// The patch holds what changes and nothing else; a cluster on which nothing changes is not named. Of the
/// object only the map is read, once for all clusters whose objects are equal.
/// Where what is there is no map, the clusters that have it get a [`Fault::Template`], and no others.
pub fn patch(edits: &[Edit], at: &str, questions: &dyn Questions) -> Vec<Amendment> {
    if edits.is_empty() {
        return Vec::new();
    }
    let mut amendments = Vec::new();
    for clusters in questions.target_alike() {
        let Some(&first) = clusters.first() else { continue };
        let patch = match questions.target_get(first, at) {
            // A map that is null is one that was left out.
            None | Some(Value::Null) => from_nothing(edits, at),
            Some(Value::Object(before)) => difference(&before, edits, at),
            Some(other) => {
                amendments.push(Amendment::fault(clusters, no_map(at, &other)));
                continue;
            }
        };
        if !patch.is_empty() {
            amendments.push(Amendment::new(clusters, patch));
        }
    }
    amendments
}

/// One operation makes the whole map. An empty one is left where everything added was removed again: the
/// reference does so too.
fn from_nothing(edits: &[Edit], at: &str) -> Vec<Operation> {
    let nothing = Map::new();
    let wanted = wanted(&nothing, edits);
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut map = Map::new();
    for (key, value) in wanted {
        if let Some(value) = value {
            map.insert(key.to_owned(), value.into());
        }
    }
    vec![Operation::Add { at: at.to_owned(), value: map.into() }]
}

fn difference(before: &Map<String, Value>, edits: &[Edit], at: &str) -> Vec<Operation> {
    let operation = |(key, after): (&str, Option<&str>)| {
        let at = format!("{at}/{}", pointer::escape(key));
        match (before.get(key), after) {
            (Some(before), Some(after)) if before == after => None,
            (Some(_), Some(after)) => Some(Operation::Replace { at, value: after.into() }),
            (Some(_), None) => Some(Operation::Remove { at }),
            (None, Some(after)) => Some(Operation::Add { at, value: after.into() }),
            (None, None) => None,
        }
    };
    wanted(before, edits).into_iter().filter_map(operation).collect()
}

/// The keys that the edits touch, and what they come to in the end; none is a key that is taken out.
fn wanted<'a>(before: &Map<String, Value>, edits: &'a [Edit]) -> BTreeMap<&'a str, Option<&'a str>> {
    let mut wanted = BTreeMap::new();
    for edit in edits {
        for (key, value) in edit.value.iter().flatten() {
            let there = wanted.get(key.as_str()).map_or_else(|| before.contains_key(key), Option::is_some);
            match edit.operator {
                Operator::Add => _ = wanted.insert(key.as_str(), Some(value.as_str())),
                Operator::Replace if there => _ = wanted.insert(key, Some(value)),
                Operator::Remove if there => _ = wanted.insert(key, None),
                Operator::Replace | Operator::Remove => {}
            }
        }
    }
    wanted
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
