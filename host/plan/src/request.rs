//! What is known about a template's placement while it is being decided.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fleet::Place;
use crate::offer::Offer;

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
    /// Those places in the order in which the last decision named them. Empty: in that of the clusters' names.
    pub placed: Vec<Place>,
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

impl Request {
    /// The same about the clusters on offer alone.
    pub(crate) fn narrowed(&self, offer: &Offer) -> Self {
        let inner = |outer: &Place| offer.inner(*outer);
        Self {
            replicas: self.replicas,
            requirements: self.requirements.clone(),
            previous: (self.previous.iter())
                .filter_map(|(place, replicas)| Some((inner(place)?, *replicas)))
                .collect(),
            placed: self.placed.iter().filter_map(inner).collect(),
            fresh: self.fresh,
            evicting: self.evicting.iter().filter_map(inner).collect(),
            scores: offer.of(&self.scores),
            available: offer.of(&self.available),
            tiers: offer.of(&self.tiers),
            weights: offer.of(&self.weights),
            ranking: self.ranking.iter().filter_map(inner).collect(),
            seed: self.seed.clone(),
        }
    }
}
