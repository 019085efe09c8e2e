//! What entries come to: the patch, and the object after the host's strict RFC 6902 has applied it.

use plaintext::{Entries, Plaintext};
use portolan_plugin::testing::{Answers, document};
use portolan_plugin::{Config as _, Fault};
use serde_json::{Value, json};

fn config_map() -> Value {
    json!({"kind": "ConfigMap", "data": {"k": "v", "01": "key"}, "list": ["x", "y"], "deep": [{"n": [1, 2, 3]}]})
}

fn on(object: Value) -> Answers {
    let cluster = json!({"metadata": {"name": "one"}});
    Answers::default().clusters([cluster]).target("one", object)
}

fn patch(object: Value, entries: Value) -> Value {
    let amendments = on(object).patch::<Plaintext>(entries).expect("the entries are well-formed");
    assert_eq!(amendments.len(), 1, "there is one cluster");
    assert_eq!(amendments[0].clusters, [0]);
    document(amendments[0].patch.as_deref().expect("a patch"))
}

/// The object after the patch; none where the patch does not apply.
fn applied(object: Value, entries: Value) -> Option<Value> {
    let patch: json_patch::Patch = serde_json::from_value(patch(object.clone(), entries)).ok()?;
    let mut after = object;
    json_patch::patch(&mut after, &patch).ok()?;
    Some(after)
}

/// What stands at a place afterwards.
fn after(at: &str, entries: Value) -> Option<Value> {
    applied(config_map(), entries)?.pointer(at).cloned()
}

#[test]
fn entries_become_one_patch_for_all_clusters_without_a_look_at_the_object() {
    let names = ["a", "b"];
    let answers = Answers::default().clusters(names.map(|name| json!({"metadata": {"name": name}})));
    let answers = answers.target("a", json!({"spec": 1})).target("b", json!({"spec": 2}));
    let entries = json!([
        {"path": "/spec/replicas", "operator": "replace", "value": 5},
        {"path": "x/spec/paused", "operator": "add"},
        {"path": "/metadata/annotations/a~1b~0", "operator": "remove", "value": "not looked at"},
        {"path": "/list/-", "operator": "add", "value": {"a": [1.5, 9007199254740993u64]}},
        {"path": "/", "operator": "test", "value": null},
    ]);
    let amendments = answers.patch::<Plaintext>(entries).expect("the entries are well-formed");
    assert_eq!(amendments.len(), 1);
    assert_eq!(amendments[0].clusters, [0, 1]);
    assert_eq!(
        document(amendments[0].patch.as_deref().expect("a patch")),
        json!([
            {"op": "replace", "path": "/spec/replicas", "value": 5},
            {"op": "add", "path": "/spec/paused", "value": null},
            {"op": "remove", "path": "/metadata/annotations/a~1b~0"},
            {"op": "add", "path": "/list/-", "value": {"a": [1.5, 9007199254740993u64]}},
            {"op": "test", "path": "/", "value": null},
        ])
    );
    assert_eq!(answers.asked(), ["target.clusters"]);
}

#[test]
fn no_entries_and_no_clusters_are_no_amendment() {
    assert_eq!(on(config_map()).patch::<Plaintext>(json!([])), Ok(vec![]));
    let nobody = Answers::default().patch::<Plaintext>(json!([{"path": "/a", "operator": "remove"}]));
    assert_eq!(nobody, Ok(vec![]));
    let nobody = Answers::default().patch::<Plaintext>(json!([{"path": "/a/-1", "operator": "remove"}]));
    assert_eq!(nobody, Ok(vec![]));
}

#[test]
fn indexes_in_other_spellings_are_written_out() {
    for (entry, expected) in [
        (json!({"path": "/list/-1", "operator": "replace", "value": "z"}), json!(["x", "z"])),
        (json!({"path": "/list/-2", "operator": "remove"}), json!(["y"])),
        (json!({"path": "/list/-1", "operator": "add", "value": "z"}), json!(["x", "y", "z"])),
        (json!({"path": "/list/-2", "operator": "add", "value": "z"}), json!(["x", "z", "y"])),
        (json!({"path": "/list/-3", "operator": "add", "value": "z"}), json!(["z", "x", "y"])),
        (json!({"path": "/list/01", "operator": "replace", "value": "z"}), json!(["x", "z"])),
        (json!({"path": "/list/+1", "operator": "replace", "value": "z"}), json!(["x", "z"])),
        (json!({"path": "/list/-0", "operator": "replace", "value": "z"}), json!(["z", "y"])),
        (json!({"path": "/list/02", "operator": "add", "value": "z"}), json!(["x", "y", "z"])),
        (json!({"path": "/list/-1", "operator": "test", "value": "y"}), json!(["x", "y"])),
    ] {
        assert_eq!(after("/list", json!([entry])), Some(expected), "{entry}");
    }
    let deep = json!([{"path": "/deep/-1/n/-1", "operator": "replace", "value": 9}]);
    assert_eq!(after("/deep", deep), Some(json!([{"n": [1, 2, 9]}])));
}

#[test]
fn the_same_spellings_are_keys_in_an_object() {
    let entries = json!([{"path": "/data/01", "operator": "remove"}, {"path": "/data/-1", "operator": "add", "value": "v"}]);
    assert_eq!(
        patch(config_map(), entries),
        json!([{"op": "remove", "path": "/data/01"}, {"op": "add", "path": "/data/-1", "value": "v"}])
    );
}

#[test]
fn earlier_entries_decide_what_later_ones_mean() {
    let entries = json!([
        {"path": "/list/-", "operator": "add", "value": "z"},
        {"path": "/list/0", "operator": "remove"},
        {"path": "/list/-1", "operator": "replace", "value": "last"},
        {"path": "/data", "operator": "replace", "value": ["a", "b"]},
        {"path": "/data/01", "operator": "remove"},
    ]);
    let expected =
        json!({"kind": "ConfigMap", "data": ["a"], "list": ["y", "last"], "deep": [{"n": [1, 2, 3]}]});
    assert_eq!(applied(config_map(), entries), Some(expected));

    let entries = json!([
        {"path": "", "operator": "replace", "value": {"list": [1, 2, 3]}},
        {"path": "/list/-1", "operator": "remove"},
    ]);
    assert_eq!(applied(config_map(), entries), Some(json!({"list": [1, 2]})));
}

#[test]
fn what_does_not_apply_is_left_to_the_host_cluster_by_cluster() {
    for entry in [
        json!({"path": "/list/-3", "operator": "replace", "value": "z"}),
        json!({"path": "/list/-4", "operator": "add", "value": "z"}),
        json!({"path": "/list/02", "operator": "remove"}),
        json!({"path": "/list/03", "operator": "add", "value": "z"}),
        json!({"path": "/list/-9/x", "operator": "add", "value": "z"}),
        json!({"path": "/nope/-1", "operator": "add", "value": "z"}),
        json!({"path": "/data/-1", "operator": "replace", "value": "z"}),
        json!({"path": "/kind/-1", "operator": "add", "value": "z"}),
    ] {
        assert_eq!(applied(config_map(), json!([entry])), None, "{entry}");
    }
    // A failing entry before the one that depends on the object fails there as well.
    let entries =
        json!([{"path": "/nope", "operator": "remove"}, {"path": "/list/-1", "operator": "remove"}]);
    assert_eq!(applied(config_map(), entries), None);

    let names = ["a", "b", "c"];
    let answers = Answers::default().clusters(names.map(|name| json!({"metadata": {"name": name}})));
    let answers = answers
        .target("a", json!({"list": [1, 2]}))
        .target("b", json!({"list": []}))
        .target("c", json!({"list": [1, 2]}));
    let amendments = answers.patch::<Plaintext>(json!([{"path": "/list/-1", "operator": "remove"}]));
    let amendments = amendments.expect("the entries are well-formed");
    let patches: Vec<_> = amendments
        .iter()
        .map(|one| (one.clusters.clone(), document(one.patch.as_deref().expect("a patch"))))
        .collect();
    assert_eq!(
        patches,
        [
            (vec![0, 2], json!([{"op": "remove", "path": "/list/1"}])),
            (vec![1], json!([{"op": "remove", "path": "/list/-1"}])),
        ]
    );
    assert_eq!(answers.asked(), ["target.alike", "target.get 0 ", "target.get 1 "]);
}

#[test]
fn entries_that_can_be_right_for_no_object_are_faults_of_the_config() {
    for (entry, text) in [
        (
            json!({"path": "/data/k", "operator": "copy", "value": "v"}),
            "at [1].operator: there is no \"copy\"; valid is add, replace, remove, test",
        ),
        (
            json!({"path": "/data/k", "operator": "", "value": "v"}),
            "at [1].operator: there is no \"\"; valid is add, replace, remove, test",
        ),
        (json!({"operator": "add"}), "at [1]: the field \"path\" is missing"),
        (
            json!({"path": "/data/k", "operator": "add", "from": "/x"}),
            "at [1]: there is no field \"from\"; valid is path, operator, value",
        ),
        (
            json!({"path": "replicas", "operator": "add"}),
            "at [1].path: \"replicas\" is no pointer; one starts with a slash, such as \"/replicas\"",
        ),
        (
            json!({"path": "", "operator": "remove"}),
            "at [1].path: \"\" is the whole object, which can't be removed",
        ),
        (
            json!({"path": "", "operator": "replace", "value": 4}),
            "at [1].value: the path \"\" is the whole object, which only an object can replace",
        ),
    ] {
        let entries = json!([{"path": "/data/k", "operator": "remove"}, entry]);
        assert_eq!(on(config_map()).patch::<Plaintext>(entries), Err(Fault::Config(text.to_owned())));
    }
}

#[test]
fn the_schema_is_json() {
    let schema: Value = serde_json::from_str(&Entries::schema()).expect("the schema is JSON");
    assert_eq!(schema["items"]["additionalProperties"], false);
}
