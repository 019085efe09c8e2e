//! `replicaScheduling` of a policy, as the plugins `spread` and `division` read it.
//!
//! It will never know a cluster: which ones a rule of `staticWeightList` means is found out by the host, which asks
//! `cluster-affinity` and passes the weights on.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The field as a policy has it. Null is the same as absent, as it is to the API server.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReplicaScheduling {
    /// Divided where it is left out.
    pub replica_scheduling_type: Option<Type>,
    /// How replicas are divided. What admission fills in, `Weighted`, is not filled in here.
    pub replica_division_preference: Option<Preference>,
    /// By which weights.
    pub weight_preference: Option<WeightPreference>,
}

/// Whether each cluster gets all replicas or all clusters share them.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Type {
    /// Each gets all.
    Duplicated,
    /// All share them.
    Divided,
}

/// How they share them.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Preference {
    /// On as few clusters as have room.
    Aggregated,
    /// By weight.
    Weighted,
}

/// By which weights.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WeightPreference {
    /// Rules; what they say of each cluster is known to the host.
    pub static_weight_list: Option<Vec<IgnoredAny>>,
    /// What is weighed instead.
    pub dynamic_weight: Option<DynamicWeight>,
}

/// What is weighed where nothing is listed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum DynamicWeight {
    /// How many replicas a cluster has room for.
    AvailableReplicas,
}

/// What the field comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Each cluster gets all replicas.
    Duplicated,
    /// By listed weights, or by equal ones where none are listed.
    Static,
    /// By room.
    Dynamic,
    /// By room, on as few clusters as possible.
    Aggregated,
}

impl ReplicaScheduling {
    /// What the field comes to; none where replicas are divided and nothing says how.
    pub fn strategy(&self) -> Option<Strategy> {
        if self.replica_scheduling_type == Some(Type::Duplicated) {
            return Some(Strategy::Duplicated);
        }
        Some(match self.replica_division_preference? {
            Preference::Aggregated => Strategy::Aggregated,
            Preference::Weighted if self.by_room() => Strategy::Dynamic,
            Preference::Weighted => Strategy::Static,
        })
    }

    /// Whether the policy lists weights, or says nothing of weights at all: then constraints on spreading count for
    /// nothing, because each cluster has its share by name. An empty `weightPreference` is neither of the two.
    pub fn shares_are_listed(&self) -> bool {
        let listed = |weights: &WeightPreference| {
            weights.static_weight_list.as_ref().is_some_and(|list| !list.is_empty())
        };
        self.strategy() == Some(Strategy::Static) && self.weight_preference.as_ref().is_none_or(listed)
    }

    fn by_room(&self) -> bool {
        self.weight_preference.as_ref().is_some_and(|weights| weights.dynamic_weight.is_some())
    }
}
