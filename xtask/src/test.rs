use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{clusters, run, setup};

/// Every test of the workspace, in the profile that the demo builds as well. Prints nothing after cargo's last line.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    setup::ensure()?;
    // Before cargo's own build, because either takes all of a small machine's memory.
    clusters::ensure(&workspace)?;
    setup::announce_first_build(&workspace);
    let mut test = run::cargo();
    test.arg("test").current_dir(&workspace.root);
    // By default cargo would test the binary's crate alone; whoever names packages means those.
    if !names_packages(arguments) {
        test.arg("--workspace");
    }
    test.args(["--release", "--locked"]).args(arguments);
    Ok(run::visibly(&mut test)?)
}

fn names_packages(arguments: &[String]) -> bool {
    let for_cargo = arguments.iter().take_while(|argument| *argument != "--");
    for_cargo.into_iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(line: &str) -> bool {
        names_packages(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_filter_names_no_package() {
        assert!(!named(""));
        assert!(!named("attack_"));
        assert!(!named("-- -p"));
    }

    #[test]
    fn packages_are_named_as_cargo_names_them() {
        assert!(named("-p portolan-plan"));
        assert!(named("attack_ --package=portolan-sandbox"));
    }
}
