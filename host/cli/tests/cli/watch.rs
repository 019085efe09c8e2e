//! `--watch`: changes are seen, and what is wrong for a moment costs nothing.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::place::{CACHE, CLUSTER, Place, config_map, policy, text};

/// Nothing here takes a second on a free machine; this is for crowded ones, and only a failing test waits so long.
const DEADLINE: Duration = Duration::from_secs(120);

/// A process that watches, until it is dropped.
struct Watching {
    child: Child,
    said: Receiver<String>,
    /// What arrived and was not waited for.
    left: Vec<String>,
    heard: String,
}

impl Watching {
    fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_portolan"))
            .args(arguments)
            .arg("--watch")
            .env("PORTOLAN_PLUGIN_CACHE", CACHE)
            .current_dir(place.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let (sender, said) = channel();
        let out: Box<dyn Read + Send> = Box::new(child.stdout.take().expect("a pipe"));
        let err: Box<dyn Read + Send> = Box::new(child.stderr.take().expect("a pipe"));
        for from in [out, err] {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(from).lines().map_while(Result::ok) {
                    // Who listens no more has ended the process.
                    let _ = sender.send(line);
                }
            });
        }
        Self { child, said, left: Vec::new(), heard: String::new() }
    }

    /// Waits for a line that has this in it, on standard output or standard error, and takes it. The two may arrive in
    /// any order.
    #[track_caller]
    fn line(&mut self, part: &str) -> String {
        let until = Instant::now() + DEADLINE;
        loop {
            if let Some(at) = self.left.iter().position(|line| line.contains(part)) {
                return self.left.remove(at);
            }
            let Ok(line) = self.said.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                panic!("no line with `{part}` in:\n{}", self.heard);
            };
            self.heard.push_str(&line);
            self.heard.push('\n');
            self.left.push(line);
        }
    }

    /// All lines that arrived since this was asked last.
    fn heard(&mut self) -> String {
        std::mem::take(&mut self.heard)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may have ended by itself, which is what some tests wait for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn labelled(name: &str, label: &str) -> String {
    config_map(name).replace("}}", &format!(", labels: {{v: \"{label}\"}}}}}}"))
}

/// A directory `in` with two ConfigMaps that go to one cluster.
fn place() -> Place {
    let place = Place::new();
    fs::create_dir(place.path().join("in")).expect("a writable directory");
    place.write("in/cluster.yaml", CLUSTER);
    place.write("in/a.yaml", labelled("a", "1"));
    place.write("in/b.yaml", config_map("b"));
    place.write("in/policies.yaml", [policy("a", "a", "[]"), policy("b", "b", "[]")].concat());
    place
}

const A: &str = "out/member1/default/ConfigMap/a.yaml";
const B: &str = "out/member1/default/ConfigMap/b.yaml";
const APPLY: &[&str] = &["apply", "-f", "in", "--members", "out"];

#[test]
fn an_edit_is_planned_and_said_as_one_line_of_json_a_run() {
    let place = place();
    let mut watching = Watching::start(&place, &["plan", "-f", "in", "-o", "json"]);
    let changes = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("a line is a document");
        value["changes"].as_array().expect("a list").len()
    };
    assert_eq!(changes(&watching.line("{")), 2);
    place.write("in/b.yaml", [config_map("b"), config_map("c")].concat());
    place.write("in/policies.yaml", [policy("a", "a", "[]"), policy("c", "c", "[]")].concat());
    let line = watching.line("\"name\":\"c\"");
    assert_eq!(changes(&line), 2, "{line}");
}

#[test]
fn half_a_file_is_an_error_that_passes_and_takes_nothing_away() {
    let place = place();
    let mut watching = Watching::start(&place, APPLY);
    watching.line("2 created");
    let whole = labelled("a", "2");
    place.write("in/a.yaml", &whole[..whole.len() - 4]);
    watching.line("error: in/a.yaml:");
    assert!(
        place.read(A).is_some_and(|a| a.contains("v: '1'") || a.contains("v: \"1\"")),
        "{:?}",
        place.read(A)
    );
    assert!(place.read(B).is_some());
    place.write("in/a.yaml", whole);
    watching.line("gone: in/a.yaml:");
    assert!(place.read(A).is_some_and(|a| a.contains('2')), "{:?}", place.read(A));
    let heard = watching.heard();
    assert!(!heard.contains("removed"), "{heard}");
}

#[test]
fn a_directory_that_is_gone_holds_everything_and_is_watched_again_when_it_is_back() {
    let place = place();
    let mut watching = Watching::start(&place, APPLY);
    watching.line("2 created");
    fs::remove_dir_all(place.path().join("in")).expect("a writable directory");
    watching.line("2 held as before");
    assert!(place.read(A).is_some() && place.read(B).is_some());
    fs::create_dir(place.path().join("new")).expect("a writable directory");
    place.write("new/cluster.yaml", CLUSTER);
    place.write("new/policies.yaml", [policy("a", "a", "[]"), policy("b", "b", "[]")].concat());
    place.write("new/a.yaml", labelled("a", "2"));
    place.write("new/b.yaml", config_map("b"));
    fs::rename(place.path().join("new"), place.path().join("in")).expect("one directory");
    watching.line("1 changed, 1 unchanged");
    place.write("in/a.yaml", labelled("a", "3"));
    watching.line("1 changed, 1 unchanged");
    let heard = watching.heard();
    assert!(!heard.contains("removed"), "{heard}");
}

#[test]
fn what_is_taken_out_of_the_input_goes() {
    let place = place();
    let mut watching = Watching::start(&place, APPLY);
    watching.line("2 created");
    fs::remove_file(place.path().join("in/b.yaml")).expect("a writable directory");
    watching.line("1 removed, 1 unchanged");
    assert!(place.read(A).is_some() && place.read(B).is_none());
}

#[test]
fn a_members_file_is_put_right_again_and_nothing_is_said_of_our_own() {
    let place = place();
    let mut watching = Watching::start(&place, APPLY);
    watching.line("2 created");
    watching.heard();
    fs::remove_file(place.path().join(A)).expect("it was delivered");
    watching.line("1 created, 1 unchanged");
    let b = place.read(B).expect("it was delivered");
    place.write(B, "something else\n");
    watching.line("1 changed, 1 unchanged");
    assert_eq!(place.read(B), Some(b));
    fs::remove_dir_all(place.path().join("out")).expect("it was made");
    watching.line("2 created");
    assert_eq!(
        watching.heard(),
        "\nmember1\n  + ConfigMap default/a\n1 created, 1 unchanged\n\nmember1\n  ~ ConfigMap default/b\n1 changed, 1 unchanged\n\n\
         member1\n  + ConfigMap default/a\n  + ConfigMap default/b\n2 created\n"
    );
}

#[test]
fn what_stood_in_the_way_is_replaced_once_it_is_gone() {
    let place = place();
    fs::create_dir_all(place.path().join("out/member1/default/ConfigMap")).expect("a writable directory");
    place.write(A, "a stranger's\n");
    let mut watching = Watching::start(&place, APPLY);
    watching.line("1 left to somebody else");
    fs::remove_file(place.path().join(A)).expect("it is there");
    watching.line("1 created, 1 unchanged");
    watching.line("gone: ConfigMap default/a: member1 already has");
}

#[test]
fn a_plugin_is_loaded_anew_when_its_file_is_another() {
    let place = place();
    let affinity = portolan_builtin::ALL.iter().find(|builtin| builtin.name == "cluster-affinity");
    let affinity = affinity.expect("there is a default plugin for it").component;
    place.write("mine.wasm", affinity);
    let named = "[{name: mine, config: {clusterNames: [member1]}}]";
    place.write("in/policies.yaml", [policy("a", "a", named), policy("b", "b", "[]")].concat());
    let arguments = [APPLY, &["--plugin", "mine=mine.wasm"]].concat();
    let mut watching = Watching::start(&place, &arguments);
    watching.line("2 created");
    place.write("mine.wasm", &affinity[..affinity.len() / 2]);
    watching.line("error: --plugin mine=mine.wasm");
    watching.line("1 held as before, 1 unchanged");
    assert!(place.read(A).is_some());
    // As a build does it: written beside, then renamed.
    place.write("mine.new", affinity);
    fs::rename(place.path().join("mine.new"), place.path().join("mine.wasm")).expect("one directory");
    watching.line("2 unchanged");
    watching.line("gone: --plugin mine=mine.wasm");
}

#[test]
fn a_manifests_plugin_is_watched_as_well() {
    let place = place();
    let named = "[{name: mine, config: {clusterNames: [member1]}}]";
    place.write("in/policies.yaml", [policy("a", "a", named), policy("b", "b", "[]")].concat());
    place.write(
        "in/plugin.yaml",
        "apiVersion: plugins.portolan.dev/v1alpha1\nkind: ClusterPlugin\nmetadata: {name: mine}\nspec: {source: {file: mine.wasm}}\n",
    );
    let mut watching = Watching::start(&place, APPLY);
    watching.line("1 created");
    let affinity = portolan_builtin::ALL.iter().find(|builtin| builtin.name == "cluster-affinity");
    place.write("in/mine.wasm", affinity.expect("there is a default plugin for it").component);
    watching.line("1 created, 1 unchanged");
    assert!(place.read(A).is_some());
}

#[test]
fn plan_compares_anew_when_a_members_file_changes() {
    let place = place();
    let done = place.portolan(APPLY);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let mut watching = Watching::start(&place, &["plan", "-f", "in", "--members", "out"]);
    watching.line("2 unchanged");
    fs::remove_file(place.path().join(A)).expect("it was delivered");
    watching.line("1 to create, 1 unchanged");
    assert!(place.read(A).is_none(), "plan writes nothing");
}

#[test]
fn somebody_elses_apply_is_waited_for() {
    let place = place();
    fs::create_dir_all(place.path().join("out/.portolan")).expect("a writable directory");
    let lock = fs::File::create(place.path().join("out/.portolan/lock")).expect("a writable directory");
    lock.lock().expect("nobody else has it");
    let mut watching = Watching::start(&place, APPLY);
    watching.line("error: another apply is writing to out");
    drop(lock);
    watching.line("2 created");
    watching.line("gone: another apply is writing to out");
}

#[test]
fn standard_input_is_not_watched() {
    let done = Place::new().portolan(&["plan", "-f", "-", "--watch"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).starts_with("error: -f - can't be watched"), "{}", text(&done.stderr));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_volume_that_kubernetes_swaps_is_read_anew_by_directory_and_by_file() {
        for input in ["in", "in/all.yaml"] {
            let place = Place::new();
            let at = |name: &str| place.path().join(name);
            let all = |label: &str| [CLUSTER, &labelled("a", label), &policy("a", "a", "[]")].concat();
            fs::create_dir_all(at("in/..1")).expect("a writable directory");
            place.write("in/..1/all.yaml", all("1"));
            symlink("..1", at("in/..data")).expect("links");
            symlink("..data/all.yaml", at("in/all.yaml")).expect("links");
            let mut watching = Watching::start(&place, &["apply", "-f", input, "--members", "out"]);
            watching.line("1 created");
            fs::create_dir(at("in/..2")).expect("a writable directory");
            place.write("in/..2/all.yaml", all("2"));
            symlink("..2", at("in/..data_tmp")).expect("links");
            fs::rename(at("in/..data_tmp"), at("in/..data")).expect("one directory");
            fs::remove_dir_all(at("in/..1")).expect("a writable directory");
            watching.line("1 changed");
            assert!(place.read(A).is_some_and(|a| a.contains('2')));
            let heard = watching.heard();
            assert!(!heard.contains("error"), "{heard}");
        }
    }

    #[test]
    fn ctrl_c_ends_it_by_the_signal_and_the_next_apply_finds_everything_in_order() {
        let place = place();
        let mut watching = Watching::start(&place, APPLY);
        watching.line("2 created");
        let ended = Command::new("kill").args(["-INT", &watching.child.id().to_string()]).status();
        assert!(ended.expect("kill is there").success());
        let status = watching.child.wait().expect("it was started here");
        assert_eq!(status.signal(), Some(2));
        assert_eq!(text(&place.portolan(APPLY).stdout), "2 unchanged\n");
    }
}
