//! A decision as people and programs read it: for every cluster why or why not, and what each overrider changed.

use std::collections::BTreeMap;

use portolan_api::{ObjectKey, PolicyRef};
use serde::{Deserialize, Serialize};

use crate::decision::{Decision, FilterStep, Hold};
use crate::fault::{Blame, Fault};
use crate::fleet::{Fleet, Place};
use crate::overriding::{OverriderStep, RuleStep};
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
    /// Every filter that was asked, in order.
    pub filters: Vec<FilterReport>,
    /// Every cluster on offer.
    pub clusters: Vec<ClusterReport>,
    /// Every rule of every override policy that selects the template.
    pub rules: Vec<RuleReport>,
}

/// One filter that was asked about all clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FilterReport {
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

/// Where a patch could not be applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureReport {
    /// On which clusters.
    pub clusters: Vec<String>,
    /// Why.
    pub why: String,
}

/// Something about a template that somebody should look after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Whose turn it is.
    pub blame: Blame,
    /// The policy that it is about; none where it is about the template alone.
    pub policy: Option<PolicyRef>,
    /// The field of that policy, "" for the whole.
    pub field: String,
    /// What is wrong, naming the template, the policy, the field and the plugin.
    pub text: String,
}

impl Decision {
    /// The whole story.
    pub fn report(&self, fleet: &Fleet) -> Report {
        let mut reasons = self.reasons();
        let mut held: BTreeMap<Place, String> = BTreeMap::new();
        for (clusters, why) in &self.held {
            held.extend(clusters.iter().map(|place| (*place, why.clone())));
        }
        let clusters = fleet.clusters().iter().zip(0..).map(|(cluster, place)| {
            let mut reasons = reasons.remove(&place).unwrap_or_default();
            let selected = self.selected.binary_search(&place).is_ok();
            if let Some(why) = held.remove(&place) {
                reasons.push(Reason { plugin: "portolan".into(), field: String::new(), reason: why });
                return ClusterReport { cluster: cluster.name.clone(), verdict: Verdict::Held, reasons };
            }
            let verdict = match (&self.hold, selected) {
                (Some(_), _) if reasons.is_empty() => Verdict::Held,
                (None, true) => Verdict::Selected,
                _ => Verdict::Refused,
            };
            ClusterReport { cluster: cluster.name.clone(), verdict, reasons }
        });
        Report {
            template: self.template.key.clone(),
            policy: self.policy.as_ref().map(|policy| policy.reference.clone()),
            held: self.hold.as_ref().map(Hold::to_string),
            filters: self.filters.iter().map(filter_report).collect(),
            clusters: clusters.collect(),
            rules: (self.rules.iter())
                .map(|step| rule_report(step, fleet, !self.template.is_secret()))
                .collect(),
        }
    }

    /// Everything that somebody should look after, in the order of steps.
    pub fn troubles(&self, fleet: &Fleet) -> Vec<Trouble> {
        let template = &self.template.key;
        let mut troubles = Vec::new();
        if let Some(policy) = &self.policy {
            for FilterStep { call, answer } in &self.filters {
                if let Err(fault) = &answer.outcome {
                    let call = &call.call;
                    troubles.push(Trouble {
                        blame: fault.blame(),
                        policy: Some(policy.reference.clone()),
                        field: call.field.clone(),
                        text: format!(
                            "{template}: {} {}: filter `{}`: {fault}{}",
                            policy.reference,
                            call.field,
                            call.name,
                            if fault.blame() == Blame::Decision { "" } else { "; it stays as it was" }
                        ),
                    });
                }
            }
        }
        for step in &self.rules {
            troubles.extend(rule_troubles(template, step, fleet));
        }
        let blame = match &self.hold {
            Some(Hold::BrokenPolicies(_) | Hold::UnreadPolicies(_) | Hold::TooLarge(_)) => Some(Blame::User),
            Some(Hold::Defect(_)) => Some(Blame::Plugin),
            Some(Hold::WaitsFor(_) | Hold::WouldVanish | Hold::ClaimedBy(_) | Hold::Suspended) => {
                Some(Blame::Decision)
            }
            None | Some(Hold::Unclaimed | Hold::Fault) => None,
        };
        if let (Some(blame), Some(hold)) = (blame, &self.hold) {
            let text = format!("{template}: {hold}; it stays as it was");
            troubles.push(Trouble { blame, policy: None, field: String::new(), text });
        }
        troubles
    }

    fn reasons(&self) -> BTreeMap<Place, Vec<Reason>> {
        let mut reasons = BTreeMap::<Place, Vec<Reason>>::new();
        for FilterStep { call, answer } in &self.filters {
            let (plugin, field) = (&call.call.name, &call.call.field);
            let refusals = answer.outcome.as_ref().map_or(&[][..], |refused| &refused.refusals);
            for refusal in refusals {
                for place in &refusal.clusters {
                    let (plugin, field, reason) = (plugin.clone(), field.clone(), refusal.reason.clone());
                    reasons.entry(*place).or_default().push(Reason { plugin, field, reason });
                }
            }
        }
        reasons
    }
}

fn filter_report(step: &FilterStep) -> FilterReport {
    let FilterStep { call, answer } = step;
    FilterReport {
        plugin: call.call.name.clone(),
        field: call.call.field.clone(),
        fault: answer.outcome.as_ref().err().map(Fault::to_string),
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
            .map(|amendment| PatchReport {
                clusters: names(fleet, &amendment.clusters),
                patch: match (values, call.custom) {
                    (true, _) => amendment.patch.to_string(),
                    (false, false) => amendment.patch.shown(false),
                    // The paths are the plugin's words too.
                    (false, true) => format!("{} operations; {WITHHELD}", amendment.patch.len()),
                },
            })
            .collect(),
        changed: names(fleet, changed),
        failed: (failed.iter())
            .map(|(clusters, why)| FailureReport { clusters: names(fleet, clusters), why: why.clone() })
            .collect(),
        fault: answer.outcome.as_ref().err().map(Fault::to_string),
    }
}

fn rule_troubles(template: &ObjectKey, step: &RuleStep, fleet: &Fleet) -> Vec<Trouble> {
    let policy = &step.policy.reference;
    let trouble = |blame, field: &str, text: String| Trouble {
        blame,
        policy: Some(policy.clone()),
        field: field.into(),
        text,
    };
    let mut troubles = Vec::new();
    if let (Some(fault), Some(target)) = (step.untold(), &step.policy.rules[step.rule].target) {
        let (field, plugin) = (&target.call.field, &target.call.name);
        let text = format!("{template}: {policy} {field}: filter `{plugin}`: {fault}; it stays as it was");
        troubles.push(trouble(fault.blame(), field, text));
    }
    for OverriderStep { call, answer, changed: _, failed } in &step.overriders {
        let (field, plugin) = (&call.call.field, &call.call.name);
        if let Err(fault) = &answer.outcome {
            let on = names(fleet, &step.targets).join(", ");
            let text = format!(
                "{template}: {policy} {field}: overrider `{plugin}`: {fault}; it stays as it was on {on}"
            );
            troubles.push(trouble(fault.blame(), field, text));
        }
        for (clusters, why) in failed {
            let on = names(fleet, clusters).join(", ");
            let text = format!(
                "{template}: {policy} {field}: overrider `{plugin}`: {why}; it stays as it was on {on}"
            );
            // What a typed field asks for is the user's own words; a custom plugin's patch is the plugin's.
            let blame = if call.custom { Blame::Plugin } else { Blame::User };
            troubles.push(trouble(blame, field, text));
        }
    }
    troubles
}

fn names(fleet: &Fleet, places: &[Place]) -> Vec<String> {
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
            Self::Fault => write!(to, "a filter gave no answer"),
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
