//! `portolan`: decides which clusters a Kubernetes object goes to and how it differs there, and delivers it.
//!
//! ```text
//!  arguments ──► Setting: inputs read, plugins loaded, World made
//!                   │
//!                   ├─► command: plan, apply, explain, plugin inspect
//!                   │
//!                   └─► Findings: everything that somebody should look after ──► exit code
//! ```
//!
//! The rooms behind it decide; this one parses arguments, prints and exits.

mod arguments;
mod carry;
mod command;
mod findings;
mod plugins;
mod print;
mod progress;
mod setting;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, PluginCommand};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Plan(arguments) => command::plan::run(&arguments),
        Command::Apply(arguments) => command::apply::run(&arguments),
        Command::Explain(arguments) => command::explain::run(&arguments),
        Command::Plugin { command: PluginCommand::Inspect(arguments) } => command::inspect::run(&arguments),
    };
    match done {
        Ok(findings) => findings.exit_code(),
        Err(error) => {
            print::error(&format!("{error:#}"));
            ExitCode::from(findings::INPUT_IS_WRONG)
        }
    }
}
