//! Builds plugin crates into WebAssembly components, with whatever toolchain is there.
//!
//! ```text
//!  build script ─┐                          ┌► rustc of this build, target installed ─┐
//!                ├► Build::run ► toolchain ─┤                                         ├► nested cargo ► wit-component
//!  xtask ────────┘                          └► a compiler with std's source: build-std┘       own target directory
//! ```
//!
//! The nested cargo takes neither flags nor profile nor toolchain from the environment of the one that called it, so
//! that the same sources give the same bytes, whoever asks.
//!
//! It will never download a toolchain, know what a plugin does, or write outside of the target directory it was given.

mod build;
mod cargo;
mod error;
mod toolchain;

pub use build::{Build, Built, Component};
pub use error::Error;
pub use toolchain::{Source, Toolchain};

/// The plugins that Portolan ships, by package name, sorted.
pub const DEFAULT_PLUGINS: &[&str] = &["annotations", "cluster-affinity", "labels", "plaintext"];
