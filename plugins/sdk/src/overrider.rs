use serde_json::Value;

use crate::{Cluster, Config, Fault, Questions};

/// Says what differs on which cluster.
pub trait Overrider {
    /// What a policy tells it.
    type Config: Config;

    /// The patches for the clusters that a rule targets. Called once a rule, for all of its clusters. A
    /// cluster that is not named is not amended; one that is named twice is the plugin's fault.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where there is no right answer for any cluster; where some have one, those that have
    /// none get an [`Amendment::fault`]. A patch that does not apply need not be found out here:
    /// the host applies it whole or not at all, and reports which operation failed.
    fn patch(config: Self::Config, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault>;
}

/// One patch and the clusters that it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Amendment {
    /// Among those that the rule targets.
    pub clusters: Vec<Cluster>,
    /// Applied in order, whole or not at all. Where it is a [`Fault`], nothing is delivered to these
    /// clusters: what they have stays, and all others get theirs.
    pub patch: Result<Vec<Operation>, Fault>,
    /// What the policy's author should know although nothing failed, such as an edit that did nothing.
    /// Each is one line; past 16 the rest are counted.
    pub warnings: Vec<String>,
}

impl Amendment {
    /// What differs on these clusters.
    pub fn new(clusters: Vec<Cluster>, patch: Vec<Operation>) -> Self {
        Self { clusters, patch: Ok(patch), warnings: Vec::new() }
    }

    /// Why that can't be told for these clusters.
    pub fn fault(clusters: Vec<Cluster>, fault: Fault) -> Self {
        Self { clusters, patch: Err(fault), warnings: Vec::new() }
    }

    /// The same, with something to tell the policy's author.
    #[must_use]
    pub fn warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }
}

/// One step of a patch: RFC 6902 without move and copy, held strictly (no leading zeros, no negative indexes,
/// `-` only for add).
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Sets a member, or inserts into a list (`-` appends). The parent must be there.
    Add {
        /// Where, as an RFC 6901 pointer.
        at: String,
        /// What.
        value: Value,
    },
    /// Sets what is already there.
    Replace {
        /// Where, as an RFC 6901 pointer.
        at: String,
        /// What.
        value: Value,
    },
    /// Takes out what is there.
    Remove {
        /// Where, as an RFC 6901 pointer.
        at: String,
    },
    /// Voids the whole patch unless this value is there.
    Test {
        /// Where, as an RFC 6901 pointer.
        at: String,
        /// What.
        value: Value,
    },
}
