//! What each command does, one file each.

pub mod apply;
pub mod explain;
pub mod inspect;
pub mod plan;

mod changes;
