//! What a plugin answered, by what it was told on the way there.
//!
//! A plugin is a function of what it is told. So whoever asks the same questions and hears the same answers comes to the
//! same answer, and need not be asked again:
//!
//! ```text
//!  /apiVersion ──"apps/v1"──► /kind ──"Deployment"──► refuses 1 and 4
//!       └────────"v1"───────► /kind ──"ConfigMap"───► refuses nobody
//! ```
//!
//! Questions about the clusters on offer have the same answers for every template, so they are not on the way. An answer
//! that nothing was asked for on the way holds for every template at once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::call::Answer;
use crate::conversation::Exchange;
use crate::question::Question;
use crate::reading::Reading;
use crate::room::{Room, exchange_bytes};

/// How many answers one question may have on the ways that are kept. Many templates have few kinds, images and counts;
/// where each has its own answer, memory saves nothing. The bound is arbitrary within that.
const MAX_ANSWERS: usize = 1024;

/// The longest answer on a way that is kept. Whoever reads more reads what only this template has. Arbitrary within that.
const MAX_ANSWER_BYTES: usize = 16 << 10;

/// Answers of one plugin to one config over the same clusters.
pub(crate) struct Memory<T> {
    next: OnceLock<Next<T>>,
}

enum Next<T> {
    Answer(Answer<T>),
    Question { question: Question, ways: RwLock<BTreeMap<String, Arc<Memory<T>>>> },
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self { next: OnceLock::new() }
    }
}

impl<T> Memory<T> {
    /// The answer that holds for whoever is told what `reading` says.
    pub(crate) fn recall(self: &Arc<Self>, reading: impl FnOnce() -> Reading) -> Option<Answer<T>> {
        if let Next::Answer(answer) = self.next.get()? {
            return Some(Arc::clone(answer));
        }
        let mut reading = reading();
        let mut at = Arc::clone(self);
        loop {
            at = match at.next.get()? {
                Next::Answer(answer) => return Some(Arc::clone(answer)),
                Next::Question { question, ways } => {
                    let heard = reading.put(question).ok()?.to_string();
                    // What is said about a Secret is withheld, and must be made for that.
                    if reading.looked_into_a_secret() {
                        return None;
                    }
                    let ways = ways.read().unwrap_or_else(PoisonError::into_inner);
                    Arc::clone(ways.get(&heard)?)
                }
            };
        }
    }

    /// Keeps an answer, and the way to it, while there is room.
    pub(crate) fn keep(
        self: &Arc<Self>,
        exchanges: &[Exchange],
        answer: &Answer<T>,
        bytes: u64,
        room: &Room,
    ) {
        let of_template = |exchange: &&Exchange| !exchange.question.is_of_the_fleet();
        let way: Vec<(&Question, String)> = (exchanges.iter().filter(of_template))
            .map(|exchange| (&exchange.question, exchange.answer.to_string()))
            .collect();
        let taken = exchanges.iter().filter(of_template).map(exchange_bytes).sum::<u64>();
        let too_long = way.iter().any(|(_, heard)| heard.len() > MAX_ANSWER_BYTES);
        if too_long || !self.has_place_for(&way) || !room.take(bytes + taken) {
            return;
        }
        let mut at = Arc::clone(self);
        for (asked, heard) in way {
            let fork = || Next::Question { question: asked.clone(), ways: RwLock::default() };
            let next = match at.next.get_or_init(fork) {
                Next::Question { question, ways } if question == asked => {
                    let mut ways = ways.write().unwrap_or_else(PoisonError::into_inner);
                    if ways.len() >= MAX_ANSWERS && !ways.contains_key(&heard) {
                        return;
                    }
                    Arc::clone(ways.entry(heard).or_default())
                }
                // A plugin that asks something else although it was told the same is none that can be remembered.
                _ => return,
            };
            at = next;
        }
        // Another thread may have been first; it was told the same.
        let _ = at.next.set(Next::Answer(Arc::clone(answer)));
    }

    /// Whether an answer at the end of this way would be kept: room is taken for no other.
    fn has_place_for(self: &Arc<Self>, way: &[(&Question, String)]) -> bool {
        let mut at = Arc::clone(self);
        for (asked, heard) in way {
            let next = match at.next.get() {
                None => return true,
                Some(Next::Question { question, ways }) if question == *asked => {
                    let ways = ways.read().unwrap_or_else(PoisonError::into_inner);
                    match ways.get(heard) {
                        Some(next) => Arc::clone(next),
                        None => return ways.len() < MAX_ANSWERS,
                    }
                }
                Some(_) => return false,
            };
            at = next;
        }
        at.next.get().is_none()
    }
}
