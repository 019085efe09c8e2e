//! What is known about a template's placement while it is being decided.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fleet::Place;

/// What is asked for, and what is known so far. A list that is empty stands for one that says the same of every
/// cluster: nothing.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// How many replicas are asked for; none: the template is no workload.
    pub replicas: Option<u32>,
    /// What one replica needs.
    pub requirements: Option<Value>,
    /// Where the last decision placed the template, with how many replicas; 0 where that is not known.
    pub previous: BTreeMap<Place, u32>,
    /// Whether a person asked to decide anew.
    pub fresh: bool,
    /// Where the template is on its way out.
    pub evicting: Vec<Place>,
    /// The sum of all scorers, cluster by cluster.
    pub scores: Vec<u32>,
    /// The least of all estimators, cluster by cluster.
    pub available: Vec<Option<u32>>,
    /// The overflow tier, cluster by cluster.
    pub tiers: Vec<u32>,
    /// The weight that the policy lists, cluster by cluster: the highest of the rules that mean it, 0 where none does.
    /// Empty: the policy lists none.
    pub weights: Vec<u64>,
    /// The clusters on offer, each once, best first. Empty: nobody has ranked them, and they stand in the order of their
    /// names.
    pub ranking: Vec<Place>,
    /// The template's UID, "" where it has none.
    pub seed: String,
}
