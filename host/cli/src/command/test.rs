//! `portolan test PATH`: policies held to their test files.
//!
//! ```text
//!  PATH ──► test files ──► file::run ──► Outcome, one a test and property ──► text, JSON, JUnit
//!                             │
//!                             └─► portolan-policytest: what is missed, and which property does not hold
//! ```

mod file;
mod given;
mod junit;
mod outcome;
mod text;

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use portolan_local::{is_test_file, test_files};

use crate::arguments::{TestArguments, TestFormat};
use crate::command::test::outcome::{Outcomes, Status};
use crate::findings::Findings;
use crate::plugins::chain;
use crate::print;
use crate::shelf::Shelf;

/// Runs every test file, and says what was missed.
pub fn run(arguments: &TestArguments) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let files = files(&arguments.paths)?;
    let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    // One shelf for all files, which is begun once: each component is loaded by the first that needs it.
    let mut shelf = Shelf::default();
    shelf.begin(workers.get(), &arguments.cache, &mut findings)?;
    let outcomes: Vec<Outcomes> =
        files.iter().map(|file| file::run(file, arguments, workers, &mut shelf)).collect();

    let document = match arguments.output {
        TestFormat::Text => None,
        TestFormat::Json => Some(serde_json::to_string_pretty(&outcome::document(&outcomes))? + "\n"),
        TestFormat::Junit => Some(junit::document(&outcomes)),
    };
    match (&arguments.output_file, document) {
        (None, Some(document)) => print::until_closed(print::text(&document))?,
        (None, None) => print::until_closed(text::print(&outcomes))?,
        (Some(file), document) => {
            let document = document.unwrap_or_else(|| text::plain(&outcomes));
            fs::write(file, document)
                .with_context(|| format!("--output-file {}: it can't be written", file.display()))?;
            print::until_closed(text::print(&outcomes))?;
        }
    }
    let failed = outcome::count(&outcomes, Status::Failed);
    if failed > 0 {
        findings.tests_failed();
    }
    Ok(findings)
}

/// The test files that were meant, each once, in the order in which they were given.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let found = if path.is_dir() {
            test_files(path).with_context(|| format!("{}: it can't be listed", path.display()))?
        } else if is_test_file(path) {
            vec![path.clone()]
        } else if path.exists() {
            bail!("{}: is no test file; valid: {LOOKED_FOR}, or a directory that holds some", path.display());
        } else {
            bail!("{}: there is no such file or directory", path.display());
        };
        if found.is_empty() {
            bail!("{}: holds no test file; looked for: {LOOKED_FOR}, at any depth", path.display());
        }
        files.extend(found.into_iter().filter(|file| !files.contains(file)).collect::<Vec<_>>());
    }
    Ok(files)
}

const LOOKED_FOR: &str = "portolan-test.yaml or NAME.portolan-test.yaml";

/// What is wrong with a test file itself, in one line.
fn unreadable(error: &portolan_local::ValueError) -> String {
    chain(error)
}
