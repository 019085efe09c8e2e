//! What edits to containers' lists come to.

use std::borrow::Cow;

use containers::Edit;
use portolan_plugin::testing::{Answers, document};
use portolan_plugin::{Amendment, Config, Fault, Overrider, Questions};
use serde::Deserialize;
use serde_json::{Value, json};

/// An overrider of the commands.
struct Commands;

#[derive(Deserialize)]
#[serde(transparent)]
struct Edits(Vec<Edit>);

impl Config for Edits {
    fn schema() -> Cow<'static, str> {
        "{}".into()
    }
}

impl Overrider for Commands {
    type Config = Edits;

    fn patch(Edits(edits): Edits, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        Ok(containers::patch(&edits, "command", questions))
    }
}

fn answers(object: Value) -> Answers {
    Answers::default().clusters([json!({"metadata": {"name": "one"}})]).target("one", object)
}

fn amended(object: Value, edits: Value) -> Option<Amendment> {
    let mut amendments = answers(object).patch::<Commands>(edits).expect("the edits are well-formed");
    assert!(amendments.len() < 2, "there is one cluster");
    amendments.pop()
}

fn deployment(containers: Value) -> Value {
    json!({"kind": "Deployment", "spec": {"template": {"spec": {"containers": containers}}}})
}

/// The operations, and the warnings.
fn edited(object: Value, edits: Value) -> (Value, Vec<String>) {
    match amended(object, edits) {
        Some(Amendment { clusters, patch, warnings }) => {
            assert_eq!(clusters, [0]);
            (document(&patch.expect("a patch")), warnings)
        }
        None => (json!([]), Vec::new()),
    }
}

#[test]
fn lists_are_appended_to_and_taken_from_in_order() {
    let set = |place: usize, value: Value| json!({"op": "add", "path": format!("/spec/template/spec/containers/{place}/command"), "value": value});
    let edit =
        |operator: &str, value: Value| json!({"containerName": "web", "operator": operator, "value": value});
    for (command, edits, expected) in [
        (json!(["sh"]), json!([edit("add", json!(["sh"]))]), json!(["sh", "sh"])),
        (json!(["a", "b", "a"]), json!([edit("remove", json!(["a", "z"]))]), json!(["b"])),
        (json!(["a"]), json!([edit("remove", json!(["a"]))]), json!([])),
        (
            json!(["a"]),
            json!([edit("add", json!(["b"])), edit("remove", json!(["a"])), edit("add", json!(["c"]))]),
            json!(["b", "c"]),
        ),
        // A list that is missing is made, whatever becomes of it.
        (Value::Null, json!([edit("add", json!(["x", "y"]))]), json!(["x", "y"])),
        (Value::Null, json!([edit("add", Value::Null)]), json!([])),
        (Value::Null, json!([edit("remove", json!(["a"]))]), json!([])),
    ] {
        let object = deployment(json!([{"name": "other"}, {"name": "web", "command": command}]));
        assert_eq!(
            edited(object, edits.clone()),
            (json!([set(1, expected)]), vec![]),
            "{edits} on {command}"
        );
    }
    // Nothing is said where nothing changes.
    let there = deployment(json!([{"name": "web", "command": ["a"]}]));
    assert_eq!(edited(there.clone(), json!([edit("add", json!([]))])), (json!([]), vec![]));
    assert_eq!(edited(there, json!([edit("remove", json!(["z"]))])), (json!([]), vec![]));
    // All that have the name.
    let twice = deployment(json!([{"name": "web", "command": ["a"]}, {"name": "web", "command": ["z"]}]));
    assert_eq!(
        edited(twice, json!([edit("add", json!(["b"]))])).0,
        json!([set(0, json!(["a", "b"])), set(1, json!(["z", "b"]))])
    );
}

#[test]
fn what_does_nothing_says_so() {
    let object = deployment(json!([{"name": "web", "command": ["a"]}, {"name": "proxy"}]));
    let edits = json!([
        {"containerName": "wep", "operator": "add", "value": ["b"]},
        {"containerName": "web", "operator": "replace", "value": ["b"]},
    ]);
    assert_eq!(
        edited(object, edits.clone()),
        (
            json!([]),
            vec![
                "[0].containerName: no container is called `wep`, so nothing changes; valid: web, proxy"
                    .to_owned(),
                "[1].operator: `replace` does nothing here; valid: add, remove".to_owned(),
            ]
        )
    );
    let none = json!({"kind": "Job", "spec": {"template": {"spec": {"initContainers": [{"name": "web"}]}}}});
    let (patch, warnings) =
        edited(none, json!([{"containerName": "web", "operator": "add", "value": ["b"]}]));
    assert_eq!(patch, json!([]));
    assert!(warnings[0].ends_with("it has no containers"), "{warnings:?}");
    let (patch, warnings) = edited(json!({"kind": "CronJob"}), edits);
    assert_eq!(patch, json!([]));
    assert!(warnings[0].contains("this is a CronJob"), "{warnings:?}");
}

#[test]
fn what_is_no_container_fails_where_it_is() {
    let edits = json!([{"containerName": "web", "operator": "add", "value": ["b"]}]);
    for (containers, text) in [
        (json!("web"), "/spec/template/spec/containers is a string; it must be a list of containers"),
        (json!([["web"]]), "/spec/template/spec/containers/0 is a list; it must be a container"),
        (
            json!([{"name": "web", "command": "sh"}]),
            "/spec/template/spec/containers/0/command is a string; it must be a list of strings",
        ),
        (
            json!([{"name": "web", "command": ["sh", 1]}]),
            "/spec/template/spec/containers/0/command/1 is a number; it must be a string",
        ),
    ] {
        let amendment = amended(deployment(containers), edits.clone());
        assert_eq!(amendment, Some(Amendment::fault(vec![0], Fault::Template(text.to_owned()))));
    }
}

#[test]
fn equal_objects_are_looked_at_once() {
    let names = ["a", "b", "c"];
    let answers = Answers::default().clusters(names.map(|name| json!({"metadata": {"name": name}})));
    let object = |image: &str| deployment(json!([{"name": "web", "image": image}]));
    let answers = answers.target("a", object("1")).target("b", object("2")).target("c", object("1"));
    let edits = json!([{"containerName": "web", "operator": "add", "value": ["b"]}]);
    let amendments = answers.patch::<Commands>(edits).expect("the edits are well-formed");
    let clusters: Vec<_> = amendments.iter().map(|amendment| &*amendment.clusters).collect();
    assert_eq!(clusters, [&[0, 2][..], &[1]]);
    let looked =
        answers.asked().iter().filter(|asked| asked.ends_with("/spec/template/spec/containers")).count();
    assert_eq!(looked, 2);
}

#[test]
fn the_schema_is_json() {
    let schema: Value =
        serde_json::from_str(&<containers::Edits as portolan_plugin::Config>::schema()).expect("it is JSON");
    assert_eq!(schema["items"]["additionalProperties"], false);
}
