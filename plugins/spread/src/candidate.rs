use std::cmp::Reverse;

use portolan_plugin::{Cluster, Questions};

/// A cluster that may be chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) cluster: Cluster,
    tier: u32,
    pub(crate) score: u64,
    /// Replicas that it has room for, those that stand there included.
    pub(crate) available: u64,
}

/// All clusters on offer, the best first: the lower overflow tier, then the higher score, then more room, then the name.
pub(crate) fn ranked(replicas: u32, questions: &dyn Questions) -> Vec<Candidate> {
    let (tiers, scores) = (questions.request_tiers(), questions.request_scores());
    let (available, previous) = (questions.request_available(), questions.request_previous());
    let known = (0..).zip(tiers).zip(scores).zip(available).zip(previous);
    let candidate = |((((cluster, tier), score), available), previous): ((_, Option<u32>), Option<u32>)| {
        // A cluster of which nothing is known is taken to have room for all.
        let available = u64::from(available.unwrap_or(replicas)) + u64::from(previous.unwrap_or_default());
        Candidate { cluster, tier, score: u64::from(score), available }
    };
    let mut ranked: Vec<Candidate> = known.map(candidate).collect();
    ranked.sort_unstable_by_key(|one| (one.tier, Reverse(one.score), Reverse(one.available), one.cluster));
    ranked
}
