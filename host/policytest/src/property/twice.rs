//! Overrides that run over what came of them change nothing more.

use portolan_plan::{OverriddenAgain, RuleStep, World, overridden_again};
use serde_json::Value;

use crate::property::{Breach, Subject, unequal};
use crate::scene::Scene;

pub(super) fn breaches(scene: &Scene, subjects: &[Subject<'_>]) -> Vec<Breach> {
    let world = scene.world();
    let mut found = Vec::new();
    for (template, previous) in subjects {
        let (decision, _) = scene.answer(&world, template, previous);
        for OverriddenAgain { clusters, before, after, steps } in overridden_again(&world, &decision) {
            let nothing = Value::Null;
            let after = after.as_deref().unwrap_or(&nothing);
            let names: Vec<&str> = clusters.iter().map(|place| world.fleet().name(*place)).collect();
            let text = format!("on {} {} once more", names.join(", "), who(&world, &steps));
            // One example is enough: the other clusters' objects mostly differ for the same reason.
            if let Some(breach) = unequal(template, text, &before, after) {
                found.push(breach);
                break;
            }
        }
    }
    found
}

/// Whoever changed something the second time.
fn who(world: &World, steps: &[RuleStep]) -> String {
    let mut names = Vec::new();
    for step in steps {
        let policy = &step.policy.reference;
        for overrider in &step.overriders {
            let call = &overrider.call.call;
            if !overrider.changed.is_empty() {
                names.push(format!("{policy} {} ({}) changes it", call.field, call.name));
            } else if !overrider.failed.is_empty() || overrider.answer.outcome.is_err() {
                names.push(format!("{policy} {} ({}) fails", call.field, call.name));
            }
        }
        if step.untold().is_some() && step.targets.is_empty() && world.fleet().size() > 0 {
            names.push(format!("{policy} rule {} can't tell its clusters", step.rule));
        }
    }
    names.join(" and ")
}
