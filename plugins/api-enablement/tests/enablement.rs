//! Which clusters a kind may go to, by what their status lists.

use api_enablement::ApiEnablement;
use portolan_plugin::testing::Answers;
use portolan_plugin::{Fault, Refusal};
use serde_json::{Value, json};

/// What a cluster lists, and what its condition `CompleteAPIEnablements` is.
fn cluster(name: &str, kinds: &[(&str, &str)], complete: Option<&str>) -> Value {
    let group = |(group_version, kind): &(&str, &str)| {
        let resources = [json!({"name": kind.to_lowercase(), "kind": kind})];
        json!({"groupVersion": group_version, "resources": resources})
    };
    let list: Vec<Value> = kinds.iter().map(group).collect();
    let ready = json!({"type": "Ready", "status": "True"});
    let complete = complete.map(|status| json!({"type": "CompleteAPIEnablements", "status": status}));
    let conditions: Vec<Value> = [ready].into_iter().chain(complete).collect();
    json!({"metadata": {"name": name}, "status": {"apiEnablements": list, "conditions": conditions}})
}

const CORE: (&str, &str) = ("v1", "ConfigMap");
const APPS: (&str, &str) = ("apps/v1", "Deployment");

fn fleet() -> Answers {
    let clusters = [
        cluster("complete-with", &[CORE, APPS], Some("True")),
        cluster("complete-without", &[CORE], Some("True")),
        cluster("never-asked", &[], None),
        json!({"metadata": {"name": "no-status"}}),
        cluster("partial-with", &[APPS], Some("False")),
        cluster("partial-without", &[CORE], Some("False")),
        cluster("unsaid", &[CORE], None),
    ];
    Answers::default().clusters(clusters).template(json!({"apiVersion": "apps/v1", "kind": "Deployment"}))
}

fn said(answers: &Answers) -> Vec<(String, Vec<u32>)> {
    let refusals = answers.filter::<ApiEnablement>(json!({})).expect("the template is one");
    refusals.into_iter().map(|Refusal { reason, clusters }| (reason, clusters)).collect()
}

const MISSING: &str = "its server has no apps/v1 Deployment";
const UNLISTED: &str =
    "its server is not known to have apps/v1 Deployment: the list of its APIs may be incomplete";

#[test]
fn a_kind_goes_where_it_is_listed_and_where_nobody_asked() {
    let fleet = fleet();
    assert_eq!(said(&fleet), [(MISSING.to_owned(), vec![1]), (UNLISTED.to_owned(), vec![5, 6])]);
    assert_eq!(
        fleet.asked(),
        [
            "template.get /apiVersion",
            "template.get /kind",
            "fleet.serving apps/v1 Deployment",
            "request.previous"
        ]
    );
}

#[test]
fn what_is_there_already_stays() {
    let fleet = fleet().previously("complete-without", 0).previously("unsaid", 3);
    assert_eq!(said(&fleet), [(UNLISTED.to_owned(), vec![5])]);
}

#[test]
fn versions_and_kinds_are_exact_and_belong_together() {
    let everywhere = |template: Value| {
        let list = [("v1", "ConfigMap"), ("apps/v1", "Deployment"), ("apps/v1", "StatefulSet")];
        let answers = Answers::default().clusters([cluster("c", &list, Some("True"))]);
        said(&answers.template(template)).is_empty()
    };
    assert!(everywhere(json!({"apiVersion": "v1", "kind": "ConfigMap"})));
    assert!(everywhere(json!({"apiVersion": "apps/v1", "kind": "StatefulSet"})));
    assert!(!everywhere(json!({"apiVersion": "apps/v1", "kind": "ConfigMap"})));
    assert!(!everywhere(json!({"apiVersion": "apps/v1beta1", "kind": "Deployment"})));
    assert!(!everywhere(json!({"apiVersion": "apps/v1", "kind": "deployment"})));
    assert!(!everywhere(json!({"apiVersion": "apps", "kind": "Deployment"})));
}

#[test]
fn a_fleet_that_has_it_is_asked_nothing_more() {
    let fleet = fleet().template(json!({"apiVersion": "v1", "kind": "ConfigMap"}));
    let only = Answers::default().clusters([cluster("c", &[CORE], Some("True"))]);
    let only = only.template(json!({"apiVersion": "v1", "kind": "ConfigMap"}));
    assert_eq!(said(&only), []);
    assert_eq!(
        only.asked(),
        ["template.get /apiVersion", "template.get /kind", "fleet.serving v1 ConfigMap"]
    );
    // Partial, and without this one.
    assert_eq!(said(&fleet).len(), 1);
}

#[test]
fn a_template_without_a_kind_is_the_template_s_fault() {
    let answers = fleet().template(json!({"apiVersion": "v1"}));
    let fault = answers.filter::<ApiEnablement>(json!({}));
    assert_eq!(fault, Err(Fault::Template("/kind must be a text".into())));
}
