//! What edits to image references come to.

use image::Image;
use portolan_plugin::testing::{Answers, document};
use portolan_plugin::{Amendment, Fault};
use serde_json::{Value, json};

const DIGEST: &str = "sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c";

fn amended(object: Value, entries: Value) -> Option<Amendment> {
    let answers = Answers::default().clusters([json!({"metadata": {"name": "one"}})]).target("one", object);
    let mut amendments = answers.patch::<Image>(entries).expect("the entries are well-formed");
    assert!(amendments.len() < 2, "there is one cluster");
    amendments.pop()
}

fn pod(images: &[&str]) -> Value {
    let containers: Vec<Value> = images.iter().map(|image| json!({"name": "web", "image": image})).collect();
    json!({"kind": "Pod", "spec": {"containers": containers}})
}

/// The image afterwards, and the warnings.
fn edited(image: &str, entries: Value) -> (String, Vec<String>) {
    let Some(Amendment { patch, warnings, .. }) = amended(pod(&[image]), entries) else {
        return (image.to_owned(), Vec::new());
    };
    let patch = document(&patch.expect("a patch"));
    (patch[0]["value"].as_str().unwrap_or(image).to_owned(), warnings)
}

fn one(component: &str, operator: &str, value: &str) -> Value {
    json!([{"component": component, "operator": operator, "value": value}])
}

#[test]
fn parts_are_edited_one_by_one() {
    for (image, component, operator, value, expected) in [
        ("nginx", "Registry", "add", ".eu", ".eu/nginx"),
        ("ghcr.io/acme/web:1", "Registry", "replace", "mirror.io/ghcr", "mirror.io/ghcr/acme/web:1"),
        ("ghcr.io/acme/web:1", "Registry", "replace", "", "acme/web:1"),
        ("[::1]:5000/acme/web:1", "Registry", "remove", "not looked at", "acme/web:1"),
        ("ghcr.io/acme/web:1", "Repository", "add", "/x", "ghcr.io/acme/web/x:1"),
        ("ghcr.io/acme/web:1", "Repository", "remove", "", "ghcr.io/:1"),
        ("reg:5000/web:1", "Tag", "add", "-rc", "reg:5000/web:1-rc"),
        ("nginx", "Tag", "replace", DIGEST, &format!("nginx@{DIGEST}")),
        ("nginx:1", "Tag", "remove", "", "nginx"),
    ] {
        let edits = one(component, operator, value);
        assert_eq!(edited(image, edits.clone()), (expected.to_owned(), vec![]), "{edits} on {image}");
    }
    let twice = json!([
        {"component": "Registry", "operator": "replace", "value": "mirror.io"},
        {"component": "Registry", "operator": "add", "value": ":5000"},
    ]);
    assert_eq!(edited("nginx:1", twice).0, "mirror.io:5000/nginx:1");
    // What is no reference any more can't be edited again.
    let broken = json!([{"component": "Repository", "operator": "remove"}, {"component": "Tag", "operator": "remove"}]);
    let fault = amended(pod(&["ghcr.io/a:1"]), broken).and_then(|amendment| amendment.patch.err());
    assert!(matches!(fault, Some(Fault::Template(_))), "{fault:?}");
}

#[test]
fn a_digest_beside_a_tag_is_lost_with_a_warning_or_kept_by_the_switch() {
    let both = format!("ghcr.io/acme/web:1@{DIGEST}");
    let (image, warnings) = edited(&both, one("Registry", "replace", "mirror.io"));
    assert_eq!(image, "mirror.io/acme/web:1");
    assert_eq!(
        warnings,
        [format!(
            "[0]: `{both}` at /spec/containers/0/image loses its digest, because it has a tag as well; \
             `preserveDigest: true` keeps it"
        )]
    );
    let keeping = |component: &str, operator: &str, value: &str| {
        let mut edits = one(component, operator, value);
        edits[0]["preserveDigest"] = json!(true);
        edits
    };
    let kept = |image: String| (image, Vec::<String>::new());
    assert_eq!(
        edited(&both, keeping("Registry", "replace", "mirror.io")),
        kept(format!("mirror.io/acme/web:1@{DIGEST}"))
    );
    assert_eq!(
        edited(&both, keeping("Repository", "add", "-eu")),
        kept(format!("ghcr.io/acme/web-eu:1@{DIGEST}"))
    );
    // Another tag is another image.
    assert_eq!(edited(&both, keeping("Tag", "replace", "2")), kept("ghcr.io/acme/web:2".into()));
    assert_eq!(edited(&both, one("Tag", "replace", "2")), kept("ghcr.io/acme/web:2".into()));
    assert_eq!(edited(&both, keeping("Tag", "remove", "")), kept("ghcr.io/acme/web".into()));
    // A digest alone is never lost.
    let alone = format!("ghcr.io/acme/web@{DIGEST}");
    assert_eq!(edited(&alone, one("Registry", "remove", "")), kept(format!("acme/web@{DIGEST}")));
}

#[test]
fn what_does_nothing_says_so() {
    for value in [":v2", "", "v 2", "sha256:ab", &format!("@{DIGEST}"), &"x".repeat(129)] {
        let (image, warnings) = edited("a:1", one("Tag", "replace", value));
        assert_eq!(image, "a:1");
        assert!(warnings[0].contains("is neither a tag nor a digest"), "{value}: {warnings:?}");
    }
    assert_eq!(
        edited("a:1", one("Tag", "move", "2")),
        ("a:1".to_owned(), vec!["[0].operator: `move` does nothing; valid: add, replace, remove".to_owned()])
    );
    let cron = amended(json!({"kind": "CronJob"}), one("Tag", "replace", "2")).expect("it says something");
    assert_eq!(cron.patch, Ok(Vec::new()));
    assert!(cron.warnings[0].contains("this is a CronJob; a predicate"), "{:?}", cron.warnings);
    let none = amended(json!({"kind": "Pod"}), one("Tag", "replace", "2")).expect("it says something");
    assert!(none.warnings[0].contains("there are no containers at /spec/containers"), "{:?}", none.warnings);
}

#[test]
fn a_predicate_means_one_image_wherever_it_is() {
    let object = || {
        let containers = json!([{"name": "i", "image": "a:1"}, {"name": "j", "image": "b:1"}]);
        json!({"kind": "Flow", "spec": {"initContainers": containers, "a~b": "c:1", "a/b": "d:1", "n": 1}})
    };
    let at = |path: &str| {
        let entry =
            json!({"predicate": {"path": path}, "component": "Tag", "operator": "replace", "value": "2"});
        amended(object(), json!([entry])).expect("it says something").patch
    };
    let set = |path: &str, image: &str| json!([{"op": "replace", "path": path, "value": image}]);
    let patch = |path: &str| document(&at(path).expect("a patch"));
    assert_eq!(patch("/spec/initContainers/1/image"), set("/spec/initContainers/1/image", "b:2"));
    assert_eq!(patch("/spec/initContainers/01/image"), set("/spec/initContainers/1/image", "b:2"));
    assert_eq!(patch("/spec/a~b"), set("/spec/a~0b", "c:2"));
    for path in [
        "/spec/initContainers/2/image",
        "/spec/initContainers/-1/image",
        "/spec/initContainers/-/image",
        "/spec/none",
        "/spec/none/image",
        "/spec/n",
        "/spec/initContainers",
        "/",
        "/spec/initContainers/0/image/",
    ] {
        assert!(matches!(at(path), Err(Fault::Template(_))), "{path}: {:?}", at(path));
    }
    for path in ["", "spec/a~b", "/spec/a~1b"] {
        assert!(matches!(at(path), Err(Fault::Config(_))), "{path}: {:?}", at(path));
    }
    // What stands at any path may be what nobody is to see.
    let secret = json!({"kind": "Secret", "stringData": {"password": "Hunter2 "}});
    let entry = json!({"predicate": {"path": "/stringData/password"}, "component": "Tag", "operator": "replace", "value": "2"});
    let said = format!("{:?}", amended(secret, json!([entry])));
    assert!(said.contains("Err") && !said.contains("unter2"), "{said}");
}

#[test]
fn what_is_no_image_fails_where_it_is() {
    for (containers, why) in [
        (json!([{"name": "web"}]), "/spec/containers/0/image: there is no image reference"),
        (
            json!([{"image": "Web:1"}]),
            "/spec/containers/0/image (`Web:1`): its repository must be lower case",
        ),
        (json!([{"image": 1}]), "/spec/containers/0/image is a number; it must be a string"),
        (json!([1]), "/spec/containers/0 is a number; it must be a container"),
        (json!({}), "/spec/containers is an object; it must be a list of containers"),
    ] {
        let object = json!({"kind": "Pod", "spec": {"containers": containers}});
        let fault = amended(object, one("Tag", "replace", "2")).and_then(|amendment| amendment.patch.err());
        let Some(Fault::Template(said)) = fault else { panic!("{fault:?}") };
        assert!(said.starts_with(why), "{said}");
    }
    let unknown =
        amended(pod(&["a:1"]), one("Digest", "replace", "2")).and_then(|amendment| amendment.patch.err());
    assert!(matches!(unknown, Some(Fault::Config(_))), "{unknown:?}");
}
