use portolan_plugin::{Fault, Health, Questions, State};
use serde_json::Value;

use crate::Flux;
use crate::kinds::of_observed;

impl Health for Flux {
    /// Ready is what a controller says of itself. The old kinds are healthy with the reasons that the reference knows;
    /// the current ones have many more, so what counts there is that it is said of the object as it is.
    fn health(questions: &dyn Questions) -> Result<State, Fault> {
        let conditions = questions.observed_get("/status/conditions").unwrap_or_default();
        let said = |condition: &Value, field: &str, text: &str| {
            condition.get(field).and_then(Value::as_str) == Some(text)
        };
        let ready =
            |condition: &&Value| said(condition, "type", "Ready") && said(condition, "status", "True");
        let mut ready = conditions.as_array().into_iter().flatten().filter(ready);
        Ok(State::healthy_if(match of_observed(questions).reasons {
            Some(reasons) => {
                ready.any(|condition| reasons.iter().any(|reason| said(condition, "reason", reason)))
            }
            None => {
                let seen = questions.observed_get("/status/observedGeneration");
                let generation = questions.observed_get("/metadata/generation");
                ready.next().is_some() && generation.is_some() && seen == generation
            }
        }))
    }
}
