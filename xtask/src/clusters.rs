//! `cargo xtask clusters`: real API servers for tests and for trying things out, from `tests/kubetest` where none are
//! installed.

#[path = "../../host/servers/src/kubetest.rs"]
mod kubetest;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::failure::Failure;
use crate::run;
use crate::workspace::{self, Workspace};

/// What the binary says that it is: the version of Kubernetes in `tests/kubetest/go.mod`.
const VERSION: &str = "v1.36.2";

/// `build`, `up N`, `down`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words {
        ["build"] => Ok(build(&place()?)?),
        ["up", count] => {
            ensure()?;
            let directory = directory()?;
            Ok(servers(&["up", count, &directory.to_string_lossy()])?)
        }
        ["down"] => {
            let directory = directory()?;
            Ok(servers(&["down", &directory.to_string_lossy()])?)
        }
        _ => Err(Failure::Usage("clusters: valid: build, up N, down".to_owned())),
    }
}

/// Makes sure that there are API servers to test on, before cargo builds anything: linking Kubernetes and building
/// wasmtime side by side takes more memory than most machines have. Where there can be none, that is said, and the tests
/// say it again; on CI it is an error.
pub(crate) fn ensure() -> Result<(), String> {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("KUBEBUILDER_ASSETS") || (on_path("etcd") && on_path("kube-apiserver")) {
        return Ok(());
    }
    let place = place()?;
    if place.is_file() {
        return Ok(());
    }
    let built = if set(kubetest::VARIABLE) {
        Err(format!("{} is {}, which is no file", kubetest::VARIABLE, place.display()))
    } else {
        build(&place)
    };
    match built {
        Err(why) if env::var_os("CI").is_none_or(|ci| ci != "true") => {
            eprintln!("There are no Kubernetes API servers here, and tests on them will not run: {why}.");
            Ok(())
        }
        built => built,
    }
}

/// Builds etcd, kube-apiserver and what else belongs to them into one binary. It is put in place when it is whole.
fn build(place: &Path) -> Result<(), String> {
    if run::printed(Command::new("go").arg("version")).is_none() {
        return Err("building them takes Go 1.26; valid: install it, or set KUBEBUILDER_ASSETS".to_owned());
    }
    eprintln!("first build of Kubernetes' API server for the tests: 5 to 10 minutes");
    let folder = place.parent().ok_or("the cache has no directory")?;
    fs::create_dir_all(folder).map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    let beside = folder.join(format!("building-{}", std::process::id()));
    let (major, minor) = VERSION.trim_start_matches('v').split_once('.').ok_or("a version has dots")?;
    let minor = minor.split('.').next().unwrap_or_default();
    let version = "k8s.io/component-base/version";
    let flags = format!(
        "-s -w -X {version}.gitVersion={VERSION} -X {version}.gitMajor={major} -X {version}.gitMinor={minor}"
    );
    let mut go = Command::new("go");
    go.current_dir(workspace::root()?.join("tests/kubetest"));
    go.args(["build", "-trimpath", "-ldflags", &flags, "-o"]).arg(&beside).arg(".");
    go.env("CGO_ENABLED", "0").env("GOFLAGS", "-mod=readonly");
    // An older Go fetches the one that go.mod names.
    if env::var_os("GOTOOLCHAIN").is_none() {
        go.env("GOTOOLCHAIN", "auto");
    }
    run::visibly(&mut go)?;
    fs::rename(&beside, place)
        .map_err(|error| format!("can't move the build to {}: {error}", place.display()))
}

/// The binary that starts and ends servers, run by cargo.
fn servers(arguments: &[&str]) -> Result<(), String> {
    let mut cargo = run::cargo();
    cargo.current_dir(workspace::root()?);
    cargo
        .args(["run", "--quiet", "--release", "--locked", "--package", "portolan-servers", "--"])
        .args(arguments);
    run::visibly(&mut cargo)
}

fn directory() -> Result<PathBuf, String> {
    Ok(Workspace::find()?.target.join("clusters"))
}

fn place() -> Result<PathBuf, String> {
    kubetest::place()
        .ok_or_else(|| "with neither XDG_CACHE_HOME nor HOME there is no place for a build".to_owned())
}

fn on_path(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}
