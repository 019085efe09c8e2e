//! `portolan-plugin-builder [--out DIR] [PACKAGE...]`: builds plugins of the workspace into a directory, the
//! default ones where none is named, and says how big they came out and which toolchain built them.
//!
//! `portolan-plugin-builder --probe`: prints which toolchain would build them, or what to type so that one can, and
//! ends with 0 or 1. It builds nothing.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use portolan_plugin_builder::{Build, Built, DEFAULT_PLUGINS, Toolchain};

const USAGE: &str = "usage: portolan-plugin-builder [--out DIR] [PACKAGE...]\n       \
                     portolan-plugin-builder --probe";

fn main() -> ExitCode {
    let given: Vec<String> = env::args().skip(1).collect();
    if given == ["--probe"] {
        return probe();
    }
    match arguments(given).and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Both answers are what was asked for, so both go to standard output.
fn probe() -> ExitCode {
    match Toolchain::find() {
        Ok(toolchain) => {
            println!("{toolchain}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Debug, Default, PartialEq)]
struct Arguments {
    out: Option<PathBuf>,
    packages: Vec<String>,
}

fn arguments(given: impl IntoIterator<Item = String>) -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    let mut given = given.into_iter();
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--out" => arguments.out = Some(given.next().ok_or("--out needs a directory")?.into()),
            option if option.starts_with('-') => return Err(format!("unknown option {option}\n{USAGE}")),
            _ => arguments.packages.push(argument),
        }
    }
    Ok(arguments)
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let current = env::current_dir().map_err(|error| format!("there is no current directory: {error}"))?;
    let workspace =
        workspace(&current).ok_or("run it inside of a workspace (no Cargo.toml with [workspace] above)")?;
    let target_dir =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), |dir| current.join(dir));
    let out = arguments.out.clone().unwrap_or_else(|| target_dir.join("components"));
    let named: Vec<&str> = arguments.packages.iter().map(String::as_str).collect();
    let packages = if named.is_empty() { DEFAULT_PLUGINS } else { &named };

    let target_dir = target_dir.join("plugins");
    let build = Build { workspace, packages, target_dir: &target_dir, locked: true, outside: &[] };
    let built = build.run().map_err(|error| match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })?;
    write(&built, &out).map_err(|error| format!("can't write into {}: {error}", out.display()))?;
    print(&built, &out);
    Ok(())
}

fn workspace(from: &Path) -> Option<&Path> {
    from.ancestors().find(|folder| {
        fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| manifest.contains("[workspace]"))
    })
}

fn write(built: &Built, out: &Path) -> io::Result<()> {
    fs::create_dir_all(out)?;
    for component in &built.components {
        fs::write(out.join(format!("{}.wasm", component.name)), &component.bytes)?;
    }
    Ok(())
}

fn print(built: &Built, out: &Path) {
    let width = built.components.iter().map(|component| component.name.len()).max().unwrap_or_default();
    for component in &built.components {
        println!("{:width$}  {:>9} bytes", component.name, component.bytes.len());
    }
    println!("in {}, by {}", out.display(), built.toolchain);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        arguments(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn nothing_named_means_the_default_plugins() {
        assert_eq!(read(""), Ok(Arguments::default()));
    }

    #[test]
    fn packages_and_a_directory_come_in_any_order() {
        let expected = Arguments { out: Some("there".into()), packages: vec!["a".into(), "b".into()] };
        assert_eq!(read("a --out there b"), Ok(expected));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(read("--out"), Err("--out needs a directory".to_owned()));
        assert_eq!(read("a --probe"), Err(format!("unknown option --probe\n{USAGE}")), "it comes alone");
        assert_eq!(read("--fast"), Err(format!("unknown option --fast\n{USAGE}")));
    }
}
