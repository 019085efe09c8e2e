//! Karmada's guide to Flux, step by step with the real kubectl, against `portolan local-up`.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use portolan_servers::{Identity, Program, Programs};
use serde_json::Value;

/// How long each step may take. Arbitrary, and far more than it takes: it is the time that a failure costs.
const SOON: Duration = Duration::from_secs(60);
/// How often is looked. Arbitrary.
const PAUSE: Duration = Duration::from_millis(100);

#[test]
fn the_guide_to_flux_runs_with_kubectl_and_nothing_is_left_behind() {
    let Some(kubectl) = kubectl() else { return };
    let folder = tempfile::tempdir().expect("there is room");
    let local = Local { directory: folder.path().join("local"), kubectl };

    let up = local.portolan("local-up");
    let said = succeeded("local-up", &up);
    assert!(said.contains("get clusters"), "it says what to type next: {said}");
    let controller: u32 = fs::read_to_string(local.directory.join("portolan.pid"))
        .expect("it says which process the controller is")
        .trim()
        .parse()
        .expect("a number");
    let controller = Identity::of(controller).expect("the controller runs");

    // Start up: the clusters are there.
    let table = local.kubectl("control", &["get", "clusters"]);
    let mut rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert_eq!(rows.next().expect("a header"), ["NAME", "VERSION", "MODE", "READY", "AGE"], "{table}");
    for (row, name) in rows.by_ref().zip(["member1", "member2", "member3"]) {
        assert_eq!((row[0], row[2], row[3]), (name, "Push", "True"), "{table}");
        assert!(row[1].starts_with("v1."), "{table}");
    }
    assert_eq!(rows.next(), None, "{table}");

    // Start up Flux: its kinds, on the control plane and where it is to run.
    let kinds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/local_up/flux-kinds.yaml");
    for cluster in ["control", "member1", "member2"] {
        local.kubectl(cluster, &["apply", "-f", shown(&kinds)]);
        local
            .kubectl(cluster, &["wait", "--for=condition=Established", "-f", shown(&kinds), "--timeout=60s"]);
    }

    // Helm release propagation.
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flux/manifests");
    let applied = local.kubectl("control", &["apply", "-f", shown(&manifests.join("helm"))]);
    let mut applied: Vec<&str> = applied.lines().collect();
    applied.sort_unstable();
    assert_eq!(
        applied,
        [
            "helmrelease.helm.toolkit.fluxcd.io/podinfo created",
            "helmrepository.source.toolkit.fluxcd.io/podinfo created",
            "propagationpolicy.policy.karmada.io/helm-release created",
            "propagationpolicy.policy.karmada.io/helm-repo created",
        ]
    );
    for member in ["member1", "member2"] {
        local.until(member, "helmrelease/podinfo", |release| {
            release.pointer("/spec/chart/spec/version") == Some(&"5.0.3".into())
        });
        local.until(member, "helmrepository/podinfo", |repository| {
            repository.pointer("/spec/url") == Some(&"https://stefanprodan.github.io/podinfo".into())
        });
    }

    // Customize the Helm release for specific clusters.
    local.kubectl("control", &["apply", "-f", shown(&manifests.join("override"))]);
    let replicas = "/spec/values/replicaCount";
    local.until("member1", "helmrelease/podinfo", |release| release.pointer(replicas) == Some(&2.into()));
    let other = local.get("member2", "helmrelease/podinfo").expect("it is there");
    assert_eq!(other.pointer("/spec/values"), None, "{other}");

    // Kustomize propagation.
    local.kubectl("control", &["apply", "-f", shown(&manifests.join("kust"))]);
    for member in ["member1", "member2"] {
        local.until(member, "kustomization/podinfo-dev", |kustomization| {
            kustomization.pointer("/spec/path") == Some(&"./deploy/overlays/dev/".into())
        });
        local.until(member, "gitrepository/podinfo", |repository| {
            repository.pointer("/spec/ref/branch") == Some(&"master".into())
        });
    }

    // What is deleted is withdrawn.
    local.kubectl("control", &["delete", "helmrelease", "podinfo"]);
    local.until_gone("member1", "helmrelease/podinfo");
    local.until_gone("member2", "helmrelease/podinfo");

    assert!(controller.runs(), "the controller that was started is the one that did it");
    let down = local.portolan("local-down");
    succeeded("local-down", &down);
    assert!(!controller.runs());
    assert!(!local.directory.exists(), "everything in it was local-up's");
    let again = local.portolan("local-down");
    assert!(succeeded("local-down", &again).starts_with("nothing of local-up's is in "));
}

#[test]
fn interrupted_it_takes_back_what_it_started() {
    let Some(kubectl) = kubectl() else { return };
    let folder = tempfile::tempdir().expect("there is room");
    let local = Local { directory: folder.path().join("local"), kubectl };
    let mut up = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["local-up", "--members", "1", "--dir"])
        .arg(&local.directory)
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it can be run");
    let processes = local.directory.join("processes");
    let deadline = Instant::now() + SOON;
    let note = loop {
        // The API servers are starting.
        if let Ok(note) = fs::read_to_string(processes.join("control.json"))
            && let Ok(note) = serde_json::from_str::<Identity>(&note)
        {
            break note;
        }
        assert!(Instant::now() < deadline, "no API server is started");
        std::thread::sleep(PAUSE);
    };
    assert!(note.runs());
    let interrupt = Command::new("kill").args(["-INT", &up.id().to_string()]).status();
    assert!(interrupt.expect("kill is everywhere").success());
    let mut error = String::new();
    up.stderr.take().expect("it is a pipe").read_to_string(&mut error).expect("it is UTF-8");
    assert_eq!(up.wait().expect("it is ours").code(), Some(1), "{error}");
    assert!(error.contains("interrupted; what was started is taken away again"), "{error}");
    assert!(!note.runs());
    assert!(!local.directory.exists());
}

#[test]
fn a_directory_with_something_in_it_is_left_alone() {
    if kubectl().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    fs::write(folder.path().join("mine.yaml"), "").expect("it can be written");
    let up = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["local-up", "--dir"])
        .arg(folder.path())
        .output()
        .expect("it can be run");
    let error = String::from_utf8_lossy(&up.stderr).into_owned();
    assert_eq!(up.status.code(), Some(1), "{error}");
    assert!(error.contains("is not empty; valid: a directory for this alone"), "{error}");
    let left: Vec<_> = fs::read_dir(folder.path()).expect("it is there").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// What local-up started, taken away also where the test fails.
struct Local {
    directory: PathBuf,
    kubectl: Program,
}

impl Local {
    fn portolan(&self, command: &str) -> Output {
        let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
        portolan.arg(command).arg("--dir").arg(&self.directory).output().expect("it can be run")
    }

    fn run_kubectl(&self, cluster: &str, arguments: &[&str]) -> Output {
        let mut kubectl = self.kubectl.command();
        kubectl.arg("--kubeconfig").arg(self.directory.join(format!("{cluster}.kubeconfig"))).args(arguments);
        // It keeps what the server serves; not in the user's folder, where ports come again.
        kubectl.arg("--cache-dir").arg(self.directory.with_file_name("kubectl"));
        kubectl.output().expect("kubectl can be run")
    }

    fn kubectl(&self, cluster: &str, arguments: &[&str]) -> String {
        let output = self.run_kubectl(cluster, arguments);
        succeeded(&format!("kubectl {} at {cluster}", arguments.join(" ")), &output)
    }

    /// The object as it is there. None where it is not.
    fn get(&self, cluster: &str, object: &str) -> Option<Value> {
        let got = self.kubectl(cluster, &["get", object, "-o", "json", "--ignore-not-found"]);
        (!got.is_empty()).then(|| serde_json::from_str(&got).expect("kubectl prints JSON"))
    }

    #[track_caller]
    fn until(&self, cluster: &str, object: &str, is_so: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + SOON;
        loop {
            let there = self.get(cluster, object);
            if there.as_ref().is_some_and(&is_so) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{object} on {cluster} is {there:?}; the controller says:\n{}",
                fs::read_to_string(self.directory.join("logs/portolan.log")).unwrap_or_default()
            );
            std::thread::sleep(PAUSE);
        }
    }

    #[track_caller]
    fn until_gone(&self, cluster: &str, object: &str) {
        let deadline = Instant::now() + SOON;
        while let Some(there) = self.get(cluster, object) {
            assert!(Instant::now() < deadline, "it is still on {cluster}: {there}");
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.portolan("local-down");
    }
}

/// The real client. None, said loudly, where this machine has no API servers; a failure where CI is true.
fn kubectl() -> Option<Program> {
    match Programs::find() {
        Ok(programs) => Some(programs.kubectl.expect("kubectl lies beside kube-apiserver or is on PATH")),
        Err(missing) => {
            let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!ci, "a test on real API servers can't run: {missing}");
            eprintln!("\nNOT RUN: a test on real API servers. {missing}\n");
            None
        }
    }
}

fn succeeded(what: &str, output: &Output) -> String {
    let [said, errors] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{what} ended with {}: {errors}{said}", output.status);
    said
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("the workspace's path is UTF-8")
}
