use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{run, setup};

/// The documents' example: a Helm release for two clusters of three, and a policy that wants two replicas on the first.
const EXAMPLE: &str = "examples/flux/manifests";
const WANTED: &str = "replicaCount: 2";

/// Sets up, builds, runs the example, and looks at what came out as a reader would.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    setup::ensure()?;
    build(&workspace)?;
    show_inputs(&workspace.root)?;
    let members = apply(&workspace)?;
    show_outcome(&workspace, &members)?;
    show_next(&workspace);
    Ok(())
}

/// Builds the binary.
pub(crate) fn build(workspace: &Workspace) -> Result<(), String> {
    setup::announce_first_build(workspace);
    let arguments = ["build", "--release", "--locked", "--package", "portolan"];
    run::visibly(run::cargo().current_dir(&workspace.root).args(arguments))
}

fn show_inputs(root: &Path) -> Result<(), String> {
    println!(
        "\nThree clusters, a Helm release for two of them, and a policy that wants two replicas on member1 only:"
    );
    for input in manifests(&root.join(EXAMPLE))? {
        println!("  {}", input.strip_prefix(root).unwrap_or(&input).display());
    }
    Ok(())
}

/// The YAML files in a folder and those below, sorted.
fn manifests(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("can't list {}: {error}", folder.display()))?;
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            found.extend(manifests(&entry)?);
        } else if entry.extension().is_some_and(|extension| extension == "yaml") {
            found.push(entry);
        }
    }
    Ok(found)
}

/// Applies into fresh member directories, so that every demo shows the same, and gives their folder.
fn apply(workspace: &Workspace) -> Result<PathBuf, String> {
    let members = workspace.target.join("demo/members");
    if members.exists() {
        fs::remove_dir_all(&members)
            .map_err(|error| format!("can't clear {}: {error}", members.display()))?;
    }
    fs::create_dir_all(&members).map_err(|error| format!("can't make {}: {error}", members.display()))?;
    println!();
    let mut portolan = Command::new(binary(workspace));
    portolan.current_dir(&workspace.root).args(["apply", "-f", EXAMPLE, "--members"]);
    run::visibly(portolan.arg(workspace.shown(&members)))?;
    Ok(members)
}

fn show_outcome(workspace: &Workspace, members: &Path) -> Result<(), String> {
    println!();
    for (member, wanted) in [("member1", true), ("member2", false)] {
        let path = members.join(member).join("default/HelmRelease.helm.toolkit.fluxcd.io/podinfo.yaml");
        let shown = workspace.shown(&path).display();
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("portolan apply should have written {shown}: {error}"))?;
        let replicas = replicas(&text);
        println!("{member}  {:16}  {shown}", replicas.unwrap_or("no replicaCount"));
        if replicas != wanted.then_some(WANTED) {
            let should = if wanted { WANTED } else { "no replicaCount" };
            return Err(format!("{shown} should have {should}, as the override policy says"));
        }
    }
    println!("The policy's two replicas reached member1; member2 keeps what the chart says.");
    Ok(())
}

fn show_next(workspace: &Workspace) {
    let binary = binary(workspace);
    let portolan = workspace.shown(&binary).display();
    println!(
        "\nNext, try:\n\
         \x20 {portolan} explain HelmRelease/podinfo -f {EXAMPLE}\n\
         \x20 {portolan} plan -f {EXAMPLE} --members {}    # after editing a policy\n\
         \x20 cargo xtask test",
        workspace.shown(&workspace.target.join("demo/members")).display()
    );
}

/// Where `build` puts it.
pub(crate) fn binary(workspace: &Workspace) -> PathBuf {
    workspace.target.join(format!("release/portolan{EXE_SUFFIX}"))
}

fn replicas(manifest: &str) -> Option<&str> {
    manifest.lines().map(str::trim).find(|line| line.starts_with("replicaCount:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_read_from_a_manifest() {
        assert_eq!(replicas("spec:\n  values:\n    replicaCount: 2\n"), Some(WANTED));
        assert_eq!(replicas("spec:\n  replicas: 2\n"), None);
    }
}
