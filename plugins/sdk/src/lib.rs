//! What the author of a Portolan plugin writes against.
//!
//! ```text
//!   host ──config──► [filter!(MyFilter)] ──► MyFilter::filter(config, questions) ──► refusals ──► host
//!    ▲                                                            │
//!    └───────────────────── one question, one answer ─────────────┘
//! ```
//!
//! A plugin is a function of its config and of the answers to its [`Questions`]. It implements one trait,
//! [`Filter`] or [`Overrider`], in plain Rust, and one line exports it:
//!
//! ```
//! use portolan_plugin::{Fault, Filter, Manifest, Questions, Refusal};
//! use serde::Deserialize;
//!
//! /// Refuses every cluster outside of one region.
//! struct Residency;
//!
//! #[derive(Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Config {
//!     region: String,
//! }
//!
//! impl Filter for Residency {
//!     type Config = Config;
//!
//!     fn manifest() -> Manifest {
//!         Manifest {
//!             name: env!("CARGO_PKG_NAME"),
//!             version: env!("CARGO_PKG_VERSION"),
//!             summary: "Keeps objects in one region",
//!             config_schema: r#"{"type": "object", "required": ["region"]}"#.into(),
//!         }
//!     }
//!
//!     fn filter(config: Config, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
//!         let regions = questions.fleet_column("/spec/region");
//!         let outside = (0..).zip(regions).filter(|(_, region)| *region != config.region.as_str());
//!         let clusters: Vec<_> = outside.map(|(cluster, _)| cluster).collect();
//!         Ok(Refusal::unless_empty(format!("not in region {}", config.region), clusters).into_iter().collect())
//!     }
//! }
//!
//! portolan_plugin::filter!(Residency);
//! ```
//!
//! The crate is a `cdylib` (and an `rlib`, for its own tests) built for `wasm32-unknown-unknown`;
//! `portolan-plugin-builder` makes a component of it. Natively the macros expand to nothing and `testing` (not
//! part of a WebAssembly build) answers the questions from memory. A panic reaches the host's log with its place.
//!
//! There are traits for filters and overriders so far; the contract's other stages are for later.
//!
//! It will never know a clock, a random number, a file or a socket: the contract has none of them, so that
//! the same questions and answers give the same decision for ever.

mod config;
mod fault;
mod filter;
mod manifest;
mod overrider;
pub mod pointer;
mod questions;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod component;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use fault::Fault;
pub use filter::{Filter, Refusal};
pub use manifest::Manifest;
pub use overrider::{Amendment, Operation, Overrider};
pub use questions::{Cluster, Level, Questions};

/// Exports a [`Filter`] as a component. Once a crate.
///
/// On other targets than WebAssembly it expands to nothing, so that the crate links and is tested natively.
#[macro_export]
macro_rules! filter {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = $crate::component::FilterExport<$plugin>;
    $crate::component::plugin::export_plugin!(Exported with_types_in $crate::component::plugin);
    $crate::component::filter::export_filter!(Exported with_types_in $crate::component::filter);
        };
    };
}

/// Exports an [`Overrider`] as a component. Once a crate.
///
/// On other targets than WebAssembly it expands to nothing, so that the crate links and is tested natively.
#[macro_export]
macro_rules! overrider {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = $crate::component::OverriderExport<$plugin>;
            $crate::component::plugin::export_plugin!(Exported with_types_in $crate::component::plugin);
            $crate::component::overrider::export_overrider!(Exported with_types_in $crate::component::overrider);
        };
    };
}
