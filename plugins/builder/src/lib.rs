//! Builds plugin crates into WebAssembly components, with whatever toolchain is there.
//!
//! ```text
//!  build script ────────────┐                          ┌► rustc of this build, target installed ─┐
//!  xtask ───────────────────┼► Build::run ► toolchain ─┤                                         ├► nested cargo ► wit-component
//!  CrateFolder: anybody's ──┘                          └► a compiler with std's source: build-std┘
//! ```
//!
//! The nested cargo takes neither flags nor profile nor toolchain from the environment of the one that called
//! it, so that the same sources give the same bytes, whoever asks.
//!
//! It will never download a toolchain, know what a plugin does, or write outside of the target directory it
//! was given.

mod build;
mod cargo;
mod crate_folder;
mod error;
mod toolchain;

pub use build::{Build, Built, Component};
pub use crate_folder::CrateFolder;
pub use error::Error;
pub use toolchain::{Source, Toolchain};

/// The plugins that Portolan ships, by package name, sorted.
pub const DEFAULT_PLUGINS: &[&str] = &[
    "annotations",
    "api-enablement",
    "args",
    "capacity",
    "cluster-affinity",
    "cluster-eviction",
    "cluster-locality",
    "command",
    "division",
    "field",
    "flux",
    "image",
    "kubernetes",
    "labels",
    "plaintext",
    "spread",
    "taint-toleration",
];

#[cfg(test)]
mod tests {
    use super::DEFAULT_PLUGINS;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_folder_beside_this_one_that_holds_a_plugin_is_a_default_plugin() {
        let plugins =
            Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate is in plugins/builder");
        let folders = fs::read_dir(plugins).expect("plugins/ can be read");
        let mut found: Vec<String> = folders
            .map(|folder| folder.expect("its entries too"))
            .filter(|folder| {
                let manifest = fs::read_to_string(folder.path().join("Cargo.toml"));
                manifest.is_ok_and(|manifest| manifest.contains("\"cdylib\""))
            })
            .map(|folder| folder.file_name().to_string_lossy().into_owned())
            .collect();
        found.sort();
        assert_eq!(found, DEFAULT_PLUGINS);
    }
}
