use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{run, setup};

/// Every benchmark of the workspace. Arguments go to the benchmarks, so that standard output is theirs alone.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    setup::ensure()?;
    setup::announce_first_build(&workspace);
    let mut bench = run::cargo();
    bench.current_dir(&workspace.root);
    // By pattern: without one, cargo runs the unit tests of each library as benchmarks too, which know no arguments.
    bench.args(["bench", "--workspace", "--profile", "release", "--locked", "--bench", "*", "--"]);
    Ok(run::visibly(bench.args(arguments))?)
}
