//! Test files: what is read, and what is refused with what would be valid.

use portolan_policytest::{Input, Property, Rule, Suite};
use serde_json::{Value, json};

fn wrong(document: Value) -> String {
    Suite::read(&document).expect_err("it is wrong").to_string()
}

fn with(case: Value) -> Value {
    json!({"tests": [case]})
}

#[test]
fn a_short_file_has_defaults() {
    let suite =
        Suite::read(&with(json!({"template": "Deployment/web", "isOn": ["a"]}))).expect("a test file");
    assert_eq!(suite.inputs, [Input::Path(".".into())]);
    assert_eq!(suite.namespace, "default");
    let rules = suite.properties.all();
    assert_eq!(rules[0], (Property::ShuffledInput, Rule::Required));
    assert_eq!(rules[3], (Property::OverrideTwice, Rule::Warns));
    assert_eq!(suite.tests[0].title(), "Deployment/web");
}

#[test]
fn an_unknown_field_is_named_with_those_that_are_known() {
    let message = wrong(with(json!({"template": "Deployment/web", "isOnn": ["a"]})));
    assert!(
        message.starts_with("tests[0].isOnn: unknown field `isOnn`, expected one of `name`, "),
        "{message}"
    );
    let message = wrong(json!({"policies": [], "tests": []}));
    assert!(message.starts_with("policies: unknown field `policies`, expected one of `inputs`"), "{message}");
}

#[test]
fn a_test_that_could_not_fail_is_refused() {
    let message = "tests[0]: expects nothing; valid: isOn, refused, held, placedBy, leaves, fields, absent, warnings, errors";
    assert_eq!(wrong(with(json!({"template": "Deployment/web"}))), message);
    assert_eq!(wrong(with(json!({"template": "Deployment/web", "previous": ["a"]}))), message);
    assert_eq!(
        wrong(json!({"tests": []})),
        "tests: is empty; valid: a list of tests, each with what it expects"
    );
}

#[test]
fn an_expectation_of_a_template_needs_one() {
    assert_eq!(
        wrong(with(json!({"isOn": ["a"]}))),
        "tests[0].isOn: needs a template beside it, such as `template: Deployment/web`"
    );
}

#[test]
fn names_pointers_lists_and_reasons_are_checked() {
    let case = |field: &str, value: Value| with(json!({"template": "Deployment/web", field: value}));
    let message = wrong(with(json!({"template": "web", "isOn": []})));
    assert!(message.contains("`web` names no template; valid: a kind and a name"), "{message}");
    let message = wrong(case("isOn", json!("a")));
    assert!(
        message.ends_with("expected a list of clusters, or a map from clusters to replicas"),
        "{message}"
    );
    let message = wrong(case("fields", json!({"a": {"spec.replicas": 1}})));
    assert_eq!(
        message,
        "tests[0].fields.a: `spec.replicas` is no pointer; valid: RFC 6901, such as /spec/replicas"
    );
    let message = wrong(json!({"inputs": [3], "tests": []}));
    assert!(message.contains("inputs[0]: valid: a path relative to this file, or an object"), "{message}");
    let mut file = case("isOn", json!([]));
    file["properties"] = json!({"sameAgain": {"skip": " "}});
    assert_eq!(wrong(file), "properties.sameAgain: needs a reason; valid: {skip: why it can't hold here}");
}
