//! The front door: `cargo xtask <command>`.
//!
//! ```text
//!  demo, test, bench, languages ─► setup ─► cargo ─► the host
//!  ci ─► tidy and the checks, then test
//! ```
//!
//! It runs cargo and never links the host, so that it is there in a second on a machine that has built nothing yet. It
//! is the only thing here that sets up a machine, and it says each command before it runs it.

mod bench;
mod ci;
mod clusters;
mod conformance;
mod demo;
mod failure;
mod figures;
mod fuzz;
mod go;
// What lies where is known in one place; that file needs nothing but the standard library.
#[path = "../../host/servers/src/kubetest.rs"]
mod kubetest;
mod languages;
mod plugins;
mod run;
mod setup;
mod test;
mod tidy;
mod workspace;

use std::env;
use std::process::ExitCode;

use failure::Failure;

struct Command {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        arguments: "",
        about: "sets up this machine, builds, and runs the documents' example",
        run: demo::run,
    },
    Command {
        name: "test",
        arguments: "[ARGS...]",
        about: "every test; ARGS go to cargo test (a part of a test's name, -p, ...)",
        run: test::run,
    },
    Command {
        name: "ci",
        arguments: "",
        about: "what CI runs: fmt, tidy, clippy, doc, then test",
        run: ci::run,
    },
    Command {
        name: "bench",
        arguments: "[clusters] [--json FILE] [ARGS...]",
        about: "every benchmark, the figures as JSON too; clusters: the one on real API servers, alone",
        run: bench::run,
    },
    Command {
        name: "plugins",
        arguments: "[--out DIR] [PACKAGE...]",
        about: "builds plugins into components, the default ones where none is named",
        run: plugins::run,
    },
    Command {
        name: "conformance",
        arguments: "DIR",
        about: "compares with the reference's answers in DIR/*.jsonl",
        run: conformance::run,
    },
    Command {
        name: "fuzz",
        arguments: "[TARGET] [--minutes N]",
        about: "arbitrary input at the host's doors, ten minutes for each where nothing is said",
        run: fuzz::run,
    },
    Command {
        name: "clusters",
        arguments: "up N|down|build [--dir DIR]",
        about: "API servers on this machine: N of them, taken away, their programs built",
        run: clusters::run,
    },
    Command {
        name: "languages",
        arguments: "[LANGUAGE...]",
        about: "builds and tries the example's plugins in other languages",
        run: languages::run,
    },
    Command {
        name: "tidy",
        arguments: "",
        about: "the checks on text alone: left-over paths, unfinished code, manifests",
        run: tidy::run,
    },
    Command { name: "help", arguments: "", about: "this text", run: help },
];

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(message)) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
        Err(Failure::Usage(message)) => {
            eprintln!("error: {message}\n\n{}", usage());
            ExitCode::from(2)
        }
    }
}

fn dispatch() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args_os()
        .skip(1)
        .map(|argument| {
            argument
                .into_string()
                .map_err(|argument| Failure::Usage(format!("{} is no UTF-8", argument.display())))
        })
        .collect::<Result<_, _>>()?;
    let Some((name, rest)) = arguments.split_first() else {
        return Err(Failure::Usage("which command?".to_owned()));
    };
    let name = if matches!(name.as_str(), "-h" | "--help") { "help" } else { name };
    let command = COMMANDS
        .iter()
        .find(|command| command.name == name)
        .ok_or_else(|| Failure::Usage(format!("unknown command {name}")))?;
    if command.arguments.is_empty() && !rest.is_empty() {
        return Err(Failure::Usage(format!("{name} takes no arguments")));
    }
    (command.run)(rest)
}

fn help(_: &[String]) -> Result<(), Failure> {
    println!("{}", usage());
    Ok(())
}

fn usage() -> String {
    let synopses: Vec<String> = COMMANDS
        .iter()
        .map(|command| format!("{} {}", command.name, command.arguments).trim_end().to_owned())
        .collect();
    let width = synopses.iter().map(String::len).max().unwrap_or_default();
    let lines = synopses
        .iter()
        .zip(COMMANDS)
        .map(|(synopsis, Command { about, .. })| format!("\n  {synopsis:width$}  {about}"));
    format!("usage: cargo xtask <command>\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_has_one_line_a_command() {
        let usage = usage();
        for Command { name, about, .. } in COMMANDS {
            let lines =
                usage.lines().filter(|line| line.trim_start().starts_with(name) && line.ends_with(about));
            assert_eq!(lines.count(), 1, "{name}");
        }
    }
}
