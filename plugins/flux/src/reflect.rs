use portolan_plugin::{Fault, Questions, Reflect};
use serde_json::{Map, Value};

use crate::Flux;
use crate::kinds::of_observed;

impl Reflect for Flux {
    /// The fields of the table, and by which generations they came about.
    fn reflect(questions: &dyn Questions) -> Result<Option<Value>, Fault> {
        let Some(status) = questions.observed_get("/status").filter(|status| !status.is_null()) else {
            return Ok(None);
        };
        let Some(fields) = of_observed(questions).reflected else { return Ok(Some(status)) };
        let mut reflected = Map::new();
        for field in fields {
            let there = status.get(*field).filter(|value| !value.is_null());
            reflected.extend(there.map(|value| ((*field).to_owned(), value.clone())));
        }
        let generation = questions.observed_get("/metadata/generation");
        reflected.extend(generation.map(|generation| ("generation".to_owned(), generation)));
        let annotation = "/metadata/annotations/resourcetemplate.karmada.io~1generation";
        let of_template = questions.observed_get(annotation);
        let of_template = of_template.and_then(|text| text.as_str()?.parse::<i64>().ok());
        reflected.extend(of_template.map(|number| ("resourceTemplateGeneration".to_owned(), number.into())));
        Ok(Some(Value::Object(reflected)))
    }
}
