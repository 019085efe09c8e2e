//! JSON text that is edited and otherwise stays as it was written: members in their order, numbers digit by digit.
//!
//! Rejected: `serde_json` with `raw_value`, `preserve_order` or `arbitrary_precision`. Cargo would turn them on for the host,
//! too, where they change what untrusted JSON is read as.

use std::collections::BTreeMap;

use patch_path::{Path, place};
use serde::de::IgnoredAny;
use serde_json::Value;

use patch_path::Operator;

use crate::entry::Step;
use crate::fields::Wrong;

/// The text after all edits.
pub(crate) fn edited(text: &str, steps: &[Step]) -> Result<String, Wrong> {
    let malformed = |error: serde_json::Error| {
        let place = format!("line {}, column {} is no JSON", error.line(), error.column());
        Wrong::Text(place, error.to_string())
    };
    serde_json::from_str::<IgnoredAny>(text).map_err(malformed)?;
    let mut document = Node::Raw(text.trim().to_owned());
    if document.open().is_none() {
        return Err(Wrong::Text("line 1".into(), "it is neither an object nor a list".into()));
    }
    for step in steps {
        apply(&mut document, step)
            .map_err(|why| Wrong::Edit(format!("{}.subPath: {:?}: {why}", step.name, step.written)))?;
    }
    let mut text = String::new();
    document.write(&mut text);
    Ok(text)
}

/// A value: as its text, until somebody looks inside.
#[derive(Debug)]
enum Node {
    Raw(String),
    Object(Vec<(String, Node)>),
    List(Vec<Node>),
}

/// A value that was looked into.
enum Open<'a> {
    Object(&'a mut Vec<(String, Node)>),
    List(&'a mut Vec<Node>),
}

impl Node {
    fn of(value: &Value) -> Self {
        Self::Raw(value.to_string())
    }

    /// Looks inside; none where there is no inside.
    fn open(&mut self) -> Option<Open<'_>> {
        if let Self::Raw(text) = self {
            *self = match text.as_bytes().first() {
                // Only names whose escapes stand for no character can still be wrong.
                Some(b'{') => Self::Object(members(text)?),
                Some(b'[') => Self::List(parts(text).map(|item| Self::Raw(item.to_owned())).collect()),
                _ => return None,
            };
        }
        match self {
            Self::Raw(_) => None,
            Self::Object(members) => Some(Open::Object(members)),
            Self::List(items) => Some(Open::List(items)),
        }
    }

    fn write(&self, to: &mut String) {
        match self {
            Self::Raw(text) => compact(text, to),
            Self::Object(members) => {
                to.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        to.push(',');
                    }
                    compact(&Value::from(name.as_str()).to_string(), to);
                    to.push(':');
                    value.write(to);
                }
                to.push('}');
            }
            Self::List(items) => {
                to.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        to.push(',');
                    }
                    item.write(to);
                }
                to.push(']');
            }
        }
    }

    fn value(&self) -> Option<Value> {
        let mut text = String::new();
        self.write(&mut text);
        serde_json::from_str(&text).ok()
    }
}

/// Writes JSON without white space, and what a browser might take for markup escaped.
fn compact(text: &str, to: &mut String) {
    let mut within_string = false;
    let mut escaped = false;
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => within_string = !within_string,
            ' ' | '\t' | '\n' | '\r' if !within_string => continue,
            '<' => {
                to.push_str("\\u003c");
                continue;
            }
            '>' => {
                to.push_str("\\u003e");
                continue;
            }
            '&' => {
                to.push_str("\\u0026");
                continue;
            }
            '\u{2028}' => {
                to.push_str("\\u2028");
                continue;
            }
            '\u{2029}' => {
                to.push_str("\\u2029");
                continue;
            }
            _ => {}
        }
        to.push(character);
    }
}

/// Does one edit, or says why not.
fn apply(document: &mut Node, step: &Step) -> Result<(), &'static str> {
    let Step { path: Path { segments }, operator, value, .. } = step;
    let Some((last, parents)) = segments.split_last() else {
        return match operator {
            Operator::Test => tested(Some(document), value),
            _ => {
                *document = Node::of(value);
                Ok(())
            }
        };
    };
    let mut parent = document;
    for segment in parents {
        let child = match parent.open() {
            Some(Open::Object(members)) => {
                members.iter_mut().find(|(name, _)| name == segment).map(|(_, value)| value)
            }
            Some(Open::List(items)) => place(segment, items.len()).and_then(|place| items.get_mut(place)),
            None => None,
        };
        parent = child.ok_or("there is nothing to be in; valid: a path whose parent exists")?;
    }
    let missing = "nothing is there; valid: a path that exists";
    match parent.open() {
        Some(Open::Object(members)) => {
            let at = members.iter().position(|(name, _)| name == last);
            match (operator, at) {
                (Operator::Add | Operator::Replace, Some(at)) => members[at].1 = Node::of(value),
                (Operator::Add, None) => members.push((last.clone(), Node::of(value))),
                (Operator::Remove, Some(at)) => _ = members.remove(at),
                (Operator::Replace | Operator::Remove, None) => return Err(missing),
                (Operator::Test, at) => tested(at.map(|at| &members[at].1), value)?,
            }
        }
        Some(Open::List(items)) => match operator {
            Operator::Add => {
                let places = items.len() + 1;
                let at = if last == "-" { Some(items.len()) } else { place(last, places) };
                let at = at.ok_or("there is no such place in the list; valid: 0 up to its length, or -")?;
                items.insert(at, Node::of(value));
            }
            _ => {
                let at = place(last, items.len()).ok_or(missing)?;
                match operator {
                    Operator::Remove => _ = items.remove(at),
                    Operator::Test => tested(Some(&items[at]), value)?,
                    _ => items[at] = Node::of(value),
                }
            }
        },
        None => return Err("there is nothing to be in; valid: a path into an object or a list"),
    }
    Ok(())
}

/// What is not there is null, as in the reference.
fn tested(found: Option<&Node>, wanted: &Value) -> Result<(), &'static str> {
    let found = found.map_or(Some(Value::Null), Node::value);
    if found.as_ref() == Some(wanted) {
        Ok(())
    } else {
        Err("another value is there than the one that was to be")
    }
}

/// The members of an object in their order. Of a name that is given twice the last value counts, at the first place.
fn members(object: &str) -> Option<Vec<(String, Node)>> {
    let mut members: Vec<(String, Node)> = Vec::new();
    let mut places = BTreeMap::new();
    for member in parts(object) {
        let (name, value) = member.split_at(end_of_string(member)?);
        let name: String = serde_json::from_str(name).ok()?;
        let value = Node::Raw(value.trim_start().strip_prefix(':')?.trim().to_owned());
        match places.get(&name) {
            Some(&place) => {
                let (_, known): &mut (String, Node) = &mut members[place];
                *known = value;
            }
            None => {
                places.insert(name.clone(), members.len());
                members.push((name, value));
            }
        }
    }
    Some(members)
}

/// What stands between the commas of an object or a list, which is known to be well-formed.
fn parts(collection: &str) -> impl Iterator<Item = &str> {
    let inside = collection.get(1..collection.len() - 1).unwrap_or_default();
    let (mut depth, mut within_string, mut escaped) = (0_usize, false, false);
    let parts = inside.split(move |character| {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => within_string = !within_string,
            _ if within_string => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' => return depth == 0,
            _ => {}
        }
        false
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

/// Where the string ends that a text begins with.
fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(at, character)| {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
        None
    })
}
