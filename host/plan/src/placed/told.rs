//! Who was asked where a template goes, and what was said that is worth a word.

use std::sync::Arc;

use super::{Attempt, Placed, Step};
use crate::answer::StageAnswer;
use crate::call::Call;
use crate::conversation::Conversation;
use crate::fault::Fault;
use crate::plugin::Stage;

/// A plugin that was asked, and why it gave no answer.
pub(crate) struct Told<'a> {
    pub(crate) stage: Stage,
    pub(crate) call: &'a Call,
    pub(crate) fault: Option<&'a Fault>,
}

fn told<T: StageAnswer>(step: &Step<T>) -> Told<'_> {
    let Step { call, answer } = step;
    Told { stage: T::STAGE, call: &call.call, fault: answer.outcome.as_ref().err() }
}

impl Placed {
    /// Every plugin that had a say where the template goes, in order: all that were asked but those of groups that were
    /// passed over.
    pub(crate) fn told(&self) -> Vec<Told<'_>> {
        let mut all = Vec::new();
        let last = self.attempts.last();
        all.extend(last.iter().flat_map(|attempt| &attempt.tiers).map(told));
        all.extend(self.filters.iter().map(told));
        if let Some(Attempt { scorers, estimators, selector, assigner, .. }) = last {
            all.extend(scorers.iter().map(told));
            all.extend(estimators.iter().map(told));
            all.extend(selector.iter().map(told));
            all.extend(assigner.iter().map(told));
        }
        // Asked for something else than where the template goes, it is only worth a word where it failed.
        all.extend(self.completions.iter().map(told).filter(|told| told.fault.is_some()));
        all
    }

    /// Every plugin that was asked for which clusters a listed weight is.
    pub(crate) fn told_of_weights(&self) -> impl Iterator<Item = Told<'_>> {
        self.weights.iter().map(told)
    }

    /// Every call that was noted, in the order of stages.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (&Call, &Arc<Conversation>)> {
        fn noted<T: StageAnswer>(step: &Step<T>) -> Option<(&Call, &Arc<Conversation>)> {
            Some((&step.call.call, step.answer.conversation.as_ref()?))
        }
        let tiers = self.attempts.iter().flat_map(|attempt| &attempt.tiers);
        let later = self.attempts.iter().flat_map(|attempt| {
            let Attempt { scorers, estimators, selector, assigner, .. } = attempt;
            (scorers.iter().filter_map(noted))
                .chain(estimators.iter().filter_map(noted))
                .chain(selector.iter().filter_map(noted))
                .chain(assigner.iter().filter_map(noted))
        });
        tiers
            .chain(&self.filters)
            .chain(&self.weights)
            .filter_map(noted)
            .chain(later)
            .chain(self.completions.iter().filter_map(noted))
    }
}
