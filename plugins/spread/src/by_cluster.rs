//! Spreading by cluster alone.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use portolan_plugin::Fault;

use crate::candidate::Candidate;
use crate::config::Bounds;

/// The clusters that are taken, in order. `room_for`: where replicas are divided, all clusters together must have room for
/// so many.
///
/// The best are taken, as many as there may be. Where these have too little room, the last of them gives way to the one
/// with most room of those that are left over, if that has more; then the last but one, and so on until the room is
/// enough.
pub(crate) fn chosen(
    ranked: &[Candidate],
    bounds: Bounds,
    room_for: Option<u32>,
) -> Result<Vec<Candidate>, Fault> {
    let found = ranked.len();
    if found < bounds.min {
        return Err(Fault::Unschedulable(format!(
            "spread by cluster: {found} clusters are left to choose from, minGroups is {}",
            bounds.min
        )));
    }
    let (taken, left_over) = ranked.split_at(found.min(bounds.max));
    let mut taken = taken.to_vec();
    let Some(replicas) = room_for else { return Ok(taken) };
    let mut room: u64 = taken.iter().map(|one| one.available).sum();
    let rest = left_over.iter().enumerate();
    let mut rest: BinaryHeap<_> = rest.map(|(place, one)| (one.available, Reverse(place))).collect();
    let mut others: Vec<Candidate> = left_over.to_vec();
    for last in taken.iter_mut().rev() {
        if room >= u64::from(replicas) {
            break;
        }
        let Some(mut most) = rest.peek_mut().filter(|most| most.0 > last.available) else { continue };
        room += most.0 - last.available;
        let Reverse(place) = most.1;
        most.0 = last.available;
        std::mem::swap(last, &mut others[place]);
    }
    if taken.is_empty() || room < u64::from(replicas) {
        return Err(Fault::Unschedulable(format!(
            "spread by cluster: maxGroups is {}, and as many clusters have room for {room} replicas; {replicas} are asked for",
            bounds.max
        )));
    }
    Ok(taken)
}
