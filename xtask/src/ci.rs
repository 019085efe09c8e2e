use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::{run, setup, test, tidy, workspace};

type Step = (&'static str, fn() -> Result<(), Failure>);

/// Cheap ones first. All that compile use the release profile, so that wasmtime is compiled in one.
const CHECKS: &[Step] = &[("fmt", fmt), ("tidy", tidy), ("clippy", clippy), ("doc", doc)];

/// All that CI checks. The last lines are the test runner's, so times are said before its step.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    let mut times = Vec::new();
    let checked = CHECKS.iter().try_for_each(|&(name, check)| {
        eprintln!("\n== {name}");
        let began = Instant::now();
        let result = check();
        times.push((name, began.elapsed()));
        result
    });
    eprintln!("\n== so far\n{}", table(&times));
    checked?;
    eprintln!("\n== test");
    // All failures of a run at once: the next run is an hour away.
    test::run(&["--no-fail-fast".to_owned()])
}

fn table(times: &[(&str, Duration)]) -> String {
    let lines = times.iter().map(|(name, time)| format!("{name:8}{:7.1} s", time.as_secs_f64()));
    lines.collect::<Vec<_>>().join("\n")
}

fn fmt() -> Result<(), Failure> {
    Ok(run::visibly(cargo()?.args(["fmt", "--all", "--check"]))?)
}

fn tidy() -> Result<(), Failure> {
    tidy::run(&[])
}

fn clippy() -> Result<(), Failure> {
    // Clippy runs the build script that builds the plugins.
    setup::ensure()?;
    let arguments = ["clippy", "--workspace", "--all-targets", "--release", "--locked", "--", "-Dwarnings"];
    Ok(run::visibly(cargo()?.args(arguments))?)
}

fn doc() -> Result<(), Failure> {
    let arguments = ["doc", "--workspace", "--no-deps", "--release", "--locked"];
    Ok(run::visibly(cargo()?.args(arguments).env("RUSTDOCFLAGS", "-Dwarnings"))?)
}

fn cargo() -> Result<Command, String> {
    let mut cargo = run::cargo();
    cargo.current_dir(workspace::root()?);
    Ok(cargo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_in_one_column() {
        let times = [("fmt", Duration::from_millis(1_240)), ("clippy", Duration::from_secs(312))];
        assert_eq!(table(&times), "fmt         1.2 s\nclippy    312.0 s");
    }
}
