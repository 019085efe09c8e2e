//! Plugins against the real sandbox, through its door. What is hostile is kept as component text in `tests/guests`.

mod builtin;
mod setting;
mod well_behaved;
