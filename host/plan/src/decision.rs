//! The decision about one template: where it goes, how it differs there, what is held back, and why.

use std::collections::BTreeMap;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use portolan_api::{PolicyRef, metadata};
use serde_json::Value;

use crate::conversation::Conversation;
use crate::delivery::Delivery;
use crate::fault::Fault;
use crate::fleet::{Fleet, Place, places};
use crate::guard;
use crate::interpretation::{Revision, Size};
use crate::interpreters::Interpreted;
use crate::overriding::{self, Group, RuleStep};
use crate::placed::{Misfit, Placed, place};
use crate::placing::Placing;
use crate::plugin::Stage;
use crate::policy::Propagation;
use crate::previous::Previous;
use crate::request::Request;
use crate::template::Template;
use crate::world::World;

/// Choices of whoever asks for a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Carry out also a decision that takes an object from all of its clusters.
    pub allow_empty: bool,
    /// Leave the last decision out of account: divide replicas anew, and begin with the first group of clusters.
    pub fresh: bool,
    /// Decide also about what a policy suspends. Whoever asks for that sees to it that none of it is written on a member.
    pub suspended: bool,
}

/// The decision about one template.
pub struct Decision {
    /// The template.
    pub template: Template,
    /// The policy that places it.
    pub policy: Option<Arc<Propagation>>,
    /// Each interpreter that was asked about it.
    pub interpreted: Vec<InterpreterStep>,
    /// Where it goes, and how that was found.
    pub placed: Placed,
    /// The clusters that it goes to; ascending.
    pub selected: Vec<Place>,
    /// Each rule of each override policy that selects the template, in order.
    pub rules: Vec<RuleStep>,
    /// What members get.
    pub deliveries: Vec<Delivery>,
    /// Clusters where the last good object stays although a new one was due, and why; ascending.
    pub held: Vec<(Vec<Place>, String)>,
    /// Why everything stays as it was, on all clusters.
    pub hold: Option<Hold>,
    /// What to tell the next decision, unless everything stays as it was.
    pub remember: Previous,
    /// What plugins were told of what is asked for.
    pub(crate) request: Arc<Request>,
}

/// An interpreter that was asked.
pub struct InterpreterStep {
    /// What it was asked for.
    pub operation: Stage,
    /// The plugin; none: nobody can tell which one it would be.
    pub plugin: Option<Arc<str>>,
    /// Why it gave no answer.
    pub fault: Option<Fault>,
    /// The whole call, where it was to be noted.
    pub conversation: Option<Arc<Conversation>>,
}

/// Why a template is left as it was, everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// No policy selects it. Where it is, it stays.
    Unclaimed,
    /// The user's label says that some other controller looks after it.
    ClaimedBy(String),
    /// Policies that might have had a say can't be used.
    BrokenPolicies(Vec<PolicyRef>),
    /// A policy that decided last time is not in the input, of which a part could not be read.
    UnreadPolicies(Vec<PolicyRef>),
    /// Its policy waits for override policies that are not there.
    WaitsFor(Vec<String>),
    /// Its policy suspends it.
    Suspended,
    /// A plugin gave no answer.
    Fault,
    /// Clusters are left, and they can't take it.
    Unschedulable {
        /// The plugin that says so.
        plugin: String,
        /// The field of the policy that asked for it.
        field: String,
        /// What it says.
        why: String,
    },
    /// It would be on no cluster any more, and nobody is known to have changed its policy.
    WouldVanish,
    /// It is too large to travel.
    TooLarge(usize),
    /// Planning it failed by a defect of Portolan's own.
    Defect(String),
}

/// What is to be done on one cluster.
pub enum Act<'a> {
    /// It gets this.
    Deliver(&'a Delivery, Place),
    /// What is there stays as it is.
    Keep,
    /// What is there is taken away.
    Remove,
}

/// Decides about one template.
pub fn decide(world: &World, template: Template, previous: &Previous, options: Options) -> Decision {
    let policy = world.keeps_or_takes(&template, previous.claim.as_ref()).cloned();
    let mut decision = Decision::open(template, policy);
    decision.hold = decision.make(world, previous, options).err();
    decision
}

impl Decision {
    /// Nothing is decided yet.
    pub(crate) fn open(template: Template, policy: Option<Arc<Propagation>>) -> Self {
        Self {
            template,
            policy,
            interpreted: Vec::new(),
            placed: Placed::default(),
            selected: Vec::new(),
            rules: Vec::new(),
            deliveries: Vec::new(),
            held: Vec::new(),
            hold: None,
            remember: Previous::default(),
            request: Arc::default(),
        }
    }

    /// Fills the decision in as far as it gets; the error is why everything stays as it was.
    fn make(&mut self, world: &World, previous: &Previous, options: Options) -> Result<(), Hold> {
        let template = &self.template;
        if let Some(by) = template.label(metadata::CLAIMED_BY) {
            return Err(Hold::ClaimedBy(by.into()));
        }
        let mut broken: Vec<PolicyRef> = world.broken_for(template).cloned().collect();
        // A policy with several problems is named once.
        broken.dedup();
        if !broken.is_empty() {
            return Err(Hold::BrokenPolicies(broken));
        }
        let unread: Vec<PolicyRef> = previous
            .policy
            .iter()
            .chain(&previous.overrides)
            .filter(|policy| !world.knows(policy))
            .cloned()
            .collect();
        if world.incomplete() && !unread.is_empty() {
            return Err(Hold::UnreadPolicies(unread));
        }
        let Some(policy) = self.policy.clone() else { return Err(Hold::Unclaimed) };
        if !policy.waits_for.is_empty() {
            return Err(Hold::WaitsFor(policy.waits_for.clone()));
        }

        let fleet = world.fleet();
        let size = if policy.placing.asks_for_size() {
            self.interpret(Stage::Replicas, world.interpreters().size(&self.template.object))?
        } else {
            None
        };
        let template = &self.template;
        let request = Arc::new(request(world, template, size.as_ref(), previous, options));
        self.request = Arc::clone(&request);
        if !request.evicting.is_empty() && policy.placing.eviction.is_none() {
            let text =
                "it is on its way out of clusters, and no plugin was loaded that keeps it from going back";
            return Err(Hold::Defect(text.into()));
        }
        self.placed = place(world, &policy.placing, template, &request, previous);
        match self.placed.misfit() {
            Some(Misfit::Unschedulable { plugin, field, why }) => {
                let (plugin, field, why) = (plugin.clone(), field.clone(), why.clone());
                return Err(Hold::Unschedulable { plugin, field, why });
            }
            Some(Misfit::Fault) => return Err(Hold::Fault),
            Some(Misfit::NoneFits) | None => {}
        }
        self.selected = self.placed.clusters.keys().copied().collect();
        let mut selected = fleet.none();
        selected.extend(self.selected.iter().map(|place| *place as usize));
        let digest = policy.digest.to_string();
        // Only who is known to have changed this very policy is known to have meant it.
        let was_changed = previous.policy.as_ref() == Some(&policy.reference)
            && previous.policy_digest.as_ref().is_some_and(|before| *before != digest);
        // And nobody means an input without a single cluster.
        let was_meant = options.allow_empty || (was_changed && fleet.size() > 0);
        if selected.is_clear() && !previous.clusters.is_empty() && !was_meant {
            return Err(Hold::WouldVanish);
        }
        let suspended = if options.suspended { fleet.none() } else { suspended(&policy, fleet, &selected)? };
        if !suspended.is_clear() {
            selected.difference_with(&suspended);
            self.held.push((places(&suspended), format!("{} suspends delivery there", policy.reference)));
        }

        let object = self.interpret(Stage::Prune, world.interpreters().pruned(&self.template.object))?;
        let groups = self.sized(world, &policy.placing, size.as_ref(), &request, &object, &selected)?;
        let template = &self.template;
        if let Some(bytes) = guard::oversize(&object) {
            return Err(Hold::TooLarge(bytes));
        }
        let overrides = world.overridden_by(template);
        let overridden = overriding::run(world, template, &request, &overrides, groups);
        let mut groups = overridden.groups;
        groups.sort_by_key(|group| group.clusters.minimum());
        let conflict = policy.spec.conflict_resolution;
        self.deliveries =
            groups.iter().map(|group| Delivery::new(world.owner(), template, conflict, group)).collect();
        self.rules = overridden.steps;
        if !overridden.failed.is_clear() {
            self.held.push((places(&overridden.failed), "an override failed there".into()));
        }
        self.held.sort();
        self.remember = Previous {
            clusters: Vec::new(),
            replicas: (self.placed.clusters.iter())
                .filter_map(|(place, replicas)| Some((fleet.name(*place).to_owned(), (*replicas)?)))
                .collect(),
            // Where it went nowhere, it begins again with the first.
            group: (self.placed.attempts.last().filter(|_| !self.placed.clusters.is_empty()))
                .and_then(|attempt| attempt.group.clone()),
            evicting: previous.evicting.clone(),
            claim: previous.claim.clone(),
            policy: Some(policy.reference.clone()),
            policy_digest: Some(digest),
            overrides: overrides.iter().map(|policy| policy.reference.clone()).collect(),
        };
        Ok(())
    }

    /// Notes that an interpreter was asked. Without its answer everything stays as it was.
    fn interpret<T>(&mut self, operation: Stage, interpreted: Interpreted<T>) -> Result<T, Hold> {
        let Interpreted { outcome, by, conversation } = interpreted;
        let fault = outcome.as_ref().err().cloned();
        if by.is_some() || fault.is_some() {
            self.interpreted.push(InterpreterStep { operation, plugin: by, fault, conversation });
        }
        outcome.map_err(|_| Hold::Fault)
    }

    /// The object at the size that each cluster is to have, for equal sizes once.
    fn sized(
        &mut self,
        world: &World,
        placing: &Placing,
        size: Option<&Size>,
        request: &Arc<Request>,
        object: &Arc<Value>,
        selected: &FixedBitSet,
    ) -> Result<Vec<Group>, Hold> {
        let as_written = Revision {
            replicas: size.map(|size| size.replicas).unwrap_or_default(),
            completions: size.and_then(|size| size.completions),
        };
        if as_written.completions.is_some() {
            self.placed.complete(world, placing, &self.template, request, as_written)?;
        }
        let mut of_size = BTreeMap::<Revision, FixedBitSet>::new();
        for place in places(selected) {
            let replicas = self.placed.clusters.get(&place).copied().flatten();
            let revision = Revision {
                replicas: replicas.unwrap_or(as_written.replicas),
                completions: self.placed.completed.get(&place).copied().or(as_written.completions),
            };
            of_size.entry(revision).or_insert_with(|| world.fleet().none()).insert(place as usize);
        }
        let mut groups = Vec::new();
        for (revision, clusters) in of_size {
            let object = if revision == as_written {
                Arc::clone(object)
            } else {
                self.interpret(Stage::Revise, world.interpreters().revised(object, revision))?
            };
            groups.push(Group { clusters, object, applied: Vec::new() });
        }
        Ok(groups)
    }

    /// How many replicas the template asks for; none: it is no workload, or that makes no difference.
    pub fn asked_for(&self) -> Option<u32> {
        self.request.replicas
    }

    /// What one replica needs, where that was asked for.
    pub fn requirements(&self) -> Option<&Value> {
        self.request.requirements.as_ref()
    }

    /// What is to be done on each cluster that is concerned: where the object goes, and where it was. In the order of
    /// the clusters' names.
    pub fn acts<'a>(&'a self, world: &'a World, previous: &'a Previous) -> Vec<(&'a str, Act<'a>)> {
        let fleet = world.fleet();
        let mut acts: Vec<(&str, Act<'_>)> = Vec::new();
        if self.hold.is_none() {
            for delivery in &self.deliveries {
                acts.extend(
                    delivery
                        .clusters
                        .iter()
                        .map(|place| (fleet.name(*place), Act::Deliver(delivery, *place))),
                );
            }
            acts.extend(
                self.held.iter().flat_map(|(held, _)| held).map(|place| (fleet.name(*place), Act::Keep)),
            );
        }
        let concerned: std::collections::BTreeSet<&str> = acts.iter().map(|(name, _)| *name).collect();
        // While something that is due is held back, nothing leaves: the copy that would go may be the only one.
        let stays = |name: &str| {
            self.hold.is_some()
                || !self.held.is_empty()
                || (fleet.find(name).is_none() && world.may_have(name))
        };
        let left = previous.clusters.iter().map(String::as_str).filter(|name| !concerned.contains(name));
        let left: Vec<_> =
            left.map(|name| (name, if stays(name) { Act::Keep } else { Act::Remove })).collect();
        acts.extend(left);
        acts.sort_by_key(|(name, _)| *name);
        acts
    }
}

/// What is asked for, and what is known so far.
fn request(
    world: &World,
    template: &Template,
    size: Option<&Size>,
    previous: &Previous,
    options: Options,
) -> Request {
    let fleet = world.fleet();
    let replicas = |name: &String| previous.replicas.get(name).copied().unwrap_or_default();
    Request {
        replicas: size.map(|size| size.replicas),
        requirements: size.and_then(|size| size.requirements.clone()),
        previous: (previous.clusters.iter())
            .filter_map(|name| Some((fleet.find(name)?, replicas(name))))
            .collect(),
        fresh: options.fresh,
        evicting: previous.evicting.iter().filter_map(|name| fleet.find(name)).collect(),
        seed: template.uid().unwrap_or_default().to_owned(),
        ..Request::default()
    }
}

/// The selected clusters to which the policy suspends delivery.
fn suspended(policy: &Propagation, fleet: &Fleet, selected: &FixedBitSet) -> Result<FixedBitSet, Hold> {
    let mut suspended = fleet.none();
    if let Some(suspension) = &policy.spec.suspension {
        if suspension.dispatching == Some(true) {
            return Err(Hold::Suspended);
        }
        let names = suspension.dispatching_on_clusters.iter().flat_map(|clusters| &clusters.cluster_names);
        suspended.extend(names.filter_map(|name| fleet.find(name)).map(|place| place as usize));
        suspended.intersect_with(selected);
    }
    Ok(suspended)
}

/// What becomes of objects whose template is no longer in the input: they go. The error is why they stay.
pub fn without_template(world: &World, templates: usize, options: Options) -> Result<(), &'static str> {
    if world.incomplete() {
        Err("a part of the input could not be read")
    } else if templates == 0 && !options.allow_empty {
        Err("there is no template in the input at all; --allow-empty takes everything away")
    } else {
        Ok(())
    }
}
