//! Who is asked again gives the same answer.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::property::{Breach, Subject, breach, unequal};
use crate::scene::Scene;

pub(super) fn breaches(scene: &Scene, subjects: &[Subject<'_>]) -> Vec<Breach> {
    let world = scene.world();
    let mut found = Vec::new();
    for (template, previous) in subjects {
        let (decision, first) = scene.answer(&world, template, previous);
        // What stays as it was has no answer that could come again.
        if decision.hold.is_some() {
            continue;
        }
        let (_, again) = scene.answer(&world, template, &first.previous(&decision));
        if let Some(held) = &again.report.held {
            let text = format!("asked again with the answer as what was before, everything stays: {held}");
            found.push(breach(&template.key, text, Vec::new()));
            continue;
        }
        let text = "asked again with the answer as what was before, the answer is another one".into();
        found.extend(unequal(template, text, &lasting(&first), &lasting(&again)));
    }
    found
}

/// What must not change from one time to the next. Reasons may: a cluster where the object is already need not tolerate
/// a taint, for one.
fn lasting(answer: &Answer) -> Value {
    // What leaves the first time is gone the second.
    json!({"on": answer.on(), "objects": answer.objects})
}
