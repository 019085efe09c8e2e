use std::path::PathBuf;
use std::process::ExitStatus;
use std::{error, fmt, io};

use crate::toolchain::{APT_PACKAGES, TARGET};

/// Why there are no components.
#[derive(Debug)]
pub enum Error {
    /// Nothing here compiles to WebAssembly. The text says what to type.
    NoToolchain {
        /// The toolchain of this build, where rustup chose it: the target is missing from that one.
        rustup: Option<String>,
    },
    /// The workspace's manifest can't be read.
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The workspace does not say how plugins are built.
    Profile {
        /// Its manifest.
        path: PathBuf,
    },
    /// Cargo does not know the folder's crate; its message.
    Metadata(String),
    /// The folder's crate is no plugin: what it should be instead.
    NoPlugin(String),
    /// Cargo could not be started.
    RunCargo {
        /// The program.
        cargo: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Cargo gave up. It has said why on standard error.
    Cargo {
        /// What it was to build.
        packages: Vec<String>,
        /// How it ended.
        status: ExitStatus,
    },
    /// Cargo built the package, but there is no module: it is no `cdylib`, or not of this workspace's profile
    /// `plugin`.
    Module {
        /// Where the module should be.
        path: PathBuf,
        /// Why it can't be read.
        source: io::Error,
    },
    /// The module is no plugin: it imports something else than the contract, or exports nothing of it.
    Component {
        /// The package.
        package: String,
        /// What is wrong with it.
        source: Box<dyn error::Error + Send + Sync>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoToolchain { rustup } => {
                let of = rustup.as_ref().map(|name| format!("--toolchain {name} ")).unwrap_or_default();
                write!(
                    f,
                    "no Rust compiler here builds for WebAssembly; type one of these two, then build again:\n\
                     \x20 rustup target add {of}{TARGET}\n\
                     \x20 apt-get install -y --no-install-recommends {APT_PACKAGES}"
                )
            }
            Self::Manifest { path, .. } => write!(f, "can't read {}", path.display()),
            Self::Profile { path } => write!(
                f,
                "{} does not say how plugins are built; valid are these lines in it:\n\
                 \x20 [profile.plugin]\n\
                 \x20 inherits = \"release\"\n\
                 \x20 opt-level = \"s\"\n\
                 \x20 incremental = false\n\
                 \x20 panic = \"abort\"\n\
                 \x20 lto = true\n\
                 \x20 codegen-units = 1\n\
                 \x20 strip = true",
                path.display()
            ),
            Self::Metadata(message) => write!(f, "cargo can't use it: {message}"),
            Self::NoPlugin(why) => f.write_str(why),
            Self::RunCargo { cargo, .. } => write!(f, "can't run {}", cargo.display()),
            Self::Cargo { packages, status } => {
                write!(
                    f,
                    "cargo could not build {} for WebAssembly ({status}); its messages are above",
                    packages.join(", ")
                )
            }
            Self::Module { path, .. } => {
                write!(
                    f,
                    "can't read the module {}; a plugin's crate-type includes \"cdylib\"",
                    path.display()
                )
            }
            Self::Component { package, .. } => {
                write!(
                    f,
                    "can't make a component of {package}; a plugin ends in a line such as portolan_plugin::filter!(…)"
                )
            }
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::NoToolchain { .. }
            | Self::Profile { .. }
            | Self::Metadata(_)
            | Self::NoPlugin(_)
            | Self::Cargo { .. } => None,
            Self::Manifest { source, .. } | Self::RunCargo { source, .. } | Self::Module { source, .. } => {
                Some(source)
            }
            Self::Component { source, .. } => Some(&**source),
        }
    }
}
