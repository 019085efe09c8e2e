//! How many replicas each chosen cluster gets: Karmada's `replicaScheduling`.
//!
//! ```text
//!  Duplicated ──► each gets all
//!  Static ──────► listed weights, or 1 each ──────────────┐
//!  Dynamic ─────► room ──┐                                ├──► divider ──► replicas, cluster by cluster
//!  Aggregated ──► room of the first that are enough ──────┘
//!                        └ what stands already stays; what is added or taken is divided, tier by tier
//! ```
//!
//! Order and ties. [`divider`] says how ties are broken. Where only some clusters are needed (`Aggregated`), those that
//! have replicas come first when replicas are added, then those with more room, then those that the selector ranked
//! higher; when replicas are taken away, those with more come first, then those that the last decision named earlier.
//!
//! A template that is no workload, and one that asks for no replicas, gets 0 everywhere: whether its object still goes
//! there is the host's to say.
//!
//! It will never know an affinity: the host knows which clusters a rule of `staticWeightList` means.

pub mod divider;
mod room;

use std::borrow::Cow;

use portolan_plugin::{Assigner, Config, Fault, Questions};
use replica_scheduling::{ReplicaScheduling, Strategy};
use serde::Deserialize;

use crate::divider::{Ties, divided};

/// The plugin.
#[derive(Debug)]
pub struct Division;

/// As far as Kubernetes counts.
const MOST: u64 = i32::MAX.unsigned_abs() as u64;

/// The field `replicaScheduling` of a policy.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Scheduling(pub ReplicaScheduling);

/// By hand, as in every default plugin: deriving it would add half to a component that each user's machine compiles.
impl Config for Scheduling {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

impl Assigner for Division {
    type Config = Scheduling;

    fn assign(Scheduling(scheduling): Scheduling, questions: &dyn Questions) -> Result<Vec<u32>, Fault> {
        let strategy = scheduling.strategy().ok_or_else(|| {
            let why = "replicaScheduling says Divided and not how; replicaDivisionPreference must be Weighted or Aggregated";
            Fault::Config(why.to_owned())
        })?;
        let size = questions.fleet_size() as usize;
        if size == 0 {
            return Err(Fault::Unschedulable("there is no cluster to give replicas to".to_owned()));
        }
        let replicas = match questions.request_replicas() {
            None | Some(0) => return Ok(vec![0; size]),
            Some(replicas) => replicas,
        };
        match strategy {
            Strategy::Duplicated => duplicated(replicas, size),
            Strategy::Static => Ok(by_listed_weights(replicas, size, questions)),
            Strategy::Dynamic => room::by_room(replicas, room::On::All, questions),
            Strategy::Aggregated => room::by_room(replicas, room::On::Few, questions),
        }
    }
}

fn duplicated(replicas: u32, size: usize) -> Result<Vec<u32>, Fault> {
    if u64::from(replicas) * size as u64 > MOST {
        let why = format!(
            "{replicas} replicas on each of {size} clusters are more than Kubernetes counts, {MOST} in all"
        );
        return Err(Fault::Unschedulable(why));
    }
    Ok(vec![replicas; size])
}

/// The last decision is of no account: listed shares are what a person wants, whatever was there before.
fn by_listed_weights(replicas: u32, size: usize, questions: &dyn Questions) -> Vec<u32> {
    let weights = questions.request_weights().unwrap_or_else(|| vec![1; size]);
    divided(replicas, &weights, ties(questions))
}

/// The same for ever for a template, and even over many of them.
fn ties(questions: &dyn Questions) -> Ties {
    Ties::of(&questions.request_seed())
}

portolan_plugin::assigner!(Division);
