//! Over which clusters a template is spread: Karmada's `spreadConstraints`.
//!
//! ```text
//!  filter:    keeps out who lacks what a constraint groups by
//!  selector:  rank ──► no constraint, or listed shares ──► all
//!                 ├──► by cluster alone ─────────────────► the best, with room enough together
//!                 └──► by a group ──► weigh groups ──► best combination ──► their best clusters
//! ```
//!
//! Order and ties. Everywhere a lower overflow tier comes first, then a higher score, then more room (what stands there
//! included), then the name. What is chosen stands in that order, except where clusters are grouped: there the best cluster
//! of each group comes first, the heaviest group before the others, and where clusters had to give way to some with more
//! room: those stand in their place.
//!
//! The choice among groups is made by one constraint: by region, else by zone, provider, label. Where a policy names several
//! of these, the choice is held against the others, and one that is not met is said instead of being passed over.
//!
//! It will never know how many replicas each cluster gets, only whether there is room.

mod by_cluster;
mod by_group;
mod candidate;
mod combination;
mod config;
mod property;

use std::collections::BTreeSet;

use portolan_plugin::{Choice, Cluster, Fault, Filter, Questions, Refusal, Selector};

use crate::by_group::{Chosen, Demand};
use crate::candidate::{Candidate, ranked};
use crate::config::{Bounds, Constraints};
pub use crate::config::{Field, SpreadConstraint, Spreading};
use crate::property::{Groups, Property};

/// The plugin.
#[derive(Debug)]
pub struct Spread;

impl Filter for Spread {
    type Config = Spreading;

    /// Without the property that a constraint groups by, a cluster can't be part of a spread.
    fn filter(spreading: Spreading, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        let Constraints { clusters: _, groups } = spreading.constraints()?;
        let refusal = |(property, _): &(Property, Bounds)| {
            let without = missing(&property.groups(questions));
            Refusal::unless_empty(format!("spread by {property}: {}", property.missing()), without)
        };
        Ok(groups.iter().filter_map(refusal).collect())
    }
}

impl Selector for Spread {
    type Config = Spreading;

    fn select(spreading: Spreading, questions: &dyn Questions) -> Result<Choice, Fault> {
        let replicas = questions.request_replicas().unwrap_or_default();
        let ranked = ranked(replicas, questions);
        let Constraints { clusters, groups } = spreading.constraints()?;
        let all = clusters.is_none() && groups.is_empty() || spreading.shares_are_listed();
        let demand = Demand { replicas, duplicated: spreading.duplicates() };
        match (&groups[..], clusters) {
            _ if all => Ok(Choice { chosen: places(&ranked), refused: Vec::new() }),
            ([], None) => unreachable!("then there is no constraint, and all are taken"),
            ([], Some(bounds)) => {
                let room_for = (!demand.duplicated).then_some(replicas);
                let chosen = places(&by_cluster::chosen(&ranked, bounds, room_for)?);
                let reason = taken_already(chosen.len(), ranked.len());
                let refused = Refusal::unless_empty(reason, others(&chosen, ranked.len()));
                Ok(Choice { chosen, refused: refused.into_iter().collect() })
            }
            ([(property, bounds), further @ ..], _) => {
                let groups = property.groups(questions);
                let chosen = by_group::chosen(&ranked, (property, *bounds), &groups, clusters, demand)?;
                further.iter().try_for_each(|further| held_against(further, &chosen.clusters, questions))?;
                Ok(explained(property, &groups, chosen))
            }
        }
    }
}

/// Whether what was chosen by one constraint is right for another.
fn held_against(
    (property, bounds): &(Property, Bounds),
    chosen: &[Candidate],
    questions: &dyn Questions,
) -> Result<(), Fault> {
    let groups = property.groups(questions);
    let met: BTreeSet<usize> = chosen.iter().filter_map(|one| groups.of_each[one.cluster as usize]).collect();
    let found = met.len();
    if (bounds.min..=bounds.max).contains(&found) {
        return Ok(());
    }
    let Bounds { min, max } = bounds;
    Err(Fault::Unschedulable(format!(
        "spread by {property}: what the other constraints choose is in {}; minGroups is {min}, maxGroups {max}",
        property.number(found)
    )))
}

/// The choice, with why each other cluster is not in it.
fn explained(property: &Property, Groups { names, of_each }: &Groups, chosen: Chosen) -> Choice {
    let Chosen { clusters, groups } = chosen;
    let chosen = places(&clusters);
    let mut is_taken = vec![false; names.len()];
    groups.iter().for_each(|place| is_taken[*place] = true);
    let (mut without, mut elsewhere, mut beyond) = (Vec::new(), Vec::new(), Vec::new());
    for cluster in others(&chosen, of_each.len()) {
        match of_each[cluster as usize] {
            None => &mut without,
            Some(place) if is_taken[place] => &mut beyond,
            Some(_) => &mut elsewhere,
        }
        .push(cluster);
    }
    let counted = format!("spread by {property}: {} of {} taken", groups.len(), property.number(names.len()));
    let enough = taken_already(chosen.len(), chosen.len() + beyond.len());
    let refused = [
        Refusal::unless_empty(format!("spread by {property}: {}", property.missing()), without),
        Refusal::unless_empty(counted, elsewhere),
        Refusal::unless_empty(enough, beyond),
    ];
    Choice { chosen, refused: refused.into_iter().flatten().collect() }
}

fn taken_already(taken: usize, of: usize) -> String {
    format!("spread by cluster: {taken} of {of} clusters taken")
}

fn places(candidates: &[Candidate]) -> Vec<Cluster> {
    candidates.iter().map(|candidate| candidate.cluster).collect()
}

/// Those on offer that are not among these, ascending.
fn others(chosen: &[Cluster], size: usize) -> Vec<Cluster> {
    let mut is_chosen = vec![false; size];
    chosen.iter().for_each(|cluster| is_chosen[*cluster as usize] = true);
    (0..).zip(is_chosen).filter(|(_, chosen)| !chosen).map(|(cluster, _)| cluster).collect()
}

fn missing(groups: &Groups) -> Vec<Cluster> {
    (0..).zip(&groups.of_each).filter(|(_, group)| group.is_none()).map(|(cluster, _)| cluster).collect()
}

portolan_plugin::stages!(Spread: Filter, Selector);
