//! A policy's placement, prepared: every call for a plugin that it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portolan_api::{AffinityGroup, ClusterAffinity, Placement, PluginUse, Problem, ReplicaScheduling};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Estimates, Refused, Replicas, Scores, StageAnswer};
use crate::call::{
    AssignerCall, Call, EstimatorCall, FilterCall, KnownOfOffers, ScorerCall, SelectorCall, StageCall,
};
use crate::plugin::{Choice, Stage};
use crate::policy::{Preparing, Problems};

/// The default plugins behind a placement's own fields.
pub(crate) const CLUSTER_AFFINITY: &str = "cluster-affinity";
const TAINT_TOLERATION: &str = "taint-toleration";
const API_ENABLEMENT: &str = "api-enablement";
const CLUSTER_EVICTION: &str = "cluster-eviction";
const CLUSTER_LOCALITY: &str = "cluster-locality";
const CAPACITY: &str = "capacity";
const SPREAD: &str = "spread";
const DIVISION: &str = "division";

/// A placement, prepared.
pub struct Placing {
    /// The groups of clusters that are tried in order; at least one.
    pub groups: Vec<Group>,
    /// The filters beside the groups' own, in the order in which they are asked.
    pub filters: Vec<Arc<FilterCall>>,
    /// Asked where a template is on its way out of clusters, by a shell that knows of such things.
    pub eviction: Option<Arc<FilterCall>>,
    /// How good clusters are.
    pub scorers: Vec<Arc<ScorerCall>>,
    /// How much room they have.
    pub estimators: Vec<Arc<EstimatorCall>>,
    /// Which of them are taken; none: all of them.
    pub selector: Option<Arc<SelectorCall>>,
    /// How many replicas each gets; none: the object goes as it is.
    pub assigner: Option<Arc<AssignerCall>>,
    /// The weights that the policy lists, and the clusters that each is for.
    pub weights: Vec<(Arc<FilterCall>, u64)>,
    /// Divides what is to be completed as the replicas were divided.
    pub completions: Option<Arc<AssignerCall>>,
    /// Whether the order of clusters only matters where there are replicas to divide.
    pub ranks_for_replicas: bool,
    /// The stages in which the plugins stand that the policy names, by their names.
    pub named: BTreeMap<String, BTreeSet<Stage>>,
}

/// Some clusters, and those that they flow over to.
pub struct Group {
    /// Its name; none where the placement has no groups.
    pub name: Option<String>,
    /// Its tiers: what is not out of the question in the first, the second and so on. None: all clusters.
    pub tiers: Vec<Arc<FilterCall>>,
}

impl Placing {
    /// Whether it makes a difference how big a template is.
    pub(crate) fn asks_for_size(&self) -> bool {
        let Self { scorers, estimators, selector, assigner, named, .. } = self;
        !scorers.is_empty()
            || !estimators.is_empty()
            || selector.is_some()
            || assigner.is_some()
            || !named.is_empty()
    }
}

/// What is so of any cluster, and makes a difference to which plugins are needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Traits {
    /// Some cluster has a taint that keeps templates away.
    pub tainted: bool,
    /// Some cluster says which kinds it serves.
    pub serving: bool,
}

impl Traits {
    /// Looks at clusters.
    pub fn of<'a>(clusters: impl Iterator<Item = &'a portolan_api::Cluster>) -> Self {
        clusters.fold(Self::default(), |Self { tainted, serving }, cluster| Self {
            tainted: tainted || cluster.is_tainted(),
            serving: serving || cluster.says_what_it_serves(),
        })
    }
}

/// Which default plugins a placement takes.
struct Uses {
    taints: bool,
    enablement: bool,
    spread_filter: bool,
    /// The selector, and with it the scorer that it ranks by.
    selector: bool,
    capacity: bool,
    division: bool,
}

impl Uses {
    fn of(placement: &Placement, traits: Traits) -> Self {
        let scheduling = placement.replica_scheduling.as_ref();
        let constrained = !placement.spread_constraints.is_empty();
        let follows_capacity = scheduling.is_some_and(ReplicaScheduling::follows_capacity);
        let by_more_than_clusters = |constraint: &portolan_api::SpreadConstraint| {
            constraint.spread_by_field.as_deref() != Some("cluster")
        };
        Self {
            taints: traits.tainted || !placement.cluster_tolerations.is_empty(),
            enablement: traits.serving,
            spread_filter: placement.spread_constraints.iter().any(by_more_than_clusters),
            selector: constrained || follows_capacity,
            capacity: constrained || follows_capacity,
            // An assigner of one's own leaves it to divide what a Job has to complete.
            division: scheduling.is_some() || !placement.plugins.is_empty(),
        }
    }
}

/// The names of the plugins that a placement takes.
pub(crate) fn plugins_of(placement: &Placement, traits: Traits) -> Vec<&str> {
    let Uses { taints, enablement, spread_filter, selector, capacity, division } =
        Uses::of(placement, traits);
    let weighted = placement.replica_scheduling.as_ref().is_some_and(|one| !one.static_weights().is_empty());
    let affinity =
        placement.cluster_affinity.is_some() || !placement.cluster_affinities.is_empty() || weighted;
    [
        (CLUSTER_AFFINITY, affinity),
        (TAINT_TOLERATION, taints),
        (API_ENABLEMENT, enablement),
        (SPREAD, spread_filter || selector),
        (CLUSTER_LOCALITY, selector),
        (CAPACITY, capacity),
        (DIVISION, division),
    ]
    .into_iter()
    .filter_map(|(name, used)| used.then_some(name))
    .chain(placement.plugins.iter().map(|wanted| wanted.name.as_str()))
    .collect()
}

const AT: &str = "spec.placement";

impl Preparing<'_> {
    /// The placement; what can't be done of it is noted.
    pub(crate) fn placing(&mut self, placement: &Placement, problems: &mut Problems) -> Placing {
        let uses = Uses::of(placement, self.traits);
        let Placement {
            cluster_affinity,
            cluster_affinities,
            cluster_tolerations,
            spread_constraints,
            replica_scheduling,
            workload_affinity,
            plugins,
        } = placement;
        if workload_affinity.is_some() {
            let text = "this version of Portolan can't do that yet, and won't do the rest without it";
            problems.note(Problem::new(format!("{AT}.workloadAffinity"), text));
        }

        let mut groups = Vec::new();
        if let Some(affinity) = cluster_affinity {
            let tier = problems.sift(self.affinity(affinity, &format!("{AT}.clusterAffinity")));
            groups.push(Group { name: None, tiers: tier.into_iter().collect() });
        }
        for (index, group) in cluster_affinities.iter().enumerate() {
            let at = format!("{AT}.clusterAffinities[{index}]");
            groups.push(Group {
                name: Some(group.affinity_name.clone()),
                tiers: self.tiers(group, &at, problems),
            });
        }
        if groups.is_empty() {
            groups.push(Group { name: None, tiers: Vec::new() });
        }

        let spread =
            json!({"spreadConstraints": spread_constraints, "replicaScheduling": replica_scheduling});
        let mut filters = Vec::new();
        for (used, name, field, config) in [
            (uses.taints, TAINT_TOLERATION, format!("{AT}.clusterTolerations"), &json!(cluster_tolerations)),
            (uses.enablement, API_ENABLEMENT, AT.into(), &json!({})),
            (uses.spread_filter, SPREAD, format!("{AT}.spreadConstraints"), &spread),
        ] {
            if used {
                filters.extend(problems.sift(self.stage(name, field, config)));
            }
        }
        // A shell that knows of evictions has this plugin loaded.
        let eviction = self.plugins.contains_key(CLUSTER_EVICTION);
        let eviction = eviction.then(|| self.stage(CLUSTER_EVICTION, AT.into(), &json!({})));
        let eviction = eviction.and_then(|call| problems.sift(call));

        let by = if spread_constraints.is_empty() { "replicaScheduling" } else { "spreadConstraints" };
        let by = format!("{AT}.{by}");
        let mut placing = Placing {
            groups,
            filters,
            eviction,
            scorers: Vec::new(),
            estimators: Vec::new(),
            selector: None,
            assigner: None,
            weights: Vec::new(),
            completions: None,
            ranks_for_replicas: spread_constraints.is_empty(),
            named: BTreeMap::new(),
        };
        if uses.selector {
            placing.scorers.extend(problems.sift(self.stage(CLUSTER_LOCALITY, by.clone(), &json!({}))));
            placing.estimators.extend(problems.sift(self.stage(CAPACITY, by.clone(), &json!({}))));
            placing.selector = problems.sift(self.stage(SPREAD, by, &spread));
        }
        if let Some(scheduling) = replica_scheduling {
            let field = format!("{AT}.replicaScheduling");
            placing.assigner = problems.sift(self.stage(DIVISION, field.clone(), &json!(scheduling)));
            if scheduling.divides() {
                placing.completions = problems.sift(self.stage(DIVISION, field.clone(), &evenly()));
            }
            for (index, rule) in scheduling.static_weights().iter().enumerate() {
                let at = format!("{field}.weightPreference.staticWeightList[{index}].targetCluster");
                let target = problems.sift(self.affinity(&rule.target_cluster, &at));
                placing.weights.extend(target.map(|target| (target, rule.weight)));
            }
        }
        for (index, wanted) in plugins.iter().enumerate() {
            self.named_by_user(wanted, &format!("{AT}.plugins[{index}]"), placement, &mut placing, problems);
        }
        placing
    }

    fn tiers(&mut self, group: &AffinityGroup, at: &str, problems: &mut Problems) -> Vec<Arc<FilterCall>> {
        let first = (group.affinity(), at.to_owned());
        let overflow = group.overflow_affinities.iter().enumerate();
        let overflow =
            overflow.map(|(index, tier)| (tier.affinity(), format!("{at}.overflowAffinities[{index}]")));
        let tiers: Vec<_> = std::iter::once(first).chain(overflow).collect();
        tiers.into_iter().filter_map(|(affinity, at)| problems.sift(self.affinity(&affinity, &at))).collect()
    }

    /// A plugin that the policy names stands in every stage that it can stand in.
    fn named_by_user(
        &mut self,
        wanted: &PluginUse,
        at: &str,
        placement: &Placement,
        placing: &mut Placing,
        problems: &mut Problems,
    ) {
        let PluginUse { name, config } = wanted;
        let Some(plugin) = problems.sift(self.custom(wanted, &PLACING, at)) else { return };
        let stages: BTreeSet<Stage> =
            PLACING.into_iter().filter(|stage| plugin.manifest().stages.contains(stage)).collect();
        for stage in &stages {
            let at = at.to_owned();
            match stage {
                Stage::Filter => placing.filters.extend(problems.sift(self.stage(name, at, config))),
                Stage::Scorer => placing.scorers.extend(problems.sift(self.stage(name, at, config))),
                Stage::Estimator => placing.estimators.extend(problems.sift(self.stage(name, at, config))),
                Stage::Selector => {
                    let named = placing.named.values().any(|stages| stages.contains(stage));
                    if named || !placement.spread_constraints.is_empty() {
                        problems.note(second(name, "selector", "spreadConstraints", &at));
                    }
                    placing.selector = problems.sift(self.stage(name, at, config));
                    placing.ranks_for_replicas = false;
                }
                _ => {
                    // What `replicaScheduling` says is then data: weights, tiers, and room that was asked for.
                    if placing.named.values().any(|stages| stages.contains(stage)) {
                        problems.note(second(name, "assigner", "", &at));
                    }
                    placing.assigner = problems.sift(self.stage(name, at.clone(), config));
                    if placing.completions.is_none() {
                        placing.completions = problems.sift(self.stage(DIVISION, at, &evenly()));
                    }
                }
            }
        }
        placing.named.entry(name.clone()).or_default().extend(stages);
    }

    pub(crate) fn affinity(
        &mut self,
        affinity: &ClusterAffinity,
        at: &str,
    ) -> Result<Arc<FilterCall>, Problem> {
        self.stage(CLUSTER_AFFINITY, at.into(), &json!(affinity))
    }

    /// A call in a stage of placement.
    fn stage<T: Shelved>(
        &mut self,
        name: &str,
        field: String,
        config: &Value,
    ) -> Result<Arc<StageCall<T>>, Problem> {
        let plugin = self.named(name, &[T::STAGE], &field)?;
        let config = config.to_string();
        let known = T::shelf(&mut self.shared).entry((name.to_owned(), config.clone())).or_default();
        let known = Arc::clone(known);
        let call = Call::new(name, field, plugin, config, self.keeping.clone());
        Ok(Arc::new(StageCall::new(call, known)))
    }
}

/// The stages of placement.
const PLACING: [Stage; 5] =
    [Stage::Filter, Stage::Scorer, Stage::Estimator, Stage::Selector, Stage::Assigner];

/// What `division` is told where the weights are those of replicas that were divided already.
fn evenly() -> Value {
    json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted"})
}

fn second(name: &str, what: &str, field: &str, at: &str) -> Problem {
    let beside = if field.is_empty() { String::new() } else { format!(", and leave {field} out") };
    let text = format!("plugin `{name}` is a second {what}; a policy has one: name no other{beside}");
    Problem::new(format!("{at}.name"), text)
}

/// Answers that are shared by calls which tell the same plugin the same thing.
#[derive(Default)]
pub(crate) struct Shared {
    filters: Shelf<Refused>,
    scorers: Shelf<Scores>,
    estimators: Shelf<Estimates>,
    selectors: Shelf<Choice>,
    assigners: Shelf<Replicas>,
}

/// By the plugin's name and the config.
type Shelf<T> = BTreeMap<(String, String), Arc<KnownOfOffers<T>>>;

/// An answer that is shared.
trait Shelved: StageAnswer {
    fn shelf(shared: &mut Shared) -> &mut Shelf<Self>;
}

impl Shelved for Refused {
    fn shelf(shared: &mut Shared) -> &mut Shelf<Self> {
        &mut shared.filters
    }
}

impl Shelved for Scores {
    fn shelf(shared: &mut Shared) -> &mut Shelf<Self> {
        &mut shared.scorers
    }
}

impl Shelved for Estimates {
    fn shelf(shared: &mut Shared) -> &mut Shelf<Self> {
        &mut shared.estimators
    }
}

impl Shelved for Choice {
    fn shelf(shared: &mut Shared) -> &mut Shelf<Self> {
        &mut shared.selectors
    }
}

impl Shelved for Replicas {
    fn shelf(shared: &mut Shared) -> &mut Shelf<Self> {
        &mut shared.assigners
    }
}
