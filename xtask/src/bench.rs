use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{figures, run, setup};

/// Every benchmark of the workspace. Arguments go to the benchmarks, so that standard output is theirs alone; but for
/// `--json FILE`, which also writes what they found out as one object, name to number.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some((first, rest)) = arguments.split_first()
        && first == "clusters"
    {
        return clusters(rest);
    }
    let (json, arguments) = json(arguments)?;
    let workspace = Workspace::find()?;
    setup::ensure()?;
    setup::announce_first_build(&workspace);
    // Benchmarks of whole processes run the binary, which cargo does not build for them.
    let mut build = run::cargo();
    build.current_dir(&workspace.root).args(["build", "--workspace", "--release", "--locked"]);
    run::visibly(&mut build)?;
    let directory = workspace.target.join("figures");
    figures::begin(&directory)?;
    let mut bench = run::cargo();
    bench.current_dir(&workspace.root).env(figures::DIRECTORY, &directory);
    // By pattern: without one, cargo runs the unit tests of each library as benchmarks too, which know no arguments.
    bench.args(["bench", "--workspace", "--profile", "release", "--locked", "--bench", "*", "--"]);
    run::visibly(bench.args(arguments))?;
    if let Some(file) = json {
        figures::write(&directory, &file)?;
    }
    Ok(())
}

/// What a control plane and three members take on this machine, beside the bare writes. It starts API servers of its own.
fn clusters(arguments: &[String]) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    setup::ensure()?;
    setup::announce_first_build(&workspace);
    let mut build = run::cargo();
    build.current_dir(&workspace.root).args(["build", "--workspace", "--release", "--locked", "--bins"]);
    run::visibly(&mut build)?;
    // In the user's folder, where the file for the figures is meant to be.
    let mut bench = Command::new(workspace.target.join("release").join("portolan-clusters-bench"));
    Ok(run::visibly(bench.args(arguments))?)
}

/// Takes `--json FILE` out of the arguments.
fn json(arguments: &[String]) -> Result<(Option<PathBuf>, Vec<String>), Failure> {
    let mut rest = arguments.to_vec();
    let Some(at) = rest.iter().position(|argument| argument == "--json") else { return Ok((None, rest)) };
    if at + 1 == rest.len() {
        return Err(Failure::Usage("--json needs a file".to_owned()));
    }
    let file = rest.drain(at..at + 2).next_back().map(PathBuf::from);
    Ok((file, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_file_is_ours_and_the_rest_the_benchmarks() {
        assert_eq!(json(&words("filter")), Ok((None, words("filter"))));
        assert_eq!(json(&words("a --json out.json b")), Ok((Some("out.json".into()), words("a b"))));
        assert_eq!(json(&words("--json")), Err(Failure::Usage("--json needs a file".to_owned())));
    }
}
