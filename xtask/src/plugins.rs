use crate::failure::Failure;
use crate::{run, setup};

/// Builds plugins into components. The builder reads the arguments, from the user's folder, and prints the table.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    setup::ensure()?;
    let mut builder = run::cargo();
    builder.args(["run", "--release", "--locked", "--package", "portolan-plugin-builder", "--"]);
    Ok(run::visibly(builder.args(arguments))?)
}
