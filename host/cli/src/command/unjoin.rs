//! `portolan unjoin NAME`: a member leaves its control plane.

use std::time::Duration;

use anyhow::Context as _;
use portolan_member::joining::{self, Leaving};

use super::join::{control, member, say};
use crate::arguments::UnjoinArguments;
use crate::control_plane;
use crate::findings::Findings;

/// Leaves, and prints each act.
pub fn run(arguments: &UnjoinArguments) -> anyhow::Result<Findings> {
    let UnjoinArguments { name, sides, force, timeout } = arguments;
    let leaving = Leaving {
        name: name.clone(),
        control: control(sides),
        member: member(sides),
        forced: *force,
        patience: Duration::from_secs(*timeout),
    };
    let left = control_plane::runtime()?.block_on(joining::unjoin(&leaving, &mut say));
    left.with_context(|| format!("{name} has not left"))?;
    Ok(Findings::default())
}
