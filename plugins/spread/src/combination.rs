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

/// How many steps the search may take, and how many sums it may keep. Arbitrary: 30 regions with 1,000 clusters took up to
/// 90,000 in trials, and so many take a fraction of the fuel that a call has.
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
        let width = needed.clusters.saturating_add(1);
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

#[cfg(test)]
mod tests {
    use super::{Needed, TooLong, Weighed, best};

    /// The walk, step by step: every combination in the order in which it is met.
    fn walked(
        groups: &[Weighed<'_>],
        needed: Needed,
        from: usize,
        way: &mut Vec<usize>,
        met: &mut Vec<Vec<usize>>,
    ) {
        let clusters: usize = way.iter().map(|place| groups[*place].clusters).sum();
        if (needed.min..=needed.max).contains(&way.len()) && clusters >= needed.clusters {
            met.push(way.clone());
        } else if way.len() < needed.max {
            for place in from..groups.len() {
                way.push(place);
                walked(groups, needed, place + 1, way, met);
                way.pop();
            }
        }
    }

    /// The best of them by the rule, word by word: sorted, and then each that is a beginning of the best so far.
    fn by_the_rule(groups: &[Weighed<'_>], needed: Needed) -> Option<Vec<usize>> {
        let mut met = Vec::new();
        walked(groups, needed, 0, &mut Vec::new(), &mut met);
        for way in &mut met {
            way.sort_by(|one, other| {
                let (one, other) = (groups[*one], groups[*other]);
                other.weight.cmp(&one.weight).then(one.name.cmp(other.name))
            });
        }
        let weight = |way: &[usize]| way.iter().map(|place| groups[*place].weight).sum::<u64>();
        let clusters = |way: &[usize]| way.iter().map(|place| groups[*place].clusters).sum::<usize>();
        // A stable sort leaves equals in the order in which they were met.
        met.sort_by(|one, other| weight(other).cmp(&weight(one)).then(clusters(other).cmp(&clusters(one))));
        met.into_iter()
            .reduce(|best, way| if way.len() < best.len() && best.starts_with(&way) { way } else { best })
    }

    /// Numbers that look like chance and are the same each time (Steele, Lea and Flood's SplitMix64).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            usize::try_from(mixed ^ (mixed >> 31)).expect("the tests run on 64 bits") % end
        }

        /// Groups in the order of the walk, called by letters.
        fn groups(&mut self, number: usize, largest: usize, heaviest: usize) -> Vec<Weighed<'static>> {
            let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
            let mut groups: Vec<Weighed<'_>> = names[..number]
                .iter()
                .map(|name| Weighed {
                    clusters: 1 + self.below(largest),
                    weight: self.below(heaviest) as u64,
                    name,
                })
                .collect();
            groups.sort_by_key(|group| (group.clusters, std::cmp::Reverse(group.weight), group.name));
            groups
        }
    }

    #[test]
    fn the_answer_is_that_of_every_walk() {
        let mut numbers = Numbers(1);
        for round in 0..40_000 {
            let number = 1 + numbers.below(8);
            // Few weights and sizes make many ties.
            let (largest, heaviest) = ([1, 3, 12][round % 3], [1, 3, 40][round / 3 % 3]);
            let groups = numbers.groups(number, largest, heaviest);
            let min = 1 + numbers.below(number);
            let max = (min + numbers.below(4)).saturating_sub(numbers.below(2));
            let needed = Needed { min, max, clusters: numbers.below(3 * largest + 4) };
            let found = best(&groups, needed).expect("it is a short search");
            assert_eq!(found, by_the_rule(&groups, needed), "{needed:?} of {groups:?}");
        }
    }

    #[test]
    fn thirty_groups_with_a_thousand_clusters_are_searched_in_no_more_steps_than_there_may_be() {
        let groups: Vec<Weighed<'_>> = (0..30)
            .map(|n| Weighed { clusters: 19 + n, weight: (n * 7_919 % 1_000) as u64, name: "" })
            .collect();
        for (min, max) in [(1, 30), (10, 20), (15, 15), (29, 30)] {
            for clusters in (0..1_000).step_by(37) {
                let found = best(&groups, Needed { min, max, clusters }).expect("it is a short search");
                // The last are the largest.
                let most: usize = groups.iter().rev().take(max).map(|group| group.clusters).sum();
                assert_eq!(found.is_some(), most >= clusters, "{min} to {max} with {clusters} clusters");
                let sum = found.iter().flatten().map(|place| groups[*place].clusters).sum::<usize>();
                assert!(found.is_none() || sum >= clusters, "{min} to {max} with {clusters} clusters");
            }
        }
    }

    #[test]
    fn a_search_that_is_too_long_is_not_begun() {
        let groups: Vec<Weighed<'_>> =
            (0..3_000).map(|n| Weighed { clusters: 1 + n % 7, weight: n as u64, name: "" }).collect();
        let needed = Needed { min: 1, max: 3_000, clusters: 8_000 };
        assert!(matches!(best(&groups, needed), Err(TooLong)));
        // Where any of them have clusters enough there is nothing to search for.
        let needed = Needed { min: 1_500, max: 3_000, clusters: 1_500 };
        assert_eq!(best(&groups, needed).expect("no search").map(|found| found.len()), Some(1_500));
    }
}
