//! The search for the best combination of groups.
//!
//! What counts as a combination is told by a walk: from the first group on, in the order given (few clusters first, then
//! heavy, then by name), a further group is added until there are enough groups and enough clusters. There it ends: what
//! already is enough is not made larger. The best combination is the heaviest, then the one with most clusters, then the
//! one that the walk meets first; and if its heaviest groups alone are a combination, they are preferred, as few as
//! possible.
//!
//! There are as many walks as there are subsets. They are not walked: of two that have come as far, with as many groups
//! and as many clusters, only the better can end best. So it is enough to know, place by place from the end, what the best
//! way on is from each number of groups and of clusters. Where the smallest groups already have clusters enough, each
//! combination has the least number of groups, and the heaviest groups are the answer.

use std::cmp::Reverse;

/// A group as the search sees it. They are given in the order of the walk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighed<'a> {
    /// How many are in it: one or more.
    pub(crate) clusters: usize,
    pub(crate) weight: u64,
    pub(crate) name: &'a str,
}

/// What is enough.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needed {
    /// So many groups; 1 or more.
    pub(crate) min: usize,
    /// And no more.
    pub(crate) max: usize,
    /// With so many clusters together.
    pub(crate) clusters: usize,
}

/// How many steps the search may take, and how many sums it may keep. Arbitrary: 30 regions with 1,000 clusters take up to
/// 400,000; so many take some 100 ms and a third of the fuel that a call has.
pub(crate) const MOST_STEPS: usize = 4_000_000;

/// The search would take more steps than it may.
#[derive(Debug)]
pub(crate) struct TooLong;

/// The places of the best combination, the heaviest first, then by name; none where there is no combination.
pub(crate) fn best(groups: &[Weighed<'_>], needed: Needed) -> Result<Option<Vec<usize>>, TooLong> {
    if needed.min > needed.max || needed.min > groups.len() {
        return Ok(None);
    }
    let fewest: usize = groups[..needed.min].iter().map(|group| group.clusters).sum();
    let best = if fewest >= needed.clusters {
        Some(heaviest(groups, needed.min))
    } else {
        Table::fill(groups, needed)?.way()
    };
    Ok(best.map(|places| shortest_beginning(groups, needed, places)))
}

/// The heaviest groups; of equally heavy ones those with more clusters, then the earlier.
fn heaviest(groups: &[Weighed<'_>], number: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..groups.len()).collect();
    places.sort_by_key(|place| (Reverse(groups[*place].weight), Reverse(groups[*place].clusters)));
    places.truncate(number);
    places
}

/// The heaviest of these groups, as few as are a combination by themselves.
fn shortest_beginning(groups: &[Weighed<'_>], needed: Needed, mut places: Vec<usize>) -> Vec<usize> {
    places.sort_by_key(|place| (Reverse(groups[*place].weight), groups[*place].name));
    let is_combination = |number: &usize| {
        let clusters = places[..*number].iter().map(|place| groups[*place].clusters);
        let (all, largest) = clusters.fold((0, 0), |(all, largest), one| (all + one, one.max(largest)));
        // The walk meets the largest last, and ends before it where it could.
        all >= needed.clusters && (*number == needed.min || all - largest < needed.clusters)
    };
    let number = (needed.min..places.len()).find(is_combination);
    places.truncate(number.unwrap_or(places.len()));
    places
}

/// What lies ahead: the weight plus one, and the clusters, of the best way on; 0 where there is none.
type Ahead = (u64, usize);

/// For each place of the walk, number of groups and number of clusters: whether the best way on takes the group at that
/// place.
struct Table<'a> {
    groups: &'a [Weighed<'a>],
    needed: Needed,
    /// For each place and number of groups: where its row begins in `takes`, and the number of clusters that is for.
    rows: Vec<Vec<(usize, usize)>>,
    takes: Vec<bool>,
}

impl<'a> Table<'a> {
    fn fill(groups: &'a [Weighed<'a>], needed: Needed) -> Result<Self, TooLong> {
        // A walk beyond the least number of groups has too few clusters, and each group brings one.
        let longest = needed.max.min(needed.clusters).max(needed.min).min(groups.len());
        let width = needed.clusters + 1;
        if longest.saturating_mul(width) > MOST_STEPS {
            return Err(TooLong);
        }
        // Clusters of the first n groups together, which are the smallest.
        let mut first = vec![0];
        for group in groups {
            first.push(first[first.len() - 1] + group.clusters);
        }
        let mut ahead: Vec<Ahead> = vec![(0, 0); longest * width];
        let mut table = Self { groups, needed, rows: vec![Vec::new(); groups.len()], takes: Vec::new() };
        for place in (0..groups.len()).rev() {
            for number in 0..longest.min(place + 1) {
                let most = (first[place] - first[place - number]).min(needed.clusters);
                let sums = first[number].min(needed.clusters)..=most;
                table.rows[place].push((table.takes.len(), *sums.start()));
                if table.takes.len() + sums.size_hint().0 > MOST_STEPS {
                    return Err(TooLong);
                }
                for clusters in sums {
                    let taking = match table.after(place, number, clusters) {
                        After::Enough => (1, 0),
                        After::GoesOn(number, _) if number == longest => (0, 0),
                        After::GoesOn(number, clusters) => ahead[number * width + clusters],
                    };
                    let group = groups[place];
                    let taking = match taking {
                        (0, _) => (0, 0),
                        (weight, clusters) => (weight + group.weight, clusters + group.clusters),
                    };
                    let here = &mut ahead[number * width + clusters];
                    // Of equals the walk meets first the one that takes the earlier group.
                    let takes = taking.0 > 0 && taking >= *here;
                    if takes {
                        *here = taking;
                    }
                    table.takes.push(takes);
                }
            }
        }
        Ok(table)
    }

    /// What comes of taking the group at a place.
    fn after(&self, place: usize, number: usize, clusters: usize) -> After {
        let (number, clusters) =
            (number + 1, (clusters + self.groups[place].clusters).min(self.needed.clusters));
        // There are never more groups than there may be, or the walk would not have come here.
        if number >= self.needed.min && clusters >= self.needed.clusters {
            After::Enough
        } else {
            After::GoesOn(number, clusters)
        }
    }

    /// The best walk.
    fn way(&self) -> Option<Vec<usize>> {
        let (mut number, mut clusters, mut way) = (0, 0, Vec::new());
        for place in 0..self.groups.len() {
            let (begin, lowest) = *self.rows[place].get(number)?;
            if self.takes[begin + clusters - lowest] {
                way.push(place);
                match self.after(place, number, clusters) {
                    After::Enough => return Some(way),
                    After::GoesOn(more, sum) => (number, clusters) = (more, sum),
                }
            }
        }
        None
    }
}

enum After {
    Enough,
    GoesOn(usize, usize),
}
