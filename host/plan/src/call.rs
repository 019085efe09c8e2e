//! A policy's call for a plugin, prepared once and asked for many templates; and the memory that makes it cheap.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use fixedbitset::FixedBitSet;

use crate::conversation::{Alike, Conversation, Outcome};
use crate::fault::Fault;
use crate::fleet::Place;
use crate::plugin::{Amendment, Plugin, Refusal, Stage};
use crate::reading::Reading;
use crate::room::{Room, Takes};
use crate::withheld;

/// How many lists of targets one overrider's answers are kept for. Templates of one policy share a few lists; the
/// bound is arbitrary, and keeps a fleet of many shapes from filling memory.
const MAX_TARGET_LISTS: usize = 256;

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
#[derive(Clone, Debug)]
pub(crate) struct Keeping {
    /// Answers, for other templates that they hold for; none: nothing is kept.
    pub(crate) answers: Option<Arc<Room>>,
    /// Conversations, whole.
    pub(crate) conversations: bool,
}

/// A filter's answer.
#[derive(Debug)]
pub struct Refused {
    /// Every refusal, as the plugin gave them.
    pub refusals: Vec<Refusal>,
    /// All places that any of them names.
    pub places: FixedBitSet,
}

/// The answer to one config, once it is known to hold for every template.
pub(crate) type Known = Arc<OnceLock<Answer<Refused>>>;

/// A call for a filter.
///
/// An answer that had nothing to do with the template holds for every template of the same World. It is kept, also
/// when it is a fault that lasts; everything else is asked anew.
pub struct FilterCall {
    /// Which plugin, and what it is told.
    pub call: Call,
    known: Known,
}

/// The clusters that a rule targets, by equal object.
type Groups = Vec<Vec<Place>>;

/// A call for an overrider. Its answers are kept as a filter's are, for each list of clusters that its rule targets and
/// each way in which equal objects stand there: how often a patch is applied depends on that.
pub struct OverriderCall {
    /// Which plugin, and what it is told.
    pub call: Call,
    /// Whether a policy names the plugin itself. Then it may change less than what stands in a field of its own.
    pub custom: bool,
    known: RwLock<BTreeMap<Groups, Answer<Vec<Amendment>>>>,
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

impl FilterCall {
    pub(crate) fn new(call: Call, known: Known) -> Self {
        Self { call, known }
    }

    /// The plugin's answer, from memory where it can be.
    pub(crate) fn ask(&self, reading: impl FnOnce() -> Reading) -> Answer<Refused> {
        if let Some(known) = self.known.get() {
            return Arc::clone(known);
        }
        let mut reading = self.call.noted(reading());
        let on_offer = reading.on_offer();
        let answer = self.call.plugin.filter(&self.call.config, &mut reading);
        let conversation = self.call.conversation(Stage::Filter, &mut reading, &answer);
        let outcome = answer.and_then(|refusals| {
            let mut places = FixedBitSet::with_capacity(on_offer);
            for place in refusals.iter().flat_map(|refusal| &refusal.clusters) {
                if *place as usize >= on_offer {
                    return Err(Fault::Answer(format!("cluster {place} is not on offer")));
                }
                places.insert(*place as usize);
            }
            Ok(Refused { refusals, places })
        });
        let outcome = if reading.looked_into_a_secret() {
            outcome.map(withheld::refused).map_err(withheld::fault)
        } else {
            outcome
        };
        let answer = Arc::new(Answered { outcome, conversation });
        if self.call.remembers(&reading, &answer) {
            // Another thread may have been first; it was told the same.
            let _ = self.known.set(Arc::clone(&answer));
        }
        answer
    }
}

impl OverriderCall {
    pub(crate) fn new(call: Call, custom: bool) -> Self {
        Self { call, custom, known: RwLock::default() }
    }

    /// The plugin's answer, from memory where it can be.
    pub(crate) fn ask(&self, reading: Reading) -> Answer<Vec<Amendment>> {
        let targets: Groups = reading.groups().into_iter().map(<[Place]>::to_vec).collect();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&targets).cloned();
        if let Some(known) = known {
            return known;
        }
        let mut reading = self.call.noted(reading);
        let outcome = self.call.plugin.patch(&self.call.config, &mut reading);
        let conversation = self.call.conversation(Stage::Overrider, &mut reading, &outcome);
        // What a typed field's plugin says is about the user's own words, who must be able to put them right.
        let outcome = if self.custom && reading.looked_into_a_secret() {
            outcome.map_err(withheld::fault)
        } else {
            outcome
        };
        let answer = Arc::new(Answered { outcome, conversation });
        let is_room = || {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.len() < MAX_TARGET_LISTS && !known.contains_key(&targets)
        };
        if is_room() && self.call.remembers(&reading, &answer) {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(targets, Arc::clone(&answer));
        }
        answer
    }
}

/// The groups of targets, with what a transcript keeps of their objects. What the answer did not depend on is another
/// template's where it was remembered, and is left out.
fn alike(reading: &Reading) -> Vec<Alike> {
    let values = |index| if reading.asked().objects { reading.values_in(index) } else { 0 };
    let groups = reading.groups().into_iter().enumerate();
    groups.map(|(index, clusters)| Alike { clusters: clusters.to_vec(), values: values(index) }).collect()
}

impl Call {
    fn noted(&self, reading: Reading) -> Reading {
        if self.keeping.conversations { reading.noting() } else { reading }
    }

    /// The whole call, where it was to be noted.
    fn conversation<T: Clone + Into<Outcome>>(
        &self,
        stage: Stage,
        reading: &mut Reading,
        outcome: &Result<T, Fault>,
    ) -> Option<Arc<Conversation>> {
        let exchanges = reading.take_exchanges()?;
        let outcome = if reading.looked_into_a_secret() { Outcome::Withheld } else { outcome.clone().into() };
        Some(Arc::new(Conversation {
            plugin: self.name.clone(),
            stage,
            component: self.plugin.manifest().digest,
            terms: self.plugin.terms(),
            config: self.config.clone(),
            targets: alike(reading),
            exchanges,
            outcome,
        }))
    }

    /// Whether an answer is kept: it holds for other templates, and there is room for it, which is taken then.
    fn remembers<T: Takes>(&self, reading: &Reading, answer: &Answered<T>) -> bool {
        let Some(room) = &self.keeping.answers else { return false };
        let holds = reading.asked().nothing_of_the_template()
            && answer.outcome.as_ref().err().is_none_or(Fault::lasts);
        let conversation = answer.conversation.as_ref().map_or(0, |conversation| conversation.bytes());
        holds && room.take(conversation + answer.outcome.as_ref().map_or(0, Takes::bytes))
    }
}
