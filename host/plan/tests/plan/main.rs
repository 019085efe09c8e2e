//! The room through its door. Plugins are closures here; real components are tried in the workspace's `tests`.

mod decisions;
mod fixture;
mod interpreters;
mod memory;
mod placement;
mod questions;
mod runs;
mod secrets;
mod transcripts;
