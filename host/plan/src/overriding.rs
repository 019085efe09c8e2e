//! How a template differs from cluster to cluster: every rule of every policy, in order, on groups of equal objects.

use std::sync::Arc;

use fixedbitset::FixedBitSet;
use serde_json::Value;

use crate::answer::Refused;
use crate::applied::Applied;
use crate::call::{Answer, OverriderCall};
use crate::fault::{Blame, Fault};
use crate::fleet::{Place, places};
use crate::guard::{self, NotAmended};
use crate::plugin::Amendment;
use crate::policy::Overriding;
use crate::reading::{Reading, Targets};
use crate::request::Request;
use crate::template::Template;
use crate::withheld::WITHHELD;
use crate::world::World;

/// Clusters that get an equal object by the same rules.
#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) clusters: FixedBitSet,
    pub(crate) object: Arc<Value>,
    pub(crate) applied: Vec<Applied>,
}

/// What one rule did to one template.
#[derive(Clone)]
pub struct RuleStep {
    /// The policy.
    pub policy: Arc<Overriding>,
    /// Which of its rules.
    pub rule: usize,
    /// The clusters that it targeted, among those that were selected.
    pub targets: Vec<Place>,
    /// Which clusters it can't target, where a plugin was asked; a fault where its targets could not be told.
    pub target: Option<Answer<Refused>>,
    /// Its overriders in the order in which they ran; empty where nothing was targeted.
    pub overriders: Vec<OverriderStep>,
}

impl RuleStep {
    /// Why its targets could not be told, where they could not.
    pub fn untold(&self) -> Option<&Fault> {
        self.target.as_ref()?.outcome.as_ref().err()
    }
}

/// What one overrider of a rule did.
#[derive(Clone)]
pub struct OverriderStep {
    /// The call.
    pub call: Arc<OverriderCall>,
    /// The plugin's answer.
    pub answer: Answer<Vec<Amendment>>,
    /// The clusters whose object changed.
    pub changed: Vec<Place>,
    /// Where there was no amendment, or none that could be applied.
    pub failed: Vec<Failure>,
}

impl OverriderStep {
    /// What the plugin would have the policy's author know, each with the clusters that it is about.
    pub fn warnings(&self) -> impl Iterator<Item = (&[Place], &str)> {
        let amendments = self.answer.outcome.iter().flatten();
        amendments.flat_map(|Amendment { clusters, patch: _, warnings }| {
            warnings.iter().map(|warning| (clusters.as_slice(), warning.as_str()))
        })
    }
}

/// Clusters to which nothing is delivered because an overrider failed there.
#[derive(Clone)]
pub struct Failure {
    /// Which.
    pub clusters: Vec<Place>,
    /// Why.
    pub why: String,
    /// Whose turn it is.
    pub blame: Blame,
}

/// The objects after all overrides, and how they came about.
pub(crate) struct Overridden {
    pub(crate) groups: Vec<Group>,
    pub(crate) steps: Vec<RuleStep>,
    /// Clusters where something went wrong: nothing partial is delivered there.
    pub(crate) failed: FixedBitSet,
}

/// Runs all overrides of a template over the objects for the clusters that were selected.
pub(crate) fn run(
    world: &World,
    template: &Template,
    request: &Arc<Request>,
    policies: &[&Arc<Overriding>],
    groups: Vec<Group>,
) -> Overridden {
    let mut running =
        Running { world, template, request, groups, steps: Vec::new(), failed: world.fleet().none() };
    for policy in policies {
        for rule in 0..policy.rules.len() {
            running.rule(policy, rule);
        }
    }
    let Running { groups, steps, failed, .. } = running;
    Overridden { groups, steps, failed }
}

struct Running<'a> {
    world: &'a World,
    template: &'a Template,
    request: &'a Arc<Request>,
    groups: Vec<Group>,
    steps: Vec<RuleStep>,
    failed: FixedBitSet,
}

impl Running<'_> {
    fn rule(&mut self, policy: &Arc<Overriding>, index: usize) {
        let rule = &policy.rules[index];
        let mut step = RuleStep {
            policy: Arc::clone(policy),
            rule: index,
            targets: Vec::new(),
            target: None,
            overriders: Vec::new(),
        };
        let mut targets = self.alive();
        if let Some(target) = &rule.target {
            let reading = || {
                let fleet = Arc::clone(self.world.fleet());
                Reading::for_placement(fleet, Arc::clone(&self.template.object), Arc::clone(self.request))
            };
            let answer = target.ask(self.world.everybody(), reading);
            step.target = Some(Arc::clone(&answer));
            match &answer.outcome {
                Ok(refused) => targets.difference_with(&refused.places),
                Err(_) => {
                    self.fail(&targets);
                    self.steps.push(step);
                    return;
                }
            }
        }
        step.targets = places(&targets);
        if !step.targets.is_empty() {
            let applied = Applied { policy: Arc::clone(policy), rule: index };
            self.split(&targets, |group| group.applied.push(applied.clone()));
            for call in &rule.overriders {
                targets.difference_with(&self.failed);
                if targets.is_clear() {
                    break;
                }
                let done = self.overrider(call, &targets);
                step.overriders.push(done);
            }
        }
        self.steps.push(step);
    }

    fn overrider(&mut self, call: &Arc<OverriderCall>, targets: &FixedBitSet) -> OverriderStep {
        let mut looked_at = Vec::new();
        for group in &self.groups {
            if group.clusters.is_subset(targets) {
                looked_at
                    .push(Targets { clusters: places(&group.clusters), object: Arc::clone(&group.object) });
            }
        }
        let reading = Reading::for_overrider(
            Arc::clone(self.world.fleet()),
            Arc::clone(&self.template.object),
            Arc::clone(self.request),
            looked_at,
        );
        let answer = call.ask(reading);
        let mut step = OverriderStep {
            call: Arc::clone(call),
            answer: Arc::clone(&answer),
            changed: Vec::new(),
            failed: Vec::new(),
        };
        match &answer.outcome {
            Ok(amendments) => {
                for amendment in amendments {
                    self.amend(amendment, call.custom, &mut step);
                }
            }
            Err(_) => self.fail(targets),
        }
        step.changed.sort_unstable();
        step
    }

    /// Applies one amendment, once for each group of equal objects that it meets.
    fn amend(&mut self, amendment: &Amendment, custom: bool, step: &mut OverriderStep) {
        let Amendment { clusters, patch, warnings: _ } = amendment;
        let mut named = self.world.fleet().none();
        named.extend(clusters.iter().map(|place| *place as usize));
        let patch = match patch {
            Ok(patch) if patch.is_empty() => return,
            Ok(patch) => patch,
            Err(fault) => {
                let failure =
                    Failure { clusters: clusters.clone(), why: fault.to_string(), blame: fault.blame() };
                step.failed.push(failure);
                return self.fail(&named);
            }
        };
        // What a typed field asks for is the user's own words; a custom plugin's patch is the plugin's.
        let blame = if custom { Blame::Plugin } else { Blame::User };
        let mut failed = self.world.fleet().none();
        // A custom plugin may write what is in a Secret into a path, so that nobody is shown one.
        let secret = custom && self.template.is_secret();
        self.split(&named, |group| {
            let amended = guard::amended(&group.object, patch, custom);
            let said = |why: NotAmended| match why {
                NotAmended::DoesNotApply(_) if secret => format!("its patch does not apply; {WITHHELD}"),
                why => why.to_string(),
            };
            match amended.map_err(said) {
                Ok(object) if object == *group.object => {}
                Ok(object) => {
                    group.object = Arc::new(object);
                    step.changed.extend(places(&group.clusters));
                }
                Err(why) => {
                    failed.union_with(&group.clusters);
                    step.failed.push(Failure { clusters: places(&group.clusters), why, blame });
                }
            }
        });
        self.fail(&failed);
    }

    /// Does something to the groups within some clusters; a group that is only partly within is split first.
    fn split(&mut self, within: &FixedBitSet, mut act: impl FnMut(&mut Group)) {
        for index in 0..self.groups.len() {
            let clusters = &self.groups[index].clusters;
            if clusters.is_disjoint(within) {
                continue;
            }
            if !clusters.is_subset(within) {
                let group = &mut self.groups[index];
                let mut outside = group.clone();
                outside.clusters.difference_with(within);
                group.clusters.intersect_with(within);
                self.groups.push(outside);
            }
            act(&mut self.groups[index]);
        }
    }

    fn fail(&mut self, clusters: &FixedBitSet) {
        self.failed.union_with(clusters);
        for group in &mut self.groups {
            group.clusters.difference_with(clusters);
        }
        self.groups.retain(|group| !group.clusters.is_clear());
    }

    /// The clusters for which nothing has gone wrong so far.
    fn alive(&self) -> FixedBitSet {
        self.groups.iter().fold(self.world.fleet().none(), |mut alive, group| {
            alive.union_with(&group.clusters);
            alive
        })
    }
}
