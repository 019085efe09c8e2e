//! All that a plan is made from, parsed and prepared once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use fixedbitset::FixedBitSet;
use portolan_api::{
    Cluster, OverrideSpec, Policy, PolicyKind, PolicyRef, Problem, PropagationSpec, Reach, ResourceSelector,
    Unread,
};

use crate::call::Keeping;
use crate::fleet::Fleet;
use crate::interpreters::Interpreters;
use crate::matching::{Rank, rank, rank_or_all};
use crate::offer::Offer;
use crate::placing::{Shared, Traits};
use crate::policy::{Overriding, Plugins, Preparing, Propagation};
use crate::room::Room;
use crate::template::Template;

/// How many offers are kept: 32 MiB of columns with them at the most. The templates of a policy share a few. Arbitrary
/// within that.
const MAX_OFFERS: usize = 64;

/// What a World is made of. Order does not matter.
#[derive(Clone, Default)]
pub struct Ingredients {
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// The policies that say where templates go.
    pub propagation: Vec<Policy<PropagationSpec>>,
    /// The policies that say how they differ there.
    pub overrides: Vec<Policy<OverrideSpec>>,
    /// The plugins that policies may name.
    pub plugins: Plugins,
    /// Policies and clusters that are there but could not be read.
    pub unread: Vec<Unread>,
    /// What is so of any cluster, where the clusters themselves don't tell; else it is found out.
    pub traits: Option<Traits>,
    /// Whether there were inputs of which nobody can tell what they held.
    pub incomplete: bool,
    /// Whether plugins are asked again what they answered before. Only for measuring what memory saves.
    pub forget: bool,
    /// Whether every call is noted whole, so that decisions can be written down as transcripts.
    pub record: bool,
    /// Whose plan it is: the uid of the control plane. It is part of every permanent id, so that two control planes never
    /// take an object of the other's for their own. Empty: there is none.
    pub owner: String,
}

/// Clusters, policies and plugins, ready to plan any number of templates.
pub struct World {
    fleet: Arc<Fleet>,
    propagation: Vec<Arc<Propagation>>,
    overrides: Vec<Arc<Overriding>>,
    propagation_by_kind: ByKind,
    overrides_by_kind: ByKind,
    /// Policies that can't be used, whatever is wrong with them.
    broken: Vec<Reach>,
    unread_clusters: BTreeSet<String>,
    known: BTreeSet<PolicyRef>,
    incomplete: bool,
    records: bool,
    owner: Arc<str>,
    traits: Traits,
    interpreters: Arc<Interpreters>,
    everybody: Offer,
    offers: RwLock<BTreeMap<FixedBitSet, Offer>>,
}

/// A policy that can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The policy.
    pub policy: PolicyRef,
    /// What is wrong, where in it, and what would be valid.
    pub problem: Problem,
}

impl World {
    /// Prepares everything. A policy that can't be used is left out; its problems come second, and the templates that
    /// it means are left as they are.
    pub fn new(ingredients: Ingredients) -> (Self, Vec<PolicyProblem>) {
        let Ingredients {
            clusters,
            mut propagation,
            mut overrides,
            plugins,
            unread,
            traits,
            mut incomplete,
            forget,
            record,
            owner,
        } = ingredients;
        propagation.sort_by(|a, b| a.reference.cmp(&b.reference));
        overrides.sort_by(|a, b| a.reference.cmp(&b.reference));
        let answers = (!forget).then(|| Arc::new(Room::new()));
        let keeping = Keeping { answers, conversations: record };
        let fleet = Arc::new(Fleet::new(clusters));
        let traits = traits.unwrap_or_else(|| Traits::of(fleet.clusters().iter().map(Arc::as_ref)));
        let mut preparing = Preparing { plugins: &plugins, keeping, traits, shared: Shared::default() };
        // Objects of a kind for which nobody can tell who speaks say so when their turn comes.
        let (interpreters, _) = Interpreters::keeping(&plugins, preparing.keeping.clone());
        let mut broken = Vec::new();
        let mut unread_clusters = BTreeSet::new();
        for unread in unread {
            match unread {
                Unread::Policy(reach) => broken.push(reach),
                Unread::Cluster(name) => drop(unread_clusters.insert(name)),
                // Policies that name it find out that it is not there.
                Unread::Plugin(_) => {}
                Unread::Anything => incomplete = true,
            }
        }
        let present: BTreeSet<PolicyRef> = (overrides.iter().map(|policy| &policy.reference))
            .chain(broken.iter().map(|reach| &reach.policy))
            .cloned()
            .collect();

        let mut problems = Vec::new();
        let mut set_aside = |policy: PolicyRef, selectors: Vec<ResourceSelector>, found: Vec<Problem>| {
            problems
                .extend(found.into_iter().map(|problem| PolicyProblem { policy: policy.clone(), problem }));
            let selectors = (!selectors.is_empty()).then_some(selectors);
            broken.push(Reach { policy, selectors });
        };

        let mut ready = Vec::new();
        for policy in propagation {
            let (reference, selectors) = (policy.reference.clone(), policy.spec.resource_selectors.clone());
            match preparing.propagation(policy) {
                Ok(policy) => {
                    let waits_for = waits_for(&policy.reference, &policy.spec)
                        .filter(|wanted| !present.contains(wanted))
                        .map(|wanted| wanted.to_string())
                        .collect();
                    ready.push(Arc::new(Propagation { index: ready.len(), waits_for, ..policy }));
                }
                Err(found) => set_aside(reference, selectors, found),
            }
        }
        let propagation = ready;

        let mut ready = Vec::new();
        for policy in overrides {
            let (reference, selectors) = (policy.reference.clone(), policy.spec.resource_selectors.clone());
            match preparing.overriding(policy) {
                Ok(policy) => ready.push(Arc::new(Overriding { index: ready.len(), ..policy })),
                Err(found) => set_aside(reference, selectors, found),
            }
        }
        let overrides = ready;

        let selectors = |policy: &Propagation| policy.spec.resource_selectors.clone();
        let propagation_by_kind =
            ByKind::new(propagation.iter().map(|policy| (policy.reference.clone(), selectors(policy))));
        let overrides_by_kind = ByKind::new(
            overrides.iter().map(|policy| (policy.reference.clone(), policy.spec.resource_selectors.clone())),
        );
        let known = (propagation.iter().map(|policy| &policy.reference))
            .chain(overrides.iter().map(|policy| &policy.reference))
            .chain(broken.iter().map(|reach| &reach.policy))
            .cloned()
            .collect();
        let everybody = Offer::all(&fleet);
        let world = Self {
            fleet,
            propagation,
            overrides,
            propagation_by_kind,
            overrides_by_kind,
            broken,
            unread_clusters,
            known,
            incomplete,
            records: record,
            owner: owner.into(),
            traits,
            interpreters: Arc::new(interpreters),
            everybody,
            offers: RwLock::default(),
        };
        (world, problems)
    }

    /// The clusters on offer.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    /// The policies that say where templates go, in the order of kind, namespace and name.
    pub fn propagation(&self) -> &[Arc<Propagation>] {
        &self.propagation
    }

    /// The policies that say how they differ there, in the order of kind, namespace and name.
    pub fn overrides(&self) -> &[Arc<Overriding>] {
        &self.overrides
    }

    /// Whether there were inputs of which nobody can tell what they held. Then nothing is taken away.
    pub fn incomplete(&self) -> bool {
        self.incomplete
    }

    /// Who speaks for which kinds.
    pub fn interpreters(&self) -> &Arc<Interpreters> {
        &self.interpreters
    }

    /// Whose plan it is.
    pub(crate) fn owner(&self) -> &Arc<str> {
        &self.owner
    }

    /// What is so of any cluster.
    pub(crate) fn traits(&self) -> Traits {
        self.traits
    }

    /// All clusters as an offer.
    pub(crate) fn everybody(&self) -> &Offer {
        &self.everybody
    }

    /// Some of the clusters as an offer. Many templates are offered the same ones.
    pub(crate) fn offer(&self, to: &FixedBitSet) -> Offer {
        if to.count_ones(..) == self.fleet.size() {
            return self.everybody.clone();
        }
        let known = self.offers.read().unwrap_or_else(PoisonError::into_inner).get(to).cloned();
        known.unwrap_or_else(|| {
            let offer = Offer::narrowed(&self.fleet, to);
            let mut offers = self.offers.write().unwrap_or_else(PoisonError::into_inner);
            if offers.len() < MAX_OFFERS {
                offers.insert(to.clone(), offer.clone());
            }
            offer
        })
    }

    /// Whether every call is noted whole.
    pub(crate) fn records(&self) -> bool {
        self.records
    }

    /// The policy that places a template: any PropagationPolicy of its namespace beats every
    /// ClusterPropagationPolicy; then the highest priority, the most precise selector and the first name win.
    pub fn placed_by(&self, template: &Template) -> Option<&Arc<Propagation>> {
        let best = |kind: PolicyKind| {
            self.propagation_by_kind
                .candidates(template, kind)
                .map(|index| &self.propagation[index])
                .map(|policy| (rank(&policy.spec.resource_selectors, template), policy))
                .filter(|(rank, _)| *rank > Rank::Mismatch)
                // Policies are in the order of their names, and the first of equals must win: so the last maximum of
                // the list turned round.
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .max_by_key(|(rank, policy)| (policy.spec.priority, *rank))
                .map(|(_, policy)| policy)
        };
        best(PolicyKind::PropagationPolicy).or_else(|| best(PolicyKind::ClusterPropagationPolicy))
    }

    /// The policy that places a template which some policy may have claimed already. The claim holds while that policy
    /// selects the template, unless another one takes it: a policy with preemption `Always` does so, a PropagationPolicy
    /// from every ClusterPropagationPolicy and from those of its own kind with a lower priority, a
    /// ClusterPropagationPolicy from those of its own kind with a lower priority.
    pub fn keeps_or_takes(
        &self,
        template: &Template,
        claim: Option<&PolicyRef>,
    ) -> Option<&Arc<Propagation>> {
        let selects = |policy: &Propagation| {
            let reaches =
                !policy.reference.kind.namespaced() || policy.reference.namespace == template.key.namespace;
            reaches && rank(&policy.spec.resource_selectors, template) > Rank::Mismatch
        };
        let holder = claim.and_then(|claim| {
            let at = self.propagation.binary_search_by(|policy| policy.reference.cmp(claim)).ok()?;
            Some(&self.propagation[at]).filter(|policy| selects(policy))
        });
        let Some(holder) = holder else { return self.placed_by(template) };
        let takes = |policy: &&Arc<Propagation>| {
            let by_kind = (policy.reference.kind.namespaced(), holder.reference.kind.namespaced());
            let may = match by_kind {
                (true, false) => true,
                (false, true) => false,
                _ => policy.spec.priority > holder.spec.priority,
            };
            may && policy.spec.preemption.as_deref() == Some("Always") && selects(policy)
        };
        let taker = self.propagation.iter().rev().filter(takes);
        taker
            .max_by_key(|policy| {
                let rank = rank(&policy.spec.resource_selectors, template);
                (policy.reference.kind.namespaced(), policy.spec.priority, rank)
            })
            .or(Some(holder))
    }

    /// The override policies that select a template, in the order in which they apply: cluster-scoped ones first,
    /// then by precision, then by name, so that the most precise and the last has the last word.
    pub fn overridden_by(&self, template: &Template) -> Vec<&Arc<Overriding>> {
        let matching = |kind: PolicyKind| {
            let mut matching: Vec<_> = (self.overrides_by_kind.candidates(template, kind))
                .map(|index| &self.overrides[index])
                .map(|policy| (rank_or_all(&policy.spec.resource_selectors, template), policy))
                .filter(|(rank, _)| *rank > Rank::Mismatch)
                .collect();
            matching.sort_by_key(|(rank, _)| *rank);
            matching.into_iter().map(|(_, policy)| policy)
        };
        matching(PolicyKind::ClusterOverridePolicy).chain(matching(PolicyKind::OverridePolicy)).collect()
    }

    /// The policies that can't be used and might have had a say about a template.
    pub(crate) fn broken_for<'a>(&'a self, template: &'a Template) -> impl Iterator<Item = &'a PolicyRef> {
        let reaches = |reach: &&Reach| {
            let Reach { policy, selectors } = *reach;
            let in_reach = !policy.kind.namespaced() || policy.namespace == template.key.namespace;
            in_reach && selectors.as_ref().is_none_or(|selectors| rank(selectors, template) > Rank::Mismatch)
        };
        self.broken.iter().filter(reaches).map(|reach| &reach.policy)
    }

    /// Whether a cluster that is not on offer may be there all the same.
    pub(crate) fn may_have(&self, cluster: &str) -> bool {
        self.incomplete || self.unread_clusters.contains(cluster)
    }

    /// Whether a policy is in the input, usable or not.
    pub(crate) fn knows(&self, policy: &PolicyRef) -> bool {
        self.known.contains(policy)
    }
}

/// The override policies that a policy waits for: for a namespaced policy those of its namespace.
pub(crate) fn waits_for<'a>(
    policy: &'a PolicyRef,
    spec: &'a PropagationSpec,
) -> impl Iterator<Item = PolicyRef> + 'a {
    let PolicyRef { kind, namespace, name: _ } = policy;
    let kind = if kind.namespaced() { PolicyKind::OverridePolicy } else { PolicyKind::ClusterOverridePolicy };
    let wanted = spec.dependent_overrides.iter();
    wanted.map(move |name| PolicyRef { kind, namespace: namespace.clone(), name: name.clone() })
}

/// Finds the policies that could mean a template without looking at all of them.
#[derive(Default)]
struct ByKind {
    /// Indexes of policies, by their own kind and namespace, and by the API version and kind that they select.
    selecting: BTreeMap<(PolicyKind, Option<String>), BTreeMap<String, Vec<usize>>>,
}

/// Stands for policies that select every kind.
const EVERY_KIND: &str = "";

impl ByKind {
    fn new(policies: impl Iterator<Item = (PolicyRef, Vec<ResourceSelector>)>) -> Self {
        let mut by_kind = Self::default();
        for (index, (policy, selectors)) in policies.enumerate() {
            let selecting = by_kind.selecting.entry((policy.kind, policy.namespace)).or_default();
            let mut kinds: BTreeSet<String> =
                selectors.iter().map(|selector| kind_key(&selector.api_version, &selector.kind)).collect();
            if kinds.is_empty() {
                kinds.insert(EVERY_KIND.into());
            }
            for kind in kinds {
                selecting.entry(kind).or_default().push(index);
            }
        }
        by_kind
    }

    /// Policies of a kind that could mean a template, ascending.
    fn candidates(&self, template: &Template, kind: PolicyKind) -> impl Iterator<Item = usize> {
        let namespace = if kind.namespaced() { template.key.namespace.clone() } else { None };
        // A policy with a namespace says nothing about what has none.
        let reachable = !kind.namespaced() || namespace.is_some();
        let selecting = self.selecting.get(&(kind, namespace)).filter(|_| reachable);
        let of =
            |key: &str| selecting.and_then(|selecting| selecting.get(key)).map_or(&[][..], Vec::as_slice);
        let mut candidates: Vec<usize> =
            [of(&kind_key(&template.key.api_version, &template.key.kind)), of(EVERY_KIND)].concat();
        candidates.sort_unstable();
        candidates.into_iter()
    }
}

fn kind_key(api_version: &str, kind: &str) -> String {
    format!("{api_version} {kind}")
}
