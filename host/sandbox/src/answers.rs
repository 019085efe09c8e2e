//! Answers, checked and turned into plan's types. What is not allowed is a fault that says what would be.

mod interpreting;
mod output;
mod patches;
mod placement;
mod places;

pub(crate) use interpreting::{dependencies, health, size, status};
pub(crate) use output::parsed_bytes;
pub(crate) use patches::{amendments, patch_of_object};
pub(crate) use placement::{choice, estimates, refusals, replicas, scores};
