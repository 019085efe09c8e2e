//! What a machine needs beside Rust: a compiler to WebAssembly, because the plugins are built from this repository.
//!
//! Which toolchain builds them, and what to type where there is none, is the plugin builder's to know. Here it is
//! asked, and what it says is typed.

use std::process::{Command, Stdio};
use std::{env, fs};

use crate::run;
use crate::workspace::{self, Workspace};

/// Makes sure that plugins can be built here. Does nothing, quickly, where they can.
pub(crate) fn ensure() -> Result<(), String> {
    if components_are_given() {
        return Ok(());
    }
    let missing = match probe()? {
        Ok(toolchain) => {
            eprintln!("plugins are compiled by {toolchain}");
            return Ok(());
        }
        Err(missing) => missing,
    };
    eprintln!("Plugins are WebAssembly, and no compiler here builds for it yet. Setting one up, once.");
    for command in commands(&missing) {
        match typed(&command) {
            Ok(()) if probe()?.is_ok() => return Ok(()),
            Ok(()) => eprintln!("That went well, and still nothing here builds for WebAssembly."),
            Err(reason) => eprintln!("Not this way: {reason}."),
        }
    }
    Err(format!("this needs your hand: {missing}"))
}

/// Says how long it will take, where it will take long.
pub(crate) fn announce_first_build(workspace: &Workspace) {
    let built = fs::read_dir(workspace.target.join("release/deps")).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libwasmtime-"))
    });
    if !built {
        eprintln!("first build: 5 to 15 minutes, most of it for wasmtime; later ones take seconds");
    }
}

/// The build script takes components that somebody built elsewhere.
fn components_are_given() -> bool {
    env::var_os("PORTOLAN_PLUGINS").is_some_and(|given| !given.is_empty())
}

/// Asks the builder which toolchain it would take, or what is missing. An error where it can't be asked.
fn probe() -> Result<Result<String, String>, String> {
    let mut builder = run::cargo();
    builder.current_dir(workspace::root()?);
    // Not the release profile: the builder is compiled once for this question, which takes seconds in this one.
    builder.args(["run", "--quiet", "--locked", "--package", "portolan-plugin-builder", "--", "--probe"]);
    run::say(&builder);
    let output = builder.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("can't run cargo: {error}"))?;
    let answer = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    match output.status.code() {
        Some(0) => Ok(Ok(answer)),
        Some(1) if !answer.is_empty() => Ok(Err(answer)),
        _ => Err(format!("the plugin builder could not be asked for its toolchain ({})", output.status)),
    }
}

/// The commands among what the builder says: the lines that are indented, word by word.
fn commands(missing: &str) -> Vec<Vec<&str>> {
    let indented = missing.lines().filter(|line| line.starts_with("  "));
    indented.map(|line| line.split_whitespace().collect()).collect()
}

fn typed(command: &[&str]) -> Result<(), String> {
    match command {
        ["rustup", arguments @ ..] => rustup(arguments),
        ["apt-get", arguments @ ..] => apt_get(arguments),
        _ => Err(format!("`{}` is not typed without you", command.join(" "))),
    }
}

fn rustup(arguments: &[&str]) -> Result<(), String> {
    // Set by rustup's own cargo, and by nothing else: then the rustc that is called here is rustup's as well.
    if env::var_os("RUSTUP_TOOLCHAIN").is_none() {
        return Err("this cargo is not rustup's".to_owned());
    }
    run::visibly(Command::new("rustup").args(arguments))
}

/// Runs apt-get, after an update, as root or where sudo asks for nothing. An error where that can't be.
pub(crate) fn apt_get(arguments: &[&str]) -> Result<(), String> {
    if run::printed(Command::new("apt-get").arg("--version")).is_none() {
        return Err("there is no apt-get".to_owned());
    }
    let as_root: &[&str] = if run::printed(Command::new("id").arg("-u")).as_deref() == Some("0") {
        &[]
    } else if run::printed(Command::new("sudo").args(["-n", "true"])).is_some() {
        &["sudo", "-n"]
    } else {
        return Err("apt-get needs root, and sudo a password".to_owned());
    };
    let apt_get = |arguments: &[&str]| {
        let environment = ["env", "DEBIAN_FRONTEND=noninteractive"];
        let mut words = as_root.iter().chain(&environment).chain(&["apt-get"]).chain(arguments);
        let program = words.next().copied().unwrap_or("apt-get");
        run::visibly(Command::new(program).args(words))
    };
    // One source of many that does not answer is an error of update, and no reason not to install.
    if let Err(reason) = apt_get(&["update"]) {
        eprintln!("Going on: {reason}.");
    }
    apt_get(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_builder_says_to_type_is_what_is_typed() {
        let missing = "nothing here can; type one of these two, then build again:\n  \
                       rustup target add --toolchain beta wasm32-unknown-unknown\n  \
                       apt-get install -y lld-22\n\
                       or set PORTOLAN_PLUGINS";
        let expected = [
            vec!["rustup", "target", "add", "--toolchain", "beta", "wasm32-unknown-unknown"],
            vec!["apt-get", "install", "-y", "lld-22"],
        ];
        assert_eq!(commands(missing), expected);
    }

    #[test]
    fn no_other_program_is_run() {
        let refused = typed(&["rm", "-r", "there"]).expect_err("it is neither of the two");
        assert_eq!(refused, "`rm -r there` is not typed without you");
    }
}
