//! What a plugin may ask, as values: the contract's imports, one variant a function.

use serde::{Deserialize, Serialize};

use crate::fleet::Place;

/// One question, by the name of its function in the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask")]
#[allow(missing_docs, reason = "the contract's functions and parameters by the contract's names")]
pub enum Question {
    #[serde(rename = "template.get")]
    Template { at: String },
    #[serde(rename = "fleet.size")]
    Size,
    #[serde(rename = "fleet.find")]
    Find { name: String },
    #[serde(rename = "fleet.name")]
    Name { of: Place },
    #[serde(rename = "fleet.names")]
    Names,
    #[serde(rename = "fleet.label")]
    Label { of: Place, key: String },
    #[serde(rename = "fleet.get")]
    Cluster { of: Place, at: String },
    #[serde(rename = "fleet.column")]
    Column { at: String },
    #[serde(rename = "fleet.matching")]
    Matching { selector: String },
    #[serde(rename = "fleet.alike")]
    AlikeAt { at: String },
    #[serde(rename = "fleet.serving", rename_all = "camelCase")]
    Serving { api_version: String, kind: String },
    #[serde(rename = "request.replicas")]
    Replicas,
    #[serde(rename = "request.requirements")]
    Requirements,
    #[serde(rename = "request.previous")]
    Previous,
    #[serde(rename = "request.placed")]
    Placed,
    #[serde(rename = "request.fresh")]
    Fresh,
    #[serde(rename = "request.evicting")]
    Evicting,
    #[serde(rename = "request.scores")]
    Scores,
    #[serde(rename = "request.available")]
    Available,
    #[serde(rename = "request.tiers")]
    Tiers,
    #[serde(rename = "request.weights")]
    Weights,
    #[serde(rename = "request.ranking")]
    Ranking,
    #[serde(rename = "request.seed")]
    Seed,
    #[serde(rename = "target.clusters")]
    Targets,
    #[serde(rename = "target.alike")]
    Alike,
    #[serde(rename = "target.get")]
    Target { on: Place, at: String },
    #[serde(rename = "observed.get")]
    Observed { at: String },
}

impl Question {
    /// Whether the answer is the same for every template to which the same clusters are offered and which the same rule
    /// targets there.
    pub(crate) fn is_of_the_fleet(&self) -> bool {
        match self {
            Self::Size
            | Self::Find { .. }
            | Self::Name { .. }
            | Self::Names
            | Self::Label { .. }
            | Self::Cluster { .. }
            | Self::Column { .. }
            | Self::Matching { .. }
            | Self::AlikeAt { .. }
            | Self::Serving { .. }
            | Self::Targets
            | Self::Alike => true,
            Self::Template { .. }
            | Self::Replicas
            | Self::Requirements
            | Self::Previous
            | Self::Placed
            | Self::Fresh
            | Self::Evicting
            | Self::Scores
            | Self::Available
            | Self::Tiers
            | Self::Weights
            | Self::Ranking
            | Self::Seed
            | Self::Target { .. }
            | Self::Observed { .. } => false,
        }
    }
}

/// As it is called in the contract, with its arguments: `fleet.label(3, "region")`.
impl std::fmt::Display for Question {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Template { at } => write!(to, "template.get({at:?})"),
            Self::Size => write!(to, "fleet.size()"),
            Self::Find { name } => write!(to, "fleet.find({name:?})"),
            Self::Name { of } => write!(to, "fleet.name({of})"),
            Self::Names => write!(to, "fleet.names()"),
            Self::Label { of, key } => write!(to, "fleet.label({of}, {key:?})"),
            Self::Cluster { of, at } => write!(to, "fleet.get({of}, {at:?})"),
            Self::Column { at } => write!(to, "fleet.column({at:?})"),
            Self::Matching { selector } => write!(to, "fleet.matching({selector})"),
            Self::AlikeAt { at } => write!(to, "fleet.alike({at:?})"),
            Self::Serving { api_version, kind } => write!(to, "fleet.serving({api_version:?}, {kind:?})"),
            Self::Replicas => write!(to, "request.replicas()"),
            Self::Requirements => write!(to, "request.requirements()"),
            Self::Previous => write!(to, "request.previous()"),
            Self::Placed => write!(to, "request.placed()"),
            Self::Fresh => write!(to, "request.fresh()"),
            Self::Evicting => write!(to, "request.evicting()"),
            Self::Scores => write!(to, "request.scores()"),
            Self::Available => write!(to, "request.available()"),
            Self::Tiers => write!(to, "request.tiers()"),
            Self::Weights => write!(to, "request.weights()"),
            Self::Ranking => write!(to, "request.ranking()"),
            Self::Seed => write!(to, "request.seed()"),
            Self::Targets => write!(to, "target.clusters()"),
            Self::Alike => write!(to, "target.alike()"),
            Self::Target { on, at } => write!(to, "target.get({on}, {at:?})"),
            Self::Observed { at } => write!(to, "observed.get({at:?})"),
        }
    }
}
