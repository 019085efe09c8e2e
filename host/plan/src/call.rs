//! A policy's call for a plugin, prepared once and asked for many templates.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use fixedbitset::FixedBitSet;

use crate::answer::{Estimates, Refused, Replicas, Scores, StageAnswer};
use crate::conversation::{Alike, Conversation, Outcome};
use crate::fault::Fault;
use crate::fleet::Place;
use crate::memory::Memory;
use crate::offer::Offer;
use crate::plugin::{Amendment, Choice, Plugin, Stage};
use crate::reading::Reading;
use crate::room::{Room, Takes};
use crate::withheld;

/// How many lists of clusters one call's answers are kept for: what is on offer, or what a rule targets. Templates of one
/// policy share a few lists; the bound is arbitrary, and keeps a fleet of many shapes from filling memory.
const MAX_LISTS: usize = 256;

/// A plugin's answer, shared by all templates that it holds for.
pub type Answer<T> = Arc<Answered<T>>;

/// What came of a call.
#[derive(Debug)]
pub struct Answered<T> {
    /// The answer, or why there is none.
    pub outcome: Result<T, Fault>,
    /// How it came about, where that was to be noted.
    pub conversation: Option<Arc<Conversation>>,
}

/// Which plugin, and what it is told.
pub struct Call {
    /// The name by which the policy calls it.
    pub name: String,
    /// The field of the policy that asks for it, such as `spec.placement.clusterAffinity`.
    pub field: String,
    plugin: Arc<dyn Plugin>,
    config: String,
    keeping: Keeping,
}

/// What is kept of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keeping {
    /// Answers, for other templates that they hold for; none: nothing is kept.
    pub(crate) answers: Option<Arc<Room>>,
    /// Conversations, whole.
    pub(crate) conversations: bool,
}

/// A call in one of the stages of placement. Answers that hold for other templates too are kept, also faults that last;
/// everything else is asked anew.
pub struct StageCall<T> {
    /// Which plugin, and what it is told.
    pub call: Call,
    known: Arc<KnownOfOffers<T>>,
}

/// Answers of one plugin to one config, by the clusters on offer.
pub(crate) struct KnownOfOffers<T> {
    /// About all clusters, which is what filters are asked about.
    everybody: Arc<Memory<T>>,
    some: Known<FixedBitSet, T>,
}

impl<T> Default for KnownOfOffers<T> {
    fn default() -> Self {
        Self { everybody: Arc::default(), some: Known::default() }
    }
}

impl<T> KnownOfOffers<T> {
    fn about(&self, offer: &Offer) -> Option<Arc<Memory<T>>> {
        if offer.is_everybody() { Some(Arc::clone(&self.everybody)) } else { self.some.about(&offer.places) }
    }
}

/// A call for a filter.
pub type FilterCall = StageCall<Refused>;
/// A call for a scorer.
pub type ScorerCall = StageCall<Scores>;
/// A call for an estimator.
pub type EstimatorCall = StageCall<Estimates>;
/// A call for a selector.
pub type SelectorCall = StageCall<Choice>;
/// A call for an assigner.
pub type AssignerCall = StageCall<Replicas>;

/// The clusters that a rule targets, by equal object.
type Groups = Vec<Vec<Place>>;

/// A call for an overrider. Its answers are kept as a filter's are, for each list of clusters that its rule targets and
/// each way in which equal objects stand there: how often a patch is applied depends on that.
pub struct OverriderCall {
    /// Which plugin, and what it is told.
    pub call: Call,
    /// Whether a policy names the plugin itself. Then it may change less than what stands in a field of its own.
    pub custom: bool,
    known: Known<Groups, Vec<Amendment>>,
}

/// Answers of one plugin to one config, by the clusters that they are about.
pub(crate) struct Known<K, T>(RwLock<BTreeMap<K, Arc<Memory<T>>>>);

impl<K, T> Default for Known<K, T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Ord + Clone, T> Known<K, T> {
    /// What is known where these clusters are concerned; none where nothing more can be kept.
    fn about(&self, clusters: &K) -> Option<Arc<Memory<T>>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(clusters).cloned();
        known.or_else(|| {
            let mut lists = self.0.write().unwrap_or_else(PoisonError::into_inner);
            (lists.len() < MAX_LISTS || lists.contains_key(clusters))
                .then(|| Arc::clone(lists.entry(clusters.clone()).or_default()))
        })
    }
}

impl Call {
    /// A call; its answer is remembered where that is safe, if at all.
    pub(crate) fn new(
        name: &str,
        field: String,
        plugin: Arc<dyn Plugin>,
        config: String,
        keeping: Keeping,
    ) -> Self {
        Self { name: name.into(), field, plugin, config, keeping }
    }
}

impl<T: StageAnswer> StageCall<T> {
    pub(crate) fn new(call: Call, known: Arc<KnownOfOffers<T>>) -> Self {
        Self { call, known }
    }

    /// The plugin's answer about the clusters on offer, from memory where it can be.
    pub(crate) fn ask(&self, offer: &Offer, reading: impl Fn() -> Reading) -> Answer<T> {
        let memory = self.call.keeping.answers.as_ref().and_then(|_| self.known.about(offer));
        if let Some(known) = memory.as_ref().and_then(|memory| memory.recall(&reading)) {
            return known;
        }
        let mut reading = self.call.noted(reading());
        let outcome = T::ask(&*self.call.plugin, &self.call.config, &mut reading);
        let noted = outcome.as_ref().map_or_else(|fault| Outcome::Fault(fault.clone()), T::outcome);
        let outcome = if reading.looked_into_a_secret() {
            outcome.map(T::withheld).map_err(withheld::fault)
        } else {
            outcome
        };
        self.call.concluded(T::STAGE, reading, outcome, noted, offer.some(), memory)
    }
}

impl OverriderCall {
    pub(crate) fn new(call: Call, custom: bool) -> Self {
        Self { call, custom, known: Known::default() }
    }

    /// The plugin's answer, from memory where it can be.
    pub(crate) fn ask(&self, reading: Reading) -> Answer<Vec<Amendment>> {
        let targets: Groups = reading.groups().into_iter().map(<[Place]>::to_vec).collect();
        let memory = self.call.keeping.answers.as_ref().and_then(|_| self.known.about(&targets));
        if let Some(known) = memory.as_ref().and_then(|memory| memory.recall(|| reading.clone())) {
            return known;
        }
        let mut reading = self.call.noted(reading);
        let outcome = self.call.plugin.patch(&self.call.config, &mut reading);
        let noted = outcome.clone().into();
        // What a typed field's plugin says is about the user's own words, who must be able to put them right.
        let outcome = if self.custom && reading.looked_into_a_secret() {
            outcome.map(withheld::amendments).map_err(withheld::fault)
        } else {
            outcome
        };
        self.call.concluded(Stage::Overrider, reading, outcome, noted, None, memory)
    }
}

/// The groups of targets, with what a transcript keeps of their objects. What the answer did not depend on is another
/// template's where it was remembered, and is left out.
fn alike(reading: &Reading) -> Vec<Alike> {
    let values = |index| if reading.asked().sizes { reading.values_in(index) } else { 0 };
    let groups = reading.groups().into_iter().enumerate();
    groups.map(|(index, clusters)| Alike { clusters: clusters.to_vec(), values: values(index) }).collect()
}

impl Call {
    fn noted(&self, reading: Reading) -> Reading {
        let Keeping { answers, conversations } = &self.keeping;
        match answers {
            _ if *conversations => reading.noting(),
            Some(_) => reading.noting_differences(),
            None => reading,
        }
    }

    /// Asks an interpreter, from memory where it can be.
    pub(crate) fn interpreting<K: Ord + Clone, T: Clone + Into<Outcome> + Takes>(
        &self,
        stage: Stage,
        reading: Reading,
        known: Option<(&Known<K, T>, K)>,
        ask: impl FnOnce(&dyn Plugin, &mut Reading) -> Result<T, Fault>,
    ) -> Answer<T> {
        let known = known.filter(|_| self.keeping.answers.is_some());
        let memory = known.and_then(|(known, about)| known.about(&about));
        if let Some(answer) = memory.as_ref().and_then(|memory| memory.recall(|| reading.clone())) {
            return answer;
        }
        let mut reading = self.noted(reading);
        let outcome = ask(&*self.plugin, &mut reading);
        let noted = outcome.clone().into();
        // No policy asked for it, so there is nobody whose own words these are.
        let secret = reading.looked_into_a_secret();
        let outcome = if secret { outcome.map_err(withheld::fault) } else { outcome };
        self.concluded(stage, reading, outcome, noted, None, memory)
    }

    /// Ends a call: notes it where it was to be noted, and keeps the answer where it holds for other templates.
    fn concluded<T: Takes>(
        &self,
        stage: Stage,
        mut reading: Reading,
        outcome: Result<T, Fault>,
        noted: Outcome,
        offer: Option<Vec<Place>>,
        memory: Option<Arc<Memory<T>>>,
    ) -> Answer<T> {
        let secret = reading.looked_into_a_secret();
        let exchanges = reading.take_exchanges().unwrap_or_default();
        let conversation = self.keeping.conversations.then(|| {
            Arc::new(Conversation {
                plugin: self.name.clone(),
                stage,
                component: self.plugin.manifest().digest,
                terms: self.plugin.terms(),
                config: self.config.clone(),
                offer,
                targets: alike(&reading),
                exchanges: exchanges.clone(),
                outcome: if secret { Outcome::Withheld } else { noted },
            })
        });
        let answer = Arc::new(Answered { outcome, conversation });
        let holds =
            !secret && !reading.asked().sizes && answer.outcome.as_ref().err().is_none_or(Fault::lasts);
        if let (Some(memory), Some(room), true) = (memory, &self.keeping.answers, holds) {
            let conversation = answer.conversation.as_ref().map_or(0, |conversation| conversation.bytes());
            let bytes = conversation + answer.outcome.as_ref().map_or(0, Takes::bytes);
            memory.keep(&exchanges, &answer, bytes, room);
        }
        answer
    }
}
