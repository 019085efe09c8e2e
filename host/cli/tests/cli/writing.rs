//! `plugin new` and `plugin build`: what they refuse, and that they leave nothing behind. What they make is tried by
//! docs/plugins.md.

use std::fs;
use std::path::Path;

use crate::place::{Place, text};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/sdk");

/// What a command says on standard error, where it ends with this code.
fn refusal(place: &Place, code: i32, arguments: &[&str]) -> String {
    let output = place.portolan(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stderr)
}

#[test]
fn a_name_that_is_no_crate_s_makes_nothing() {
    let place = Place::new();
    for name in
        ["Region", "9lives", "my_region", "a/b", "..", "region-", "fn", "serde", "portolan-plugin", ""]
    {
        let said = refusal(&place, 2, &["plugin", "new", name, "--sdk", SDK]);
        assert!(said.contains("valid: "), "{name}: {said}");
        assert!(said.contains("such as data-residency"), "{name}: {said}");
    }
    assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 0);
}

#[test]
fn a_language_that_is_not_there_is_told_where_it_is() {
    let place = Place::new();
    let said = refusal(&place, 2, &["plugin", "new", "region", "--lang", "python", "--sdk", SDK]);
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("valid: rust; for JavaScript and Python there is examples/plugins-in-other-languages"),
        "{said}"
    );
}

#[test]
fn what_is_there_already_stays_as_it_is() {
    let place = Place::new();
    place.write("region", "mine");
    let said = refusal(&place, 1, &["plugin", "new", "region", "--sdk", SDK]);
    assert!(said.contains("`region` is there already; valid: a name that is free"), "{said}");
    assert_eq!(place.read("region").as_deref(), Some("mine"));
}

#[test]
fn without_a_kit_nothing_is_made_and_the_way_to_one_is_asked_for() {
    let place = Place::new();
    let said = refusal(&place, 1, &["plugin", "new", "region"]);
    assert!(
        said.contains("valid: --sdk DIR, the folder plugins/sdk of a checkout"),
        "the message says what to do: {said}"
    );
    let said = refusal(&place, 1, &["plugin", "new", "region", "--sdk", "."]);
    assert!(said.contains("--sdk .: it does not hold the kit; valid: the folder plugins/sdk"), "{said}");
    assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 0);
}

#[test]
fn the_kit_is_the_one_that_was_named() {
    let place = Place::new();
    let output = place.portolan(&["plugin", "new", "region", "--stage", "overrider", "--sdk", SDK]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let manifest = place.read("region/Cargo.toml").expect("it was written");
    assert!(manifest.contains(&format!("portolan-plugin = {{ path = \"{SDK}\" }}")), "{manifest}");
    let source = place.read("region/src/lib.rs").expect("it was written");
    assert!(source.contains("portolan_plugin::overrider!(Plugin);"), "{source}");
    let policy = place.read("region/example/manifests/policy.yaml").expect("it was written");
    assert!(policy.contains("plugins: [{name: region, config:"), "{policy}");
    for file in ["Cargo.toml", "README.md", "example/manifests/policy.yaml"] {
        let written = place.read(&format!("region/{file}")).expect("it was written");
        assert!(!written.contains("{name}") && !written.contains("{summary}"), "{file}: {written}");
    }
}

#[test]
fn what_is_no_plugin_is_not_built() {
    let place = Place::new();
    let said = refusal(&place, 1, &["plugin", "build"]);
    assert!(said.contains("error: .: cargo can't use it: "), "{said}");
    let tests = format!("{REPOSITORY}/tests");
    let said = refusal(&place, 1, &["plugin", "build", &tests]);
    assert!(said.contains("makes no plugin; valid are these lines in it:\n  [lib]\n  crate-type"), "{said}");
    assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 0);
}

#[test]
fn the_code_in_the_guide_is_the_code_that_is_written() {
    let read = |path: &str| fs::read_to_string(Path::new(REPOSITORY).join(path)).expect("it is there");
    let guide = read("docs/plugins.md");
    let source = read("host/cli/src/command/new/rust/filter.rs");
    // In the guide a function stands at the margin.
    let flush = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let blocks: Vec<&str> = guide
        .split("```rust\n")
        .skip(1)
        .map(|block| block.split("\n```").next().expect("a block ends"))
        .collect();
    assert!(blocks.len() > 1, "the guide shows code");
    for block in blocks {
        assert!(flush(&source).contains(&flush(block)), "not what is written:\n{block}");
    }
}
