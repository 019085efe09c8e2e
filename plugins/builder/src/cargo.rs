use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::toolchain::TARGET;
use crate::{Build, Error, Source, Toolchain};

/// Of the workspace: small first, panics abort, symbols stripped.
pub(crate) const PROFILE: &str = "plugin";

/// Cargo's own message for this does not say what the profile is for.
pub(crate) fn check_profile(workspace: &Path) -> Result<(), Error> {
    let path = workspace.join("Cargo.toml");
    match fs::read_to_string(&path) {
        Ok(manifest) if manifest.contains(&format!("[profile.{PROFILE}]")) => Ok(()),
        Ok(_) => Err(Error::Profile { path }),
        Err(source) => Err(Error::Manifest { path, source }),
    }
}

/// Runs the nested cargo.
pub(crate) fn build(build: &Build<'_>, toolchain: &Toolchain) -> Result<(), Error> {
    let status = command(build, toolchain)
        .status()
        .map_err(|source| Error::RunCargo { cargo: toolchain.cargo.clone(), source })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Cargo { packages: build.packages.iter().map(|&package| package.to_owned()).collect(), status })
}

fn command(build: &Build<'_>, toolchain: &Toolchain) -> Command {
    let Build { workspace, packages, target_dir, locked, outside } = build;
    let mut cargo = Command::new(&toolchain.cargo);
    // What a build script prints on standard output is read by the cargo that runs it.
    cargo.stdin(Stdio::null()).stdout(Stdio::null());
    for (name, _) in env::vars_os() {
        if !inherited(&name) {
            cargo.env_remove(name);
        }
    }
    cargo.current_dir(workspace).arg("build");
    if *locked {
        cargo.arg("--locked");
    }
    cargo.args(["--profile", PROFILE, "--target", TARGET]);
    cargo.arg("--target-dir").arg(target_dir);
    for package in *packages {
        cargo.args(["--package", package]);
    }
    cargo.env("RUSTC", &toolchain.rustc);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags(workspace, outside, toolchain));
    if let Source::Built { .. } = toolchain.std {
        // Building std is not stable yet. Only the nested cargo is told that this may be done.
        cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
    }
    cargo
}

/// Whether the nested cargo gets to see a variable of the environment. Flags, profiles and toolchains of the
/// build around it are for another target, and would change the bytes; how to reach the network and the
/// linker of the host's own programs are this machine's, and stay.
fn inherited(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy();
    let exact =
        ["RUSTFLAGS", "RUSTUP_TOOLCHAIN", "CARGO_ENCODED_RUSTFLAGS", "CARGO_INCREMENTAL", "CARGO_TARGET_DIR"];
    let prefixes = [
        "RUSTC",
        "RUSTDOC",
        "CARGO_BUILD_",
        "CARGO_ENCODED_",
        "CARGO_PROFILE_",
        "CARGO_UNSTABLE_",
        "CARGO_TARGET_WASM32_",
        // Said to the build script about its own package.
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
    ];
    !exact.contains(&&*name) && !prefixes.iter().any(|prefix| name.starts_with(prefix))
}

/// Flags for what is built for WebAssembly, in cargo's encoding. Set even where there is nothing to say: they
/// also keep flags of the user's own configuration out.
fn flags(workspace: &Path, outside: &[PathBuf], toolchain: &Toolchain) -> OsString {
    let mut flags: Vec<OsString> = Vec::new();
    // Panics name their file. A folder of this machine in there would make the bytes differ from machine to
    // machine.
    let own = [
        Some((workspace.to_path_buf(), ".".to_owned())),
        cargo_home().map(|home| (home, "/cargo".to_owned())),
    ];
    let outside = outside
        .iter()
        .filter_map(|folder| Some((folder.clone(), format!("/{}", folder.file_name()?.to_string_lossy()))));
    for (folder, name) in own.into_iter().flatten().chain(outside).chain(toolchain.remap.iter().cloned()) {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(folder);
        flag.push("=");
        flag.push(name);
        flags.push(flag);
    }
    if let Source::Built { linker: Some(linker) } = &toolchain.std {
        let mut flag = OsString::from("-Clinker=");
        flag.push(linker);
        flags.push(flag);
    }
    flags.join(OsStr::new("\u{1f}"))
}

/// Where the sources of dependencies lie.
fn cargo_home() -> Option<PathBuf> {
    let set = env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    set.or_else(|| Some(env::home_dir()?.join(".cargo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_the_bytes_is_not_inherited() {
        for variable in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTC_BOOTSTRAP",
            "RUSTUP_TOOLCHAIN",
            "CARGO_BUILD_TARGET",
            "CARGO_BUILD_RUSTFLAGS",
            "CARGO_INCREMENTAL",
            "CARGO_PROFILE_PLUGIN_OPT_LEVEL",
            "CARGO_PROFILE_RELEASE_DEBUG",
            "CARGO_TARGET_DIR",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        ] {
            assert!(!inherited(OsStr::new(variable)), "{variable}");
        }
    }

    #[test]
    fn what_this_machine_needs_is() {
        for variable in [
            "PATH",
            "HOME",
            "CARGO_HOME",
            "RUSTUP_HOME",
            "CARGO_MAKEFLAGS",
            "CARGO_NET_OFFLINE",
            "CARGO_HTTP_PROXY",
            "CARGO_REGISTRIES_CRATES_IO_PROTOCOL",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
            "HTTPS_PROXY",
        ] {
            assert!(inherited(OsStr::new(variable)), "{variable}");
        }
    }

    #[test]
    fn building_std_is_allowed_to_the_nested_cargo_alone() {
        let build = Build {
            workspace: Path::new("/w"),
            packages: &["a", "b-c"],
            target_dir: Path::new("/t"),
            locked: true,
            outside: &["/s/sdk".into()],
        };
        let toolchain =
            |std| Toolchain { rustc: "/r/rustc".into(), cargo: "/r/cargo".into(), std, remap: Vec::new() };
        let bootstrap = |command: &Command| {
            command
                .get_envs()
                .any(|(name, value)| name == "RUSTC_BOOTSTRAP" && value == Some(OsStr::new("1")))
        };
        let plain = command(&build, &toolchain(Source::Installed));
        assert!(!bootstrap(&plain));
        let arguments: Vec<_> = plain.get_args().map(OsStr::to_string_lossy).collect();
        assert_eq!(
            arguments.join(" "),
            "build --locked --profile plugin --target wasm32-unknown-unknown --target-dir /t --package a --package b-c"
        );
        let unlocked = command(&Build { locked: false, ..build }, &toolchain(Source::Installed));
        assert!(unlocked.get_args().all(|argument| argument != "--locked"));
        let remapped = flags(build.workspace, build.outside, &toolchain(Source::Installed));
        assert!(remapped.to_string_lossy().ends_with("\u{1f}--remap-path-prefix=/s/sdk=/sdk"));
        let built = toolchain(Source::Built { linker: Some("/usr/bin/wasm-ld-22".into()) });
        assert!(bootstrap(&command(&build, &built)));
        assert!(
            flags(Path::new("/w"), &[], &built)
                .to_string_lossy()
                .ends_with("\u{1f}-Clinker=/usr/bin/wasm-ld-22")
        );
    }
}
