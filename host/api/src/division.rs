//! How many replicas each cluster gets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::affinity::ClusterAffinity;
use crate::invalid::Problem;
use crate::resource::null_as_default;

/// How replicas are divided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplicaScheduling {
    /// `Duplicated`: each cluster gets all of them; `Divided`, the default: together they get them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica_scheduling_type: Option<String>,
    /// `Weighted`, the default, or `Aggregated`: on as few clusters as there is room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica_division_preference: Option<String>,
    /// By what they are weighted; absent, all alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_preference: Option<WeightPreference>,
}

/// What clusters are weighted by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WeightPreference {
    /// Fixed weights; of several rules that mean a cluster the highest counts.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub static_weight_list: Vec<StaticWeight>,
    /// `AvailableReplicas`: by the room that each cluster has. Then the list is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic_weight: Option<String>,
}

/// The weight of some clusters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StaticWeight {
    /// Which clusters.
    pub target_cluster: ClusterAffinity,
    /// From 1.
    pub weight: u64,
}

const DUPLICATED: &str = "Duplicated";
const DIVIDED: &str = "Divided";
const WEIGHTED: &str = "Weighted";
const AGGREGATED: &str = "Aggregated";
const AVAILABLE_REPLICAS: &str = "AvailableReplicas";

impl ReplicaScheduling {
    /// Each cluster gets all replicas.
    pub fn duplicated() -> Self {
        Self { replica_scheduling_type: Some(DUPLICATED.into()), ..Self::default() }
    }

    /// Whether the clusters share the replicas.
    pub fn divides(&self) -> bool {
        self.replica_scheduling_type.as_deref() != Some(DUPLICATED)
    }

    /// Whether the room that clusters have decides how many replicas they get.
    pub fn follows_capacity(&self) -> bool {
        let dynamic = self.weight_preference.as_ref().is_some_and(|weights| weights.dynamic_weight.is_some());
        self.divides() && (dynamic || self.replica_division_preference.as_deref() == Some(AGGREGATED))
    }

    /// The fixed weights that count.
    pub fn static_weights(&self) -> &[StaticWeight] {
        match &self.weight_preference {
            Some(weights) if self.divides() && !self.follows_capacity() => &weights.static_weight_list,
            _ => &[],
        }
    }

    /// Whether spread constraints are left out of account beside it, as in the reference: replicas with fixed weights go to
    /// every cluster that fits.
    pub fn overrules_spread(&self) -> bool {
        let listed = |weights: &WeightPreference| !weights.static_weight_list.is_empty();
        self.divides() && !self.follows_capacity() && self.weight_preference.as_ref().is_none_or(listed)
    }

    /// Fills in what admission would.
    pub(crate) fn default_fields(&mut self) {
        let set = |field: &mut Option<String>, default: &str| {
            *field = field.take().filter(|text| !text.is_empty()).or_else(|| Some(default.into()));
        };
        set(&mut self.replica_scheduling_type, DIVIDED);
        if self.divides() {
            set(&mut self.replica_division_preference, WEIGHTED);
        }
        if let Some(weights) = &mut self.weight_preference {
            weights.dynamic_weight = weights.dynamic_weight.take().filter(|text| !text.is_empty());
        }
    }

    /// What admission would refuse.
    pub(crate) fn problems(&self, at: &str) -> Vec<Problem> {
        let Self { replica_scheduling_type, replica_division_preference, weight_preference } = self;
        let mut problems = Vec::new();
        let dynamic = weight_preference.as_ref().and_then(|weights| weights.dynamic_weight.as_ref());
        for (value, field, valid) in [
            (replica_scheduling_type.as_ref(), "replicaSchedulingType", &[DUPLICATED, DIVIDED][..]),
            (replica_division_preference.as_ref(), "replicaDivisionPreference", &[WEIGHTED, AGGREGATED][..]),
            (dynamic, "weightPreference.dynamicWeight", &[AVAILABLE_REPLICAS][..]),
        ] {
            if let Some(value) = value.filter(|value| !valid.contains(&value.as_str())) {
                let text = format!("`{value}` is not known; valid: {}", valid.join(", "));
                problems.push(Problem::new(format!("{at}.{field}"), text));
            }
        }
        let weights = weight_preference.iter().flat_map(|weights| &weights.static_weight_list);
        for (index, StaticWeight { target_cluster, weight }) in weights.enumerate() {
            let at = format!("{at}.weightPreference.staticWeightList[{index}]");
            problems.extend(target_cluster.problems(&format!("{at}.targetCluster")));
            if *weight == 0 {
                problems.push(Problem::new(format!("{at}.weight"), "is 0; valid: 1 and above"));
            }
        }
        problems
    }
}
