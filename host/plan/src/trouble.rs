//! What about a decision somebody should look after.

use portolan_api::{ObjectKey, PolicyRef};

use crate::decision::{Decision, Hold, InterpreterStep};
use crate::fault::Blame;
use crate::fleet::Fleet;
use crate::overriding::{Failure, OverriderStep, RuleStep};
use crate::placed::Told;
use crate::report::names;

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
    /// Everything that somebody should look after, in the order of steps.
    pub fn troubles(&self, fleet: &Fleet) -> Vec<Trouble> {
        let template = &self.template.key;
        let mut troubles = Vec::new();
        for InterpreterStep { operation, plugin, fault, .. } in &self.interpreted {
            let Some(fault) = fault else { continue };
            let who = plugin.as_ref().map(|plugin| format!("interpreter `{plugin}`: ")).unwrap_or_default();
            troubles.push(Trouble {
                blame: fault.blame(),
                policy: None,
                field: String::new(),
                text: format!("{template}: {operation}: {who}{fault}; it stays as it was"),
            });
        }
        if let Some(policy) = &self.policy {
            for Told { stage, call, fault } in
                self.placed.told().into_iter().chain(self.placed.told_of_weights())
            {
                let Some(fault) = fault else { continue };
                let stays = matches!(self.hold, Some(Hold::Fault | Hold::Unschedulable { .. }));
                let result = if stays { "; it stays as it was" } else { "" };
                troubles.push(Trouble {
                    blame: fault.blame(),
                    policy: Some(policy.reference.clone()),
                    field: call.field.clone(),
                    text: format!(
                        "{template}: {} {}: {stage} `{}`: {fault}{result}",
                        policy.reference, call.field, call.name
                    ),
                });
            }
        }
        // What plan makes of an answer is no fault of a plugin's, which would have said so above.
        if let (Some(Hold::Unschedulable { plugin, field, why }), Some(policy), true) =
            (&self.hold, &self.policy, troubles.is_empty())
        {
            let policy = &policy.reference;
            troubles.push(Trouble {
                blame: Blame::Decision,
                policy: Some(policy.clone()),
                field: field.clone(),
                text: format!("{template}: {policy} {field}: `{plugin}`: {why}; it stays as it was"),
            });
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
            // The plugin's own words say it.
            None | Some(Hold::Unclaimed | Hold::Fault | Hold::Unschedulable { .. }) => None,
        };
        if let (Some(blame), Some(hold)) = (blame, &self.hold) {
            let text = format!("{template}: {hold}; it stays as it was");
            troubles.push(Trouble { blame, policy: None, field: String::new(), text });
        }
        troubles
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
    for overrider in &step.overriders {
        let OverriderStep { call, answer, changed: _, failed } = overrider;
        let (field, plugin) = (&call.call.field, &call.call.name);
        if let Err(fault) = &answer.outcome {
            let on = names(fleet, &step.targets).join(", ");
            let text = format!(
                "{template}: {policy} {field}: overrider `{plugin}`: {fault}; it stays as it was on {on}"
            );
            troubles.push(trouble(fault.blame(), field, text));
        }
        for Failure { clusters, why, blame } in failed {
            let on = names(fleet, clusters).join(", ");
            let text = format!(
                "{template}: {policy} {field}: overrider `{plugin}`: {why}; it stays as it was on {on}"
            );
            troubles.push(trouble(*blame, field, text));
        }
        for (clusters, warning) in overrider.warnings() {
            let on = names(fleet, clusters).join(", ");
            let text = format!("{template}: {policy} {field}: overrider `{plugin}`: {warning} (on {on})");
            troubles.push(trouble(Blame::Decision, field, text));
        }
    }
    troubles
}
