//! API servers on this machine: what tests on real ones run on, and what is there to try things with.
//!
//! Portolan's own crate starts and ends them, in a program of its own: nothing of the host is linked here.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::failure::Failure;
use crate::go::Go;
use crate::kubetest;
use crate::run;
use crate::workspace::Workspace;

/// Where clusters go where nobody says, below cargo's target directory.
const DIRECTORY: &str = "clusters";

/// How our own build says its version. The module that it is made of does not tell it.
const VERSION: [(&str, &str); 3] = [("gitVersion", "v1.36.2"), ("gitMajor", "1"), ("gitMinor", "36")];

/// `clusters up N`, `clusters down` and `clusters build`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    let (words, directory) = asked(arguments)?;
    let directory = directory.unwrap_or_else(|| workspace.target.join(DIRECTORY));
    match *words {
        ["up", count] => {
            if let Some(missing) = missing(&workspace) {
                return Err(Failure::Failed(missing));
            }
            servers(&workspace, &["up", count], &directory)
        }
        ["down"] => servers(&workspace, &["down"], &directory),
        ["build"] => Ok(build(&workspace)?),
        _ => Err(Failure::Usage("valid: clusters up N, clusters down, clusters build".to_owned())),
    }
}

/// Sees to it that tests find API servers. Where that can't be, it says so and all else goes on, but for CI, where tests
/// that don't run are a failure.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Failure> {
    let Some(missing) = missing(workspace) else { return Ok(()) };
    if env::var_os("CI").is_some_and(|ci| ci == "true") {
        return Err(Failure::Failed(missing));
    }
    let rule = "=".repeat(72);
    eprintln!("{rule}\nTests on real API servers will NOT RUN: {missing}\n{rule}");
    Ok(())
}

/// What is missing for API servers, after it was tried to build them.
fn missing(workspace: &Workspace) -> Option<String> {
    if are_there() { None } else { build(workspace).err() }
}

/// Whether they are here already: as portolan-servers looks for them.
fn are_there() -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    // What somebody asked for is what is taken, or what is complained of there.
    if set("KUBEBUILDER_ASSETS") || set(kubetest::VARIABLE) {
        return true;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = |name: &str| env::split_paths(&path).any(|folder| folder.join(name).is_file());
    (on_path("etcd") && on_path("kube-apiserver")) || kubetest::place().is_some_and(|place| place.is_file())
}

/// Builds Kubernetes from `tests/kubetest` into the cache. Does nothing where it lies there already.
fn build(workspace: &Workspace) -> Result<(), String> {
    let place = kubetest::place().ok_or(
        "with neither XDG_CACHE_HOME nor HOME there is no cache for a build of Kubernetes; valid: either",
    )?;
    if place.is_file() {
        eprintln!("Kubernetes is built: {}", place.display());
        return Ok(());
    }
    let sources = workspace.root.join("tests/kubetest");
    let go = Go::find(&sources)?;
    let folder = place.parent().ok_or_else(|| format!("{} is no file's name", place.display()))?;
    fs::create_dir_all(folder).map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    eprintln!(
        "building Kubernetes' API server, etcd and kubectl, once: about 8 minutes, 3 GB of memory and of disk"
    );
    // Under another name until it is whole: who sees it may run it.
    let unfinished = place.with_extension(format!("{}.unfinished", std::process::id()));
    let version = VERSION.map(|(name, value)| format!(" -X k8s.io/component-base/version.{name}={value}"));
    let mut build = go.command();
    build.current_dir(&sources).env("CGO_ENABLED", "0").args(["build", "-trimpath", "-ldflags"]);
    build.arg(format!("-s -w{}", version.concat())).arg("-o").arg(&unfinished).arg(".");
    let built = run::visibly(&mut build).and_then(|()| {
        fs::rename(&unfinished, &place).map_err(|error| format!("can't write {}: {error}", place.display()))
    });
    if built.is_err() {
        // It may be there, and it may not.
        let _ = fs::remove_file(&unfinished);
    }
    built
}

/// Runs what starts and ends servers. Not in the release profile: there it would be compiled anew for its own sake.
fn servers(workspace: &Workspace, words: &[&str], directory: &Path) -> Result<(), Failure> {
    let mut cargo = run::cargo();
    // In the user's folder: what they say of a directory is meant from there.
    cargo.args(["run", "--quiet", "--locked", "--package", "portolan-servers", "--manifest-path"]);
    cargo.arg(workspace.root.join("Cargo.toml")).arg("--").args(words).arg(directory);
    Ok(run::visibly(&mut cargo)?)
}

/// The words, and the directory that is named among them.
fn asked(arguments: &[String]) -> Result<(Vec<&str>, Option<PathBuf>), Failure> {
    let mut words = Vec::new();
    let mut directory = None;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--dir" {
            let named =
                arguments.next().ok_or_else(|| Failure::Usage("--dir needs a directory".to_owned()))?;
            directory = Some(PathBuf::from(named));
        } else if let Some(named) = argument.strip_prefix("--dir=") {
            directory = Some(PathBuf::from(named));
        } else {
            words.push(argument.as_str());
        }
    }
    Ok((words, directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_may_stand_anywhere() {
        let line = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(asked(&line("up 4")), Ok((vec!["up", "4"], None)));
        assert_eq!(asked(&line("up --dir there 4")), Ok((vec!["up", "4"], Some("there".into()))));
        assert_eq!(asked(&line("down --dir=there")), Ok((vec!["down"], Some("there".into()))));
        assert_eq!(asked(&line("down --dir")), Err(Failure::Usage("--dir needs a directory".to_owned())));
    }
}
