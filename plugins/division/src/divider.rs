//! Seats among parties by the method of Sainte-Laguë and Webster: the next seat goes to whoever has the most votes for each
//! odd number that counts its seats, `votes / (2 * seats + 1)`, compared as 64-bit floating point numbers.
//!
//! Ties go to who has fewer seats, then to the first by name, or to the last where the seed says so. A party without
//! votes gets nothing unless nobody has any; then all count alike.
//!
//! What a seat at a time would do is done in two steps. The quotients of one party fall strictly from seat to seat (two
//! odd numbers below 2^34 are further apart than two neighbouring floating point numbers), so that giving away n seats
//! means taking the n highest quotients of all parties. First a quotient is looked for above which there are nearly n, and
//! these are counted out by arithmetic; a heap gives away the rest one by one. The first step asks the very comparison
//! that the second one makes, so the result is the same, however many seats there are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Who is first among equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
}

impl Ties {
    /// By the FNV-1a hash of the template's UID, so that small numbers of replicas don't all end on the first names.
    pub fn of(seed: &str) -> Self {
        const OFFSET: u32 = 0x811c_9dc5;
        const PRIME: u32 = 0x0100_0193;
        let hash = seed.bytes().fold(OFFSET, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME));
        if !seed.is_empty() && hash % 2 == 1 { Self::LastName } else { Self::FirstName }
    }
}

/// Below so many seats a party the heap is as quick as the arithmetic before it. Arbitrary, near what was measured.
const SEATS_ONE_BY_ONE: u64 = 4;

/// Seats for each party, given the votes of each. Parties stand in the order of their names.
pub fn divided(seats: u32, votes: &[u64], ties: Ties) -> Vec<u32> {
    let votes: Vec<f64> = if votes.iter().all(|votes| *votes == 0) {
        // One vote each ranks by seats and then by name, as no votes at all would.
        vec![1.0; votes.len()]
    } else {
        votes.iter().map(|votes| *votes as f64).collect()
    };
    let (mut left, mut given) = (seats, vec![0; votes.len()]);
    if u64::from(left) > SEATS_ONE_BY_ONE * votes.len() as u64 {
        let above = nearly_all(left, &votes);
        for (votes, given) in votes.iter().zip(&mut given) {
            let seats = seats_above(above, *votes);
            *given = u32::try_from(seats).expect("all together are no more than the seats to give away");
            left -= *given;
        }
    }
    one_by_one(left, &votes, &mut given, ties);
    given
}

/// Gives away the seats that are left to the highest quotient each time.
fn one_by_one(seats: u32, votes: &[f64], given: &mut [u32], ties: Ties) {
    let parties = (0..).zip(votes).zip(given.iter());
    let contenders = parties.filter(|((_, votes), _)| **votes > 0.0);
    let mut contest: BinaryHeap<Claim> =
        contenders.map(|((place, votes), given)| Claim::new(*votes, *given, Rank::of(place, ties))).collect();
    for _ in 0..seats {
        let Some(mut first) = contest.peek_mut() else { return };
        let place = first.rank.place(ties);
        given[place] += 1;
        *first = Claim::new(votes[place], given[place], first.rank);
    }
}

/// A party's claim to the next seat. The greatest one has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    /// The bits of the quotient: those of floating point numbers that are not negative are ordered as they are.
    quotient: u64,
    seats: Reverse<u32>,
    rank: Rank,
}

impl Claim {
    fn new(votes: f64, seats: u32, rank: Rank) -> Self {
        Self { quotient: quotient(votes, seats.into()).to_bits(), seats: Reverse(seats), rank }
    }
}

/// A party's rank among equals. The greatest is the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(u32);

impl Rank {
    fn of(place: u32, ties: Ties) -> Self {
        Self(if ties == Ties::FirstName { !place } else { place })
    }

    fn place(self, ties: Ties) -> usize {
        (if ties == Ties::FirstName { !self.0 } else { self.0 }) as usize
    }
}

fn quotient(votes: f64, seats: u64) -> f64 {
    votes / (2 * seats + 1) as f64
}

/// A quotient above which there are no more seats than are to be given away, and fewer by no more than
/// [`SEATS_ONE_BY_ONE`] a party.
fn nearly_all(seats: u32, votes: &[f64]) -> f64 {
    let (wanted, parties) = (u64::from(seats), votes.len() as f64);
    let slack = SEATS_ONE_BY_ONE * votes.len() as u64;
    let above =
        |quotient: f64| votes.iter().map(|votes| seats_above(quotient, *votes)).fold(0, u64::saturating_add);
    let sum: f64 = votes.iter().sum();
    // Above the first there are too many, above the second there are not.
    let (mut too_low, mut low_enough) = (0.0, votes.iter().copied().fold(0.0, f64::max));
    // With half a seat left over by each party on average, n seats end at this quotient; it is aimed a little higher.
    let mut inverse = (2.0 * wanted as f64 - parties) / sum;
    for step in 0.. {
        // Following the slope takes a step or two from there. Should it not, the halving that comes after it ends,
        // because there are 2^62 such numbers.
        let sloped = 1.0 / inverse;
        let halved = f64::from_bits(f64::to_bits(too_low).midpoint(low_enough.to_bits()));
        let tried = if step < 8 && too_low < sloped && sloped < low_enough { sloped } else { halved };
        // Two neighbours: what lies between is one quotient, of which each party has one at the most.
        if tried == too_low || tried == low_enough {
            break;
        }
        let found = above(tried);
        if found > wanted {
            too_low = tried;
        } else {
            low_enough = tried;
            if wanted - found <= slack {
                break;
            }
        }
        inverse = 1.0 / tried + (2.0 * (wanted as f64 - found as f64) - parties) / sum;
    }
    low_enough
}

/// How many seats of a party have a higher quotient than this one; a number beyond all that can be given away stands for
/// any such number.
fn seats_above(above: f64, votes: f64) -> u64 {
    const BEYOND: u64 = 1 << 33;
    // The first seat whose quotient is no higher, but for a rounding; a conversion to integers takes what is out of
    // range to the nearest one that is not.
    let mut first_not = ((0.5 * (votes / above - 1.0)).ceil() as u64).min(BEYOND);
    while first_not > 0 && quotient(votes, first_not - 1) <= above {
        first_not -= 1;
    }
    while first_not < BEYOND && quotient(votes, first_not) > above {
        first_not += 1;
    }
    first_not
}

#[cfg(test)]
mod tests {
    use super::{Ties, divided};

    const FIRST_AND_LAST: [Ties; 2] = [Ties::FirstName, Ties::LastName];

    /// What the rule says, word by word: a seat at a time to the best of all parties.
    fn by_the_rule(seats: u32, votes: &[u64], ties: Ties) -> Vec<u32> {
        let mut given = vec![0; votes.len()];
        for _ in 0..seats {
            let quotient = |place: usize| votes[place] as f64 / (2.0 * f64::from(given[place]) + 1.0);
            let better = |one: usize, other: usize| {
                let (first, second) = (quotient(one), quotient(other));
                let (fewer, as_many) = (given[other] < given[one], given[other] == given[one]);
                second > first || second == first && (fewer || as_many && ties == Ties::LastName)
            };
            let best = (1..votes.len()).fold(0, |best, place| if better(best, place) { place } else { best });
            given[best] += 1;
        }
        given
    }

    /// Numbers that look like chance and are the same each time (Steele, Lea and Flood's SplitMix64).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % end
        }
    }

    #[test]
    fn the_result_is_that_of_a_seat_at_a_time() {
        let mut numbers = Numbers(1);
        for round in 0..20_000 {
            let most_votes = [1, 3, 10, 1_000, u64::MAX][round % 5];
            let most_seats = [1, 5, 40, 3_000][round % 4];
            let parties = 1 + numbers.below(8);
            let party = |_| numbers.below(most_votes).saturating_add(numbers.below(2));
            let votes: Vec<u64> = (0..parties).map(party).collect();
            let seats = u32::try_from(numbers.below(most_seats)).expect("small");
            let ties = FIRST_AND_LAST[round % 2];
            let expected = by_the_rule(seats, &votes, ties);
            assert_eq!(divided(seats, &votes, ties), expected, "{seats} seats among {votes:?}, {ties:?}");
        }
    }

    /// Every number of seats, so that each way of a remainder is met on both sides of where the first step begins.
    #[test]
    fn each_number_of_seats_is_divided_by_the_rule() {
        for votes in [&[7, 7, 7, 1, 100, 0, 13][..], &[1; 5], &[0; 5], &[1_000_000, 1], &[5]] {
            for seats in 0..300 {
                for ties in FIRST_AND_LAST {
                    let expected = by_the_rule(seats, votes, ties);
                    assert_eq!(
                        divided(seats, votes, ties),
                        expected,
                        "{seats} seats among {votes:?}, {ties:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn as_many_as_can_be_counted_are_divided_at_once() {
        let most = u32::try_from(i32::MAX).expect("it is positive");
        for votes in [&[1, 1][..], &[3, 3, 1], &[u64::MAX, 1, 0], &[0, 0, 0], &[1_000_000, 999_999, 1]] {
            let given = divided(most, votes, Ties::FirstName);
            assert_eq!(given.iter().copied().map(u64::from).sum::<u64>(), u64::from(most));
            // Nobody has a better claim to the last seat of another party than that party.
            for (one, given_one) in votes.iter().zip(&given) {
                for (other, given_other) in votes.iter().zip(&given).filter(|(_, given)| **given > 0) {
                    let last = *other as f64 / (2.0 * f64::from(*given_other) - 1.0);
                    let next = *one as f64 / (2.0 * f64::from(*given_one) + 1.0);
                    assert!(next <= last, "{votes:?}: {given:?}");
                }
            }
        }
    }

    #[test]
    fn a_further_seat_takes_none_from_anybody() {
        let votes = [7, 7, 7, 1, 100, 0, 13];
        let mut before = divided(0, &votes, Ties::LastName);
        for seats in 1..2_000 {
            let after = divided(seats, &votes, Ties::LastName);
            let grown: u32 = before.iter().zip(&after).map(|(before, after)| after - before).sum();
            assert_eq!(grown, 1, "{seats}: {after:?}");
            before = after;
        }
    }

    #[test]
    fn the_seed_says_who_is_first_among_equals() {
        let equal = |seed: &str| divided(10, &[1, 1, 1], Ties::of(seed));
        assert_eq!(equal(""), [4, 3, 3]);
        assert_eq!(equal("4858ca61-3ff8-4095-8267-f3d059d8074c"), [4, 3, 3]);
        assert_eq!(equal("d43fdeeb-d750-4e2b-bee3-64eb94534f4c"), [3, 3, 4]);
    }
}
