//! What a machine needs beside Rust: a compiler to WebAssembly, because the plugins are built from this repository.
//!
//! Which toolchain builds them is the plugin builder's choice. Here it is only asked whether the builder would find
//! one, and where it would not, one is installed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::run;
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler, its cargo, std's source and a linker. 816 MB, and there where rustup can't download.
const APT_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const APT_INSTALL: [&str; 3] = ["install", "-y", "--no-install-recommends"];

/// Makes sure that plugins can be built here. Does nothing, quickly, where they can.
pub(crate) fn ensure() -> Result<(), String> {
    if components_are_given() || compiler_is_there() {
        return Ok(());
    }
    eprintln!("Plugins are WebAssembly, and no compiler here builds for it yet. Setting one up, once.");
    let ways: [fn() -> Result<(), String>; 2] = [add_target, install_debians];
    for way in ways {
        match way() {
            Ok(()) if compiler_is_there() => return Ok(()),
            Ok(()) => eprintln!("That went well, and still nothing here builds for {TARGET}."),
            Err(reason) => eprintln!("Not this way: {reason}."),
        }
    }
    Err(format!(
        "this needs your hand. Type one of these two, then the same command again:\n\
         \x20 rustup target add {TARGET}\n\
         \x20 sudo apt-get update && sudo apt-get {} {}",
        APT_INSTALL.join(" "),
        APT_PACKAGES.join(" ")
    ))
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

fn compiler_is_there() -> bool {
    let current = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    [PathBuf::from(current), PathBuf::from("/usr/bin/rustc")].iter().any(|rustc| {
        let ask = |arguments: &[&str]| run::printed(Command::new(rustc).args(arguments)).map(PathBuf::from);
        let installed = ask(&["--print", "target-libdir", "--target", TARGET]);
        let sysroot = ask(&["--print", "sysroot"]);
        installed.is_some_and(|folder| holds(&folder, "libstd-"))
            || sysroot.is_some_and(|sysroot| builds_std(&sysroot))
    })
}

/// Whether std can be built from its source: the source itself, and a linker of the compiler's own or the system's.
fn builds_std(sysroot: &Path) -> bool {
    let libraries = sysroot.join("lib/rustlib");
    let source = libraries.join("src/rust/library/std/Cargo.toml");
    let own_linker = || {
        let targets = fs::read_dir(&libraries).into_iter().flatten().flatten();
        targets.map(|target| target.path().join("bin/rust-lld")).any(|linker| linker.is_file())
    };
    let linker = || {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).any(|folder| holds(&folder, "wasm-ld"))
    };
    source.is_file() && (own_linker() || linker())
}

fn holds(folder: &Path, prefix: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
}

fn add_target() -> Result<(), String> {
    // Set by rustup's own cargo, and by nothing else: then the rustc that is called here is rustup's as well.
    if env::var_os("RUSTUP_TOOLCHAIN").is_none() {
        return Err("this cargo is not rustup's".to_owned());
    }
    run::visibly(Command::new("rustup").args(["target", "add", TARGET]))
}

fn install_debians() -> Result<(), String> {
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
    apt_get(&[&APT_INSTALL[..], &APT_PACKAGES[..]].concat())
}
