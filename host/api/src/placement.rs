//! Where templates go, and with how many replicas each.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::affinity::ClusterAffinity;
use crate::affinity_group::AffinityGroup;
use crate::division::ReplicaScheduling;
use crate::invalid::Problem;
use crate::plugin::PluginUse;
use crate::resource::null_as_default;
use crate::spread::{self, SpreadConstraint};

/// Where templates go. Each field that is set is a step that some plugin decides.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Placement {
    /// Decided by the filter `cluster-affinity`.
    #[serde(default)]
    pub cluster_affinity: Option<ClusterAffinity>,
    /// Groups of clusters, tried in order; the first on which the template can be placed is taken.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cluster_affinities: Vec<AffinityGroup>,
    /// Taints that are put up with. Decided by the filter `taint-toleration`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub cluster_tolerations: Vec<Value>,
    /// Over what, and over how many, clusters are spread; all must hold. Decided by the selector `spread`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub spread_constraints: Vec<SpreadConstraint>,
    /// How replicas are divided; absent, each cluster gets all of them. Decided by the assigner `division`.
    #[serde(default)]
    pub replica_scheduling: Option<ReplicaScheduling>,
    /// Which workloads stand together or apart.
    #[serde(default)]
    pub workload_affinity: Option<Value>,
    /// Further plugins, each asked in all stages of placement in which it can stand. Portolan's own field.
    #[serde(default, deserialize_with = "null_as_default")]
    pub plugins: Vec<PluginUse>,
}

impl Placement {
    /// Fills in what admission would.
    pub(crate) fn default_fields(&mut self) {
        self.spread_constraints.iter_mut().for_each(SpreadConstraint::default_fields);
        self.replica_scheduling.iter_mut().for_each(ReplicaScheduling::default_fields);
    }

    /// What admission would refuse.
    pub(crate) fn problems(&self, at: &str) -> Vec<Problem> {
        let Self {
            cluster_affinity,
            cluster_affinities,
            cluster_tolerations: _,
            spread_constraints,
            replica_scheduling,
            workload_affinity: _,
            plugins: _,
        } = self;
        let mut problems = Vec::new();
        if let Some(affinity) = cluster_affinity {
            problems.extend(affinity.problems(&format!("{at}.clusterAffinity")));
            if !cluster_affinities.is_empty() {
                let text = "can't stand beside clusterAffinity; keep one of the two";
                problems.push(Problem::new(format!("{at}.clusterAffinities"), text));
            }
        }
        problems.extend(AffinityGroup::problems(cluster_affinities, &format!("{at}.clusterAffinities")));
        problems.extend(spread::problems(spread_constraints, &format!("{at}.spreadConstraints")));
        if let Some(scheduling) = replica_scheduling {
            problems.extend(scheduling.problems(&format!("{at}.replicaScheduling")));
        }
        let by_room = replica_scheduling.as_ref().is_some_and(ReplicaScheduling::follows_capacity);
        for (index, group) in cluster_affinities.iter().enumerate() {
            if !group.overflow_affinities.is_empty() && !by_room {
                let text = "needs replicas that are divided by the room there is; valid in replicaScheduling: \
                            dynamicWeight, or replicaDivisionPreference Aggregated";
                let at = format!("{at}.clusterAffinities[{index}].overflowAffinities");
                problems.push(Problem::new(at, text));
            }
        }
        problems
    }
}
