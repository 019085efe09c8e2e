//! A decision as people and programs read it: for every cluster why or why not, and what each overrider changed.

use std::collections::{BTreeMap, BTreeSet};

use portolan_api::{ObjectKey, PolicyRef};
use serde::{Deserialize, Serialize};

use crate::answer::{PerCluster, StageAnswer};
use crate::decision::{Decision, Hold, InterpreterStep};
use crate::fault::Fault;
use crate::fleet::{Fleet, Place};
use crate::overriding::{Failure, OverriderStep, RuleStep};
use crate::placed::{Attempt, FilterStep, Misfit, Step, Told};
use crate::plugin::{Amendment, Stage};
use crate::withheld::WITHHELD;

/// The whole story of one template. Everything is in the order of steps and of clusters' names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The template.
    pub template: ObjectKey,
    /// The policy that places it.
    pub policy: Option<PolicyRef>,
    /// Why everything stays as it was, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// The group of clusters that counts, where the placement has groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The groups that were tried before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<GroupReport>,
    /// How many replicas there are to place, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Every interpreter that was asked, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interpreters: Vec<InterpreterReport>,
    /// Every plugin that was asked about clusters, in order.
    pub steps: Vec<StepReport>,
    /// Every plugin that was asked which clusters a listed weight is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<StepReport>,
    /// Every cluster on offer.
    pub clusters: Vec<ClusterReport>,
    /// Every rule of every override policy that selects the template.
    pub rules: Vec<RuleReport>,
}

/// A group of clusters that was tried before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupReport {
    /// Its name.
    pub group: String,
    /// Why it can't take the template.
    pub why: String,
}

/// One interpreter that was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InterpreterReport {
    /// What it was asked for.
    pub operation: Stage,
    /// The plugin; none: nobody can tell which one it would be.
    pub plugin: Option<String>,
    /// Why it gave no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// One plugin that was asked about clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepReport {
    /// Where it stood.
    pub stage: Stage,
    /// The plugin.
    pub plugin: String,
    /// The field of the policy that asked for it.
    pub field: String,
    /// Why it gave no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// What was said about one cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterReport {
    /// Its name.
    pub cluster: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Every reason against it; of a selected cluster none.
    pub reasons: Vec<Reason>,
    /// The overflow tier that it is in, from 0, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<u32>,
    /// The weight that the policy lists for it, where it lists any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u64>,
    /// What each scorer gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Said<u8>>,
    /// How many replicas it could take, by each estimator; null where one can't tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub available: Vec<Said<Option<u32>>>,
    /// Its place in the selector's choice, from 1 for the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<usize>,
    /// How many replicas it gets, where the template has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// How much these have to complete, where that is divided too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completions: Option<u32>,
}

/// What one plugin said of one cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Said<T> {
    /// The plugin.
    pub plugin: String,
    /// The field of the policy that asked for it.
    pub field: String,
    /// What it said.
    pub value: T,
}

/// What came of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// The template goes there.
    Selected,
    /// It does not.
    Refused,
    /// It is meant to go there, but what is there stays as it is.
    Held,
}

/// One reason against a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// Where the plugin stood that says so; none where Portolan itself does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Who says so: a plugin, or `portolan`.
    pub plugin: String,
    /// The field of the policy that asked for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// The reason.
    pub reason: String,
}

/// What one rule did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleReport {
    /// The policy.
    pub policy: PolicyRef,
    /// Its place in the policy, from 0.
    pub rule: usize,
    /// The clusters that it targeted, among those that were selected.
    pub targets: Vec<String>,
    /// Why its targets could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Its overriders in the order in which they ran.
    pub overriders: Vec<OverriderReport>,
}

/// What one overrider did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverriderReport {
    /// The plugin.
    pub plugin: String,
    /// The field of the policy that asked for it.
    pub field: String,
    /// What it wanted changed where.
    pub patches: Vec<PatchReport>,
    /// Where the object did change.
    pub changed: Vec<String>,
    /// Where that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<FailureReport>,
    /// What it would have the policy's author know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<WarningReport>,
    /// Why it gave no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// One patch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PatchReport {
    /// For which clusters.
    pub clusters: Vec<String>,
    /// The operations: `replace /spec/replicas = 2`.
    pub patch: String,
}

/// What an overrider would have the policy's author know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WarningReport {
    /// For which clusters.
    pub clusters: Vec<String>,
    /// What.
    pub text: String,
}

/// Where there was no patch, or none that could be applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureReport {
    /// On which clusters.
    pub clusters: Vec<String>,
    /// Why.
    pub why: String,
}

impl Decision {
    /// The whole story.
    pub fn report(&self, fleet: &Fleet) -> Report {
        let mut reasons = self.reasons();
        let mut held: BTreeMap<Place, &str> = BTreeMap::new();
        for (clusters, why) in &self.held {
            held.extend(clusters.iter().map(|place| (*place, why.as_str())));
        }
        let (last, before) = match self.placed.attempts.split_last() {
            Some((last, before)) => (Some(last), before),
            None => (None, &[][..]),
        };
        let ranks: BTreeMap<Place, usize> =
            last.map(|attempt| attempt.ranked().zip(1..).collect()).unwrap_or_default();
        let clusters = fleet.clusters().iter().zip(0..).map(|(cluster, place)| {
            let mut reasons = reasons.remove(&place).unwrap_or_default();
            let held = held.remove(&place);
            reasons.extend(held.map(|why| Reason {
                stage: None,
                plugin: "portolan".into(),
                field: String::new(),
                reason: why.into(),
            }));
            let verdict = match (&self.hold, self.selected.binary_search(&place)) {
                _ if held.is_some() => Verdict::Held,
                (Some(_), _) if reasons.is_empty() => Verdict::Held,
                (None, Ok(_)) => Verdict::Selected,
                _ => Verdict::Refused,
            };
            ClusterReport {
                cluster: cluster.name.clone(),
                verdict,
                reasons,
                tier: last.and_then(|attempt| attempt.tier(place)),
                weight: last.and_then(|attempt| attempt.weight(place)),
                scores: last.map(|attempt| said(attempt, &attempt.scorers, place)).unwrap_or_default(),
                available: last.map(|attempt| said(attempt, &attempt.estimators, place)).unwrap_or_default(),
                rank: ranks.get(&place).copied(),
                replicas: self.placed.clusters.get(&place).copied().flatten(),
                completions: self.placed.completed.get(&place).copied(),
            }
        });
        Report {
            template: self.template.key.clone(),
            policy: self.policy.as_ref().map(|policy| policy.reference.clone()),
            held: self.hold.as_ref().map(Hold::to_string),
            group: last.and_then(|attempt| attempt.group.clone()),
            passed_over: before.iter().map(group_report).collect(),
            replicas: self.placed.replicas,
            clusters: clusters.collect(),
            interpreters: self.interpreters(),
            steps: self.placed.told().into_iter().map(step_report).collect(),
            weights: self.placed.told_of_weights().map(step_report).collect(),
            rules: (self.rules.iter())
                .map(|step| rule_report(step, fleet, !self.template.is_secret()))
                .collect(),
        }
    }

    /// Every interpreter that was asked, once for each operation and what came of it.
    fn interpreters(&self) -> Vec<InterpreterReport> {
        let mut reports = Vec::new();
        for InterpreterStep { operation, plugin, fault, .. } in &self.interpreted {
            let report = InterpreterReport {
                operation: *operation,
                plugin: plugin.as_deref().map(str::to_owned),
                fault: fault.as_ref().map(Fault::to_string),
            };
            if !reports.contains(&report) {
                reports.push(report);
            }
        }
        reports
    }

    /// Every reason against each cluster, in the order of steps.
    fn reasons(&self) -> BTreeMap<Place, Vec<Reason>> {
        let mut reasons = Reasons::default();
        let Some(attempt) = self.placed.attempts.last() else {
            self.placed.filters.iter().for_each(|step| reasons.refused(step));
            return reasons.0;
        };
        attempt.tiers.iter().for_each(|step| reasons.refused(step));
        // What is in one of the tiers is in the group.
        if attempt.tiers.len() > 1 {
            let refused = |place: &Place, step: &FilterStep| {
                step.answer.outcome.as_ref().is_ok_and(|refused| refused.places.contains(*place as usize))
            };
            reasons.0.retain(|place, _| attempt.tiers.iter().all(|step| refused(place, step)));
        }
        self.placed.filters.iter().for_each(|step| reasons.refused(step));
        if let Some(step) = &attempt.selector
            && let Ok(choice) = &step.answer.outcome
        {
            for refusal in &choice.refused {
                for place in &refusal.clusters {
                    reasons.add(attempt.outer(*place), step, &refusal.reason);
                }
            }
            let chosen: BTreeSet<Place> = attempt.chosen().collect();
            for place in attempt.passed().filter(|place| !chosen.contains(place)) {
                if !reasons.0.contains_key(&place) {
                    reasons.add(place, step, "not chosen");
                }
            }
        }
        if let Some(step) = &attempt.assigner
            && step.answer.outcome.is_ok()
        {
            for place in attempt.chosen().filter(|place| !self.placed.clusters.contains_key(place)) {
                reasons.add(place, step, "gets none of the replicas");
            }
        }
        reasons.0
    }
}

#[derive(Default)]
struct Reasons(BTreeMap<Place, Vec<Reason>>);

impl Reasons {
    fn refused(&mut self, step: &FilterStep) {
        let refusals = step.answer.outcome.as_ref().map_or(&[][..], |refused| &refused.refusals);
        for refusal in refusals {
            refusal.clusters.iter().for_each(|place| self.add(*place, step, &refusal.reason));
        }
    }

    fn add<T: StageAnswer>(&mut self, place: Place, Step { call, .. }: &Step<T>, reason: &str) {
        let (plugin, field, reason) = (call.call.name.clone(), call.call.field.clone(), reason.to_owned());
        let reason = Reason { stage: Some(T::STAGE), plugin, field, reason };
        self.0.entry(place).or_default().push(reason);
    }
}

/// What every plugin of a stage said of a cluster.
fn said<T: Copy>(attempt: &Attempt, steps: &[Step<PerCluster<T>>], place: Place) -> Vec<Said<T>>
where
    PerCluster<T>: StageAnswer,
{
    let said = steps.iter().filter_map(|Step { call, answer }| {
        let value = *attempt.of_passed(&answer.outcome.as_ref().ok()?.0, place)?;
        Some(Said { plugin: call.call.name.clone(), field: call.call.field.clone(), value })
    });
    said.collect()
}

fn group_report(attempt: &Attempt) -> GroupReport {
    let why = match &attempt.misfit {
        Some(Misfit::Unschedulable { plugin, why, .. }) => format!("`{plugin}`: {why}"),
        Some(Misfit::Fault) => "a plugin gave no answer".into(),
        Some(Misfit::NoneFits) | None => "no cluster of it is left".into(),
    };
    GroupReport { group: attempt.group.clone().unwrap_or_default(), why }
}

fn step_report(told: Told<'_>) -> StepReport {
    let Told { stage, call, fault } = told;
    StepReport {
        stage,
        plugin: call.name.clone(),
        field: call.field.clone(),
        fault: fault.map(Fault::to_string),
    }
}

fn rule_report(step: &RuleStep, fleet: &Fleet, values: bool) -> RuleReport {
    let RuleStep { policy, rule, targets, target: _, overriders } = step;
    RuleReport {
        policy: policy.reference.clone(),
        rule: *rule,
        targets: names(fleet, targets),
        fault: step.untold().map(Fault::to_string),
        overriders: overriders.iter().map(|step| overrider_report(step, fleet, values)).collect(),
    }
}

fn overrider_report(step: &OverriderStep, fleet: &Fleet, values: bool) -> OverriderReport {
    let OverriderStep { call, answer, changed, failed } = step;
    let amendments = answer.outcome.as_ref().map_or(&[][..], Vec::as_slice);
    OverriderReport {
        plugin: call.call.name.clone(),
        field: call.call.field.clone(),
        patches: (amendments.iter())
            .filter_map(|Amendment { clusters, patch, warnings }| {
                // A patch that is there to say something else changes nothing.
                let patch = patch.as_ref().ok().filter(|patch| !patch.is_empty() || warnings.is_empty())?;
                let patch = match (values, call.custom) {
                    (true, _) => patch.to_string(),
                    (false, false) => patch.shown(false),
                    // The paths are the plugin's words too.
                    (false, true) => format!("{} operations; {WITHHELD}", patch.len()),
                };
                Some(PatchReport { clusters: names(fleet, clusters), patch })
            })
            .collect(),
        changed: names(fleet, changed),
        failed: (failed.iter())
            .map(|Failure { clusters, why, blame: _ }| FailureReport {
                clusters: names(fleet, clusters),
                why: why.clone(),
            })
            .collect(),
        warnings: step
            .warnings()
            .map(|(clusters, text)| WarningReport { clusters: names(fleet, clusters), text: text.into() })
            .collect(),
        fault: answer.outcome.as_ref().err().map(Fault::to_string),
    }
}

/// The names of places.
pub(crate) fn names(fleet: &Fleet, places: &[Place]) -> Vec<String> {
    places.iter().map(|place| fleet.name(*place).to_owned()).collect()
}

impl std::fmt::Display for Hold {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list =
            |policies: &[PolicyRef]| policies.iter().map(PolicyRef::to_string).collect::<Vec<_>>().join(", ");
        match self {
            Self::Unclaimed => write!(to, "no policy selects it"),
            Self::ClaimedBy(by) => write!(to, "its label says that `{by}` looks after it"),
            Self::BrokenPolicies(policies) => {
                write!(to, "{} might apply to it and can't be used", list(policies))
            }
            Self::UnreadPolicies(policies) => {
                write!(
                    to,
                    "{} decided about it last time and may stand in what could not be read",
                    list(policies)
                )
            }
            Self::WaitsFor(policies) => write!(to, "its policy waits for {}", policies.join(", ")),
            Self::Suspended => write!(to, "its policy suspends delivery"),
            Self::Fault => write!(to, "a plugin gave no answer"),
            Self::Unschedulable { plugin, field: _, why } => write!(to, "`{plugin}`: {why}"),
            Self::WouldVanish => {
                write!(
                    to,
                    "no cluster fits any more, and nobody is known to have changed its policy for that; --allow-empty takes it away"
                )
            }
            Self::TooLarge(bytes) => {
                write!(to, "it has {bytes} bytes; at most {} travel", crate::guard::MAX_OBJECT_BYTES)
            }
            Self::Defect(text) => write!(to, "Portolan itself failed, please report it: {text}"),
        }
    }
}
