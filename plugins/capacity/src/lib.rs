//! How many replicas of a template fit into each cluster, from what its status says of its resources: Karmada's general
//! estimator.
//!
//! ```text
//!  pods ────────────────────────────────────────────────┐
//!  resourceModels, where the cluster counts its nodes ──┼─► the least
//!  else resourceSummary ────────────────────────────────┘
//! ```
//!
//! - **Pods** bound every estimate: allocatable, less what is allocated and what is being allocated.
//! - **Models**: each node of a grade counts for the replicas that fit into the grade's least resources. They speak where the
//!   cluster counts its nodes (`allocatableModelings`) and its models have every resource that a replica needs.
//! - **The summary**: of each resource what is allocatable, less what is allocated and what is being allocated, by what a replica
//!   needs; a resource that the cluster does not have is 0.
//!
//! A cluster that does not say how many pods it can have can't be told, and neither can one with an amount that is none. What
//! there is, is asked for by column, never cluster by cluster; models are long and mostly the same, so they are read once for all
//! clusters that have the same ones.

mod amounts;
mod models;
mod need;
mod summary;

use portolan_plugin::{Estimator, Fault, NoConfig, Questions};

/// Kubernetes counts replicas in 32 bits with a sign.
const MOST: i64 = i32::MAX as i64;

/// The plugin.
#[derive(Debug)]
pub struct Capacity;

impl Estimator for Capacity {
    type Config = NoConfig;

    fn estimate(NoConfig {}: NoConfig, questions: &dyn Questions) -> Result<Vec<Option<u32>>, Fault> {
        let needs = need::of_one_replica(questions)?;
        let mut room = summary::pods(questions);
        if !needs.is_empty() && room.iter().flatten().any(|room| *room > 0) {
            let mut other = models::room(&needs, questions);
            if other.iter().any(Option::is_none) {
                let by_summary = summary::room(&needs, questions);
                other.iter_mut().zip(by_summary).for_each(|(models, summary)| *models = models.or(summary));
            }
            lower(&mut room, other);
        }
        let replicas = |room: i64| u32::try_from(room.clamp(0, MOST)).expect("it is between the two");
        Ok(room.into_iter().map(|room| room.map(replicas)).collect())
    }
}

/// Keeps the least of two estimates. What either can't tell can't be told.
fn lower(room: &mut [Option<i64>], other: impl IntoIterator<Item = Option<i64>>) {
    for (room, other) in room.iter_mut().zip(other) {
        *room = room.zip(other).map(|(room, other)| room.min(other));
    }
}

portolan_plugin::estimator!(Capacity);
