//! The walls between rooms: what a crate must never know, it must never depend on, through others neither.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn api_knows_neither_client_nor_wasm_nor_files() {
    never(
        "portolan-api",
        &["portolan", "tokio", "kube", "wasmtime", "clap", "cap-std", "sha2", "json-patch"],
    );
}

#[test]
fn plan_knows_no_async_network_files_chance_or_wasm() {
    let world =
        ["tokio", "futures", "kube", "hyper", "wasmtime", "clap", "cap-std", "tempfile", "rand", "getrandom"];
    never("portolan-plan", &world);
    never("portolan-plan", &["portolan-sandbox", "portolan-builtin", "portolan-local", "portolan-plugin"]);
}

#[test]
fn policytest_knows_plans_and_nothing_that_acts() {
    let world =
        ["tokio", "futures", "kube", "hyper", "wasmtime", "clap", "cap-std", "tempfile", "rand", "getrandom"];
    never("portolan-policytest", &world);
    never(
        "portolan-policytest",
        &["portolan-sandbox", "portolan-builtin", "portolan-local", "portolan-plugin"],
    );
}

#[test]
fn sandbox_knows_no_cluster_and_no_command_line() {
    never("portolan-sandbox", &["tokio", "kube", "hyper", "clap", "cap-std"]);
    never("portolan-sandbox", &["portolan-builtin", "portolan-local", "portolan-plugin"]);
}

#[test]
fn attack_29_what_runs_plugins_is_linked_with_no_network() {
    // A plugin can reach no further than the code that it may call.
    let network = [
        "hyper",
        "reqwest",
        "ureq",
        "curl",
        "rustls",
        "native-tls",
        "openssl",
        "socket2",
        "mio",
        "wasmtime-wasi",
    ];
    never("portolan-sandbox", &network);
    never("portolan-plan", &network);
}

#[test]
fn local_knows_neither_wasm_nor_clusters() {
    never("portolan-local", &["tokio", "kube", "hyper", "wasmtime", "clap"]);
    never("portolan-local", &["portolan-sandbox", "portolan-builtin", "portolan-plugin"]);
}

#[test]
fn member_knows_neither_wasm_nor_files_nor_the_command_line() {
    never("portolan-member", &["wasmtime", "clap", "cap-std"]);
    never("portolan-member", &["portolan-sandbox", "portolan-builtin", "portolan-local", "portolan-control"]);
}

#[test]
fn control_knows_no_command_line_and_no_other_shell() {
    never("portolan-control", &["clap"]);
    never(
        "portolan-control",
        &["portolan-local", "portolan-plugin", "portolan-policytest", "portolan-servers"],
    );
}

#[test]
fn servers_know_processes_and_not_what_is_in_a_cluster() {
    never("portolan-servers", &["kube", "k8s-openapi", "tokio", "hyper", "wasmtime", "clap"]);
    never("portolan-servers", &["portolan"]);
}

#[test]
fn builtin_and_the_front_door_depend_on_nothing() {
    // The plugins are built by a build script; what is linked is bytes.
    for package in ["portolan-builtin", "xtask"] {
        assert_eq!(dependencies(package), BTreeSet::new(), "{package}");
    }
}

#[test]
fn the_builder_knows_nothing_of_the_host() {
    never("portolan-plugin-builder", &["portolan", "wasmtime", "tokio", "kube", "clap"]);
}

/// What plugins may know beside each other: their kit, and what YAML means.
const OPEN: [&str; 2] = ["portolan-plugin", "portolan-yaml"];

#[test]
fn yaml_knows_neither_host_nor_plugins() {
    never("portolan-yaml", &["portolan", "wasmtime", "cap-std"]);
}

#[test]
fn plugins_know_their_kit_and_nothing_of_the_host() {
    for package in plugins() {
        let host: BTreeSet<String> = dependencies(&package)
            .into_iter()
            .filter(|name| {
                (is_of("portolan", name) && !OPEN.contains(&name.as_str())) || is_of("wasmtime", name)
            })
            .collect();
        assert_eq!(host, BTreeSet::new(), "{package}");
    }
}

#[track_caller]
fn never(package: &str, banned: &[&str]) {
    let found: BTreeSet<String> = dependencies(package)
        .into_iter()
        .filter(|name| banned.iter().any(|banned| is_of(banned, name)))
        .collect();
    assert_eq!(
        found,
        BTreeSet::new(),
        "{package} must not know these; `cargo tree -p {package} -i NAME` says why it does"
    );
}

/// Whether a crate is the named one or of its family: kube, kube-client, clap_builder.
fn is_of(family: &str, name: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// Names of all that is linked into the package, itself excepted.
fn dependencies(package: &str) -> BTreeSet<String> {
    // Offline: whoever runs this test has just built the workspace, and a test reaches for no network.
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace()).args(["tree", "--locked", "--offline", "--package", package]);
    let output = cargo.args(["--edges", "normal", "--prefix", "none"]).output().expect("cargo runs");
    assert!(output.status.success(), "{package}: {}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("names of packages are ASCII");
    let mut names: BTreeSet<String> =
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(names.remove(package), "cargo tree shows the package itself");
    names
}

/// Packages in plugins/ and in the examples, but for the one that builds them.
fn plugins() -> Vec<String> {
    let folders = ["plugins", "examples/custom-plugin/plugins", "examples/own-assigner/plugins"].into_iter();
    let folders =
        folders.flat_map(|folder| fs::read_dir(workspace().join(folder)).expect("the folder is there"));
    let names = folders.map(|entry| entry.expect("it can be read").file_name().into_string().expect("UTF-8"));
    names
        .filter(|name| name != "builder")
        .map(|name| match &*name {
            // What others outside of this folder link has its full name.
            "sdk" => "portolan-plugin".into(),
            "yaml" => "portolan-yaml".into(),
            _ => name,
        })
        .collect()
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the workspace")
}
