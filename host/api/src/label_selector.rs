//! Kubernetes label selectors, as the API server understands them.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `matchLabels` and `matchExpressions`, all of which must hold. One without any requirement matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelSelector {
    /// Keys that must have exactly these values.
    #[serde(
        default,
        deserialize_with = "crate::resource::null_as_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements.
    #[serde(
        default,
        deserialize_with = "crate::resource::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub match_expressions: Vec<LabelRequirement>,
}

/// One requirement on one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelRequirement {
    /// The label's key.
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`; other text is kept, and found wrong by [`LabelSelector::check`].
    pub operator: String,
    /// For `In` and `NotIn`.
    #[serde(
        default,
        deserialize_with = "crate::resource::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub values: Vec<String>,
}

/// How a requirement looks at a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The label is there with one of the values.
    In,
    /// The label is not there, or has none of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
}

/// What is wrong with a label selector, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadSelector {
    /// Where, from the selector on, such as `matchExpressions[0].operator`.
    pub field: String,
    /// What is wrong and what would be valid.
    pub message: String,
}

impl LabelSelector {
    /// Whether the API server would take this selector.
    pub fn check(&self) -> Result<(), BadSelector> {
        for (key, value) in &self.match_labels {
            let field = || format!("matchLabels.{key}");
            label_key(key).map_err(|message| BadSelector { field: field(), message })?;
            label_value(value).map_err(|message| BadSelector { field: field(), message })?;
        }
        for (at, requirement) in self.match_expressions.iter().enumerate() {
            requirement.check(&format!("matchExpressions[{at}]"))?;
        }
        Ok(())
    }

    /// Whether labels meet every requirement. A selector that [`check`](Self::check) refuses matches nothing.
    pub fn matches<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.check().is_ok() && self.matches_checked(label)
    }

    /// The same for a selector that was checked before.
    pub fn matches_checked<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.match_labels.iter().all(|(key, value)| label(key) == Some(value.as_str()))
            && self.match_expressions.iter().all(|requirement| requirement.holds(label(&requirement.key)))
    }
}

impl LabelRequirement {
    /// The operator, where it is one.
    pub fn operator(&self) -> Option<Operator> {
        match self.operator.as_str() {
            "In" => Some(Operator::In),
            "NotIn" => Some(Operator::NotIn),
            "Exists" => Some(Operator::Exists),
            "DoesNotExist" => Some(Operator::DoesNotExist),
            _ => None,
        }
    }

    fn holds(&self, label: Option<&str>) -> bool {
        let listed = |label: &str| self.values.iter().any(|value| value == label);
        match self.operator() {
            Some(Operator::In) => label.is_some_and(listed),
            Some(Operator::NotIn) => !label.is_some_and(listed),
            Some(Operator::Exists) => label.is_some(),
            Some(Operator::DoesNotExist) => label.is_none(),
            None => false,
        }
    }

    fn check(&self, field: &str) -> Result<(), BadSelector> {
        let wrong =
            |part: &str, message: String| Err(BadSelector { field: format!("{field}.{part}"), message });
        if let Err(message) = label_key(&self.key) {
            return wrong("key", message);
        }
        match (self.operator(), self.values.is_empty()) {
            (None, _) => wrong(
                "operator",
                format!("`{}` is no operator; valid: In, NotIn, Exists, DoesNotExist", self.operator),
            ),
            (Some(Operator::In | Operator::NotIn), true) => {
                wrong("values", format!("{} needs at least one value", self.operator))
            }
            (Some(Operator::Exists | Operator::DoesNotExist), false) => {
                wrong("values", format!("{} takes no values", self.operator))
            }
            _ => self.values.iter().enumerate().try_for_each(|(at, value)| {
                label_value(value)
                    .map_err(|message| BadSelector { field: format!("{field}.values[{at}]"), message })
            }),
        }
    }
}

/// `env=prod,tier in (a,b)`: the way kubectl writes selectors.
impl fmt::Display for LabelSelector {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.match_labels.iter().map(|(key, value)| format!("{key}={value}"));
        let expressions = self.match_expressions.iter().map(|requirement| {
            let LabelRequirement { key, operator, values } = requirement;
            match requirement.operator() {
                Some(Operator::In) => format!("{key} in ({})", values.join(",")),
                Some(Operator::NotIn) => format!("{key} notin ({})", values.join(",")),
                Some(Operator::Exists) => key.clone(),
                Some(Operator::DoesNotExist) => format!("!{key}"),
                None => format!("{key} {operator} ({})", values.join(",")),
            }
        });
        to.write_str(&labels.chain(expressions).collect::<Vec<_>>().join(","))
    }
}

/// A label's key: a name of at most 63 characters, before it optionally a DNS subdomain and a slash.
fn label_key(key: &str) -> Result<(), String> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let prefix_fits = prefix.is_none_or(|prefix| {
        (1..=253).contains(&prefix.len())
            && prefix.split('.').all(|part| {
                let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                !part.is_empty() && part.chars().all(inner) && !part.starts_with('-') && !part.ends_with('-')
            })
    });
    if prefix_fits && (1..=63).contains(&name.len()) && qualified(name) {
        Ok(())
    } else {
        Err(format!(
            "`{key}` is no label key; valid: up to 63 of A-Z a-z 0-9 - _ . that begin and end with a letter or \
             digit, before them optionally a DNS name and a slash"
        ))
    }
}

/// A label's value: empty, or at most 63 characters.
fn label_value(value: &str) -> Result<(), String> {
    if value.is_empty() || (value.len() <= 63 && qualified(value)) {
        Ok(())
    } else {
        Err(format!(
            "`{value}` is no label value; valid: empty, or up to 63 of A-Z a-z 0-9 - _ . that begin and end with a \
             letter or digit"
        ))
    }
}

fn qualified(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let outer = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    name.chars().all(inner) && outer(name.chars().next()) && outer(name.chars().next_back())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selector(value: serde_json::Value) -> LabelSelector {
        serde_json::from_value(value).expect("the test's selector")
    }

    fn prod(key: &str) -> Option<&'static str> {
        (key == "env").then_some("prod")
    }

    #[test]
    fn every_requirement_must_hold() {
        for (value, expected) in [
            (json!({}), true),
            (json!({"matchLabels": {"env": "prod"}}), true),
            (json!({"matchLabels": {"env": "dev"}}), false),
            (
                json!({"matchExpressions": [{"key": "env", "operator": "In", "values": ["dev", "prod"]}]}),
                true,
            ),
            (json!({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["a"]}]}), true),
            (json!({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}), false),
            (json!({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}), true),
        ] {
            assert_eq!(selector(value.clone()).matches(prod), expected, "{value}");
        }
    }

    #[test]
    fn a_selector_that_admission_refuses_matches_nothing_and_says_why() {
        for (value, field) in [
            (json!({"matchLabels": {"a b": "c"}}), "matchLabels.a b"),
            (json!({"matchLabels": {"a": "-"}}), "matchLabels.a"),
            (
                json!({"matchExpressions": [{"key": "env", "operator": "Gt", "values": ["1"]}]}),
                "matchExpressions[0].operator",
            ),
            (json!({"matchExpressions": [{"key": "env", "operator": "In"}]}), "matchExpressions[0].values"),
            (
                json!({"matchExpressions": [{"key": "env", "operator": "Exists", "values": ["x"]}]}),
                "matchExpressions[0].values",
            ),
        ] {
            let selector = selector(value);
            assert!(!selector.matches(prod));
            assert_eq!(selector.check().expect_err("refused").field, field);
        }
    }
}
