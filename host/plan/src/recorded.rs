//! Answers from a transcript: the same questions in the same order get the same answers, and no other ones.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::conversation::{Alike, Conversation};
use crate::question::Question;

/// A conversation that is being held again.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    clusters: Arc<[String]>,
    conversation: Arc<Conversation>,
    /// How many questions were asked again.
    asked: usize,
    divergence: Option<Divergence>,
}

/// Where a call left its transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Which question it was, from 1.
    pub number: usize,
    /// What was asked.
    pub asked: Question,
    /// What was asked when the transcript was made; none: nothing more.
    pub recorded: Option<Question>,
}

impl Recorded {
    pub(crate) fn new(clusters: Arc<[String]>, conversation: Arc<Conversation>) -> Self {
        Self { clusters, conversation, asked: 0, divergence: None }
    }

    pub(crate) fn clusters(&self) -> &[String] {
        &self.clusters
    }

    pub(crate) fn targets(&self) -> &[Alike] {
        &self.conversation.targets
    }

    pub(crate) fn divergence(&self) -> Option<&Divergence> {
        self.divergence.as_ref()
    }

    /// How many of the questions were not asked again.
    pub(crate) fn left(&self) -> usize {
        self.conversation.exchanges.len() - self.asked
    }

    /// The answer that the question got. An answer of another form counts as another question: somebody has changed
    /// the transcript.
    pub(crate) fn answer<T: DeserializeOwned>(&mut self, question: Question) -> Result<T, Divergence> {
        let exchange = self.conversation.exchanges.get(self.asked);
        let same = exchange.filter(|exchange| exchange.question == question);
        match same.and_then(|exchange| T::deserialize(&exchange.answer).ok()) {
            Some(answer) => {
                self.asked += 1;
                Ok(answer)
            }
            None => {
                let recorded = exchange.map(|exchange| exchange.question.clone());
                let divergence = Divergence { number: self.asked + 1, asked: question, recorded };
                self.divergence = Some(divergence.clone());
                Err(divergence)
            }
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, asked, recorded } = self;
        match recorded {
            Some(recorded) => write!(to, "question {number} is {asked} and was {recorded}"),
            None => write!(to, "question {number} is {asked}, and there was none"),
        }
    }
}
