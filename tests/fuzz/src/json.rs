//! Mutations of JSON that leave it JSON: what is behind the parser is what is tried.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// What a target's inputs are made of.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Keys that mean something.
    pub keys: &'static [&'static str],
    /// Texts that mean something.
    pub texts: &'static [&'static str],
}

/// Numbers and such at which something may turn over.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "4",
    "-1",
    "127",
    "128",
    "255",
    "4294967295",
    "-2147483649",
    "18446744073709551615",
    "0.5",
    "1e300",
];

/// Characters that mean something to somebody: JSON, pointers, YAML, terminals.
const CHARACTERS: &[char] = &[
    '/', '~', '0', '1', '-', '.', '"', '\\', '{', '}', '[', ']', ',', ':', ' ', '\n', '\0', '\u{1b}',
    '\u{7f}', '\u{85}', '\u{202e}', '\u{feff}', 'ä', '字', '😀', 'a',
];

/// How deep a wrapped value may become. The parser that reads it back stops at 128.
const WRAPS: usize = 140;

/// Another JSON text that is a mutation or two away. None where this is no JSON.
pub fn mutate(text: &[u8], words: Words, random: &mut Random) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(text).ok()?;
    for _ in 0..=random.below(3) {
        step(&mut document, words, random);
    }
    Some(document.to_string().into_bytes())
}

/// A part of one document in the place of a part of another. None where either is no JSON.
pub fn cross(one: &[u8], other: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut document: Value = serde_json::from_slice(one).ok()?;
    let mut donor: Value = serde_json::from_slice(other).ok()?;
    let part = any(&mut donor, random).clone();
    match any(&mut document, random) {
        Value::Array(items) => items.push(part),
        place => *place = part,
    }
    Some(document.to_string().into_bytes())
}

fn step(document: &mut Value, words: Words, random: &mut Random) {
    let copy = any(document, random).clone();
    let place = any(document, random);
    match random.below(9) {
        0 => *place = scalar(words, random),
        1 | 2 => *place = copy,
        3 => {
            let wraps = if random.below(8) == 0 { random.below(WRAPS) } else { 1 };
            for _ in 0..wraps {
                let inner = place.take();
                *place =
                    if random.below(2) == 0 { json!([inner]) } else { json!({key(words, random): inner}) };
            }
        }
        _ => match place {
            Value::Array(items) => edit_list(items, copy, words, random),
            Value::Object(members) => edit_map(members, copy, words, random),
            Value::String(text) => edit_text(text, words, random),
            _ => *place = scalar(words, random),
        },
    }
}

fn edit_list(items: &mut Vec<Value>, copy: Value, words: Words, random: &mut Random) {
    let at = random.below(items.len() + 1);
    match random.below(5) {
        0 => items.insert(at, copy),
        1 => items.insert(at, scalar(words, random)),
        2 if !items.is_empty() => {
            let twice = random.one_of(items);
            items.insert(at, twice);
        }
        3 if items.len() > 1 => {
            let last = items.len() - 1;
            items.swap(at.min(last), random.below(last + 1));
        }
        _ if at < items.len() => drop(items.remove(at)),
        _ => items.push(copy),
    }
}

fn edit_map(members: &mut Map<String, Value>, copy: Value, words: Words, random: &mut Random) {
    let keys: Vec<String> = members.keys().cloned().collect();
    let value = if random.below(2) == 0 { copy } else { scalar(words, random) };
    match random.below(3) {
        0 if !keys.is_empty() => drop(members.remove(&random.one_of(&keys))),
        1 if !keys.is_empty() => {
            let moved = members.remove(&random.one_of(&keys)).unwrap_or_default();
            members.insert(key(words, random), moved);
        }
        _ => drop(members.insert(key(words, random), value)),
    }
}

fn edit_text(text: &mut String, words: Words, random: &mut Random) {
    let mut characters: Vec<char> = text.chars().collect();
    let at = random.below(characters.len() + 1);
    match random.below(6) {
        0 => *text = random.one_of(words.texts).to_owned(),
        1 => *text = text.repeat(1 + random.below(4)),
        2 => *text = random.one_of(CHARACTERS).to_string().repeat(1 + random.below(300)),
        3 if at < characters.len() => {
            characters.remove(at);
            *text = characters.into_iter().collect();
        }
        4 => text.push_str(random.one_of(words.texts)),
        _ => {
            characters.insert(at, random.one_of(CHARACTERS));
            *text = characters.into_iter().collect();
        }
    }
}

fn scalar(words: Words, random: &mut Random) -> Value {
    match random.below(8) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 | 3 => serde_json::from_str(random.one_of(NUMBERS)).expect("they are numbers"),
        4 => json!([]),
        5 => json!({}),
        _ => json!(random.one_of(words.texts)),
    }
}

fn key(words: Words, random: &mut Random) -> String {
    if random.below(12) == 0 {
        random.one_of(CHARACTERS).to_string()
    } else {
        random.one_of(words.keys).to_owned()
    }
}

/// Any value in the document, the whole included.
fn any<'a>(document: &'a mut Value, random: &mut Random) -> &'a mut Value {
    let at = random.below(count(document));
    nth(document, at).expect("there are as many as were counted")
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// The value at a place in depth-first order; the error is how many places are left over.
fn nth(value: &mut Value, at: usize) -> Result<&mut Value, usize> {
    let Some(mut left) = at.checked_sub(1) else { return Ok(value) };
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(members) => members.values_mut().collect(),
        _ => Vec::new(),
    };
    for value in inner {
        match nth(value, left) {
            Ok(found) => return Ok(found),
            Err(rest) => left = rest,
        }
    }
    Err(left)
}
