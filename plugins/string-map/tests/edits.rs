//! What edits come to, as patches.

use std::borrow::Cow;

use portolan_plugin::testing::{Answers, document};
use portolan_plugin::{Amendment, Config, Fault, Operation, Overrider, Questions};
use serde::Deserialize;
use serde_json::{Value, json};
use string_map::Edit;

/// An overrider of the map that labels are kept in.
struct Labels;

impl Overrider for Labels {
    type Config = Edits;

    fn patch(Edits(edits): Edits, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        Ok(string_map::patch(&edits, "/metadata/labels", questions))
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Edits(Vec<Edit>);

impl Config for Edits {
    fn schema() -> Cow<'static, str> {
        "{}".into()
    }
}

fn on(labels: Value) -> Answers {
    let cluster = json!({"metadata": {"name": "one"}});
    Answers::default().clusters([cluster]).target("one", json!({"metadata": {"labels": labels}}))
}

/// The patch for an object with these labels; none where the cluster isn't named.
fn patch(labels: Value, edits: Value) -> Option<Value> {
    let amendments = on(labels).patch::<Labels>(edits).expect("the edits are well-formed");
    assert!(amendments.len() < 2, "there is one cluster");
    amendments.first().map(|amendment| document(amendment.patch.as_deref().expect("a patch")))
}

#[test]
fn an_edit_changes_what_it_says_and_nothing_else() {
    for (labels, edits, expected) in [
        // Added where there is no map, and where there is.
        (
            Value::Null,
            json!([{"operator": "add", "value": {"a": "1", "b": ""}}]),
            json!([{"op": "add", "path": "/metadata/labels", "value": {"a": "1", "b": ""}}]),
        ),
        (
            json!({"z": "1"}),
            json!([{"operator": "add", "value": {"a": "1"}}]),
            json!([{"op": "add", "path": "/metadata/labels/a", "value": "1"}]),
        ),
        (
            json!({"a": "1"}),
            json!([{"operator": "add", "value": {"a": "2"}}]),
            json!([{"op": "replace", "path": "/metadata/labels/a", "value": "2"}]),
        ),
        // Keys are escaped.
        (
            json!({"z": "1"}),
            json!([{"operator": "add", "value": {"a~b": "1", "example.com/a": "2"}}]),
            json!([
                {"op": "add", "path": "/metadata/labels/a~0b", "value": "1"},
                {"op": "add", "path": "/metadata/labels/example.com~1a", "value": "2"},
            ]),
        ),
        // Keys that are not there are passed over.
        (
            json!({"a": "1"}),
            json!([{"operator": "replace", "value": {"a": "2", "b": "3"}}]),
            json!([{"op": "replace", "path": "/metadata/labels/a", "value": "2"}]),
        ),
        // Removed whatever the value, and the map stays.
        (
            json!({"a": "1"}),
            json!([{"operator": "remove", "value": {"a": "other", "b": ""}}]),
            json!([{"op": "remove", "path": "/metadata/labels/a"}]),
        ),
        // Each sees what the one before left.
        (
            Value::Null,
            json!([
                {"operator": "add", "value": {"a": "1"}},
                {"operator": "replace", "value": {"a": "2"}},
                {"operator": "add", "value": {"b": "3"}},
                {"operator": "remove", "value": {"b": ""}},
            ]),
            json!([{"op": "add", "path": "/metadata/labels", "value": {"a": "2"}}]),
        ),
        (
            json!({"a": "1"}),
            json!([{"operator": "remove", "value": {"a": ""}}, {"operator": "replace", "value": {"a": "2"}}]),
            json!([{"op": "remove", "path": "/metadata/labels/a"}]),
        ),
        // A map that was made stays, as in the reference.
        (
            Value::Null,
            json!([{"operator": "add", "value": {"a": "1"}}, {"operator": "remove", "value": {"a": ""}}]),
            json!([{"op": "add", "path": "/metadata/labels", "value": {}}]),
        ),
    ] {
        assert_eq!(patch(labels.clone(), edits.clone()), Some(expected), "{edits} on {labels}");
    }
}

#[test]
fn where_nothing_changes_no_cluster_is_named() {
    for (labels, edits) in [
        (Value::Null, json!([])),
        (Value::Null, json!([{"operator": "add", "value": {}}])),
        (Value::Null, json!([{"operator": "add"}])),
        (Value::Null, json!([{"operator": "replace", "value": {"b": "2"}}])),
        (Value::Null, json!([{"operator": "remove", "value": {"a": "1"}}])),
        (json!({"a": "1"}), json!([{"operator": "add", "value": {"a": "1"}}])),
        (json!({"a": "1"}), json!([{"operator": "remove", "value": {"b": ""}}])),
        (
            json!({"a": "1"}),
            json!([{"operator": "remove", "value": {"a": ""}}, {"operator": "add", "value": {"a": "1"}}]),
        ),
    ] {
        assert_eq!(patch(labels.clone(), edits.clone()), None, "{edits} on {labels}");
    }
}

#[test]
fn equal_objects_are_looked_at_once_and_only_their_map() {
    let names = ["a", "b", "c"];
    let answers = Answers::default().clusters(names.map(|name| json!({"metadata": {"name": name}})));
    let object = |tier| json!({"metadata": {"labels": {"tier": tier}}});
    let answers = answers.target("a", object("1")).target("b", object("2")).target("c", object("1"));
    let amendments = answers.patch::<Labels>(json!([{"operator": "add", "value": {"tier": "2"}}]));
    let amendments = amendments.expect("the edits are well-formed");
    assert_eq!(amendments.len(), 1, "b has it already");
    assert_eq!(amendments[0].clusters, [0, 2]);
    assert_eq!(
        answers.asked(),
        ["target.alike", "target.get 0 /metadata/labels", "target.get 1 /metadata/labels"]
    );
}

#[test]
fn edits_that_make_no_sense_are_faults_that_say_so() {
    for (edits, text) in [
        (
            json!([{"operator": "merge", "value": {"a": "2"}}]),
            "at [0].operator: there is no \"merge\"; valid is add, replace, remove",
        ),
        (json!([{"value": {"a": "2"}}]), "at [0]: the field \"operator\" is missing"),
        (json!([{"operator": "add", "value": {"a": 2}}]), "at [0].value.a: expected a string, found 2"),
        (json!({"operator": "add"}), "expected a list, found an object"),
    ] {
        assert_eq!(on(json!({"a": "1"})).patch::<Labels>(edits), Err(Fault::Config(text.to_owned())));
    }
}

#[test]
fn something_else_than_a_map_is_a_fault_of_the_template_there() {
    let names = ["a", "b"];
    let answers = Answers::default().clusters(names.map(|name| json!({"metadata": {"name": name}})));
    let answers = answers.target("a", json!({"metadata": {"labels": ["a"]}}));
    let answers = answers.target("b", json!({"metadata": {"labels": {}}}));
    let amendments = answers.patch::<Labels>(json!([{"operator": "add", "value": {"a": "1"}}]));
    let text = "/metadata/labels is a list; it must be an object whose values are strings";
    let added = Operation::Add { at: "/metadata/labels/a".to_owned(), value: "1".into() };
    assert_eq!(
        amendments,
        Ok(vec![
            Amendment::fault(vec![0], Fault::Template(text.to_owned())),
            Amendment::new(vec![1], vec![added]),
        ])
    );
}

#[test]
fn the_schema_is_json() {
    let schema: Value =
        serde_json::from_str(&<string_map::Edits as portolan_plugin::Config>::schema()).expect("it is JSON");
    assert_eq!(schema["items"]["additionalProperties"], false);
}
