//! A policy's call for a plugin, prepared once and asked for many templates; and the memory that makes it cheap.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use fixedbitset::FixedBitSet;

use crate::fault::Fault;
use crate::fleet::Place;
use crate::plugin::{Amendment, Plugin, Refusal};
use crate::reading::Reading;

/// How many lists of targets one overrider's answers are kept for. Templates of one policy share a few lists; the
/// bound is arbitrary, and keeps a fleet of many shapes from filling memory.
const MAX_TARGET_LISTS: usize = 256;

/// A plugin's answer, shared by all templates that it holds for.
pub type Answer<T> = Arc<Result<T, Fault>>;

/// Which plugin, and what it is told.
pub struct Call {
    /// The name by which the policy calls it.
    pub name: String,
    /// The field of the policy that asks for it, such as `spec.placement.clusterAffinity`.
    pub field: String,
    plugin: Arc<dyn Plugin>,
    config: String,
    remember: bool,
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

/// A call for an overrider. Its answers are kept as a filter's are, for each list of clusters that its rule targets.
pub struct OverriderCall {
    /// Which plugin, and what it is told.
    pub call: Call,
    /// Whether it stands in a policy's own typed field, or is a custom plugin with less to say.
    pub custom: bool,
    known: RwLock<BTreeMap<Vec<Place>, Answer<Vec<Amendment>>>>,
}

impl Call {
    /// A call that is remembered where that is safe, unless `remember` is false.
    pub(crate) fn new(
        name: &str,
        field: String,
        plugin: Arc<dyn Plugin>,
        config: String,
        remember: bool,
    ) -> Self {
        Self { name: name.into(), field, plugin, config, remember }
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
        let mut reading = reading();
        let on_offer = reading.on_offer();
        let answer = self.call.plugin.filter(&self.call.config, &mut reading).and_then(|refusals| {
            let mut places = FixedBitSet::with_capacity(on_offer);
            for place in refusals.iter().flat_map(|refusal| &refusal.clusters) {
                if *place as usize >= on_offer {
                    return Err(Fault::Answer(format!("cluster {place} is not on offer")));
                }
                places.insert(*place as usize);
            }
            Ok(Refused { refusals, places })
        });
        let answer = Arc::new(answer);
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
    pub(crate) fn ask(&self, mut reading: Reading) -> Answer<Vec<Amendment>> {
        let targets = reading.targeted();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&targets).cloned();
        if let Some(known) = known {
            return known;
        }
        let answer = Arc::new(self.call.plugin.patch(&self.call.config, &mut reading));
        if self.call.remembers(&reading, &answer) {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() < MAX_TARGET_LISTS {
                known.insert(targets, Arc::clone(&answer));
            }
        }
        answer
    }
}

impl Call {
    fn remembers<T>(&self, reading: &Reading, answer: &Result<T, Fault>) -> bool {
        self.remember
            && reading.asked().nothing_of_the_template()
            && answer.as_ref().err().is_none_or(Fault::lasts)
    }
}
