use std::fmt;

use serde::{Deserialize, Serialize};

/// One entry of `matchExpressions`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// What is looked at.
    pub key: String,
    /// How. Kept as text: one that does not exist matches no cluster, which is a refusal and no fault.
    pub operator: String,
    /// With what it is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
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
