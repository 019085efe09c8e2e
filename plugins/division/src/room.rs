//! Division by how many replicas clusters have room for, and by what stands there already.
//!
//! | | to divide | weighed by | on top of |
//! |---|---|---|---|
//! | a person asked to decide anew | all replicas | room and what stands there | nothing |
//! | more stand than are asked for | all replicas | what stands there | nothing |
//! | fewer stand than are asked for | those that are missing | room | what stands there |
//! | as many stand | none | | what stands there |
//!
//! Each overflow tier takes as much as it has room for before the next one gets any.

use std::cmp::{Ordering, Reverse};

use portolan_plugin::{Cluster, Fault, Questions};

use crate::divider::{Ties, divided};
use crate::ties;

/// On which of the clusters of a tier.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// On all, each by its weight.
    All,
    /// On the first that have room enough together.
    Few,
}

/// Replicas for each cluster on offer.
pub(crate) fn by_room(replicas: u32, on: On, questions: &dyn Questions) -> Result<Vec<u32>, Fault> {
    let standing: Vec<u32> =
        questions.request_previous().into_iter().map(Option::unwrap_or_default).collect();
    let stands: u64 = standing.iter().copied().map(u64::from).sum();
    let room = || {
        let room = questions.request_available().into_iter();
        // A cluster of which nothing is known is taken to have room for all.
        room.map(|room| u64::from(room.unwrap_or(replicas)))
    };
    let nothing = || vec![0; standing.len()];
    let task = if questions.request_fresh() {
        let weights = room().zip(&standing).map(|(room, standing)| room + u64::from(*standing)).collect();
        Task { seats: replicas, weights, order: Order::Ranking, seated: nothing(), standing }
    } else {
        match stands.cmp(&u64::from(replicas)) {
            Ordering::Equal => return Ok(standing),
            Ordering::Greater => {
                let weights = standing.iter().copied().map(u64::from).collect();
                Task { seats: replicas, weights, order: Order::LastDecision, seated: nothing(), standing }
            }
            Ordering::Less => {
                let missing = u64::from(replicas) - stands;
                let seats = u32::try_from(missing).expect("it is no more than are asked for");
                let (weights, seated) = (room().collect(), standing.clone());
                Task { seats, weights, order: Order::Ranking, seated, standing }
            }
        }
    };
    task.check(replicas)?;
    task.carried_out(on, questions)
}

/// What is to be divided, and among whom. Lists run parallel to the clusters on offer.
struct Task {
    seats: u32,
    weights: Vec<u64>,
    /// Who comes first of equal weight, where only some are needed.
    order: Order,
    /// What each has before.
    seated: Vec<u32>,
    /// What stands there: where only some clusters are needed, those come first.
    standing: Vec<u32>,
}

#[derive(Clone, Copy)]
enum Order {
    Ranking,
    /// Who is not in it has no weight either.
    LastDecision,
}

impl Task {
    /// Whether there is room enough. Where replicas are taken away there always is.
    fn check(&self, replicas: u32) -> Result<(), Fault> {
        let Self { seats, weights, seated, .. } = self;
        let room = weights.iter().fold(0, |sum: u64, weight| sum.saturating_add(*weight));
        if room >= u64::from(*seats) {
            return Ok(());
        }
        let clusters = weights.len();
        let stands: u64 = seated.iter().copied().map(u64::from).sum();
        Err(Fault::Unschedulable(if stands > 0 {
            format!(
                "the clusters chosen ({clusters}) have room for {room} more replicas; {seats} more are needed, \
                 because {stands} of {replicas} stand there already"
            )
        } else {
            format!(
                "the clusters chosen ({clusters}) have room for {room} replicas; {replicas} are asked for"
            )
        }))
    }

    fn carried_out(self, on: On, questions: &dyn Questions) -> Result<Vec<u32>, Fault> {
        let Self { seats: mut left, weights, order, mut seated, standing } = self;
        let ties = ties(questions);
        for mut tier in tiers(on, order, questions) {
            let room = tier.iter().fold(0, |sum: u64, place| sum.saturating_add(weights[*place]));
            let seats = u32::try_from(room.min(left.into())).expect("it is no more than is left");
            if on == On::Few {
                few(seats, &mut tier, &weights, &standing);
            }
            seat(seats, &tier, &weights, &mut seated, ties);
            left -= seats;
        }
        if left > 0 {
            let why =
                format!("the host's order of the clusters leaves some out, and {left} replicas with them");
            return Err(Fault::Internal(why));
        }
        Ok(seated)
    }
}

/// The tiers in order, each with its clusters: all of them by name, or in the order in which some are needed.
fn tiers(on: On, order: Order, questions: &dyn Questions) -> Vec<Vec<usize>> {
    let tier_of = questions.request_tiers();
    let places = |clusters: Vec<Cluster>| clusters.into_iter().map(|cluster| cluster as usize).collect();
    let mut places: Vec<usize> = match (on, order) {
        (On::All, _) => (0..tier_of.len()).collect(),
        (On::Few, Order::Ranking) => places(questions.request_ranking()),
        (On::Few, Order::LastDecision) => places(questions.request_placed()),
    };
    places.sort_by_key(|place| tier_of[*place]);
    places.chunk_by(|one, other| tier_of[*one] == tier_of[*other]).map(<[usize]>::to_vec).collect()
}

/// Keeps the first clusters that have room enough together, in the order of their names.
fn few(seats: u32, tier: &mut Vec<usize>, weights: &[u64], standing: &[u32]) {
    tier.sort_by_key(|place| (standing[*place] == 0, Reverse(weights[*place])));
    let mut room = 0;
    let needed = tier.iter().take_while(|place| {
        let short = room < u64::from(seats);
        room = room.saturating_add(weights[**place]);
        short
    });
    let needed = needed.count();
    tier.truncate(needed);
    tier.sort_unstable();
}

/// Divides seats among some clusters, which stand in the order of their names, on top of what each has.
fn seat(seats: u32, among: &[usize], weights: &[u64], seated: &mut [u32], ties: Ties) {
    let votes: Vec<u64> = among.iter().map(|place| weights[*place]).collect();
    for (place, more) in among.iter().zip(divided(seats, &votes, ties)) {
        seated[*place] += more;
    }
}
