//! What each command does, one file each.

pub mod apply;
pub mod bench;
pub mod build;
pub mod control;
pub mod crds;
pub mod explain;
pub mod inspect;
pub mod join;
pub mod local_down;
pub mod local_up;
pub mod new;
pub mod plan;
pub mod replay;
pub mod run;
pub mod test;
pub mod unjoin;

pub mod changes;
