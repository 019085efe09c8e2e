use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One entry of `matchExpressions`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// What is looked at.
    pub key: String,
    /// How. Kept as text: one that does not exist matches no cluster, which is a refusal and no fault.
    pub operator: String,
    /// With what it is compared.
    pub values: Option<Vec<String>>,
}

impl Requirement {
    /// As the policy has it.
    pub(crate) fn to_json(&self) -> Value {
        let Self { key, operator, values } = self;
        let mut json = Map::new();
        json.insert("key".into(), key.as_str().into());
        json.insert("operator".into(), operator.as_str().into());
        if let Some(values) = values {
            json.insert("values".into(), values.as_slice().into());
        }
        json.into()
    }
}

/// In the words of the policy, so that it is found there: `region In [eu, us]`.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", quoted_if_empty(&self.key), quoted_if_empty(&self.operator))?;
        match self.values.as_deref().unwrap_or_default() {
            [] if matches!(self.operator.as_str(), "Exists" | "DoesNotExist") => Ok(()),
            values => write!(f, " [{}]", values.join(", ")),
        }
    }
}

fn quoted_if_empty(word: &str) -> &str {
    if word.is_empty() { "\"\"" } else { word }
}
