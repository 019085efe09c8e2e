use serde_json::Value;

use crate::{Cluster, Config, Fault, Questions};

/// Says what differs on which cluster.
pub trait Overrider {
    /// What a policy tells it.
    type Config: Config;

    /// The patches for the clusters that a rule targets. Called once a rule, for all of its clusters. A
    /// cluster that is not named stays as it is; one that is named twice is the plugin's fault.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where there is no right answer. A patch that does not apply need not be found out here:
    /// the host applies it whole or not at all, and reports which operation failed.
    fn patch(config: Self::Config, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault>;
}

/// One patch and the clusters that it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Amendment {
    /// Among those that the rule targets.
    pub clusters: Vec<Cluster>,
    /// Applied in order, whole or not at all.
    pub patch: Vec<Operation>,
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
