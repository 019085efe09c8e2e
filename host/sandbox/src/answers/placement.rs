//! Answers about where a template goes: refusals, scores, estimates, a choice, replicas.

use portolan_plan::{Choice, Fault, Reading, Refusal};

use super::output::Output;
use super::places::{cluster, sort};
use crate::bindings::exports::portolan::policy::selector;
use crate::bindings::portolan::policy::types;
use crate::budgets::Budgets;
use crate::text::one_line;

/// The best score.
const BEST: u8 = 100;

/// The most replicas that Kubernetes can count: its field is an int32.
pub(super) const MOST: u32 = i32::MAX.unsigned_abs();

/// A filter's answer: every place on offer and once in its refusal.
pub(crate) fn refusals(
    refusals: Vec<types::Refusal>,
    reading: &mut Reading,
    budgets: &Budgets,
) -> Result<Vec<Refusal>, Fault> {
    let mut output = Output::new(budgets);
    for refusal in &refusals {
        output.item(refusal.clusters.len(), refusal.reason.len())?;
    }
    let checked = refusals.into_iter().enumerate().map(|(index, types::Refusal { reason, mut clusters })| {
        sort(&mut clusters, reading, || format!("refusal {} (`{}`)", index + 1, one_line(&reason)))?;
        Ok(Refusal { reason: one_line(&reason), clusters })
    });
    checked.collect()
}

/// A scorer's answer: a score for each cluster on offer.
pub(crate) fn scores(scores: Vec<u8>, reading: &mut Reading, _: &Budgets) -> Result<Vec<u8>, Fault> {
    one_each("scores", scores.len(), reading)?;
    match (0..).zip(&scores).find(|(_, score)| **score > BEST) {
        Some((place, score)) => {
            Err(Fault::Answer(format!("{} is given {score}; valid: 0 to {BEST}", cluster(place, reading))))
        }
        None => Ok(scores),
    }
}

/// An estimator's answer: for each cluster on offer how many replicas it could take, or that nobody knows.
pub(crate) fn estimates(
    estimates: Vec<Option<u32>>,
    reading: &mut Reading,
    _: &Budgets,
) -> Result<Vec<Option<u32>>, Fault> {
    one_each("estimates", estimates.len(), reading)?;
    match (0..).zip(&estimates).find_map(|(place, estimate)| Some((place, (*estimate)?)).filter(too_many)) {
        Some((place, estimate)) => Err(Fault::Answer(format!(
            "{} is said to take {estimate} replicas; valid: 0 to {MOST}, which is as far as Kubernetes counts, or none",
            cluster(place, reading)
        ))),
        None => Ok(estimates),
    }
}

/// A selector's answer: every place on offer, chosen once or refused, never both. The chosen stay in their order.
pub(crate) fn choice(
    selector::Choice { chosen, refused }: selector::Choice,
    reading: &mut Reading,
    budgets: &Budgets,
) -> Result<Choice, Fault> {
    let refused = refusals(refused, reading, budgets)?;
    Output::new(budgets).item(chosen.len(), 0)?;
    let mut sorted = chosen.clone();
    sort(&mut sorted, reading, || "the choice".into())?;
    let both = |place: &&u32| sorted.binary_search(place).is_ok();
    if let Some(place) = refused.iter().flat_map(|refusal| &refusal.clusters).find(both) {
        return Err(Fault::Answer(format!(
            "{} is both chosen and refused; valid: one of the two",
            cluster(*place, reading)
        )));
    }
    Ok(Choice { chosen, refused })
}

/// An assigner's answer: replicas for each cluster on offer, no more in all than Kubernetes can count.
pub(crate) fn replicas(replicas: Vec<u32>, reading: &mut Reading, _: &Budgets) -> Result<Vec<u32>, Fault> {
    one_each("numbers of replicas", replicas.len(), reading)?;
    if let Some((place, replicas)) = (0..).zip(replicas.iter().copied()).find(too_many) {
        return Err(Fault::Answer(format!(
            "{} is given {replicas} replicas; valid: 0 to {MOST}, which is as far as Kubernetes counts",
            cluster(place, reading)
        )));
    }
    let all: u64 = replicas.iter().copied().map(u64::from).sum();
    if all > u64::from(MOST) {
        return Err(Fault::Answer(format!(
            "all clusters together are given {all} replicas; valid: up to {MOST}, which is as far as Kubernetes counts"
        )));
    }
    Ok(replicas)
}

fn too_many((_, replicas): &(u32, u32)) -> bool {
    *replicas > MOST
}

/// There is one entry for each cluster on offer. Their number bounds what the host holds, so it needs no budget.
fn one_each(what: &str, entries: usize, reading: &Reading) -> Result<(), Fault> {
    let size = reading.on_offer();
    if entries == size {
        return Ok(());
    }
    Err(Fault::Answer(format!("it has {entries} {what}; valid: {size}, one for each cluster on offer")))
}
