//! Spreading by region, or by anything else that clusters have in common.

use std::cmp::Reverse;

use portolan_plugin::Fault;

use crate::candidate::Candidate;
use crate::combination::{self, Needed, Weighed};
use crate::config::Bounds;
use crate::property::{Groups, Property};

/// What the choice is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    pub(crate) replicas: u32,
    /// Whether each cluster gets all of them.
    pub(crate) duplicated: bool,
}

/// What is chosen.
pub(crate) struct Chosen {
    /// In order.
    pub(crate) clusters: Vec<Candidate>,
    /// Of which groups, by the places of their names.
    pub(crate) groups: Vec<usize>,
}

/// What something common to several clusters is called, and what is known of them.
struct Group {
    /// That of its name.
    place: usize,
    /// Ranks, the best first.
    members: Vec<usize>,
    weight: u64,
}

/// The best cluster of each group that is taken, the heaviest group first; then the best others of these groups, as many
/// as there may be. With no constraint by cluster there are none of the latter.
pub(crate) fn chosen(
    ranked: &[Candidate],
    (property, bounds): (&Property, Bounds),
    common: &Groups,
    clusters: Option<Bounds>,
    demand: Demand,
) -> Result<Chosen, Fault> {
    let clusters = clusters.unwrap_or(Bounds { min: 0, max: 0 });
    let mut groups = grouped(ranked, common);
    let (found, names) = (groups.len(), &common.names);
    if found < bounds.min {
        return Err(Fault::Unschedulable(format!(
            "spread by {property}: the clusters left to choose from are in {}, minGroups is {}",
            property.number(found),
            bounds.min
        )));
    }
    let least = bounds.min.max(clusters.min);
    for group in &mut groups {
        group.weight = match demand.duplicated {
            true => weight_of_whole(group, ranked, demand.replicas),
            false => weight_of_share(group, ranked, demand.replicas.div_ceil(bounds.min as u32), least),
        };
    }
    // The order in which the search comes upon them.
    groups.sort_by(|one, other| {
        let key = |group: &Group| (group.members.len(), Reverse(group.weight));
        key(one).cmp(&key(other)).then_with(|| names[one.place].cmp(&names[other.place]))
    });
    let weighed: Vec<Weighed> = groups
        .iter()
        .map(|group| Weighed {
            clusters: group.members.len(),
            weight: group.weight,
            name: &names[group.place],
        })
        .collect();
    let needed = Needed { min: bounds.min, max: bounds.max, clusters: clusters.min };
    let taken = combination::best(&weighed, needed).map_err(|_| too_many(property, bounds, found))?;
    let Some(taken) = taken else { return Err(none(property, bounds, clusters)) };

    let mut is_taken = vec![false; ranked.len()];
    for place in &taken {
        groups[*place].members.iter().skip(1).for_each(|rank| is_taken[*rank] = true);
    }
    let firsts = taken.iter().map(|place| groups[*place].members[0]);
    let others = (0..ranked.len()).filter(|rank| is_taken[*rank]);
    let others = others.take(clusters.max.saturating_sub(taken.len()));
    Ok(Chosen {
        clusters: firsts.chain(others).map(|rank| ranked[rank]).collect(),
        groups: taken.iter().map(|place| groups[*place].place).collect(),
    })
}

/// The groups that have clusters. Who is in none takes no part.
fn grouped(ranked: &[Candidate], Groups { names, of_each }: &Groups) -> Vec<Group> {
    let group = |place| Group { place, members: Vec::new(), weight: 0 };
    let mut groups: Vec<Group> = (0..names.len()).map(group).collect();
    for (rank, candidate) in ranked.iter().enumerate() {
        if let Some(place) = of_each[candidate.cluster as usize] {
            groups[place].members.push(rank);
        }
    }
    groups
}

/// Room weighs a thousand times what a point of the score does: a score is at most some hundreds.
const ROOM: u64 = 1_000;

/// Where each cluster gets all replicas: by how many have room for them, then by their mean score.
fn weight_of_whole(group: &Group, ranked: &[Candidate], replicas: u32) -> u64 {
    let members = group.members.iter().map(|rank| &ranked[*rank]);
    let roomy = members.filter(|one| one.available >= u64::from(replicas));
    let (count, score) = roomy.fold((0, 0), |(count, score), one| (count + 1, score + one.score));
    if count == 0 { 0 } else { count * ROOM + score / count }
}

/// Where all clusters share the replicas: by the room for the group's share, then by the mean score. The share is what each
/// group gets if there are as few as there may be; of the group as many count, the best first, as must be taken for that.
fn weight_of_share(group: &Group, ranked: &[Candidate], share: u32, least: usize) -> u64 {
    let share = u64::from(share);
    let (mut count, mut room, mut score) = (0, 0, 0);
    for candidate in group.members.iter().map(|rank| &ranked[*rank]) {
        count += 1;
        room += candidate.available;
        score += candidate.score;
        if count >= least as u64 && room >= share {
            break;
        }
    }
    let all = group.members.len() as u64;
    if room < share { room * ROOM + score / all } else { share * ROOM + score / count }
}

fn none(property: &Property, bounds: Bounds, clusters: Bounds) -> Fault {
    let Bounds { min, max } = bounds;
    Fault::Unschedulable(if max < min {
        format!(
            "spread by {property}: maxGroups is {max}, minGroups is {min}; maxGroups must be {min} or more"
        )
    } else {
        let groups =
            if min == max { property.number(max) } else { format!("{min} to {}", property.number(max)) };
        format!(
            "spread by cluster: minGroups is {}, and not so many clusters are in any {groups}",
            clusters.min
        )
    })
}

fn too_many(property: &Property, bounds: Bounds, found: usize) -> Fault {
    Fault::Unschedulable(format!(
        "spread by {property}: the search for the best {} to {} of {} takes more than {} steps; a lower minGroups by cluster, or \
         a lower maxGroups by {property}, makes it shorter",
        bounds.min,
        bounds.max,
        property.number(found),
        combination::MOST_STEPS
    ))
}
