use portolan_plugin::{Fault, Operation, Questions, Retain};
use serde_json::{Map, Value};

use crate::Flux;
use crate::kinds::of_template;

impl Retain for Flux {
    /// Whoever suspends a reconciliation on the member means it. For the kinds that the reference does not know nothing
    /// is retained, as it does.
    fn retain(questions: &dyn Questions) -> Result<Vec<Operation>, Fault> {
        if of_template(questions).reflected.is_none() {
            return Ok(Vec::new());
        }
        let Some(suspend) = questions.observed_get("/spec/suspend") else { return Ok(Vec::new()) };
        let mut patch = Vec::new();
        if questions.template_get("/spec").is_none() {
            patch.push(Operation::Add { at: "/spec".to_owned(), value: Value::Object(Map::new()) });
        }
        patch.push(Operation::Add { at: "/spec/suspend".to_owned(), value: suspend });
        Ok(patch)
    }
}
