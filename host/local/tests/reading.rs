//! What comes out of files and directories: which objects, in which order, and what is said of those that don't.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use portolan_api::ObjectKey;
use portolan_local::{Inputs, Reading, Records, Source, read_component, read_document, test_files};
use serde_json::{Value, json};
use tempfile::TempDir;

fn reading(threads: usize) -> Reading<'static> {
    Reading { default_namespace: "default", threads: NonZeroUsize::new(threads).expect("at least one") }
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    for (name, text) in files {
        write(directory.path(), name, text.as_bytes());
    }
    directory
}

fn write(directory: &Path, name: &str, bytes: &[u8]) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("created");
    fs::write(path, bytes).expect("written");
}

fn read_directory(directory: &Path) -> Inputs {
    Inputs::read(&[Source::Directory(directory.into())], &mut std::io::empty(), &reading(2))
}

/// One text, as standard input: no path of this machine gets into what is compared.
fn read(text: &str) -> Inputs {
    Inputs::read(&[Source::Stdin], &mut text.as_bytes(), &reading(1))
}

fn names(inputs: &Inputs) -> Vec<&str> {
    inputs.templates.iter().map(|template| template.value.key().name.as_str()).collect()
}

fn problems(inputs: &Inputs) -> Vec<String> {
    inputs.problems.iter().map(ToString::to_string).collect()
}

fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n")
}

/// What `v` was read as in an object that has it.
fn value(yaml: &str) -> Result<Value, String> {
    let inputs = read(&format!("{}{yaml}\n", config_map("a")));
    match problems(&inputs).pop() {
        Some(problem) => Err(problem),
        None => Ok(inputs.templates[0].value.unpack().value()["v"].clone()),
    }
}

#[test]
fn a_directory_is_read_in_byte_order_of_paths_and_each_file_in_order() {
    let directory = directory(&[
        ("b.yml", &config_map("b")),
        ("a/z.yaml", &format!("{}---\n# nothing\n---\n{}", config_map("az1"), config_map("az2"))),
        ("a.json", r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json"}}"#),
        ("A.yaml", &config_map("capital")),
        ("README.md", "# not YAML: at all"),
        (".hidden/x.yaml", &config_map("hidden")),
        (".hidden.yaml", &config_map("hidden")),
        ("empty.yaml", ""),
        ("comment.yaml", "# nothing but this\n"),
        ("null.yaml", "---\n---\nnull\n--- ~\n"),
    ]);
    let inputs = read_directory(directory.path());
    assert_eq!(problems(&inputs), [""; 0]);
    assert_eq!(names(&inputs), ["capital", "json", "az1", "az2", "b"]);
    let lines: Vec<_> = inputs.templates.iter().map(|template| template.origin.line).collect();
    assert_eq!(lines, [Some(1), Some(1), Some(1), Some(8), Some(1)]);
    assert_eq!(inputs.templates[1].origin.to_string(), format!("{}/a.json:1", directory.path().display()));
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let files: Vec<_> = (0..50)
        .map(|at| {
            (
                format!("{at:02}.yaml"),
                format!("{}---\n: : {at}\n---\n{}", config_map(&format!("x{at}")), config_map("twice")),
            )
        })
        .collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let directory = directory(&files);
    let [one, many] = [1, 7].map(|threads| {
        Inputs::read(&[Source::Directory(directory.path().into())], &mut std::io::empty(), &reading(threads))
    });
    assert_eq!(names(&one).len(), 51);
    assert_eq!(format!("{one:?}"), format!("{many:?}"));
}

#[test]
fn lists_fall_apart_and_their_elements_keep_their_lines() {
    let inputs = read(
        "apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: a}

- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
- apiVersion: v1
  kind: List
  items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}]
- apiVersion: apps/v1
  kind: DeploymentList
  items:
  - metadata: {name: d}
---
kind: List
items: []
",
    );
    assert_eq!(problems(&inputs), [""; 0]);
    assert_eq!(names(&inputs), ["a", "b", "c", "d"]);
    assert_eq!(inputs.templates[3].value.key().to_string(), "Deployment default/d");
    let places: Vec<_> = inputs.templates.iter().map(|t| (t.origin.line, t.origin.item)).collect();
    assert_eq!(places, [(Some(4), Some(0)), (Some(8), Some(1)), (Some(9), Some(2)), (Some(12), Some(3))]);
}

#[test]
fn byte_order_marks_carriage_returns_and_directives_are_no_trouble() {
    let text = format!(
        "\u{feff}%YAML 1.1\n---\n{}v: |\n  one\n  two\n...\n\u{feff}---\n{}",
        config_map("a"),
        config_map("b")
    );
    let inputs = read(&text.replace('\n', "\r\n"));
    assert_eq!(problems(&inputs), [""; 0]);
    assert_eq!(names(&inputs), ["a", "b"]);
    assert_eq!(inputs.templates[0].value.unpack().value()["v"], json!("one\ntwo\n"));
    assert_eq!(inputs.templates[1].origin.line, Some(12));
}

#[test]
fn scalars_mean_what_kubectl_makes_of_them() {
    for (yaml, expected) in [
        ("v: yes", json!(true)),
        ("v: y", json!(true)),
        ("v: On", json!(true)),
        ("v: NO", json!(false)),
        ("v: off", json!(false)),
        ("v: 'yes'", json!("yes")),
        ("v: !!str yes", json!("yes")),
        ("v: ! yes", json!("yes")),
        ("v: yEs", json!("yEs")),
        ("v:", json!(null)),
        ("v: ~", json!(null)),
        ("v: NULL", json!(null)),
        ("v: 0x10", json!(16)),
        ("v: -0x10", json!(-16)),
        ("v: 012", json!(10)),
        ("v: 0o12", json!(10)),
        ("v: 0b11", json!(3)),
        ("v: 08", json!(8)),
        ("v: 1_000", json!(1000)),
        ("v: +5", json!(5)),
        ("v: 1e3", json!(1000)),
        ("v: 1.0", json!(1)),
        ("v: -0.0", json!(0)),
        ("v: .5", json!(0.5)),
        ("v: 1.5e300", json!(1.5e300)),
        ("v: 1e999", json!("1e999")),
        ("v: .5_0", json!(".5_0")),
        ("v: 1:20", json!("1:20")),
        ("v: 2024-01-02", json!("2024-01-02")),
        ("v: 2024-01-02T03:04:05Z", json!("2024-01-02T03:04:05Z")),
        ("v: 1.2.3", json!("1.2.3")),
        ("v: 10m", json!("10m")),
        ("v:\n-", json!([null])),
        ("v: <<", json!("<<")),
        ("v: 9223372036854775807", json!(9_223_372_036_854_775_807_i64)),
        ("v: -9223372036854775808", json!(-9_223_372_036_854_775_808_i64)),
        ("v: -9223372036854775808.0", json!(-9_223_372_036_854_775_808_i64)),
        ("v: 18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("v: 18446744073709551616", json!(18_446_744_073_709_551_616_f64)),
        ("v: !!int '5'", json!(5)),
        ("v: !!float 5", json!(5)),
        ("v: !Ref x", json!("x")),
        ("v: {1: a, true: b, 0x10: c}", json!({"1": "a", "true": "b", "16": "c"})),
        ("v: >-\n  one\n  two\n\n  three", json!("one two\nthree")),
    ] {
        assert_eq!(value(yaml), Ok(expected), "{yaml}");
    }
}

#[test]
fn anchors_and_merge_keys_are_expanded() {
    for (yaml, expected) in [
        ("w: &w {a: [1]}\nv: [*w, *w]", json!([{"a": [1]}, {"a": [1]}])),
        ("w: &w {a: 1, b: 2}\nv: {<<: *w, b: 3}", json!({"a": 1, "b": 3})),
        ("w: &w {a: 1, b: 2}\nv: {b: 3, <<: *w}", json!({"a": 1, "b": 3})),
        ("w: [&x {a: 1}, &y {a: 2, b: 2}]\nv: {<<: [*x, *y]}", json!({"a": 1, "b": 2})),
        ("w: &w key\nv: {*w : 1}", json!({"key": 1})),
        ("v: {'<<': 1}", json!({"<<": 1})),
    ] {
        assert_eq!(value(yaml), Ok(expected), "{yaml}");
    }
}

#[test]
fn what_has_no_meaning_is_refused_with_its_place_and_what_would_be_valid() {
    for (yaml, expected) in [
        ("v: .nan", "-:5:4: `.nan` is a number that JSON does not have; quote it if it is meant as text"),
        ("v: -.inf", "-:5:4: `-.inf` is a number that JSON does not have; quote it if it is meant as text"),
        (
            "v: 0xffffffffffffffffff",
            "-:5:4: `0xffffffffffffffffff` does not fit into 64 bits; quote it if it is meant as text",
        ),
        ("v: {a: 1, a: 2}", "-:5:11: key `a` is given twice in this map; keep one"),
        ("v: {1: 1, '1': 2}", "-:5:11: key `1` is given twice in this map; keep one"),
        ("v: {~: 1}", "-:5:5: a key is missing or null; quote it if it is meant as text"),
        ("v: {1.5: 1}", "-:5:5: the key 1.5 is no integer and has several spellings; quote it"),
        (
            "v: {{ x }}",
            "-:5:5: a key must be text, a number or a boolean; where this is a template's {{ }}, render it first",
        ),
        ("v: &a [*a]", "-:5:8: this alias stands inside the very anchor that it names"),
        ("v: *a", "-:5:4: this alias names no anchor that comes before it in the document"),
        ("v: {<<: 1}", "-:5:9: `<<` takes an alias of a map, or a list of such aliases"),
        (
            "v: {<<: {a: 1}, <<: {b: 1}}",
            "-:5:17: `<<` is given twice in this map; merge several maps as `<<: [*one, *other]`",
        ),
        ("v: !!int x", "-:5:10: `x` is no integer, but its tag says so"),
        (
            "v: !!binary eA==",
            "-:5:13: !!binary can't be carried as JSON; write the base64 text without the tag",
        ),
        ("v: \"x", "-:5:4: the quote that opens here is never closed"),
        ("v: [1", "-:5:4: the `[` that opens here is never closed"),
        ("v: a: b", "-:5:5: a `:` is not possible here; quote the text around it, or check the indentation"),
        ("w:\n\tv: b", "-:6:2: a tab can't indent; use spaces"),
        ("v", "-:5:1: this line is no `key: value`; check the indentation, or a missing `:`"),
        ("v: @x", "-:5:4: a value can't begin with `@`; quote it"),
        (
            "v: \"a\u{7f}\"",
            "-:5:6: YAML does not have the character `\\u{7f}`; in double quotes it can be written as an escape such as `\\x7f`",
        ),
    ] {
        assert_eq!(value(yaml), Err(expected.to_owned()), "{yaml}");
    }
}

#[test]
fn attack_03_hostile_documents_end_in_an_error_and_leave_the_others() {
    let mut laughs = String::from("v0: &v0 [x, x, x, x, x, x, x, x, x, x]\n");
    let mut chain = String::from("v0: &v0 [x]\n");
    for at in 1..=30 {
        let before = format!("*v{}", at - 1);
        laughs += &format!("v{at}: &v{at} [{}]\n", vec![before; 10].join(", "));
    }
    for at in 1..=400 {
        chain += &format!("v{at}: &v{at} [*v{}]\n", at - 1);
    }
    let deep = "lists and maps are nested more than 128 deep here";
    for (hostile, expected) in [
        (format!("v: {}", "[".repeat(100_000)), deep),
        (format!("v: {}{}", "[".repeat(100_000), "]".repeat(100_000)), deep),
        ("{\"a\":".repeat(100_000), deep),
        ("- ".repeat(100_000), deep),
        ("? ".repeat(100_000), "a key must be text"),
        (chain, deep),
        (laughs, "the aliases of this file expand to more than 16 MiB; write out what they stand for"),
    ] {
        let inputs = read(&format!("{}---\n{hostile}\n---\n{}", config_map("before"), config_map("after")));
        assert_eq!(names(&inputs), ["before", "after"], "{}", &hostile[..20]);
        let [problem] = &inputs.problems[..] else { panic!("one problem: {:?}", problems(&inputs)) };
        assert!(problem.message.starts_with(expected), "{problem}");
        assert!(problem.whole_document);
    }
    // As deep as it may be.
    assert!(value(&format!("v: {}{}", "[".repeat(127), "]".repeat(127))).is_ok());
    assert!(value(&format!("v: {}{}", "[".repeat(128), "]".repeat(128))).is_err());
}

#[test]
fn attack_03_many_copies_of_one_long_text_are_bounded_too() {
    let text = format!("w: &w {}\nv: [{}]", "x".repeat(1 << 20), vec!["*w"; 20].join(","));
    assert!(value(&text).expect_err("refused").contains("expand to more than 16 MiB"));
}

#[test]
fn a_malformed_document_is_one_problem_and_the_rest_is_read() {
    let directory = directory(&[
        ("a.yaml", &format!("{}---\nkind: [\n---\n{}", config_map("one"), config_map("two"))),
        ("b.yaml", &format!("{}v: |\n  ---\n  text\n---\nfoo: 'x\n", config_map("three"))),
    ]);
    let inputs = read_directory(directory.path());
    assert_eq!(names(&inputs), ["one", "two", "three"]);
    let at = directory.path().display();
    assert_eq!(
        problems(&inputs),
        [
            format!("{at}/a.yaml:6:7: the `[` that opens here is never closed"),
            format!("{at}/b.yaml:9:6: the quote that opens here is never closed"),
        ]
    );
}

#[test]
fn files_that_are_no_text_or_missing_or_too_large_are_problems_too() {
    let directory = TempDir::new().expect("a directory");
    write(directory.path(), "latin.yaml", b"a: b\nc: \xe9\n");
    write(directory.path(), "utf16.yaml", b"\xff\xfea\0");
    let large = fs::File::create(directory.path().join("large.yaml")).expect("created");
    large.set_len((64 << 20) + 1).expect("a sparse file");
    let inputs = read_directory(directory.path());
    let at = directory.path().display();
    assert_eq!(
        problems(&inputs),
        [
            format!("{at}/large.yaml: can't be read: it has more than 64 MiB, which is too much"),
            format!("{at}/latin.yaml:2: is no text in UTF-8 from here on"),
            format!("{at}/utf16.yaml:1: is UTF-16; save it as UTF-8"),
        ]
    );
    let missing = [Source::File("missing.yaml".into()), Source::Directory("missing".into())];
    let inputs = Inputs::read(&missing, &mut std::io::empty(), &reading(1));
    let [directory, file] = &inputs.problems[..] else { panic!("two problems: {:?}", problems(&inputs)) };
    assert!(directory.to_string().starts_with("missing: can't be listed: "), "{directory}");
    assert!(file.to_string().starts_with("missing.yaml: can't be read: "), "{file}");
    assert!(file.whole_document && directory.whole_document);
}

#[cfg(unix)]
#[test]
fn attack_41_links_are_followed_within_the_directory_and_never_out_of_it() {
    use std::os::unix::fs::symlink;

    let outside = directory(&[("secret.yaml", &config_map("secret")), ("d/x.yaml", &config_map("x"))]);
    let directory = directory(&[("..data/mounted.yaml", &config_map("mounted"))]);
    let path = directory.path();
    symlink("..data/mounted.yaml", path.join("mounted.yaml")).expect("linked");
    symlink(outside.path().join("secret.yaml"), path.join("out.yaml")).expect("linked");
    symlink(outside.path().join("d"), path.join("outdir")).expect("linked");
    symlink("nowhere", path.join("dangling.yaml")).expect("linked");
    symlink(".", path.join("loop")).expect("linked");
    let inputs = read_directory(path);
    assert_eq!(names(&inputs), ["mounted"]);
    let at = path.display();
    let astray = "is a link that leads out of the directory, or nowhere, and is not followed; remove it, or give what \
                  it leads to by itself";
    assert_eq!(
        problems(&inputs),
        ["dangling.yaml", "out.yaml", "outdir"].map(|link| format!("{at}/{link}: {astray}"))
    );
    // Anything may stand behind them, so nothing may be taken for gone.
    assert!(inputs.problems.iter().all(|problem| problem.whole_document));
    assert_eq!(inputs.notes, [format!("{at}/loop is skipped: a link to a directory")]);
}

#[test]
fn a_definition_after_its_objects_still_says_where_they_live() {
    let inputs = read(
        "{apiVersion: sea.example/v1, kind: Ship, metadata: {name: nina}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ships.sea.example}
spec: {group: sea.example, scope: Cluster, names: {kind: Ship}}
",
    );
    assert_eq!(inputs.templates[0].value.key().to_string(), "Ship nina");
}

#[test]
fn an_object_that_is_given_twice_counts_once() {
    let inputs = read(
        "{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: a}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a, namespace: default}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a, namespace: other}}
---
{apiVersion: cluster.karmada.io/v1alpha1, kind: Cluster, metadata: {name: m}, spec: {}}
---
{apiVersion: cluster.karmada.io/v1alpha1, kind: Cluster, metadata: {name: m}, spec: {provider: x}}
",
    );
    assert_eq!(names(&inputs), ["a", "a"]);
    assert_eq!(inputs.clusters.len(), 1);
    assert_eq!(
        problems(&inputs),
        [
            "-:3: HorizontalPodAutoscaler default/a: is given twice; this one is left out, the one at -:1 counts",
            "-:9: Cluster m: is given twice; this one is left out, the one at -:7 counts",
        ]
    );
    assert!(inputs.problems.iter().all(|problem| !problem.whole_document));
}

#[test]
fn a_field_that_is_wrong_is_shown_with_its_own_line() {
    let inputs = read(
        "apiVersion: v1
kind: List
items:
- apiVersion: policy.karmada.io/v1alpha1
  kind: OverridePolicy
  metadata:
    name: a
    namespace: shop
  spec:
    resourceSelectors:
    - apiVersion: apps/v1
      kind: Deployment
    overrideRules:
    - overriders:
        plaintext:
        - {path: /a, operator: add, value: 1}
        - path: /b
          operator: replce
---
# a comment
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata:
  name: b
spec:
  resourceSelectors:
  - apiVersion: apps/v1
    kind: Deployment
  placement:
    clusterAffinty:
      clusterNames: [a]
---
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata:
  name: member1
spec:
  region: x
  zones: no
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata:
  name: c
spec:
  resourceSelectors:
  - apiVersion: apps/v1
    kind: Deployment
    labelSelector:
      matchLabels:
        example.com/tier: web
        example.com/name: -bad-
",
    );
    let shown = problems(&inputs);
    let starts = [
        "-:18: OverridePolicy shop/a: spec.overrideRules[0].overriders.plaintext[1].operator: `replce` is no operator",
        "-:30: PropagationPolicy default/b: spec.placement",
        "-:39: Cluster member1: spec.zones: invalid type: boolean `false`",
        "-:52: PropagationPolicy default/c: spec.resourceSelectors[0].labelSelector.matchLabels.example.com/name: `-bad-`",
    ];
    assert_eq!(shown.len(), starts.len(), "{shown:#?}");
    for (problem, start) in shown.iter().zip(starts) {
        assert!(problem.starts_with(start), "{problem}\n{start}");
    }
    assert!(shown[1].contains("unknown field `clusterAffinty`"), "{}", shown[1]);
    assert_eq!(inputs.problems[0].origin.item, Some(0));
    assert!(inputs.problems[0].unread.is_some());
    assert!(!inputs.problems[0].whole_document);
}

#[test]
fn what_has_no_identity_is_a_problem_of_the_whole_document() {
    let inputs = read("- 1\n---\nfoo: 1\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: 5\n");
    assert_eq!(
        problems(&inputs),
        [
            "-:1: the document must be a map with apiVersion, kind and metadata",
            "-:3: apiVersion must be a non-empty string such as apps/v1",
            "-:8: metadata.name must be a non-empty string",
        ]
    );
    assert!(inputs.problems.iter().all(|problem| problem.whole_document));
}

#[test]
fn json_is_read_with_its_lines_too() {
    let inputs = read(
        "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"List\", \"items\": [\n\t\t{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\",\n\t\t \"metadata\": {\"name\": \"a\"}, \"data\": {\"x\": \"\\/\\ud83d\\ude00\\u0001\", \"y\"\n: \"1\"}},\n\t\t{\"kind\": \"ConfigMap\"}\n\t]\n}",
    );
    assert_eq!(names(&inputs), ["a"]);
    assert_eq!(inputs.templates[0].origin.line, Some(4));
    assert_eq!(inputs.templates[0].value.unpack().value()["data"]["x"], json!("/😀\u{1}"));
    assert_eq!(problems(&inputs), ["-:7: apiVersion must be a non-empty string such as apps/v1"]);
}

#[test]
fn attack_41_a_plugin_s_file_lies_beside_its_manifest_or_below() {
    let plugin = |name: &str, file: &str| {
        format!(
            "---\napiVersion: plugins.portolan.dev/v1alpha1\nkind: ClusterPlugin\nmetadata: {{name: {name}}}\nspec: {{source: {{file: {file}}}}}\n"
        )
    };
    let manifests: String = [
        ("here", "x.wasm"),
        ("below", "./build/../build/y.wasm"),
        ("above", "../secret"),
        ("absolute", "/etc/hostname"),
        ("link", "link"),
        ("directory", "build"),
        ("missing", "z.wasm"),
    ]
    .map(|(name, file)| plugin(name, file))
    .concat();
    let directory = directory(&[
        ("m/plugins.yaml", &manifests),
        ("m/x.wasm", "x"),
        ("m/build/y.wasm", "y"),
        ("secret", "secret"),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret", directory.path().join("m/link")).expect("linked");
    let inputs = read_directory(directory.path());
    assert_eq!(problems(&inputs), [""; 0]);
    let read = |name: &str| {
        let plugin = inputs.plugins.iter().find(|plugin| plugin.value.name == name).expect("read");
        plugin.read_file().map_err(|error| error.to_string())
    };
    assert_eq!(read("here"), Ok(b"x".to_vec()));
    assert_eq!(read("below"), Ok(b"y".to_vec()));
    for name in ["above", "absolute", "link", "directory", "missing"] {
        assert!(read(name).is_err(), "{name}");
    }
    let at = directory.path().display();
    assert_eq!(
        read("above").expect_err("refused"),
        format!(
            "{at}/m/plugins.yaml:12: ClusterPlugin above: spec.source.file: ../secret can't be read; valid: a file of at most 64 MiB in {at}/m, given relative to it"
        )
    );
}

#[test]
fn attack_39_a_component_is_a_regular_file_of_at_most_64_mib() {
    let directory = directory(&[("x.wasm", "x")]);
    let path = |name: &str| directory.path().join(name);
    let read = |name: &str| read_component(&path(name)).map_err(|error| error.to_string());
    assert_eq!(read("x.wasm"), Ok(b"x".to_vec()));
    let irregular = Err("it is no regular file; valid: a file of at most 64 MiB".to_owned());
    assert_eq!(read("."), irregular);
    let large = fs::File::create(path("large.wasm")).expect("created");
    large.set_len(64 << 20).expect("a sparse file");
    assert_eq!(read("large.wasm").map(|bytes| bytes.len()), Ok(64 << 20));
    large.set_len((64 << 20) + 1).expect("a sparse file");
    assert_eq!(read("large.wasm"), Err("it has more than 64 MiB, which is too much".into()));
    assert!(read("missing.wasm").is_err());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("x.wasm", path("link.wasm")).expect("linked");
        assert_eq!(read("link.wasm"), Ok(b"x".to_vec()));
        // A pipe, which nobody writes to.
        let made = std::process::Command::new("mkfifo").arg(path("pipe.wasm")).status().expect("mkfifo runs");
        assert!(made.success());
        assert_eq!(read("pipe.wasm"), irregular);
    }
}

#[test]
fn what_was_written_for_members_is_never_read_as_input() {
    let directory = directory(&[
        ("templates/a.yaml", &config_map("a")),
        ("out/.portolan/inventory.json", "{}"),
        ("out/member1/default/ConfigMap/b.yaml", &config_map("b")),
    ]);
    let inputs = read_directory(directory.path());
    assert_eq!(names(&inputs), ["a"]);
    assert!(
        inputs.notes[0].ends_with("out is skipped: it holds members' files that Portolan wrote"),
        "{:?}",
        inputs.notes
    );
}

#[test]
fn transcripts_are_never_read_as_input_even_beside_it() {
    let directory = directory(&[("a.yaml", &config_map("a")), ("rec/b.yaml", &config_map("b"))]);
    for records in [directory.path().to_owned(), directory.path().join("rec")] {
        let records = Records::open(&records).expect("it can be made");
        let key = ObjectKey {
            api_version: "v1".into(),
            kind: "ConfigMap".into(),
            namespace: Some("default".into()),
            name: "a".into(),
        };
        records.keep_transcript(&key, b"{}").expect("written");
    }
    let inputs = read_directory(directory.path());
    assert_eq!(names(&inputs), ["a", "b"]);
    assert_eq!(inputs.problems, []);
    let skipped = |note: &String, folder: &str| {
        *note
            == format!(
                "{} is skipped: it holds transcripts that Portolan wrote",
                directory.path().join(folder).display()
            )
    };
    assert_eq!(inputs.notes.len(), 2, "{:?}", inputs.notes);
    assert!(skipped(&inputs.notes[0], "rec/transcripts"), "{:?}", inputs.notes);
    assert!(skipped(&inputs.notes[1], "transcripts"), "{:?}", inputs.notes);
}

#[test]
fn a_long_list_of_mistakes_is_read_in_time_and_every_one_is_named() {
    let item = |n: usize| {
        format!(
            "- apiVersion: policy.karmada.io/v1alpha1\n  kind: PropagationPolicy\n  metadata: {{name: p{n}}}\n  spec: {{typo: 1}}\n"
        )
    };
    let items: String = (0..500).map(item).collect();
    let inputs = read(&format!("apiVersion: v1\nkind: List\nitems:\n{items}"));
    assert_eq!(inputs.problems.len(), 500);
    // The first lead to the field, the last at least to the object.
    assert_eq!(inputs.problems[0].origin.line, Some(7));
    assert_eq!(inputs.problems[499].origin.line, Some(4 + 499 * 4));
}

#[test]
fn test_files_are_told_by_their_names_and_are_no_manifests() {
    let test = "tests: []\n";
    let directory = directory(&[
        ("portolan-test.yaml", test),
        ("shop/web.portolan-test.yaml", test),
        ("shop/web.yaml", &config_map("web")),
        (".hidden/portolan-test.yaml", test),
        ("reportolan-test.yaml", &config_map("no-test")),
    ]);
    let inputs = read_directory(directory.path());
    assert_eq!(problems(&inputs), [""; 0]);
    assert_eq!(names(&inputs), ["no-test", "web"]);
    let found = test_files(directory.path()).expect("a directory");
    let found: Vec<_> =
        found.iter().map(|path| path.strip_prefix(directory.path()).expect("below")).collect();
    assert_eq!(found, [Path::new("portolan-test.yaml"), Path::new("shop/web.portolan-test.yaml")]);
}

#[test]
fn an_object_inside_another_file_is_found_at_its_line_there() {
    let object =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "text": "yes\n- no: x\n"});
    let source = |object: Value| Source::Object { file: "test.yaml".into(), line: 7, object };
    let inputs =
        Inputs::read(&[source(object.clone()), source(json!([]))], &mut std::io::empty(), &reading(1));
    assert_eq!(inputs.templates[0].origin.to_string(), "test.yaml:7");
    assert_eq!(inputs.templates[0].value.unpack().value()["text"], object["text"]);
    assert_eq!(
        problems(&inputs),
        ["test.yaml:7: the document must be a map with apiVersion, kind and metadata"]
    );
}

#[test]
fn inputs_stand_in_for_those_of_the_same_identity_and_for_no_others() {
    let cluster = |name: &str, region: &str| {
        format!(
            "---\n{{apiVersion: cluster.karmada.io/v1alpha1, kind: Cluster, metadata: {{name: {name}}}, spec: {{region: {region}}}}}\n"
        )
    };
    let below = read(&[cluster("a", "eu"), cluster("b", "eu"), format!("---\n{}", config_map("x"))].concat());
    let over = read(&[cluster("b", "us"), format!("---\n{}", config_map("z"))].concat());
    let both = below.overlaid_with(over);
    assert_eq!(names(&both), ["x", "z"]);
    let regions: Vec<_> = (both.clusters.iter())
        .map(|cluster| (cluster.value.name.as_str(), cluster.value.facts["spec"]["region"].clone()))
        .collect();
    assert_eq!(regions, [("a", json!("eu")), ("b", json!("us"))]);
}

#[test]
fn a_document_by_itself_knows_the_lines_of_its_fields() {
    let directory = directory(&[("t.yaml", "# what\ntests:\n- on: x\n  is: {a.b: 1,\n   /c/d: 2}\n")]);
    let document = read_document(&directory.path().join("t.yaml")).expect("a document");
    let line = |at: &str, message: &str| document.place_of(at, message).line;
    assert_eq!(line("tests[0]", ""), Some(3));
    assert_eq!(line("tests[0].is./c/d", ""), Some(5));
    assert_eq!(line("", "unknown field `tests`, expected nothing"), Some(2));
}
