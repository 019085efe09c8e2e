//! Plugins against the real sandbox, through its door. What is hostile is kept as component text in `tests/guests`;
//! tests are named by the line of attacks that they try.

mod answers;
mod budgets;
mod builtin;
mod cache;
mod hostile;
mod interpreting;
mod isolation;
mod loading;
mod log;
mod placement;
mod questions;
mod schema;
mod setting;
mod well_behaved;
