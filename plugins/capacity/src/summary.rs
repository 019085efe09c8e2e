//! By `status.resourceSummary`: what is allocatable, less what is allocated and what is being allocated.

use portolan_plugin::{Questions, pointer};
use quantity::Quantity;

use crate::amounts::column;
use crate::lower;
use crate::need::Need;

/// How many more pods each cluster can have; none where it does not say how many it can have at all.
pub(crate) fn pods(questions: &dyn Questions) -> Vec<Option<i64>> {
    free("pods", None, questions).into_iter().map(|free| free.map(Quantity::units)).collect()
}

/// How many replicas fit, cluster by cluster; none where an amount is none. There is at least one need.
pub(crate) fn room(needs: &[Need], questions: &dyn Questions) -> Vec<Option<i64>> {
    let fits = |need: &Need| -> Vec<Option<i64>> {
        // What a cluster does not have is nothing, and no matter of not knowing.
        let free = free(&need.resource, Some(Quantity::default()), questions).into_iter();
        free.map(|free| free.map(|free| need.fits_into(free))).collect()
    };
    let (first, others) = needs.split_first().expect("there is at least one need");
    let mut room = fits(first);
    others.iter().for_each(|need| lower(&mut room, fits(need)));
    room
}

fn free(resource: &str, missing: Option<Quantity>, questions: &dyn Questions) -> Vec<Option<Quantity>> {
    let resource = pointer::escape(resource);
    let at = |part: &str| format!("/status/resourceSummary/{part}/{resource}");
    let mut free = Vec::new();
    column(&at("allocatable"), missing, questions, |_, amount| free.push(amount));
    if free.iter().all(Option::is_none) {
        return free;
    }
    for taken in ["allocated", "allocating"] {
        column(&at(taken), Some(Quantity::default()), questions, |cluster, taken| {
            free[cluster] = free[cluster].zip(taken).map(|(free, taken)| free - taken);
        });
    }
    free
}
