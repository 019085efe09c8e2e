//! `portolan-servers`: what `cargo xtask clusters` runs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portolan_servers::{ClusterSetup, Controllers, Life, Programs, Setup, down};

const USAGE: &str = "usage: portolan-servers up N DIR | down DIR";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *arguments {
        ["up", count, directory] => match count.parse() {
            Ok(count @ 1..) => up(count, directory.into()),
            _ => Err(format!("{count} is no number of clusters; valid: 1 and more")),
        },
        ["down", directory] => down(Path::new(directory)).map_err(|error| told(&error)),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// A control plane and the rest members, all as `portolan local-up` has them.
fn up(count: usize, directory: PathBuf) -> Result<(), String> {
    let programs = Programs::find().map_err(|error| told(&error))?;
    let controllers = |wanted| if programs.controller_manager.is_some() { wanted } else { Controllers::None };
    let control = ClusterSetup::new("control").with(controllers(Controllers::ControlPlane));
    let members =
        (1..count).map(|n| ClusterSetup::new(format!("member{n}")).with(controllers(Controllers::All)));
    let clusters = std::iter::once(control).chain(members).collect();
    // Relative to the folder of whoever types the next command, and those change.
    let directory = std::path::absolute(&directory).map_err(|error| told(&error))?;
    let servers = Setup { directory, clusters, life: Life::Detached }.start(&programs);
    let servers = servers.map_err(|error| told(&error))?;
    for cluster in servers.clusters() {
        println!("{}", cluster.kubeconfig().display());
    }
    servers.let_go();
    Ok(())
}

/// An error and what it came from.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}
