//! Seats among parties by the method of Sainte-Laguë and Webster: the next seat goes to whoever has the most votes for each
//! odd number that counts its seats, `votes / (2 * seats + 1)`, compared as 64-bit floating point numbers.
//!
//! Ties go to who has fewer seats, then to the first by name, or to the last where the seed says so. A party without
//! votes gets nothing unless nobody has any; then all count alike.
//!
//! What a seat at a time would do is done in two steps. The quotients of one party fall strictly from seat to seat (two
//! odd numbers below 2^33 are further apart than two neighbouring floating point numbers), so that giving away n seats
//! means taking the n highest quotients of all parties. First a quotient is looked for above which there are nearly n, and
//! these are counted out by arithmetic; a heap gives away the rest one by one. The first step asks the very comparison
//! that the second one makes, so the result is the same, however many seats there are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Who takes part. In a list they stand in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// What it has to offer.
    pub votes: u64,
    /// What it has, before and after.
    pub seats: u32,
}

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

/// Gives away so many seats, on top of those that the parties have.
pub fn divide(seats: u32, parties: &mut [Party], ties: Ties) {
    let nobody_has_votes = parties.iter().all(|party| party.votes == 0);
    // One vote each ranks by seats and then by name, as no votes at all would.
    let votes = |party: &Party| if nobody_has_votes { 1.0 } else { party.votes as f64 };
    let mut left = seats;
    if u64::from(left) > SEATS_ONE_BY_ONE * parties.len() as u64 {
        let above = nearly_all(left, parties, votes);
        for party in parties.iter_mut() {
            let more = seats_above(above, votes(party), party.seats);
            let more = u32::try_from(more).expect("all together are no more than the seats to give away");
            party.seats += more;
            left -= more;
        }
    }
    one_by_one(left, parties, votes, ties);
}

/// Gives away the seats that are left to the highest quotient each time.
fn one_by_one(seats: u32, parties: &mut [Party], votes: impl Fn(&Party) -> f64, ties: Ties) {
    let contenders = (0..).zip(parties.iter()).filter(|(_, party)| votes(party) > 0.0);
    let mut contest: BinaryHeap<Claim> = contenders
        .map(|(place, party)| Claim::new(votes(party), party.seats, Rank::of(place, ties)))
        .collect();
    for _ in 0..seats {
        let Some(mut first) = contest.peek_mut() else { return };
        let party = &mut parties[first.rank.place(ties)];
        party.seats += 1;
        *first = Claim::new(votes(party), party.seats, first.rank);
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
fn nearly_all(seats: u32, parties: &[Party], votes: impl Fn(&Party) -> f64) -> f64 {
    let wanted = u64::from(seats);
    let slack = SEATS_ONE_BY_ONE * parties.len() as u64;
    let sum: f64 = parties.iter().map(&votes).sum();
    let above = |quotient: f64| {
        let each = parties.iter().map(|party| seats_above(quotient, votes(party), party.seats));
        each.fold(0, u64::saturating_add)
    };
    // Above the first there are too many, above the second there are not.
    let (mut too_low, mut low_enough) = (0.0, 0.0);
    for party in parties {
        low_enough = f64::max(low_enough, quotient(votes(party), party.seats.into()));
    }
    // With shares as they would be without a remainder, n seats end at the quotient sum / 2n.
    let standing: f64 = parties.iter().map(|party| f64::from(party.seats) + 0.5).sum();
    let mut inverse = 2.0 * (wanted as f64 + standing) / sum;
    // Following the slope takes two or three steps from there. Where seats that stand already are in the way of that, the
    // halving that comes after it ends, because there are 2^62 such numbers.
    for step in 0.. {
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
        inverse = 1.0 / tried + 2.0 * (wanted as f64 - found as f64 - 0.5 * parties.len() as f64) / sum;
    }
    low_enough
}

/// How many of a party's next seats have a higher quotient than this one; a number beyond all that can be given away
/// stands for any such number.
fn seats_above(above: f64, votes: f64, seats: u32) -> u64 {
    const BEYOND: u64 = 1 << 33;
    let has = u64::from(seats);
    // The first seat whose quotient is no higher, but for a rounding; a conversion to integers takes what is out of
    // range to the nearest one that is not.
    let mut first_not = ((0.5 * (votes / above - 1.0)).ceil() as u64).clamp(has, has + BEYOND);
    while first_not > has && quotient(votes, first_not - 1) <= above {
        first_not -= 1;
    }
    while first_not < has + BEYOND && quotient(votes, first_not) > above {
        first_not += 1;
    }
    first_not - has
}

#[cfg(test)]
mod tests {
    use super::{Party, Ties, divide};

    /// What the rule says, word by word: a seat at a time to the best of all parties.
    fn by_the_rule(seats: u32, parties: &mut [Party], ties: Ties) {
        for _ in 0..seats {
            let quotient = |party: &Party| party.votes as f64 / (2.0 * f64::from(party.seats) + 1.0);
            let mut best = 0;
            for place in 1..parties.len() {
                let (one, other) = (&parties[best], &parties[place]);
                let (first, second) = (quotient(one), quotient(other));
                let better = second > first
                    || second == first
                        && (other.seats < one.seats || other.seats == one.seats && ties == Ties::LastName);
                best = if better { place } else { best };
            }
            parties[best].seats += 1;
        }
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
            let mut parties: Vec<Party> = (0..=numbers.below(8))
                .map(|_| Party {
                    votes: numbers.below(most_votes).saturating_add(numbers.below(2)),
                    seats: u32::try_from(numbers.below(3) * numbers.below(most_seats)).expect("small"),
                })
                .collect();
            let seats = u32::try_from(numbers.below(most_seats)).expect("small");
            let ties = [Ties::FirstName, Ties::LastName][round % 2];
            let before = parties.clone();
            let mut expected = parties.clone();
            by_the_rule(seats, &mut expected, ties);
            divide(seats, &mut parties, ties);
            assert_eq!(parties, expected, "{seats} seats among {before:?}, {ties:?}");
        }
    }

    #[test]
    fn as_many_as_can_be_counted_are_divided_at_once() {
        let most = u32::try_from(i32::MAX).expect("it is positive");
        for votes in [&[1, 1][..], &[3, 3, 1], &[u64::MAX, 1, 0], &[0, 0, 0], &[1_000_000, 999_999, 1]] {
            let mut parties: Vec<_> = votes.iter().map(|votes| Party { votes: *votes, seats: 0 }).collect();
            divide(most, &mut parties, Ties::FirstName);
            assert_eq!(parties.iter().map(|party| u64::from(party.seats)).sum::<u64>(), u64::from(most));
            // Nobody would rather have had the last seat of another party than that party.
            for one in &parties {
                for other in parties.iter().filter(|other| other.seats > 0) {
                    let last = other.votes as f64 / (2.0 * f64::from(other.seats) - 1.0);
                    let next = one.votes as f64 / (2.0 * f64::from(one.seats) + 1.0);
                    assert!(next <= last, "{parties:?}");
                }
            }
        }
    }

    /// The first step is taken from several seats a party on: that many are given here, and one more each time, so that
    /// each way of a remainder is met.
    #[test]
    fn a_further_seat_takes_none_from_anybody() {
        let votes = [7, 7, 7, 1, 100, 0, 13];
        let party = |votes: &u64| Party { votes: *votes, seats: 0 };
        let mut before: Vec<Party> = votes.iter().map(party).collect();
        for seats in 1..2_000 {
            let mut after: Vec<Party> = votes.iter().map(party).collect();
            divide(seats, &mut after, Ties::LastName);
            let grown = before.iter().zip(&after).map(|(before, after)| after.seats - before.seats);
            assert_eq!(grown.sum::<u32>(), 1, "{seats}: {after:?}");
            before = after;
        }
    }

    #[test]
    fn the_seed_says_who_is_first_among_equals() {
        let equal = |seed: &str| {
            let mut parties = [Party { votes: 1, seats: 0 }; 3];
            divide(10, &mut parties, Ties::of(seed));
            parties.map(|party| party.seats)
        };
        assert_eq!(equal(""), [4, 3, 3]);
        assert_eq!(equal("4858ca61-3ff8-4095-8267-f3d059d8074c"), [4, 3, 3]);
        assert_eq!(equal("d43fdeeb-d750-4e2b-bee3-64eb94534f4c"), [3, 3, 4]);
    }
}
