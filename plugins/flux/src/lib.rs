//! The kinds of Flux: in the versions for which the reference has interpreters, as those know them, and in the current
//! ones.
//!
//! What is known of a kind is a row of a table (`kinds.rs`); the operations are the same for all. `sourceRef` is never
//! a dependency. Conditions come in the order of members and of each member's own; dependencies in the order of the
//! table.

mod aggregate;
mod dependencies;
mod health;
mod kinds;
mod reflect;
mod retain;

use portolan_plugin::Interpreter;

/// The plugin.
#[derive(Debug)]
pub struct Flux;

impl Interpreter for Flux {
    const KINDS: &[(&str, &str)] = kinds::NAMES;
}

portolan_plugin::interpreter!(Flux: Retain, Health, Reflect, Aggregate, Dependencies);
