//! Overrides run over what came of them: whoever tests policies wants to know whether that changes anything.

use std::sync::Arc;

use serde_json::Value;

use crate::decision::Decision;
use crate::fleet::{Place, places};
use crate::overriding::{self, Group, RuleStep};
use crate::world::World;

/// What a second run of the overrides made of an object.
pub struct OverriddenAgain {
    /// Which clusters; ascending.
    pub clusters: Vec<Place>,
    /// The object after the first run.
    pub before: Arc<Value>,
    /// The object after the second; none where that failed.
    pub after: Option<Arc<Value>>,
    /// Each rule of the second run.
    pub steps: Vec<RuleStep>,
}

/// Runs all overrides of a decision over each object that it delivers, as if that were what comes before them. The
/// template that plugins see stays the same. Nothing is delivered of it.
pub fn overridden_again(world: &World, decision: &Decision) -> Vec<OverriddenAgain> {
    let template = &decision.template;
    let policies = world.overridden_by(template);
    let request = &decision.request;
    let mut found = Vec::new();
    for delivery in &decision.deliveries {
        let mut selected = world.fleet().none();
        selected.extend(delivery.clusters.iter().map(|place| *place as usize));
        let before = Arc::clone(&delivery.object);
        let groups = vec![Group { clusters: selected, object: Arc::clone(&before), applied: Vec::new() }];
        let again = overriding::run(world, template, request, &policies, groups);
        for group in again.groups {
            found.push(OverriddenAgain {
                clusters: places(&group.clusters),
                before: Arc::clone(&before),
                after: Some(group.object),
                steps: again.steps.clone(),
            });
        }
        if !again.failed.is_clear() {
            let clusters = places(&again.failed);
            found.push(OverriddenAgain { clusters, before, after: None, steps: again.steps });
        }
    }
    found
}
