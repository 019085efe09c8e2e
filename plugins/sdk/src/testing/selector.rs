use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A Kubernetes LabelSelector, near enough to the host's for tests; the host's is the one that counts.
pub(super) struct Selector(Vec<Requirement>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    match_labels: BTreeMap<String, String>,
    #[serde(default)]
    match_expressions: Vec<Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

impl Selector {
    /// The selector, or what is wrong with it.
    pub(super) fn read(selector: &Value) -> Result<Self, String> {
        let Written { match_labels, match_expressions } =
            Written::deserialize(selector).map_err(|error| error.to_string())?;
        let equal = |(key, value)| Requirement { key, operator: "In".to_owned(), values: vec![value] };
        let requirements: Vec<_> = match_labels.into_iter().map(equal).chain(match_expressions).collect();
        requirements.iter().try_for_each(Requirement::check)?;
        Ok(Self(requirements))
    }

    pub(super) fn matches(&self, labels: &Value) -> bool {
        self.0.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement {
    fn check(&self) -> Result<(), String> {
        let Self { key, operator, values } = self;
        let name = key.split_once('/').map_or(key.as_str(), |(_, name)| name);
        if name.is_empty() || !is_name(name) {
            return Err(format!("{key:?} is no label key"));
        }
        if let Some(value) = values.iter().find(|value| !is_name(value)) {
            return Err(format!("{value:?} is no label value"));
        }
        match (operator.as_str(), values.is_empty()) {
            ("In" | "NotIn", false) | ("Exists" | "DoesNotExist", true) => Ok(()),
            ("In" | "NotIn", true) => Err(format!("{operator} needs values")),
            ("Exists" | "DoesNotExist", false) => Err(format!("{operator} takes no values")),
            _ => Err(format!("{operator:?} is none of In, NotIn, Exists, DoesNotExist")),
        }
    }

    fn matches(&self, labels: &Value) -> bool {
        let value = labels.get(&self.key).and_then(Value::as_str);
        let listed = value.is_some_and(|value| self.values.iter().any(|one| one == value));
        match self.operator.as_str() {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => value.is_some(),
            _ => value.is_none(),
        }
    }
}

fn is_name(text: &str) -> bool {
    let end = |byte: &u8| byte.is_ascii_alphanumeric();
    let middle = |byte: &u8| end(byte) || matches!(byte, b'-' | b'_' | b'.');
    let bytes = text.as_bytes();
    bytes.len() < 64
        && bytes.iter().all(middle)
        && bytes.first().is_none_or(end)
        && bytes.last().is_none_or(end)
}

#[cfg(test)]
mod tests {
    use super::Selector;
    use serde_json::{Value, json};

    fn matches(selector: Value, labels: Value) -> Result<bool, String> {
        Selector::read(&selector).map(|selector| selector.matches(&labels))
    }

    fn expression(operator: &str, values: Value) -> Value {
        json!({"matchExpressions": [{"key": "env", "operator": operator, "values": values}]})
    }

    #[test]
    fn requirements_are_held_as_kubernetes_holds_them() {
        let (prod, none) = (json!({"env": "prod"}), Value::Null);
        for (selector, on_prod, on_none) in [
            (json!({}), true, true),
            (json!({"matchLabels": {"env": "prod"}}), true, false),
            (json!({"matchLabels": {"env": "dev"}}), false, false),
            (expression("In", json!(["dev", "prod"])), true, false),
            (expression("NotIn", json!(["dev"])), true, true),
            (expression("NotIn", json!(["prod"])), false, true),
            (expression("Exists", json!([])), true, false),
            (expression("DoesNotExist", json!([])), false, true),
        ] {
            assert_eq!(matches(selector.clone(), prod.clone()), Ok(on_prod), "{selector}");
            assert_eq!(matches(selector.clone(), none.clone()), Ok(on_none), "{selector}");
        }
    }

    #[test]
    fn what_kubernetes_would_not_take_is_an_error() {
        for selector in [
            expression("In", json!([])),
            expression("Exists", json!(["x"])),
            expression("Gt", json!(["1"])),
            json!({"matchLabels": {"bad key!": "x"}}),
            json!({"matchLabels": {"env": "bad value!"}}),
            json!({"matchLabel": {"env": "prod"}}),
        ] {
            assert!(matches(selector.clone(), Value::Null).is_err(), "{selector}");
        }
    }
}
