//! Puts the default plugins, as components, where the crate includes them from.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use portolan_plugin_builder::{Build, DEFAULT_PLUGINS};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let workspace = manifest.ancestors().nth(2).ok_or("this crate is in host/builtin of the workspace")?;

    println!("cargo:rerun-if-env-changed=PORTOLAN_PLUGINS");
    match env::var_os("PORTOLAN_PLUGINS").filter(|given| !given.is_empty()) {
        Some(given) => take(&workspace.join(given), &out)?,
        None => build(workspace, &out)?,
    }
    fs::write(out.join("all.rs"), table()?)?;
    Ok(())
}

/// Components that somebody built before, for machines that can't build them.
fn take(from: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    for name in DEFAULT_PLUGINS {
        let path = from.join(format!("{name}.wasm"));
        println!("cargo:rerun-if-changed={}", path.display());
        let bytes = fs::read(&path).map_err(|error| {
            format!(
                "PORTOLAN_PLUGINS is set, and {} can't be read ({error}); it must hold {}.wasm",
                path.display(),
                DEFAULT_PLUGINS.join(".wasm, ")
            )
        })?;
        // The preamble of a component, as opposed to a core module: the same magic, another layer.
        if !bytes.starts_with(b"\0asm\x0d\0\x01\0") {
            return Err(format!("{} is no WebAssembly component", path.display()).into());
        }
        fs::write(out.join(format!("{name}.wasm")), bytes)?;
    }
    Ok(())
}

fn build(workspace: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    // Root manifest: the profile. The nested target directory is under OUT_DIR, so that none of these holds
    // it.
    for input in ["plugins", "wit", "Cargo.toml", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={}", workspace.join(input).display());
    }
    let target_dir = &out.join("target");
    let build = Build { workspace, packages: DEFAULT_PLUGINS, target_dir, locked: true, outside: &[] };
    let built = build.run().map_err(|error| -> Box<dyn Error> {
        match error {
            portolan_plugin_builder::Error::NoToolchain { .. } => format!(
                "{error}\nor set PORTOLAN_PLUGINS to a directory of components that were built elsewhere"
            )
            .into(),
            other => other.into(),
        }
    })?;
    eprintln!("plugins built by {}", built.toolchain);
    for component in &built.components {
        fs::write(out.join(format!("{}.wasm", component.name)), &component.bytes)?;
    }
    Ok(())
}

/// The value of `ALL`.
fn table() -> Result<String, std::fmt::Error> {
    let mut text = String::from("&[\n");
    for name in DEFAULT_PLUGINS {
        let bytes = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.wasm\"))");
        writeln!(text, "    Builtin {{ name: \"{name}\", component: {bytes} }},")?;
    }
    text.push_str("]\n");
    Ok(text)
}
