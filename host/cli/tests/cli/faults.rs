//! What the command line does when plugins fault: one message, exit code 3, everything else done, nothing lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::place::{CACHE, CLUSTER, Place, config_map, policy, text};

/// A hostile guest of the sandbox's tests, as a component.
fn guest(name: &str) -> Vec<u8> {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox/tests/guests");
    let read = |name: &str| fs::read_to_string(guests.join(format!("{name}.wat"))).expect("a guest");
    let text =
        read("guest.frame").replace("{{fields}}", &read(name)).replace("{{stage}}", &read("filter.stage"));
    wat::parse_str(text).expect("a component")
}

#[test]
fn a_plugin_that_never_ends_costs_its_own_templates_and_no_others() {
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
