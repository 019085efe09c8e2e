//! What a control plane and three members on this machine take, beside the same writes with nothing deciding them.
//!
//! ```text
//!  servers, fresh ──► floor: the bare writes
//!  servers, fresh ──► portolan run ──► the neutral load script ──► figures ──► table, JSON
//! ```
//!
//! Both in one run, because on a machine that others use a time says nothing, and a ratio does. The script knows the
//! Kubernetes API and nothing of how we work.

mod figures;
mod floor;
mod script;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use figures::Figures;
use floor::Floor;
use script::Script;
use stage::Stage;

/// Why there are no figures.
type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "usage: portolan-clusters-bench [--json FILE] [--templates N] [--probes N] [--keep DIR]";

/// Single templates; with fewer than 101 their 99th percentile would be the longest of them.
const PROBES: usize = 200;

struct Arguments {
    json: Option<PathBuf>,
    templates: usize,
    probes: usize,
    /// Where the script's rows and the controller's log stay; none: nowhere.
    keep: Option<PathBuf>,
}

fn main() -> ExitCode {
    let measured = Arguments::read(std::env::args().skip(1)).and_then(|arguments| measure(&arguments));
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), Failure> {
    // What is missing is said before anything is started.
    let script = Script::find()?;
    let place = stage::place(arguments.keep.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;

    let stage = Stage::set(&place.join("floor"), &runtime)?;
    let floor = runtime.block_on(Floor::measure(&stage, arguments.templates, arguments.probes))?;
    drop(stage);

    let mut stage = Stage::set(&place.join("ours"), &runtime)?;
    stage.join()?;
    stage.run(&runtime)?;
    let load = script.run(&stage, arguments.templates, arguments.probes, script::LOAD, None)?;
    stage.kill();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64();
    stage.begin()?;
    let restart = script.run(&stage, arguments.templates, 1, "probe", Some(since))?;
    let end = script.run(&stage, arguments.templates, 1, script::END, None)?;
    drop(stage);

    let figures = Figures::of(&floor, &load, &restart, &end)?;
    print!("{}", figures.table());
    if let Some(file) = &arguments.json {
        std::fs::write(file, figures.json() + "\n")?;
    }
    if arguments.keep.is_none() {
        // The log is of use only where something went wrong.
        std::fs::remove_dir_all(&place)?;
    }
    Ok(())
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut arguments = Self { json: None, templates: 1_000, probes: PROBES, keep: None };
        while let Some(name) = given.next() {
            let value = given.next().ok_or(USAGE)?;
            match name.as_str() {
                "--json" => arguments.json = Some(value.into()),
                "--keep" => arguments.keep = Some(value.into()),
                "--templates" => arguments.templates = value.parse().map_err(|_| USAGE)?,
                "--probes" => arguments.probes = value.parse().map_err(|_| USAGE)?,
                _ => return Err(USAGE.into()),
            }
        }
        Ok(arguments)
    }
}
