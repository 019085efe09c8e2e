//! Runs plugins: WebAssembly components, a fresh and metered instance for every call.
//!
//! ```text
//!  bytes ──► Sandbox::load ──► LoadedPlugin ──filter, patch──► answer, checked
//!              names first,         │  ▲                       or a fault that names the limit
//!              then compiled        │  └── a store and an instance a call, dropped afterwards
//!              or from the cache    ▼
//!                               questions ──► Reading (plan's), counted
//! ```
//!
//! A plugin gets what the contract in `wit/` offers and nothing else: there is no WASI, no clock, no randomness, no
//! file, no network. Nothing is left from one call to the next. Whatever a plugin does ends as a value of
//! [`portolan_plan::Fault`], within bounds that [`Budgets`] writes down.
//!
//! This crate will never know kube, files of templates, or the rules of policies; and neither wasmtime's types nor the
//! names generated from the contract leave it.

mod answers;
mod bindings;
mod budgets;
mod cache;
mod call;
mod compile;
mod engine;
mod expansion;
mod load;
mod log;
mod manifest;
mod meter;
mod outline;
mod questions;
mod sandbox;
mod schema;
mod text;
mod ticker;

pub use budgets::Budgets;
pub use call::Figures;
pub use load::{LoadError, LoadedPlugin};
pub use log::{Level, Log, LogLine, LogSink};
pub use sandbox::{Loading, Sandbox, SandboxError, Settings};
pub use text::acts_unseen;
