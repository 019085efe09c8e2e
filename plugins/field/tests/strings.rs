//! What edits to JSON and YAML within a string come to.

use field::Field;
use portolan_plugin::testing::{Answers, document};
use portolan_plugin::{Amendment, Fault};
use serde_json::{Value, json};

fn answers(object: Value) -> Answers {
    Answers::default().clusters([json!({"metadata": {"name": "one"}})]).target("one", object)
}

fn amended(text: &str, entries: Value) -> Option<Amendment> {
    let object = json!({"kind": "ConfigMap", "data": {"f": text, "a/b": text, "n": 1}});
    let mut amendments = answers(object).patch::<Field>(entries).expect("the entries are well-formed");
    assert!(amendments.len() < 2, "there is one cluster");
    amendments.pop()
}

/// The text afterwards, or why not.
fn edited(text: &str, format: &str, edits: Value) -> Result<String, String> {
    let Some(Amendment { patch, warnings, .. }) =
        amended(text, json!([{"fieldPath": "/data/f", format: edits}]))
    else {
        return Ok(text.to_owned());
    };
    assert_eq!(warnings, Vec::<String>::new());
    match patch {
        Ok(patch) => {
            let patch = document(&patch);
            assert_eq!(patch[0]["path"], "/data/f");
            Ok(patch[0]["value"].as_str().expect("a string").to_owned())
        }
        Err(Fault::Template(why)) => Err(why),
        Err(fault) => panic!("{fault:?}"),
    }
}

fn one(operator: &str, path: &str, value: Value) -> Value {
    json!([{"operator": operator, "subPath": path, "value": value}])
}

#[track_caller]
fn json_becomes(text: &str, edits: Value, expected: &str) {
    assert_eq!(edited(text, "json", edits).as_deref(), Ok(expected));
}

/// What YAML reads as and is written as, with `z: 0` added.
#[track_caller]
fn yaml_reads(text: &str, expected: &str) {
    let edited = edited(text, "yaml", one("add", "/z", json!(0)));
    assert_eq!(edited.as_deref(), Ok(&*format!("{expected}z: 0\n")));
}

#[test]
fn json_keeps_order_numbers_and_escapes() {
    let text = "{ \"b\" : { \"c\" : 1.50, \"\\u00e9\": \"\\u00e9\\/<\" } ,\r\n \"a\": [1, 1e3, 12345678901234567890] }";
    json_becomes(
        text,
        one("add", "/z", json!({"y": "a&b", "x": [1.5]})),
        "{\"b\":{\"c\":1.50,\"\\u00e9\":\"\\u00e9\\/\\u003c\"},\"a\":[1,1e3,12345678901234567890],\
         \"z\":{\"x\":[1.5],\"y\":\"a\\u0026b\"}}",
    );
    // Names on the way are written anew.
    json_becomes(
        "{\"\\u00e9<\":{\"\\/\":1}}",
        one("replace", "/é</~1", json!("\u{2028}")),
        "{\"é\\u003c\":{\"/\":\"\\u2028\"}}",
    );
    json_becomes("{\"a\":1,\"b\":2,\"a\":3}", one("add", "/c", json!(4)), "{\"a\":3,\"b\":2,\"c\":4}");
}

#[test]
fn json_is_patched_as_leniently_as_plaintext() {
    let text = "{\"a\":[1,{\"b\":2}],\"01\":0}";
    json_becomes(text, one("add", "/a/-", json!(3)), "{\"a\":[1,{\"b\":2},3],\"01\":0}");
    json_becomes(text, one("add", "/a/-1", json!(3)), "{\"a\":[1,{\"b\":2},3],\"01\":0}");
    json_becomes(text, one("remove", "/a/-2", Value::Null), "{\"a\":[{\"b\":2}],\"01\":0}");
    json_becomes(text, one("replace", "/a/01/b", json!(null)), "{\"a\":[1,{\"b\":null}],\"01\":0}");
    json_becomes(text, one("replace", "x/01", json!(9)), "{\"a\":[1,{\"b\":2}],\"01\":9}");
    json_becomes(text, one("replace", "", json!([])), "[]");
    json_becomes("[ ]", one("add", "/0", json!("a,]}b")), "[\"a,]}b\"]");
    json_becomes("{}", one("add", "/", json!(1)), "{\"\":1}");
    json_becomes(
        text,
        json!([
            {"operator": "remove", "subPath": "/a/1"},
            {"operator": "test", "subPath": "/a", "value": [1]},
            {"operator": "add", "subPath": "/a/1", "value": 2},
        ]),
        "{\"a\":[1,2],\"01\":0}",
    );
}

#[test]
fn what_can_t_be_edited_says_why() {
    let missing = "nothing is there; valid: a path that exists";
    for (text, edits, why) in [
        ("{\"a\":[1]}", one("remove", "/b", Value::Null), format!("[0].json[0].subPath: \"/b\": {missing}")),
        ("{\"a\":[1]}", one("replace", "/a/1", json!(1)), format!("[0].json[0].subPath: \"/a/1\": {missing}")),
        ("{\"a\":[1]}", one("replace", "/a/-", json!(1)), format!("[0].json[0].subPath: \"/a/-\": {missing}")),
        (
            "{\"a\":[1]}",
            one("add", "/a/3", json!(1)),
            "[0].json[0].subPath: \"/a/3\": there is no such place in the list; valid: 0 up to its length, or -".to_owned(),
        ),
        (
            "{\"a\":[1]}",
            one("add", "/b/c", json!(1)),
            "[0].json[0].subPath: \"/b/c\": there is nothing to be in; valid: a path whose parent exists".to_owned(),
        ),
        ("5", one("add", "/b", json!(1)), "line 1: it is neither an object nor a list".to_owned()),
        ("{a", one("add", "/b", json!(1)), "line 1, column 2 is no JSON: key must be a string at line 1 column 2".to_owned()),
    ] {
        assert_eq!(edited(text, "json", edits), Err(format!("[0]: in the string at /data/f: {why}")), "{text}");
    }
    let there = |path: &str| amended("{}", json!([{"fieldPath": path, "json": one("add", "/a", json!(1))}]));
    let fault = |why: &str| {
        Some(Amendment::fault(
            vec![0],
            Fault::Template(format!(
                "[0].fieldPath: {why}; valid: the path of a string that holds JSON or YAML"
            )),
        ))
    };
    assert_eq!(there("/data/g"), fault("/data/g: nothing is there"));
    assert_eq!(there("/data/n"), fault("/data/n: there is a number"));
    assert_eq!(there("/data"), fault("/data: there is an object"));
    assert!(there("/data/a~1b").is_some_and(|amendment| amendment.patch.is_ok()));
    // What is in a Secret is told to nobody.
    let secret = json!({"kind": "Secret", "stringData": {"f": "hunter2: hunter2: x"}});
    let entries = json!([{"fieldPath": "/stringData/f", "yaml": one("add", "/a", json!(1))}]);
    let amendments = answers(secret).patch::<Field>(entries).expect("the entries are well-formed");
    assert!(!format!("{amendments:?}").contains("hunter2"), "{amendments:?}");
}

#[test]
fn entries_that_can_be_right_for_no_object_are_faults_of_the_config() {
    for (entries, why) in [
        (
            json!([{"fieldPath": "data/f", "json": []}]),
            "at [0].fieldPath: \"data/f\" is no pointer to a string",
        ),
        (
            json!([{"fieldPath": "/a", "json": one("add", "b", json!(1))}]),
            "at [0].json[0].subPath: \"b\" is no pointer",
        ),
        (
            json!([{"fieldPath": "/a", "yaml": one("remove", "", json!(1))}]),
            "at [0].yaml[0].subPath: \"\" is the whole",
        ),
        (
            json!([{"fieldPath": "/a", "yaml": one("add", "", json!(1))}]),
            "at [0].yaml[0].value: the path \"\"",
        ),
        (
            json!([{"fieldPath": "/a", "yaml": one("move", "/a", json!(1))}]),
            "at [0].yaml[0].operator: there is no \"move\"",
        ),
    ] {
        let fault = answers(json!({})).patch::<Field>(entries);
        let Err(Fault::Config(said)) = fault else { panic!("{fault:?}") };
        assert!(said.starts_with(why), "{said}");
    }
}

#[test]
fn what_does_nothing_or_too_much_says_so() {
    let warned = |text: &str, entry: Value| amended(text, json!([entry])).expect("it says something");
    let empty = warned("", json!({"fieldPath": "/data/f", "json": one("add", "/a", json!(1))}));
    assert_eq!(empty.patch, Ok(Vec::new()));
    assert!(empty.warnings[0].contains("is empty, so nothing changes"), "{empty:?}");
    let neither = warned("{}", json!({"fieldPath": "/data/f"}));
    assert_eq!(document(&neither.patch.expect("a patch"))[0]["value"], "");
    assert!(neither.warnings[0].contains("is emptied"), "{:?}", neither.warnings);
    // YAML counts where both are there.
    let both = json!({"fieldPath": "/data/f", "json": one("add", "/a", json!(1)), "yaml": one("add", "/a", json!(2))});
    let both = warned("{}", both);
    assert_eq!(document(&both.patch.expect("a patch"))[0]["value"], "a: 2\n");
}

#[test]
fn yaml_is_read_as_kubectl_reads_it() {
    yaml_reads(
        "a: yes\nb: off\nc: n\nd: 'no'\non: 1\n",
        "a: true\nb: false\nc: false\nd: \"no\"\n\"true\": 1\n",
    );
    yaml_reads(
        "a: 1.50\nb: 1e3\nc: 0x1f\nd: 0777\ne: 1_000\nf: 1:20\n",
        "a: 1.5\nb: 1000\nc: 31\nd: 511\ne: 1000\nf: \"1:20\"\n",
    );
    yaml_reads(
        "a: 2001-01-01\nb: ~\nc:\nd: ''\n1: x\n",
        "\"1\": x\na: \"2001-01-01\"\nb: null\nc: null\nd: \"\"\n",
    );
    yaml_reads("a: 1 # note\r\nb: two\r\n", "a: 1\nb: two\n");
    yaml_reads("a: 1\n---\nb: [\n", "a: 1\n");
    yaml_reads(
        "base: &base {x: &x [1], k: *x}\nall: {<<: *base, k: 2}\n",
        "all:\n  k: 2\n  x:\n  - 1\nbase:\n  k:\n  - 1\n  x:\n  - 1\n",
    );
    yaml_reads("a: 1234567.5\nb: 1e21\nc: 0.00001\n", "a: 1.2345675e+06\nb: 1e+21\nc: 1e-05\n");
}

#[test]
fn yaml_is_written_as_go_yaml_writes_it() {
    yaml_reads("a: '='\nb: '<<'\nc: '-'\n", "a: =\nb: \"<<\"\nc: '-'\n");
    yaml_reads("k10: 1\nk9: 1\nB: 1\n_: 1\n", "_: 1\nB: 1\nk9: 1\nk10: 1\n");
    yaml_reads(
        "a: []\nb: {}\nc: [[1, 2], [], {x: [3]}]\n",
        "a: []\nb: {}\nc:\n- - 1\n  - 2\n- []\n- x:\n  - 3\n",
    );
    yaml_reads(
        "a: |\n  one\n  two\nb: |-\n  one\n  two\nc: |+\n  one\n\nd: \"  one\\ntwo\"\n",
        "a: |\n  one\n  two\nb: |-\n  one\n  two\nc: |+\n  one\n\nd: |2-\n    one\n  two\n",
    );
    yaml_reads(
        "a: '# no'\nb: 'x: y'\nc: \"it's\"\nd: '- x'\ne: '-x'\nf: \"'\"\ng: 'a #b'\nh: '*x'\ni: ' x'\n",
        "a: '# no'\nb: 'x: y'\nc: it's\nd: '- x'\ne: -x\nf: ''''\ng: 'a #b'\nh: '*x'\ni: ' x'\n",
    );
    yaml_reads(
        "a: \"\\t\"\nb: \"\\e\\x7f\"\nc: \"\\U0001F600\"\nd: é\ne: \"x\\r\\ny\"\n",
        "a: \"\\t\"\nb: \"\\e\\x7F\"\nc: \"\\U0001F600\"\nd: é\ne: \"x\\r\\ny\"\n",
    );
    // A line wraps at the first single space behind column 80.
    let long = "word ".repeat(20);
    yaml_reads(
        &format!("a: {}\n", long.trim_end()),
        &format!("a: {}\n  {}\n", "word ".repeat(16).trim_end(), "word ".repeat(4).trim_end()),
    );
    let key = "k".repeat(130);
    yaml_reads(&format!("? {key}\n: {{a: 1}}\n"), &format!("? {key}\n: a: 1\n"));
}

#[test]
fn a_few_lines_of_aliases_never_fill_memory() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let list = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    let why = edited(&bomb, "yaml", one("add", "/z", json!(0))).expect_err("it is too large");
    assert!(why.contains("the aliases of this text expand to more than 2 MiB"), "{why}");
}
