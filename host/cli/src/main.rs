//! `portolan`: decides which clusters a Kubernetes object goes to and how it differs there, and delivers it.
//!
//! ```text
//!  arguments ──► Setting: inputs read, plugins loaded, World made
//!                   │
//!                   ├─► command: plan, apply, explain, replay, test, run, plugin new, build, inspect, run, bench
//!                   │
//!                   └─► Findings: everything that somebody should look after ──► exit code
//! ```
//!
//! The rooms behind it decide; this one parses arguments, prints and exits.

mod arguments;
mod carry;
mod command;
mod control_plane;
mod conversation;
mod findings;
mod plugins;
mod print;
mod progress;
mod setting;
mod shelf;
mod story;
mod trial;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, PluginCommand};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Plan(arguments) => command::plan::run(&arguments),
        Command::Apply(arguments) => command::apply::run(&arguments),
        Command::Explain(arguments) => command::explain::run(&arguments),
        Command::Replay(arguments) => command::replay::run(&arguments),
        Command::Test(arguments) => command::test::run(&arguments),
        Command::Run(arguments) => command::control::run(&arguments),
        Command::Join(arguments) => command::join::run(&arguments),
        Command::Unjoin(arguments) => command::unjoin::run(&arguments),
        Command::LocalUp(arguments) => command::local_up::run(&arguments),
        Command::LocalDown(arguments) => command::local_down::run(&arguments),
        Command::Crds => command::crds::run(),
        Command::Plugin { command } => match command {
            PluginCommand::New(arguments) => command::new::run(&arguments),
            PluginCommand::Build(arguments) => command::build::run(&arguments),
            PluginCommand::Inspect(arguments) => command::inspect::run(&arguments),
            PluginCommand::Run(arguments) => command::run::run(&arguments),
            PluginCommand::Bench(arguments) => command::bench::run(&arguments),
        },
    };
    match done {
        Ok(findings) => findings.exit_code(),
        Err(error) => {
            print::error(&format!("{error:#}"));
            ExitCode::from(findings::INPUT_IS_WRONG)
        }
    }
}
