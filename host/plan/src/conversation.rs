//! One call as it was held: what the plugin was told, what it asked and heard, what it answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::digest::Digest;
use crate::fault::Fault;
use crate::fleet::Place;
use crate::interpretation::{Dependency, Health, Size};
use crate::patch::Patch;
use crate::plugin::{Amendment, Choice, Refusal, Stage};
use crate::question::Question;

/// One call, whole: with the same component, on the same terms, the same questions in order get the same answers and
/// lead to the same outcome, on any machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Conversation {
    /// The name by which the policy calls the plugin.
    pub plugin: String,
    /// Where it stood.
    pub stage: Stage,
    /// The component.
    pub component: Digest,
    /// What it ran by.
    pub terms: Terms,
    /// What it was told: JSON as text. For an interpreter what its operation takes beside the object, `null` where that
    /// is nothing.
    pub config: String,
    /// The clusters on offer by their places among all, where they were not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Vec<Place>>,
    /// For overriders: the clusters that the rule targets, grouped by equal object. For interpreters that patch an
    /// object: that object, of no cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Alike>,
    /// What it asked and what it heard, in order.
    pub exchanges: Vec<Exchange>,
    /// What came of it.
    pub outcome: Outcome,
}

impl Conversation {
    /// The names of the clusters on offer, out of those of all.
    pub(crate) fn offered(&self, all: &Arc<[String]>) -> Arc<[String]> {
        let name = |place: &Place| all.get(*place as usize).cloned().unwrap_or_default();
        self.offer.as_ref().map_or_else(|| Arc::clone(all), |offer| offer.iter().map(name).collect())
    }
}

/// What a plugin runs by, beside what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Terms {
    /// What runs it, with its version.
    pub engine: String,
    /// What a call may use up, by the names of the limits.
    pub budget: BTreeMap<String, u64>,
}

/// Clusters with an equal object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Alike {
    /// Which; ascending.
    pub clusters: Vec<Place>,
    /// How many values are in the object: what applying a patch costs depends on it.
    pub values: u64,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// What was asked.
    #[serde(flatten)]
    pub question: Question,
    /// What was answered. The contract's `json` is a text here too, so that it is the same byte for byte; an option is
    /// null or its value, a result `{"Ok": …}` or `{"Err": …}`.
    pub answer: Value,
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// A filter's answer.
    Refusals(Vec<Refusal>),
    /// A scorer's answer, cluster by cluster.
    Scores(Vec<u8>),
    /// An estimator's answer, cluster by cluster.
    Estimates(Vec<Option<u32>>),
    /// A selector's answer.
    Choice(Choice),
    /// An assigner's answer, cluster by cluster.
    Replicas(Vec<u32>),
    /// An overrider's answer.
    Amendments(Vec<Amendment>),
    /// An interpreter's answer: how big a workload is.
    Size(Option<Size>),
    /// An interpreter's answer: what is done to the object.
    Patch(Patch),
    /// An interpreter's answer: whether the object does its job.
    Health(Health),
    /// An interpreter's answer: a status, a member's or that of all of them.
    Status(Option<Value>),
    /// An interpreter's answer: what the object needs.
    Dependencies(Vec<Dependency>),
    /// No answer, and why.
    Fault(Fault),
    /// Kept from every eye, because it may tell what is in a Secret.
    Withheld,
}

impl Outcome {
    /// Whether another machine must come to the same: faults that depend on stack, clock or other work need not.
    pub fn lasts(&self) -> bool {
        !matches!(self, Self::Fault(fault) if !fault.lasts())
    }
}

impl<T: Into<Outcome>> From<Result<T, Fault>> for Outcome {
    fn from(result: Result<T, Fault>) -> Self {
        result.map_or_else(Self::Fault, Into::into)
    }
}

impl From<Vec<Refusal>> for Outcome {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refusals(refusals)
    }
}

impl From<Vec<u8>> for Outcome {
    fn from(scores: Vec<u8>) -> Self {
        Self::Scores(scores)
    }
}

impl From<Vec<Option<u32>>> for Outcome {
    fn from(estimates: Vec<Option<u32>>) -> Self {
        Self::Estimates(estimates)
    }
}

impl From<Choice> for Outcome {
    fn from(choice: Choice) -> Self {
        Self::Choice(choice)
    }
}

impl From<Vec<u32>> for Outcome {
    fn from(replicas: Vec<u32>) -> Self {
        Self::Replicas(replicas)
    }
}

impl From<Vec<Amendment>> for Outcome {
    fn from(amendments: Vec<Amendment>) -> Self {
        Self::Amendments(amendments)
    }
}

impl From<Option<Size>> for Outcome {
    fn from(answer: Option<Size>) -> Self {
        Self::Size(answer)
    }
}

impl From<Patch> for Outcome {
    fn from(answer: Patch) -> Self {
        Self::Patch(answer)
    }
}

impl From<Health> for Outcome {
    fn from(answer: Health) -> Self {
        Self::Health(answer)
    }
}

impl From<Option<Value>> for Outcome {
    fn from(answer: Option<Value>) -> Self {
        Self::Status(answer)
    }
}

impl From<Vec<Dependency>> for Outcome {
    fn from(answer: Vec<Dependency>) -> Self {
        Self::Dependencies(answer)
    }
}
