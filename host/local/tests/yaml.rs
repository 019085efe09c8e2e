//! What is written can be read again, by this crate and by everybody else.

use std::num::NonZeroUsize;

use portolan_local::{Alike, Inputs, Reading, Source, to_yaml};
use serde_json::{Value, json};

fn read(yaml: &str) -> Value {
    let reading = Reading { default_namespace: "default", threads: NonZeroUsize::MIN };
    let mut inputs = Inputs::read(&[Source::Stdin], &mut yaml.as_bytes(), &reading);
    assert!(inputs.problems.is_empty(), "{:?}\n{yaml}", inputs.problems);
    assert_eq!(inputs.templates.len(), 1, "{yaml}");
    inputs.templates.remove(0).value.unpack().into_value()
}

fn object(payload: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "b"}, "payload": payload})
}

fn comes_back(payload: &Value) {
    let object = object(payload);
    let yaml = to_yaml(&object).expect("written");
    assert_eq!(read(&yaml), object, "{yaml}");
}

const NASTY: &[&str] = &[
    "yes",
    "No",
    "on",
    "OFF",
    "y",
    "N",
    "true",
    "TRUE",
    "null",
    "~",
    "",
    "1e3",
    "0x10",
    "0X1F",
    "012",
    "0o12",
    "0b1",
    "08",
    "1_000",
    "_1",
    "1__",
    "1:20",
    "190:20:30.15",
    "2024-01-02",
    "2024-01-02 03:04:05",
    ".5",
    "5.",
    ".",
    "..",
    "...",
    "-.5",
    "+1",
    "-",
    "+",
    ".inf",
    "-.INF",
    ".nan",
    "1e999",
    "18446744073709551616",
    "0xffffffffffffffffff",
    " lead",
    "trail ",
    "\tlead",
    "trail\t",
    "a\tb",
    "a: b",
    "a:",
    ":a",
    ":",
    "::",
    "#c",
    "a #c",
    "a#c",
    "---",
    "--- a",
    "- a",
    "-a",
    "?",
    "? a",
    "?a",
    "!",
    "!t",
    "&a",
    "*a",
    "|",
    ">",
    "|-\n a",
    "@",
    "`",
    "%",
    "%YAML 1.2",
    "{",
    "}",
    "[",
    "]",
    ",",
    "{a: b}",
    "[a]",
    "a, b",
    "'",
    "''",
    "\"",
    "\"a\"",
    "'a'",
    "it's",
    "say \"x\"",
    "\\",
    "\\n",
    "<<",
    "=",
    "😀",
    "é",
    "字",
    "\u{1}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{fffe}",
    "\u{10ffff}",
    "\0",
    "\u{1b}[0m",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "\na",
    "\n\na\n",
    "a\nb",
    "a\n\nb\n",
    " a\nb",
    "\ta\nb",
    "a\n b\n  c",
    "a \nb",
    "a\n \nb",
    " \n",
    "\n ",
    "\n \n",
    "\t\n",
    "a\r\nb",
    "a\rb",
    "\r",
    "a\n---\nb\n",
    "a\n...\n",
    "#\n#\n",
    "a\n# b\n",
    "x: |\n  y\n",
    "{{ .Values.x }}",
    "${x}",
    "a\u{85}b\n",
    "a\n\u{2028}b",
    "key: value\nother: [1, 2]\n",
    "#!/bin/sh\nset -e\n\techo \"x\"\n",
];

#[test]
fn nasty_text_comes_back_wherever_it_stands() {
    for text in NASTY {
        comes_back(&json!(text));
        comes_back(&json!({*text: 1}));
        comes_back(&json!({"a": {*text: text}, "b": [text, [text], {*text: [text]}, [[{"c": text}]]]}));
    }
    for one in NASTY {
        for other in NASTY {
            comes_back(
                &json!([format!("{one}{other}"), {"x": format!("{one} {other}"), "y": format!("{one}\n{other}")}]),
            );
        }
    }
}

#[test]
fn numbers_and_empty_things_come_back_exactly() {
    for number in [
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.1),
        json!(-2.5e-10),
        json!(1e300),
        json!(f64::MAX),
        json!(f64::MIN_POSITIVE),
        json!(5e-324),
        json!(123_456_789.123_456_79),
    ] {
        comes_back(&number);
        comes_back(&json!({"a": [number]}));
    }
    comes_back(
        &json!({"a": {}, "b": [], "c": null, "d": [{}], "e": [[]], "f": [null], "g": true, "h": [[[]], {}]}),
    );
}

#[test]
fn values_of_any_shape_come_back() {
    // A small generator of its own: the same values on every machine, forever.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for _ in 0..2_000 {
        let value = any(&mut next, 0);
        comes_back(&value);
    }
}

#[test]
fn what_is_written_beside_what_is_alike_has_the_same_bytes() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut alike = Alike::default();
    let mut value = json!({});
    for _ in 0..2_000 {
        // Mostly one field is another, or gone, or new; sometimes all is something else.
        match (&mut value, next(8)) {
            (Value::Object(fields), 1..) => {
                let field = NASTY[usize::try_from(next(12)).expect("small")].to_owned();
                if next(4) == 0 {
                    fields.remove(&field);
                } else {
                    fields.insert(field, any(&mut next, 0));
                }
            }
            (other, _) => *other = if next(4) == 0 { any(&mut next, 0) } else { json!({}) },
        }
        let expected = to_yaml(&value).expect("written");
        assert_eq!(alike.to_yaml(value.clone()).expect("written"), expected);
    }
}

fn any(next: &mut impl FnMut(u64) -> u64, depth: u32) -> Value {
    let text = |next: &mut dyn FnMut(u64) -> u64| {
        let parts = next(3) + 1;
        (0..parts)
            .map(|_| NASTY[usize::try_from(next(NASTY.len() as u64)).expect("small")])
            .collect::<String>()
    };
    match next(if depth < 5 { 6 } else { 4 }) {
        0 => json!(text(next)),
        1 => json!(next(1_000_000)),
        2 => json!(next(2) == 0),
        3 => Value::Null,
        4 => (0..next(4)).map(|_| any(next, depth + 1)).collect(),
        _ => Value::Object((0..next(4)).map(|_| (text(next), any(next, depth + 1))).collect()),
    }
}

#[test]
fn the_form_is_the_one_that_people_write() {
    let value = json!({
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": "web", "labels": {"on": "yes", "b": "1"}, "annotations": {}},
        "spec": {
            "replicas": 2,
            "long": "word ".repeat(40),
            "longer": ["x".repeat(200), format!("{}end", "some text ".repeat(20))],
            "script": "set -e\necho done\n",
            "time": "2024-01-02",
            "url": "http://example.com:80/a?b=c#d",
            "containers": [{"name": "web", "image": "nginx:1.25", "args": ["--a=b", "-c"]}],
        },
    });
    let expected = format!(
        "apiVersion: apps/v1
kind: Deployment
metadata:
  annotations: {{}}
  labels:
    b: \"1\"
    \"on\": \"yes\"
  name: web
spec:
  containers:
  - args:
    - --a=b
    - -c
    image: nginx:1.25
    name: web
  long: \"{}\"
  longer:
  - {}
  - {}end
  replicas: 2
  script: |
    set -e
    echo done
  time: \"2024-01-02\"
  url: http://example.com:80/a?b=c#d
",
        "word ".repeat(40),
        "x".repeat(200),
        "some text ".repeat(20)
    );
    assert_eq!(to_yaml(&value).expect("written"), expected);
}
