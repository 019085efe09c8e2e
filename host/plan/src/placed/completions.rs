//! What all replicas of a workload together have to finish, divided as they were.

use std::sync::Arc;

use super::{Placed, ask};
use crate::decision::Hold;
use crate::interpretation::Revision;
use crate::placing::Placing;
use crate::request::Request;
use crate::template::Template;
use crate::world::World;

impl Placed {
    /// Divides what all replicas together have to finish, as the replicas were divided.
    pub(crate) fn complete(
        &mut self,
        world: &World,
        placing: &Placing,
        template: &Template,
        request: &Arc<Request>,
        as_written: Revision,
    ) -> Result<(), Hold> {
        let divided = self.attempts.last().is_some_and(|attempt| attempt.assigner.is_some());
        let Some(call) = placing.completions.as_ref().filter(|_| divided) else { return Ok(()) };
        let mut to = world.fleet().none();
        to.extend(self.clusters.keys().map(|place| *place as usize));
        let offer = world.offer(&to);
        let asked = Arc::new(Request {
            replicas: as_written.completions,
            weights: self.clusters.values().map(|replicas| u64::from(replicas.unwrap_or_default())).collect(),
            seed: request.seed.clone(),
            ..Request::default()
        });
        let step = ask(call, &offer, template, &asked);
        let given = step.answer.outcome.as_ref().ok();
        let given = given.map(|given| offer.outers().zip(given.0.iter().copied()).collect());
        self.completions = Some(step);
        self.completed = given.ok_or(Hold::Fault)?;
        Ok(())
    }
}
