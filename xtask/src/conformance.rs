use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{run, setup};

/// The test that reads `PORTOLAN_CONFORMANCE`; the others read what is kept in the repository.
const TEST: &str = "given_vectors_agree";

/// Runs the conformance test on the vectors in a directory, and on no others.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let [directory] = arguments else {
        return Err(Failure::Usage("conformance takes one directory, the one that holds *.jsonl".to_owned()));
    };
    let directory =
        fs::canonicalize(directory).map_err(|error| format!("can't read {directory}: {error}"))?;
    if !holds_vectors(&directory)? {
        return Err(Failure::Failed(format!("{} holds no *.jsonl", directory.display())));
    }
    let workspace = Workspace::find()?;
    setup::ensure()?;
    setup::announce_first_build(&workspace);
    let mut test = run::cargo();
    test.current_dir(&workspace.root).env("PORTOLAN_CONFORMANCE", directory);
    test.args(["test", "--release", "--locked", "--workspace", "--test", "conformance", TEST]);
    Ok(run::visibly(test.args(["--", "--exact", "--nocapture"]))?)
}

fn holds_vectors(directory: &Path) -> Result<bool, String> {
    let entries =
        fs::read_dir(directory).map_err(|error| format!("can't list {}: {error}", directory.display()))?;
    Ok(entries.flatten().any(|entry| entry.path().extension().is_some_and(|extension| extension == "jsonl")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(directory: &str) -> String {
        match run(&[directory.to_owned()]) {
            Err(Failure::Failed(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        assert!(message("/nonexistent").starts_with("can't read /nonexistent: "));
    }

    #[test]
    fn a_directory_without_vectors_is_named() {
        let here = env!("CARGO_MANIFEST_DIR");
        assert_eq!(message(here), format!("{here} holds no *.jsonl"));
    }

    /// A filter that meets no test would pass.
    #[test]
    fn the_test_that_is_run_is_there() {
        let tests = include_str!("../../tests/tests/conformance/main.rs");
        assert!(tests.contains(&format!("\nfn {TEST}() {{")));
    }

    #[test]
    fn no_directory_is_a_question_of_usage() {
        assert!(matches!(run(&[]), Err(Failure::Usage(_))));
    }
}
