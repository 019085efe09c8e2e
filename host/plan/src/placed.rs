//! Where a template goes: every stage of placement, in order.
//!
//! ```text
//!  filters ──► scorers, estimators ──► selector ──► assigner
//!   all         those that passed      the same     those that were chosen
//! ```
//!
//! Where a placement has groups of clusters, that is done with one group after the other until one can take the template.

mod completions;
mod told;

use std::collections::BTreeMap;
use std::sync::Arc;

use fixedbitset::FixedBitSet;

use crate::answer::{Estimates, Refused, Replicas, Scores, StageAnswer};
use crate::call::{Answer, Answered, Call, StageCall};
use crate::fault::Fault;
use crate::fleet::Place;
use crate::offer::Offer;
use crate::placing::{Group, Placing};
use crate::plugin::Choice;
use crate::previous::Previous;
use crate::reading::Reading;
use crate::request::Request;
use crate::template::Template;
use crate::world::World;

pub(crate) use told::Told;

/// A call and its answer.
pub struct Step<T> {
    /// The call.
    pub call: Arc<StageCall<T>>,
    /// What was answered.
    pub answer: Answer<T>,
}

/// A filter and its answer.
pub type FilterStep = Step<Refused>;

/// Where a template goes, and how that was found.
#[derive(Default)]
pub struct Placed {
    /// The filters beside those of the groups.
    pub filters: Vec<FilterStep>,
    /// Which clusters the listed weights are for, where somebody divides by them.
    pub weights: Vec<FilterStep>,
    /// The groups that were tried, in order. The last one counts.
    pub attempts: Vec<Attempt>,
    /// How many replicas there are to place; none: the template is no workload.
    pub replicas: Option<u32>,
    /// The clusters that it goes to, each with its replicas where it has any.
    pub clusters: BTreeMap<Place, Option<u32>>,
    /// How what is to be completed is divided among them, where there is such a thing.
    pub completions: Option<Step<Replicas>>,
    /// What each of them has to complete, where that was divided.
    pub completed: BTreeMap<Place, u32>,
}

/// A group of clusters that was tried.
pub struct Attempt {
    /// The name of the group; none where the placement has no groups.
    pub group: Option<String>,
    /// The group's own filters, tier by tier.
    pub tiers: Vec<FilterStep>,
    /// The clusters that no filter refused.
    passed: Offer,
    /// What the later stages were asked.
    request: Request,
    /// How good those clusters are.
    pub scorers: Vec<Step<Scores>>,
    /// How much room they have.
    pub estimators: Vec<Step<Estimates>>,
    /// Which of them are taken.
    pub selector: Option<Step<Choice>>,
    /// The clusters that were taken.
    chosen: Offer,
    /// How many replicas each of these gets.
    pub assigner: Option<Step<Replicas>>,
    /// Why it can't take the template.
    pub misfit: Option<Misfit>,
}

/// Why a group of clusters can't take a template. Of several the greatest counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misfit {
    /// No cluster is left.
    NoneFits,
    /// The clusters that are left can't take it, says the plugin.
    Unschedulable {
        /// The plugin.
        plugin: String,
        /// The field of the policy that asked for it.
        field: String,
        /// What it says.
        why: String,
    },
    /// Some plugin gave no answer.
    Fault,
}

/// All that is the same for every stage.
struct Placer<'a> {
    world: &'a World,
    placing: &'a Placing,
    template: &'a Template,
    request: Arc<Request>,
}

/// Finds out where a template goes.
pub(crate) fn place(
    world: &World,
    placing: &Placing,
    template: &Template,
    request: &Arc<Request>,
    previous: &Previous,
) -> Placed {
    let placer = Placer { world, placing, template, request: Arc::clone(request) };
    let mut placed = Placed { replicas: request.replicas, ..Placed::default() };
    let eviction = placing.eviction.as_ref().filter(|_| !request.evicting.is_empty());
    for call in placing.filters.iter().chain(eviction) {
        placed.filters.push(placer.ask(call, world.everybody(), &placer.request));
    }
    let refused = refused(&placed.filters, world);
    // A template stays with the group that it found, or goes on to a later one; back it goes when a person asks for it.
    let before = previous.group.as_deref().filter(|_| !request.fresh);
    let first = placing.groups.iter().position(|group| group.name.as_deref() == before && before.is_some());
    for group in &placing.groups[first.unwrap_or_default()..] {
        let mut attempt = placer.attempt(group, refused.as_ref(), &mut placed.weights);
        placed.clusters = placer.conclude(&mut attempt);
        let goes_on = matches!(attempt.misfit, Some(Misfit::NoneFits | Misfit::Unschedulable { .. }));
        placed.attempts.push(attempt);
        if !goes_on {
            break;
        }
    }
    placed
}

impl Placed {
    /// Why there is no decision, where there is none: some plugin gave no answer, or no group can take the template
    /// although clusters were left in one. That no cluster is left is a decision.
    pub(crate) fn misfit(&self) -> Option<&Misfit> {
        let mut misfits = self.attempts.iter().filter_map(|attempt| attempt.misfit.as_ref());
        let last = self.attempts.last().and_then(|attempt| attempt.misfit.as_ref())?;
        if *last == Misfit::Fault {
            return Some(last);
        }
        misfits.find(|misfit| **misfit != Misfit::NoneFits)
    }
}

impl Attempt {
    /// The clusters that the selector took, best first, by their places among all; none where there was none.
    pub fn ranked(&self) -> impl Iterator<Item = Place> + '_ {
        self.request.ranking.iter().map(|place| self.passed.outer(*place))
    }

    /// The clusters that no filter refused, by their places among all, ascending.
    pub fn passed(&self) -> impl Iterator<Item = Place> + '_ {
        self.passed.outers()
    }

    /// The clusters that the selector took, or all that passed where there is none; ascending.
    pub fn chosen(&self) -> impl Iterator<Item = Place> + '_ {
        self.chosen.outers()
    }

    /// The clusters of which no estimator can tell how much room they have, where any was asked.
    pub(crate) fn of_unknown_room(&self) -> impl Iterator<Item = Place> + '_ {
        let room = self.request.available.iter().zip(self.passed());
        room.filter_map(|(room, place)| room.is_none().then_some(place))
    }

    /// What one of the values of a scorer or an estimator says of a cluster.
    pub(crate) fn of_passed<'a, T>(&self, values: &'a [T], place: Place) -> Option<&'a T> {
        values.get(self.passed.inner(place)? as usize)
    }

    /// Which of all clusters a place is that the selector names.
    pub(crate) fn outer(&self, place: Place) -> Place {
        self.passed.outer(place)
    }

    /// The tier of a cluster that passed, where there are several.
    pub(crate) fn tier(&self, place: Place) -> Option<u32> {
        self.of_passed(&self.request.tiers, place).copied()
    }

    /// The listed weight of a cluster that passed, where the policy lists any.
    pub(crate) fn weight(&self, place: Place) -> Option<u64> {
        self.of_passed(&self.request.weights, place).copied()
    }
}

impl Placer<'_> {
    fn ask<T: StageAnswer>(
        &self,
        call: &Arc<StageCall<T>>,
        offer: &Offer,
        request: &Arc<Request>,
    ) -> Step<T> {
        ask(call, offer, self.template, request)
    }

    /// How many replicas there are to divide, where there are any.
    fn replicas(&self) -> Option<u32> {
        self.request.replicas.filter(|replicas| *replicas > 0)
    }

    /// Tries a group, as far as the choice of clusters.
    fn attempt(
        &self,
        group: &Group,
        refused: Result<&FixedBitSet, &Misfit>,
        weights: &mut Vec<FilterStep>,
    ) -> Attempt {
        let Self { world, placing, request, .. } = self;
        let everybody = world.everybody();
        let tiers: Vec<_> = group.tiers.iter().map(|tier| self.ask(tier, everybody, request)).collect();
        let (mut passing, tier_of) = within(&tiers, world);
        match refused {
            Ok(refused) => passing.difference_with(refused),
            Err(_) => passing.clear(),
        }
        let of_tiers =
            tiers.iter().filter_map(|step| Some(misfit(step, step.answer.outcome.as_ref().err()?)));
        let worst = refused.err().cloned().into_iter().chain(of_tiers).max();
        let passed = world.offer(&passing);
        // Where nobody is asked any more, nobody hears of it.
        let heard = if placing.asks_for_size() { request.narrowed(&passed) } else { Request::default() };
        let mut attempt = Attempt {
            group: group.name.clone(),
            tiers,
            request: Request { tiers: passed.of(&tier_of), ..heard },
            chosen: passed.clone(),
            passed,
            scorers: Vec::new(),
            estimators: Vec::new(),
            selector: None,
            assigner: None,
            misfit: worst.or(passing.is_clear().then_some(Misfit::NoneFits)),
        };
        if attempt.misfit.is_some() {
            return attempt;
        }
        if self.replicas().is_some() && placing.assigner.is_some() && !placing.weights.is_empty() {
            if weights.is_empty() {
                weights.extend(placing.weights.iter().map(|(rule, _)| self.ask(rule, everybody, request)));
            }
            if weights.iter().any(|step| step.answer.outcome.is_err()) {
                attempt.misfit = Some(Misfit::Fault);
                return attempt;
            }
            attempt.request.weights = attempt.passed.of(&self.listed(weights));
        }
        self.choose(&mut attempt);
        attempt
    }

    /// The highest weight of the rules that mean a cluster; 0 where none does.
    fn listed(&self, steps: &[FilterStep]) -> Vec<u64> {
        let mut listed = vec![0; self.world.fleet().size()];
        for (step, (_, weight)) in steps.iter().zip(&self.placing.weights) {
            let Ok(Refused { places, .. }) = &step.answer.outcome else { continue };
            let meant = listed.iter_mut().enumerate().filter(|(place, _)| !places.contains(*place));
            meant.for_each(|(_, known)| *known = (*known).max(*weight));
        }
        listed
    }

    /// Asks scorers, estimators and the selector about the clusters that passed.
    fn choose(&self, attempt: &mut Attempt) {
        let Placing { scorers, estimators, selector, ranks_for_replicas, .. } = self.placing;
        let nothing_to_rank = *ranks_for_replicas && self.replicas().is_none();
        let selector = selector.as_ref().filter(|_| !nothing_to_rank);
        let request = Arc::new(attempt.request.clone());
        for call in scorers.iter().filter(|_| !nothing_to_rank) {
            attempt.scorers.push(self.ask(call, &attempt.passed, &request));
        }
        for call in estimators.iter().filter(|_| self.replicas().is_some()) {
            attempt.estimators.push(self.ask(call, &attempt.passed, &request));
        }
        let size = attempt.passed.fleet.size();
        let mut failed = None::<Misfit>;
        let mut scores = vec![0; if attempt.scorers.is_empty() { 0 } else { size }];
        for step in &attempt.scorers {
            match &step.answer.outcome {
                Ok(given) => {
                    scores.iter_mut().zip(&given.0).for_each(|(sum, score)| *sum += u32::from(*score))
                }
                Err(fault) => failed = failed.max(Some(misfit(step, fault))),
            }
        }
        let mut available = vec![None; if attempt.estimators.is_empty() { 0 } else { size }];
        for step in &attempt.estimators {
            match &step.answer.outcome {
                Ok(given) => (available.iter_mut().zip(&given.0))
                    .for_each(|(least, room)| *least = (*least).into_iter().chain(*room).min()),
                Err(fault) => failed = failed.max(Some(misfit(step, fault))),
            }
        }
        if failed.is_some() {
            attempt.misfit = failed;
            return;
        }
        attempt.request.scores = scores;
        attempt.request.available = available;
        let Some(selector) = selector else { return };
        let step = self.ask(selector, &attempt.passed, &Arc::new(attempt.request.clone()));
        match &step.answer.outcome {
            Ok(Choice { chosen, .. }) => {
                attempt.request.ranking.clone_from(chosen);
                let mut taken = self.world.fleet().none();
                taken.extend(chosen.iter().map(|place| attempt.passed.outer(*place) as usize));
                // That nobody is taken of those that may be is no wish to take the template away.
                attempt.misfit = taken.is_clear().then(|| nobody_taken(&step, attempt.passed().count()));
                attempt.chosen = self.world.offer(&taken);
            }
            Err(fault) => attempt.misfit = Some(misfit(&step, fault)),
        }
        attempt.selector = Some(step);
    }

    /// Divides the replicas among the clusters that were chosen.
    fn conclude(&self, attempt: &mut Attempt) -> BTreeMap<Place, Option<u32>> {
        if attempt.misfit.is_some() {
            return BTreeMap::new();
        }
        let assigner = self.placing.assigner.as_ref().filter(|_| self.replicas().is_some());
        let Some(assigner) = assigner else {
            return attempt.chosen().map(|place| (place, self.request.replicas)).collect();
        };
        let request = Arc::new(self.of_chosen(attempt));
        let mut step = self.ask(assigner, &attempt.chosen, &request);
        if step.answer.outcome.as_ref().is_ok_and(|given| given.0.iter().all(|replicas| *replicas == 0)) {
            step.answer = nobody_gets_any(&step.answer, request.replicas);
        }
        let assigned = match &step.answer.outcome {
            Ok(given) => {
                let given = attempt.chosen().zip(&given.0).filter(|(_, replicas)| **replicas > 0);
                given.map(|(place, replicas)| (place, Some(*replicas))).collect()
            }
            Err(fault) => {
                attempt.misfit = Some(misfit(&step, fault));
                BTreeMap::new()
            }
        };
        attempt.assigner = Some(step);
        assigned
    }

    /// What the assigner is asked: the same as the selector, about those that were chosen.
    fn of_chosen(&self, attempt: &Attempt) -> Request {
        let Attempt { passed, chosen, request, .. } = attempt;
        let outer = |inner: &Place| passed.outer(*inner);
        let of_passed = |place: Place| passed.inner(place).map(|inner| inner as usize);
        fn pick<T: Clone>(values: &[T], places: &[usize]) -> Vec<T> {
            if values.is_empty() { Vec::new() } else { places.iter().map(|at| values[*at].clone()).collect() }
        }
        let places: Vec<usize> = chosen.outers().filter_map(of_passed).collect();
        Request {
            scores: pick(&request.scores, &places),
            available: pick(&request.available, &places),
            tiers: pick(&request.tiers, &places),
            weights: pick(&request.weights, &places),
            ranking: request.ranking.iter().filter_map(|place| chosen.inner(outer(place))).collect(),
            ..self.request.narrowed(chosen)
        }
    }
}

fn ask<T: StageAnswer>(
    call: &Arc<StageCall<T>>,
    offer: &Offer,
    template: &Template,
    request: &Arc<Request>,
) -> Step<T> {
    let reading = || {
        let (fleet, object) = (Arc::clone(&offer.fleet), Arc::clone(&template.object));
        Reading::for_placement(fleet, object, Arc::clone(request))
    };
    Step { call: Arc::clone(call), answer: call.ask(offer, reading) }
}

/// What an assigner's answer counts as that gives no replicas to anybody although there are some: it would take the
/// template from everywhere, which no division means.
fn nobody_gets_any(answer: &Answered<Replicas>, replicas: Option<u32>) -> Answer<Replicas> {
    let why = format!(
        "it gives none of {} replicas to any cluster; valid: some to one at least, or the fault `unschedulable`",
        replicas.unwrap_or_default()
    );
    let Answered { outcome: _, conversation } = answer;
    Arc::new(Answered { outcome: Err(Fault::Answer(why)), conversation: conversation.clone() })
}

/// The clusters of a group, and the first tier that each is in.
fn within(tiers: &[FilterStep], world: &World) -> (FixedBitSet, Vec<u32>) {
    let fleet = world.fleet();
    if let [] | [_] = tiers {
        let mut within = fleet.everybody();
        for step in tiers {
            match &step.answer.outcome {
                Ok(refused) => within.difference_with(&refused.places),
                Err(_) => within.clear(),
            }
        }
        return (within, Vec::new());
    }
    let mut within = fleet.none();
    let mut tier_of = vec![0; fleet.size()];
    for (step, tier) in tiers.iter().zip(0..) {
        let Ok(Refused { places, .. }) = &step.answer.outcome else { continue };
        for place in (0..fleet.size()).filter(|place| !places.contains(*place)) {
            if !within.put(place) {
                tier_of[place] = tier;
            }
        }
    }
    (within, tier_of)
}

/// Everything that filters refuse, or why that can't be told.
fn refused(filters: &[FilterStep], world: &World) -> Result<FixedBitSet, Misfit> {
    let mut refused = world.fleet().none();
    let mut worst = None;
    for step in filters {
        match &step.answer.outcome {
            Ok(answer) => refused.union_with(&answer.places),
            Err(fault) => worst = worst.max(Some(misfit(step, fault))),
        }
    }
    worst.map_or(Ok(refused), Err)
}

fn misfit<T>(step: &Step<T>, fault: &Fault) -> Misfit {
    match fault {
        Fault::Unschedulable(why) => Misfit::Unschedulable {
            plugin: step.call.call.name.clone(),
            field: step.call.call.field.clone(),
            why: why.clone(),
        },
        _ => Misfit::Fault,
    }
}

/// That none is taken of the clusters that no filter refused is no wish to take the template away.
fn nobody_taken(step: &Step<Choice>, passed: usize) -> Misfit {
    let Call { name, field, .. } = &step.call.call;
    let why = format!("it takes none of the {passed} clusters that no filter refused");
    Misfit::Unschedulable { plugin: name.clone(), field: field.clone(), why }
}
