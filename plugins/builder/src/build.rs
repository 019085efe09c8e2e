use std::fs;
use std::path::{Path, PathBuf};

use wit_component::ComponentEncoder;

use crate::toolchain::TARGET;
use crate::{Error, Toolchain, cargo};

/// What to build, and where.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// The folder that holds the workspace's `Cargo.toml`, `Cargo.lock` and its profile `plugin`.
    pub workspace: &'a Path,
    /// Packages of that workspace, each a `cdylib` that exports a plugin.
    pub packages: &'a [&'a str],
    /// A target directory of its own: the one of the cargo that is running is locked until it ends.
    pub target_dir: &'a Path,
    /// Whether `Cargo.lock` must be there and fit. Otherwise it is made, or brought up to date.
    pub locked: bool,
    /// Folders outside of the workspace that sources are taken from. Their places stay out of what is built.
    pub outside: &'a [PathBuf],
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Built {
    /// The way that was taken.
    pub toolchain: Toolchain,
    /// In the order in which the packages were named.
    pub components: Vec<Component>,
}

/// One plugin, ready to be loaded.
#[derive(Clone, Debug)]
pub struct Component {
    /// The package that it was built from.
    pub name: String,
    /// A valid WebAssembly component.
    pub bytes: Vec<u8>,
}

impl Build<'_> {
    /// Builds the packages with the first toolchain that can. Cargo reports progress on standard error.
    ///
    /// The same sources, lock file and compiler give the same bytes, wherever the workspace and the caches
    /// lie.
    ///
    /// # Errors
    ///
    /// [`Error::NoToolchain`] is the user's to fix and says how; so is [`Error::Cargo`] where the sources
    /// don't compile, and [`Error::Profile`]. [`Error::Module`] and [`Error::Component`] mean that a package is no plugin.
    pub fn run(&self) -> Result<Built, Error> {
        let toolchain = Toolchain::find()?;
        // Cargo takes no package for every default one.
        if !self.packages.is_empty() {
            cargo::check_profile(self.workspace)?;
            cargo::build(self, &toolchain)?;
        }
        let components =
            self.packages.iter().map(|package| self.componentize(package)).collect::<Result<_, _>>()?;
        Ok(Built { toolchain, components })
    }

    fn componentize(&self, package: &str) -> Result<Component, Error> {
        let file = format!("{}.wasm", package.replace('-', "_"));
        let path = self.target_dir.join(TARGET).join(cargo::PROFILE).join(file);
        let module = fs::read(&path).map_err(|source| Error::Module { path, source })?;
        let bytes = encode(&module)
            .map_err(|error| Error::Component { package: package.to_owned(), source: error })?;
        Ok(Component { name: package.to_owned(), bytes })
    }
}

fn encode(module: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    Ok(ComponentEncoder::default().validate(true).module(module)?.encode()?)
}
