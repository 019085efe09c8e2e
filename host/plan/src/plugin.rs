//! What plan asks of a plugin. The sandbox implements it with WebAssembly components; nothing here knows that.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::conversation::Terms;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::fleet::Place;
use crate::patch::Patch;
use crate::reading::Reading;

/// A plugin that is loaded and may be asked from many threads at once.
///
/// It is a function of what it is told: the same config and the same answers to its questions give the same answer.
/// An implementation checks the form of an answer (places on offer, each named once where the contract says so,
/// sizes) and turns what is not allowed into [`Fault::Answer`]; it never panics over what a plugin does.
pub trait Plugin: Send + Sync {
    /// Who it is.
    fn manifest(&self) -> &Manifest;

    /// What it runs by: the engine, and what a call may use up.
    fn terms(&self) -> Terms;

    /// Holds a config against the plugin's schema. The error says where it does not fit and what would be valid.
    fn check(&self, config: &Value) -> Result<(), String>;

    /// Which clusters are out of the question.
    fn filter(&self, config: &str, reading: &mut Reading) -> Result<Vec<Refusal>, Fault>;

    /// What differs on which of the clusters that the rule targets.
    fn patch(&self, config: &str, reading: &mut Reading) -> Result<Vec<Amendment>, Fault>;
}

/// Who a plugin is.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Its own name. Policies call it by the name under which it was loaded, which may differ.
    pub name: String,
    /// Its version.
    pub version: String,
    /// One line for people.
    pub summary: String,
    /// What its config must look like.
    pub config_schema: Value,
    /// SHA-256 of the component.
    pub digest: Digest,
    /// Where it can stand.
    pub stages: BTreeSet<Stage>,
}

/// Where a plugin can stand, by the name of the interface that it exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Which clusters are out of the question.
    Filter,
    /// What differs on which cluster.
    Overrider,
}

impl Stage {
    /// Every stage that this version asks.
    pub const ALL: [Self; 2] = [Self::Filter, Self::Overrider];

    /// The name of its interface in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Overrider => "overrider",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

/// Clusters that are left out, with the one reason that they share. Places ascend, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// For people; one line.
    pub reason: String,
    /// Which.
    pub clusters: Vec<Place>,
}

/// One patch for some of the clusters that a rule targets. Places ascend, each once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amendment {
    /// Which.
    pub clusters: Vec<Place>,
    /// What differs there.
    pub patch: Patch,
}
