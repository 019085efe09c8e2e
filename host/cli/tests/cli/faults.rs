//! What the command line does when plugins fault: one message, exit code 3, everything else done, nothing lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::place::{CACHE, CLUSTER, Place, config_map, policy, text};

/// A hostile guest of the sandbox's tests, as a component.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    wat::parse_str(guest_text(name)).expect("a component")
}

fn guest_text(name: &str) -> String {
    framed(&read(name), "filter.stage")
}

/// The fields of a core module, as a component in a stage.
pub(crate) fn component(fields: &str, stage: &str) -> Vec<u8> {
    wat::parse_str(framed(fields, stage)).expect("a component")
}

fn framed(fields: &str, stage: &str) -> String {
    read("guest.frame").replace("{{fields}}", fields).replace("{{stage}}", &read(stage))
}

fn read(name: &str) -> String {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/tests/guests");
    fs::read_to_string(guests.join(format!("{name}.wat"))).expect("a guest")
}

#[test]
fn attack_01_a_plugin_that_never_ends_costs_its_own_templates_and_no_others() {
    let place = Place::new();
    place.write("loops.wasm", guest("loops"));
    place.write(
        "input.yaml",
        [CLUSTER, &config_map("bad"), &config_map("good"), &policy("good", "good", "[]")].concat(),
    );
    place.write("before.yaml", policy("bad", "bad", "[]"));
    let done = place.portolan(&["apply", "-f", "input.yaml", "-f", "before.yaml", "--members", "out"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let before = place.read("out/member1/default/ConfigMap/bad.yaml").expect("it was delivered");

    place.write("after.yaml", policy("bad", "bad", "[{name: loops}]"));
    place.write(
        "changed.yaml",
        [
            CLUSTER,
            &config_map("bad"),
            &config_map("good").replace("good}", "good, labels: {new: \"1\"}}"),
            &policy("good", "good", "[]"),
        ]
        .concat(),
    );
    let arguments = [
        "apply",
        "-f",
        "changed.yaml",
        "-f",
        "after.yaml",
        "--members",
        "out",
        "--plugin",
        "loops=loops.wasm",
    ];
    let done = place.portolan(&arguments);
    assert_eq!(done.status.code(), Some(3));
    assert_eq!(
        text(&done.stderr),
        "error: after.yaml:7: ConfigMap default/bad: PropagationPolicy default/bad spec.placement.plugins[0]: filter `loops`: the \
         plugin went over its budget: 1000000000 units of fuel; it stays as it was\n"
    );
    assert_eq!(
        text(&done.stdout),
        "member1\n  = ConfigMap default/bad\n  ~ ConfigMap default/good\n1 changed, 1 held as before\n"
    );
    assert_eq!(place.read("out/member1/default/ConfigMap/bad.yaml"), Some(before));
    let good = place.read("out/member1/default/ConfigMap/good.yaml").expect("it was delivered");
    assert!(good.contains("new: \"1\""), "{good}");
}

#[test]
fn a_cluster_plugin_is_taken_from_beside_its_manifest_and_only_with_its_digest() {
    let place = Place::new();
    let component = guest("refuses-all");
    place.write("refuses.wasm", &component);
    place.write("input.yaml", [CLUSTER, &config_map("a"), &policy("p", "a", "[{name: refuses}]")].concat());
    let manifest = |digest: &str| {
        format!(
            "apiVersion: plugins.portolan.dev/v1alpha1\nkind: ClusterPlugin\nmetadata: {{name: refuses}}\nspec:\n  \
             source: {{file: refuses.wasm}}\n  digest: {digest}\n"
        )
    };
    let digest = portolan_plan::Digest::of(&component).to_string();
    place.write("plugin.yaml", manifest(&digest));
    let done = place.portolan(&["plan", "-f", "input.yaml", "-f", "plugin.yaml"]);
    assert_eq!(
        (done.status.code(), text(&done.stdout)),
        (Some(0), "0 unchanged\n".into()),
        "{}",
        text(&done.stderr)
    );

    let wrong = format!("sha256:{}", "0".repeat(64));
    place.write("plugin.yaml", manifest(&wrong));
    let done = place.portolan(&["plan", "-f", "input.yaml", "-f", "plugin.yaml"]);
    assert_eq!(done.status.code(), Some(1));
    let said = text(&done.stderr);
    let expected =
        format!("plugin.yaml:1: ClusterPlugin refuses: spec.digest: the file is {digest}, not {wrong}");
    assert!(said.contains(&expected), "{said}");
    assert!(
        said.contains("ConfigMap default/a: PropagationPolicy default/p might apply to it and can't be used"),
        "{said}"
    );
}

#[test]
fn attack_55_nothing_that_a_plugin_or_an_input_says_acts_on_a_terminal() {
    let place = Place::new();
    // A reason of two characters: one begins a command to the terminal, one ends the line.
    let reason = guest_text("refuses-all")
        .replace(r#"(data (i32.const 100) "no")"#, r#"(data (i32.const 100) "\1b\0a")"#);
    place.write("acts.wasm", wat::parse_str(reason).expect("a component"));
    let panic = guest_text("panics").replace("panicked at src/lib.rs:7:9:", "error:\\1b[2J\\e2\\80\\ae    ");
    place.write("panics.wasm", wat::parse_str(panic).expect("a component"));
    // What YAML can't write as it is it writes as an escape.
    let template = config_map("a")
        .replace("name: a}", r#"name: a}, data: {"k\ne\x1b[31my": "v\x1b]0;t\x07\u202e\u009b"}"#);
    for (plugin, code) in [("acts", 0), ("panics", 3)] {
        let plugins = format!(r#"[{{name: {plugin}, config: "\x1b[31m\u202e\u009bm\nerror: forged"}}]"#);
        place.write("input.yaml", [CLUSTER, &template, &policy("p", "a", &plugins)].concat());
        let file = format!("{plugin}={plugin}.wasm");
        let commands: [&[&str]; 5] = [
            &["plan"],
            &["plan", "-o", "json"],
            &["plan", "-o", "yaml"],
            &["explain", "ConfigMap/a"],
            &["explain", "ConfigMap/a", "-o", "json"],
        ];
        for command in commands {
            let done = place.portolan(&[command, &["-f", "input.yaml", "--plugin", &file]].concat());
            assert_eq!(done.status.code(), Some(code), "{command:?}: {}", text(&done.stderr));
            is_harmless(&done, command);
        }
    }
    // And where the object is shown itself.
    place.write("input.yaml", [CLUSTER, &template, &policy("p", "a", "[]")].concat());
    is_harmless(&place.portolan(&["apply", "-f", "input.yaml", "--members", "out"]), &["apply"]);
    place.write(
        "input.yaml",
        [CLUSTER, &template.replace("v\\x1b", "w\\x1b"), &policy("p", "a", "[]")].concat(),
    );
    let done = place.portolan(&["plan", "-f", "input.yaml", "--members", "out"]);
    assert!(text(&done.stdout).contains("  ~ ConfigMap default/a\n"), "{}", text(&done.stdout));
    is_harmless(&done, &["plan"]);
}

/// Nothing is printed that a terminal does something with, but new lines.
#[track_caller]
fn is_harmless(done: &std::process::Output, command: &[&str]) {
    let said = [text(&done.stdout), text(&done.stderr)].concat();
    let acts = |c: char| {
        c.is_control() && c != '\n' || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
    };
    assert!(!said.chars().any(acts), "{command:?}: {said:?}");
    assert!(!said.lines().any(|line| line.starts_with("error: forged")), "{command:?}: {said}");
}

#[test]
fn standard_input_is_read() {
    let place = Place::new();
    let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["plan", "-f", "-", "-o", "json"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .env("PORTOLAN_PLUGIN_CACHE", CACHE)
        .current_dir(place.path())
        .spawn()
        .expect("the binary runs");
    let input = [CLUSTER, &config_map("a"), &policy("p", "a", "[]")].concat();
    std::io::Write::write_all(&mut portolan.stdin.take().expect("piped"), input.as_bytes())
        .expect("it reads");
    let done = portolan.wait_with_output().expect("it ends");
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(printed["changes"][0]["object"]["name"], "a");
    assert_eq!(printed["changes"][0]["change"], "created");
}

#[test]
fn a_default_plugin_says_who_it_is() {
    let done = Place::new().portolan(&["plugin", "inspect", "labels", "-o", "json"]);
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    let builtin =
        portolan_builtin::ALL.iter().find(|builtin| builtin.name == "labels").expect("it is carried");
    assert_eq!(printed["digest"], portolan_plan::Digest::of(builtin.component).to_string());
    assert_eq!(printed["stages"], serde_json::json!(["overrider"]));
    assert!(printed["exports"].to_string().contains("portolan:policy/overrider@0.1.0"), "{printed}");
}
