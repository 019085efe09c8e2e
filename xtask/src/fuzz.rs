//! Fuzzing: the binary of `tests/fuzz` under libFuzzer, which that crate builds with a C++ compiler.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{run, setup};

/// Megabytes at which libFuzzer takes what a target holds for a defect. They need 40 to 200; one input that grows to a
/// gigabyte is meant to be found.
const MOST_MEGABYTES: u32 = 2048;

/// Seconds after which one input is taken to hang. The slowest known takes half of one on a crowded machine.
const MOST_SECONDS: u32 = 20;

/// Runs one target or all, each for so many minutes, and stops at the first input that breaks a promise.
///
/// What libFuzzer finds is kept under `target/fuzz` and is where the next run goes on; what is in git is only read.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    let corpus = workspace.root.join("tests/fuzz/corpus");
    let known = directories(&corpus)?;
    let Asked { target, minutes } = Asked::read(arguments, &known)?;
    has_cxx()?;
    setup::announce_first_build(&workspace);
    build(&workspace)?;
    for target in known.iter().filter(|known| target.as_ref().is_none_or(|target| target == *known)) {
        let own = workspace.target.join("fuzz").join(target);
        let (found, crashes) = (own.join("corpus"), own.join("crashes"));
        for directory in [&found, &crashes] {
            fs::create_dir_all(directory)
                .map_err(|error| format!("can't make {}: {error}", directory.display()))?;
        }
        eprintln!("\n== {target}, {minutes} minutes");
        let mut fuzz = Command::new(workspace.target.join("release/portolan-fuzz"));
        fuzz.current_dir(&workspace.root).env("PORTOLAN_FUZZ_TARGET", target);
        fuzz.args([
            format!("-max_total_time={}", minutes * 60),
            format!("-rss_limit_mb={MOST_MEGABYTES}"),
            format!("-timeout={MOST_SECONDS}"),
            format!("-max_len={}", longest(target)),
            format!("-artifact_prefix={}/", crashes.display()),
            "-print_final_stats=1".to_owned(),
        ]);
        let words = workspace.root.join("tests/fuzz").join(target).with_added_extension("dict");
        if words.is_file() {
            fuzz.arg(format!("-dict={}", words.display()));
        }
        run::visibly(fuzz.arg(found).arg(corpus.join(target))).map_err(|error| {
            format!(
                "{error}; mend it, and keep the input, which lies in {}, in tests/fuzz/corpus/{target} by the name of \
                 what it broke",
                workspace.shown(&crashes).display()
            )
        })?;
    }
    Ok(())
}

struct Asked {
    /// None: all of them.
    target: Option<String>,
    /// For each.
    minutes: u32,
}

impl Asked {
    fn read(arguments: &[String], known: &[String]) -> Result<Self, Failure> {
        // Ten minutes each are what a change of a door is held to.
        let mut asked = Self { target: None, minutes: 10 };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            if argument == "--minutes" {
                let minutes = arguments.next().and_then(|minutes| minutes.parse().ok());
                asked.minutes = minutes
                    .filter(|minutes| (1..=10_000).contains(minutes))
                    .ok_or_else(|| Failure::Usage("--minutes takes a number, at least 1".to_owned()))?;
            } else if known.contains(argument) && asked.target.is_none() {
                asked.target = Some(argument.clone());
            } else {
                let known = known.join(", ");
                return Err(Failure::Usage(format!("fuzz takes one target, or none for all: {known}")));
            }
        }
        Ok(asked)
    }
}

/// A target is what has a directory of inputs.
fn directories(corpus: &Path) -> Result<Vec<String>, String> {
    let entries =
        fs::read_dir(corpus).map_err(|error| format!("can't list {}: {error}", corpus.display()))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

/// Bytes of an input: what is longer is slower and seldom finds more. A component's text takes more than the others.
fn longest(target: &str) -> u32 {
    match target {
        "loading" => 12 << 10,
        "yaml" => 8 << 10,
        _ => 4 << 10,
    }
}

/// libFuzzer is C++. Nothing is installed for it: whoever fuzzes has a compiler or knows which one to take.
fn has_cxx() -> Result<(), String> {
    let cxx = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let works = Command::new(&cxx).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    match works {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!(
            "`{}` does not run: libFuzzer is built with a C++ compiler; install one (Debian's is in `g++`) or name it \
             in CXX",
            cxx.display()
        )),
    }
}

/// Built with the workspace's features and profile, so that only our own crates are compiled anew: it is they that
/// report where an input goes.
fn build(workspace: &Workspace) -> Result<(), String> {
    let compiler = workspace.root.join("tests/fuzz/rustc-with-coverage");
    let mut build = run::cargo();
    build.current_dir(&workspace.root).env("RUSTC_WORKSPACE_WRAPPER", compiler);
    build.args(["build", "--workspace", "--release", "--locked"]);
    run::visibly(build.args(["--bin", "portolan-fuzz", "--features", "portolan-fuzz/libfuzzer"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Asked, Failure> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Asked::read(&arguments, &["patches".to_owned(), "yaml".to_owned()])
    }

    #[test]
    fn all_targets_for_ten_minutes_are_what_nobody_has_to_ask_for() {
        let asked = asked("").expect("it is complete");
        assert_eq!((asked.target, asked.minutes), (None, 10));
    }

    #[test]
    fn one_target_and_its_minutes_stand_in_any_order() {
        for line in ["yaml --minutes 3", "--minutes 3 yaml"] {
            let asked = asked(line).expect("it is complete");
            assert_eq!((asked.target.as_deref(), asked.minutes), (Some("yaml"), 3));
        }
    }

    #[test]
    fn what_is_no_target_is_a_question_of_usage() {
        for line in ["json", "yaml patches", "--minutes", "--minutes 0", "--minutes x"] {
            assert!(matches!(asked(line), Err(Failure::Usage(_))), "{line}");
        }
    }

    #[test]
    fn the_targets_that_are_there_have_inputs() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus");
        let found = directories(&corpus).expect("it is there");
        let declared = include_str!("../../tests/fuzz/src/lib.rs").matches("Target { name: \"").count();
        assert_eq!(found.len(), declared, "{found:?}");
    }
}
