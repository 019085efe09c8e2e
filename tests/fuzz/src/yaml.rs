//! YAML: any bytes as a file.
//!
//! The input is the file. Promised:
//!
//! - reading ends, with the same result each time, and every problem says something about a line that is there;
//! - whatever stands between `---` and `---`, a document before it and a document after it are read;
//! - what is read is written by `to_yaml` so that it reads back equal;
//! - JSON is YAML: a value as JSON text reads as that value, once the few characters that YAML does not have are escapes.
//!
//! It can't find a document that kubectl understands otherwise, unless it is JSON.

use std::num::NonZeroUsize;

use portolan_local::{Inputs, Reading, Source, to_yaml};
use serde_json::{Value, json};

use crate::json::{self, Words};
use crate::lines;
use crate::random::Random;

/// Read by itself it is one template.
const FIRST: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: the-first-of-all, namespace: fuzz}\n";
const LAST: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: the-last-of-all, namespace: fuzz}\n";

/// What JSON has to offer; what YAML has is in `lines`.
const WORDS: Words = Words {
    keys: &[
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "namespace",
        "items",
        "data",
        "a",
        "yes",
        "1",
        "<<",
        "",
    ],
    texts: &[
        "v1",
        "ConfigMap",
        "List",
        "a",
        "no",
        "~",
        "0x1",
        "1:20",
        "2026-01-01",
        "a: b",
        "- a",
        "#",
        "\u{85}",
        "\t",
        "a\nb",
    ],
};

/// Another input: JSON stays JSON.
pub fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let json = if input.starts_with(b"{") || input.starts_with(b"[") {
        json::mutate(input, WORDS, random)
    } else {
        None
    };
    json.or_else(|| lines::mutate(input, random))
}

/// Holds what is promised against one input.
pub fn run(input: &[u8]) {
    let inputs = read(input);
    let again = read(input);
    assert_eq!(inputs.problems, again.problems);
    // To YAML a carriage return alone ends a line, too.
    let lines = input.split(|byte| matches!(byte, b'\n' | b'\r')).count();
    for problem in &inputs.problems {
        assert!(!problem.message.is_empty());
        let line = problem.origin.line.map_or(1, |line| usize::try_from(line).expect("a line's number"));
        assert!((1..=lines + 1).contains(&line), "line {line} of {lines}: {problem}");
    }
    for (one, other) in inputs.templates.iter().zip(&again.templates) {
        assert_eq!(one.value, other.value);
        comes_back(one.value.unpack().value());
    }
    assert_eq!(inputs.templates.len(), again.templates.len());
    let Ok(text) = std::str::from_utf8(input) else { return };
    stands_alone(text);
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        reads_as_json(&value);
    }
}

/// A document before and a document after are read whatever stands between them. The empty one after it keeps
/// directives away from the last: those belong to the next document.
fn stands_alone(text: &str) {
    let between = text.strip_prefix('\u{feff}').unwrap_or(text);
    let inputs = read(format!("{FIRST}---\n{between}\n--- {{}}\n---\n{LAST}").as_bytes());
    for name in ["the-first-of-all", "the-last-of-all"] {
        assert!(
            inputs.templates.iter().any(|template| template.value.key().name == name),
            "{name}: {:?}",
            inputs.problems
        );
    }
}

fn comes_back(value: &Value) {
    let Some(object) = payload(value) else { return };
    let yaml = to_yaml(&object).expect("what was read can be written");
    assert_eq!(to_yaml(&object).expect("it was before"), yaml, "the same bytes");
    assert_eq!(only(&read(yaml.as_bytes()), &yaml), object, "{yaml}");
}

fn reads_as_json(value: &Value) {
    let Some(object) = payload(value) else { return };
    let text: String = object.to_string().chars().map(escaped).collect();
    assert_eq!(only(&read(text.as_bytes()), &text), whole_numbers(object), "{text}");
}

/// A character in JSON's text as YAML has it too. Where it needs an escape it stands within a string.
fn escaped(character: char) -> String {
    match character {
        '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
            format!("\\u{:04x}", u32::from(character))
        }
        _ => character.to_string(),
    }
}

/// The value in an object that changes nothing about it. None where it is as deep as can be.
fn payload(value: &Value) -> Option<Value> {
    (depth(value) < 127).then(|| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}, "payload": value})
    })
}

fn only(inputs: &Inputs, text: &str) -> Value {
    assert_eq!(inputs.problems, [], "{text}");
    assert_eq!(inputs.templates.len(), 1, "{text}");
    inputs.templates[0].value.unpack().into_value()
}

fn read(mut bytes: &[u8]) -> Inputs {
    let reading = Reading { default_namespace: "default", threads: NonZeroUsize::MIN };
    Inputs::read(&[Source::Stdin], &mut bytes, &reading)
}

/// `1.0` is read as the integer that it is.
fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(key, value)| (key, whole_numbers(value))).collect()
        }
        Value::Number(number) if number.is_f64() => {
            let text = format!("{:.0}", number.as_f64().expect("it is a float"));
            match (number.as_f64().map(f64::fract), text.parse::<i64>()) {
                (Some(0.0), Ok(whole)) => json!(whole),
                _ => Value::Number(number),
            }
        }
        other => other,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
