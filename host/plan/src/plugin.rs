//! What plan asks of a plugin. The sandbox implements it with WebAssembly components; nothing here knows that.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::conversation::Terms;
use crate::digest::Digest;
use crate::fault::Fault;
use crate::fleet::Place;
use crate::interpretation::{Dependency, Health, Kind, MemberStatus, Revision, Size};
use crate::patch::Patch;
use crate::reading::Reading;

/// A plugin that is loaded and may be asked from many threads at once.
///
/// It is a function of what it is told: the same config and the same answers to its questions give the same answer.
/// An implementation checks the form of an answer (places on offer, each named once where the contract says so,
/// sizes) and turns what is not allowed into [`Fault::Answer`]; it never panics over what a plugin does.
///
/// A plugin that does not stand in a stage says so with the answer that the trait gives for it. Filters to overriders are
/// named by policies; interpreters, from `replicas` on, speak for kinds of objects and have no config.
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

    /// How good each cluster on offer is, 0 to 100, in their order.
    fn score(&self, config: &str, reading: &mut Reading) -> Result<Vec<u8>, Fault> {
        let _ = (config, reading);
        Err(self.manifest().stands_not_as(Stage::Scorer))
    }

    /// How many replicas each cluster on offer could take, in their order; none where that can't be told. No more than
    /// Kubernetes can count, which is 2,147,483,647.
    fn estimate(&self, config: &str, reading: &mut Reading) -> Result<Vec<Option<u32>>, Fault> {
        let _ = (config, reading);
        Err(self.manifest().stands_not_as(Stage::Estimator))
    }

    /// Which of the clusters on offer are taken.
    fn select(&self, config: &str, reading: &mut Reading) -> Result<Choice, Fault> {
        let _ = (config, reading);
        Err(self.manifest().stands_not_as(Stage::Selector))
    }

    /// Replicas for each cluster on offer, in their order; 0 drops it. Kubernetes can count them, each and all together. An
    /// answer that drops every cluster counts as [`Fault::Answer`]: what fits nowhere is [`Fault::Unschedulable`].
    fn assign(&self, config: &str, reading: &mut Reading) -> Result<Vec<u32>, Fault> {
        let _ = (config, reading);
        Err(self.manifest().stands_not_as(Stage::Assigner))
    }

    /// How big the template is; none: it is no workload.
    fn replicas(&self, reading: &mut Reading) -> Result<Option<Size>, Fault> {
        let _ = reading;
        Err(self.manifest().stands_not_as(Stage::Replicas))
    }

    /// What makes an object of another size of this one.
    fn revise(&self, revision: Revision, reading: &mut Reading) -> Result<Patch, Fault> {
        let _ = (revision, reading);
        Err(self.manifest().stands_not_as(Stage::Revise))
    }

    /// What takes away that must not travel to a member.
    fn prune(&self, reading: &mut Reading) -> Result<Patch, Fault> {
        let _ = reading;
        Err(self.manifest().stands_not_as(Stage::Prune))
    }

    /// What keeps in the desired object that the member owns.
    fn retain(&self, reading: &mut Reading) -> Result<Patch, Fault> {
        let _ = reading;
        Err(self.manifest().stands_not_as(Stage::Retain))
    }

    /// Whether the member's object does its job.
    fn health(&self, reading: &mut Reading) -> Result<Health, Fault> {
        let _ = reading;
        Err(self.manifest().stands_not_as(Stage::Health))
    }

    /// The part of the member's status that the control plane is to see; none: nothing of it. Never JSON's null.
    fn reflect(&self, reading: &mut Reading) -> Result<Option<Value>, Fault> {
        let _ = reading;
        Err(self.manifest().stands_not_as(Stage::Reflect))
    }

    /// The members' statuses as one; none: the template's stays as it is. Never JSON's null.
    fn aggregate(&self, members: &[MemberStatus], reading: &mut Reading) -> Result<Option<Value>, Fault> {
        let _ = (members, reading);
        Err(self.manifest().stands_not_as(Stage::Aggregate))
    }

    /// What the template needs beside it.
    fn dependencies(&self, reading: &mut Reading) -> Result<Vec<Dependency>, Fault> {
        let _ = reading;
        Err(self.manifest().stands_not_as(Stage::Dependencies))
    }
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
    /// For interpreters: the kinds that it speaks for.
    pub kinds: BTreeSet<Kind>,
}

impl Manifest {
    /// The fault of whoever asks the plugin for something that it does not do.
    pub fn stands_not_as(&self, stage: Stage) -> Fault {
        let stages: Vec<&str> = self.stages.iter().map(|stage| stage.name()).collect();
        let stages = if stages.is_empty() { "no stage that is called yet".into() } else { stages.join(", ") };
        Fault::Config(format!("`{}` is no {stage}; it can stand as: {stages}", self.name))
    }
}

/// Where a plugin can stand, by what it is asked there. In the order in which a plan asks; behind those stand the
/// operations of interpreters that only a member's object calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Which clusters are out of the question.
    Filter,
    /// How good a cluster is.
    Scorer,
    /// How many replicas a cluster could take.
    Estimator,
    /// Which clusters are taken.
    Selector,
    /// How many replicas each of them gets.
    Assigner,
    /// What differs on which cluster.
    Overrider,
    /// Interpreters: how big a workload is.
    Replicas,
    /// Interpreters: the same workload at another size.
    Revise,
    /// Interpreters: what must not travel to a member.
    Prune,
    /// Interpreters: what the object needs beside it.
    Dependencies,
    /// Interpreters: what of the member's object stays.
    Retain,
    /// Interpreters: whether the object does its job.
    Health,
    /// Interpreters: what of the member's status is shown.
    Reflect,
    /// Interpreters: the members' statuses as one.
    Aggregate,
}

impl Stage {
    /// Every stage that a plugin of this version can be asked in.
    pub const ALL: [Self; 14] = [
        Self::Filter,
        Self::Scorer,
        Self::Estimator,
        Self::Selector,
        Self::Assigner,
        Self::Overrider,
        Self::Replicas,
        Self::Revise,
        Self::Prune,
        Self::Dependencies,
        Self::Retain,
        Self::Health,
        Self::Reflect,
        Self::Aggregate,
    ];

    /// Its name. That of its interface in the contract, but for the two that `workload` has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Scorer => "scorer",
            Self::Estimator => "estimator",
            Self::Selector => "selector",
            Self::Assigner => "assigner",
            Self::Overrider => "overrider",
            Self::Replicas => "replicas",
            Self::Revise => "revise",
            Self::Prune => "prune",
            Self::Dependencies => "dependencies",
            Self::Retain => "retain",
            Self::Health => "health",
            Self::Reflect => "reflect",
            Self::Aggregate => "aggregate",
        }
    }

    /// The name of its interface in the contract.
    pub fn interface(self) -> &'static str {
        match self {
            Self::Replicas | Self::Revise => "workload",
            other => other.name(),
        }
    }

    /// Whether it is an operation of an interpreter: found by the kind of the object, not named by a policy.
    pub fn interprets(self) -> bool {
        self >= Self::Replicas
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

/// Which clusters are taken, and why others are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Those that are taken, the best first, each once.
    pub chosen: Vec<Place>,
    /// Those that are not, with the reasons; none of them is chosen. What is in neither list is not taken either.
    pub refused: Vec<Refusal>,
}

/// One patch for some of the clusters that a rule targets, or why there is none. Places ascend, each once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amendment {
    /// Which.
    pub clusters: Vec<Place>,
    /// What differs there, or why that can't be told: nothing new is delivered to these clusters then.
    pub patch: Result<Patch, Fault>,
    /// What the policy's author should know although nothing failed. A few; each one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Amendment {
    /// A patch without any remark.
    pub fn new(clusters: Vec<Place>, patch: Patch) -> Self {
        Self { clusters, patch: Ok(patch), warnings: Vec::new() }
    }
}
