use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{run, setup};

/// Runs the conformance tests on the vectors in a directory.
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
    test.args(["test", "--release", "--locked", "--workspace", "--test", "conformance"]);
    Ok(run::visibly(test.args(["--", "--nocapture"]))?)
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

    #[test]
    fn no_directory_is_a_question_of_usage() {
        assert!(matches!(run(&[]), Err(Failure::Usage(_))));
    }
}
