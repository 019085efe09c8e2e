//! What a policy says without any effect, whatever the templates.

use portolan_api::{ClusterAffinity, Placement, PropagationSpec};

use crate::world::World;

/// What a policy asks for that this version takes note of and does not do. It could only ever widen where an object
/// goes, or change what happens after it was placed.
pub(crate) fn idle_fields(spec: &PropagationSpec) -> impl Iterator<Item = &'static str> {
    [
        ("spec.propagateDeps", spec.propagate_deps),
        ("spec.preserveResourcesOnDeletion", spec.preserve_resources_on_deletion),
        ("spec.activationPreference", spec.activation_preference.as_deref() == Some("Lazy")),
        ("spec.preemption", spec.preemption.as_deref() == Some("Always")),
        ("spec.failover", spec.failover.is_some()),
        (
            "spec.schedulerName",
            spec.scheduler_name.as_deref().is_some_and(|name| name != "default-scheduler"),
        ),
        ("spec.schedulePriority", spec.schedule_priority.is_some()),
    ]
    .into_iter()
    .filter_map(|(field, asked)| asked.then_some(field))
}

/// What a placement says without any effect, each with the field that says it.
pub(crate) fn placement_notices(world: &World, placement: &Placement) -> Vec<(String, String)> {
    const AT: &str = "spec.placement";
    let Placement { cluster_affinity, cluster_affinities, spread_constraints, replica_scheduling, .. } =
        placement;
    let mut affinities: Vec<(String, ClusterAffinity)> = Vec::new();
    affinities.extend(cluster_affinity.iter().map(|one| (format!("{AT}.clusterAffinity"), one.clone())));
    for (index, group) in cluster_affinities.iter().enumerate() {
        let at = format!("{AT}.clusterAffinities[{index}]");
        for (tier, overflow) in group.overflow_affinities.iter().enumerate() {
            affinities.push((format!("{at}.overflowAffinities[{tier}]"), overflow.affinity()));
        }
        affinities.push((at, group.affinity()));
    }
    let mut notices = Vec::new();
    for (index, constraint) in spread_constraints.iter().enumerate() {
        if constraint.max_groups == 0 {
            let text = "is 0 or left out, which takes nothing at all, as in Karmada";
            notices.push((format!("{AT}.spreadConstraints[{index}].maxGroups"), text.to_owned()));
        }
    }
    if let Some(scheduling) = replica_scheduling {
        let at = format!("{AT}.replicaScheduling.weightPreference");
        for (index, rule) in scheduling.static_weights().iter().enumerate() {
            let at = format!("{at}.staticWeightList[{index}].targetCluster");
            affinities.push((at, rule.target_cluster.clone()));
        }
        let unused = scheduling.weight_preference.as_ref().is_some_and(|weights| {
            !weights.static_weight_list.is_empty() && scheduling.static_weights().is_empty()
        });
        if unused {
            let text = "is not looked at: the weights follow the room that clusters have, or there is nothing to divide";
            notices.push((format!("{at}.staticWeightList"), text.to_owned()));
        }
        if scheduling.overrules_spread() && !spread_constraints.is_empty() {
            let text =
                "takes no choice where replicas have fixed weights: they go to every cluster that fits";
            notices.push((format!("{AT}.spreadConstraints"), text.to_owned()));
        }
    }
    notices
        .extend(affinities.into_iter().filter_map(|(at, affinity)| Some((at, missing(world, &affinity)?))));
    notices
}

/// Names of clusters in an affinity that nobody offers.
pub(crate) fn missing(world: &World, affinity: &ClusterAffinity) -> Option<String> {
    let absent: Vec<_> = (affinity.cluster_names.iter())
        .filter(|name| world.fleet().find(name).is_none())
        .map(|name| format!("`{name}`"))
        .collect();
    (!absent.is_empty()).then(|| format!("not among the clusters: {}", absent.join(", ")))
}
