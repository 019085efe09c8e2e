//! `portolan test`: exit codes, outputs, and that nothing is written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::faults::guest;
use crate::place::{CLUSTER, Place, config_map, policy, text};

/// A place with two ConfigMaps, of which a policy places one.
fn place() -> Place {
    let place = Place::new();
    place
        .write("input.yaml", [CLUSTER, &config_map("a"), &config_map("b"), &policy("p", "a", "[]")].concat());
    place
}

const GOOD: &str = "tests: [{template: ConfigMap/a, isOn: [member1]}]\n";
const BAD: &str = "tests: [{template: ConfigMap/a, isOn: []}]\n";

fn test(place: &Place, arguments: &[&str]) -> (Option<i32>, String, String) {
    let done = place.portolan(&[&["test"], arguments].concat());
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

fn listed(directory: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut left = vec![directory.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).expect("readable").map(|entry| entry.expect("readable").path()));
        }
        found.insert(path);
    }
    found
}

#[test]
fn what_fails_is_code_1_and_nothing_is_written() {
    let place = place();
    place.write("portolan-test.yaml", GOOD);
    let before = listed(place.path());
    let (code, out, err) = test(&place, &["."]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(
        out.ends_with("5 passed\n") && out.contains("warning: ConfigMap default/b: no policy selects it"),
        "{out}"
    );
    place.write("portolan-test.yaml", BAD);
    let (code, out, err) = test(&place, &["."]);
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    assert!(out.contains("FAILED  ConfigMap/a\n"), "{out}");
    assert_eq!(listed(place.path()), before);
}

#[test]
fn where_there_is_no_test_file_it_says_what_was_looked_for() {
    let place = place();
    place.write("policies_test.yaml", GOOD);
    let (code, out, err) = test(&place, &["."]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert_eq!(
        err,
        "error: .: holds no test file; looked for: portolan-test.yaml or NAME.portolan-test.yaml, at any depth\n"
    );
    let (code, _, err) = test(&place, &["policies_test.yaml"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("is no test file; valid: portolan-test.yaml"), "{err}");
    assert_eq!(test(&place, &["nowhere"]).0, Some(1));
    assert_eq!(test(&place, &[]).0, Some(2));
}

#[test]
fn a_test_file_that_can_t_be_read_names_its_line_and_takes_no_other_with_it() {
    let place = place();
    fs::create_dir(place.path().join("sub")).expect("writable");
    place.write(
        "sub/shop.portolan-test.yaml",
        "inputs: [../input.yaml]\ntests:\n- template: ConfigMap/a\n  isOm: [member1]\n",
    );
    place.write(
        "portolan-test.yaml",
        "inputs: [input.yaml]\ntests: [{template: ConfigMap/a, isOn: [member1]}]\n",
    );
    let (code, out, _) = test(&place, &["."]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains(
            "sub/shop.portolan-test.yaml:4: tests[0].isOm: unknown field `isOm`, expected one of `name`"
        ),
        "{out}"
    );
    assert!(out.contains("ok      ConfigMap/a\n"), "{out}");
    place.write("portolan-test.yaml", "tests: [");
    let (_, out, _) = test(&place, &["portolan-test.yaml"]);
    assert!(out.contains("FAILED  the test file can be read"), "{out}");
}

#[test]
fn errors_in_the_input_fail_unless_they_are_expected() {
    let place = place();
    place.write("more.yaml", "apiVersion: policy.karmada.io/v1alpha1\nkind: PropagationPolicy\nmetadata: {name: q}\nspec: {selectors: []}\n");
    place.write("portolan-test.yaml", GOOD);
    let (code, out, _) = test(&place, &["."]);
    assert_eq!(code, Some(1));
    assert!(out.contains("FAILED  the input is in order\n"), "{out}");
    assert!(
        out.contains("more.yaml:4: PropagationPolicy default/q: spec.selectors: unknown field `selectors`"),
        "{out}"
    );
    place.write(
        "portolan-test.yaml",
        "tests: [{name: q is wrong, errors: ['unknown field `selectors`', 'ConfigMap default/a: PropagationPolicy default/q might apply', \
         'ConfigMap default/b: PropagationPolicy default/q might apply']}]\n",
    );
    let (code, out, _) = test(&place, &["."]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn an_inline_object_stands_in_for_the_files_and_is_found_by_its_line() {
    let place = place();
    place.write(
        "portolan-test.yaml",
        "tests:\n- template: ConfigMap/b\n  inputs:\n  - apiVersion: policy.karmada.io/v1alpha1\n    kind: PropagationPolicy\n    \
         metadata: {name: p}\n    spec: {resourceSelectors: [{apiVersion: v1, kind: ConfigMap, name: b}]}\n  isOn: [member1]\n\
         - template: ConfigMap/b\n  isOn: []\n\
         - inputs:\n  - {apiVersion: cluster.karmada.io/v1alpha1, kind: Cluster, metadata: {name: c}, spec: {zoom: 1}}\n  warnings: []\n",
    );
    let (code, out, _) = test(&place, &["."]);
    assert_eq!(code, Some(1));
    assert_eq!(out.matches("ok      ConfigMap/b\n").count(), 2, "{out}");
    assert!(out.contains("portolan-test.yaml:12: Cluster c: spec.zoom: "), "{out}");
}

#[test]
fn a_plugin_of_the_files_own_is_beside_it_and_the_command_lines_stands_in_for_it() {
    let place = place();
    let uses = policy("p", "a", "[{name: mine, config: {}}]");
    place.write("input.yaml", [CLUSTER, &config_map("a"), &uses].concat());
    fs::create_dir(place.path().join("tests")).expect("writable");
    place.write("tests/mine.wasm", guest("refuses-all"));
    place.write("refuses.wasm", guest("refuses-all"));
    place.write(
        "tests/portolan-test.yaml",
        "inputs: [../input.yaml]\nplugins: {mine: mine.wasm}\ntests: [{template: ConfigMap/a, isOn: [], refused: {member1: ''}}]\n",
    );
    let (code, out, _) = test(&place, &["tests"]);
    assert_eq!(code, Some(0), "{out}");
    place.write("tests/mine.wasm", "no component");
    let (code, out, _) = test(&place, &["tests"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("--plugin mine=tests/mine.wasm: "), "{out}");
    let (code, out, _) = test(&place, &["tests", "--plugin", "mine=refuses.wasm"]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn junit_is_well_formed_whatever_stands_in_a_name() {
    let place = place();
    place.write(
        "portolan-test.yaml",
        "tests:\n- {name: \"<a> & \\\"b\\\" \\e[31m \\uFFFE \\0 ]]>\", template: ConfigMap/a, isOn: [\"<x>&\"]}\n\
         - {name: twice, template: ConfigMap/a, isOn: [member1]}\n- {name: twice, template: ConfigMap/a, isOn: [member1]}\n\
         properties: {overrideTwice: {skip: \"no & never\"}}\n",
    );
    let (code, out, err) = test(&place, &[".", "--output", "junit", "--output-file", "report.xml"]);
    assert_eq!((code, err.as_str()), (Some(1), ""));
    assert!(out.contains("FAILED  <a> & \"b\" \\u{1b}[31m"), "{out}");
    let xml = place.read("report.xml").expect("a report");
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let suites = document.root_element();
    assert_eq!(suites.tag_name().name(), "testsuites");
    let suite = suites.first_element_child().expect("a suite");
    assert_eq!(
        (suite.attribute("name"), suite.attribute("failures")),
        (Some("./portolan-test.yaml"), Some("1"))
    );
    let cases: Vec<_> = suite.children().filter(|child| child.has_tag_name("testcase")).collect();
    assert_eq!(suite.attribute("tests"), Some(cases.len().to_string().as_str()));
    assert_eq!(cases[0].attribute("name"), Some("<a> & \"b\" \\u{1b}[31m \\u{fffe} \\u{0} ]]>"));
    let failure = cases[0].first_element_child().expect("a failure");
    assert_eq!(failure.tag_name().name(), "failure");
    assert!(
        failure
            .attribute("message")
            .is_some_and(|message| message.contains("isOn: expected [\"<x>&\"], got [\"member1\"]")),
        "{xml}"
    );
    assert!(failure.text().is_some_and(|text| text.contains("\n  - <x>&\n  + member1\n")), "{xml}");
    let names: BTreeSet<_> =
        cases.iter().map(|case| (case.attribute("classname"), case.attribute("name"))).collect();
    assert_eq!(names.len(), cases.len(), "CI systems tell tests apart by class and name");
    assert_eq!(
        cases.iter().filter(|case| case.children().any(|child| child.has_tag_name("skipped"))).count(),
        1
    );
}

#[test]
fn json_has_what_the_text_has() {
    let place = place();
    place.write("portolan-test.yaml", BAD);
    let (code, out, _) = test(&place, &["portolan-test.yaml", "-o", "json"]);
    assert_eq!(code, Some(1));
    let document: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(document["failed"], 1);
    let failure = &document["files"][0]["tests"][0]["failures"][0];
    assert_eq!(failure["got"], serde_json::json!(["member1"]));
    assert_eq!(failure["at"], "portolan-test.yaml:1");
}

#[test]
fn a_test_file_is_no_input_of_a_plan() {
    let place = place();
    place.write("portolan-test.yaml", GOOD);
    let done = place.portolan(&["plan", "-f", "."]);
    assert!(done.status.success(), "{}", text(&done.stderr));
}

#[test]
fn the_page_shows_the_files_that_its_commands_test() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(repository.join("docs/testing-policies.md")).expect("the page");
    for file in ["shop/policies.yaml", "shop/portolan-test.yaml", "wrong/portolan-test.yaml"] {
        let content = fs::read_to_string(repository.join("tests/transcripts/testing-policies").join(file));
        let content = content.expect("the file");
        assert!(page.contains(&format!("```yaml\n{content}```\n")), "{file} stands in the page as it is");
    }
}
