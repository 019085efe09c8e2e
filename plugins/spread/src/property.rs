use std::fmt;

use portolan_plugin::{Questions, pointer};
use serde_json::Value;

/// What clusters are grouped by. Where a policy names several, the first in this order selects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Property {
    Region,
    Zone,
    Provider,
    Label(String),
}

impl Property {
    /// Cluster by cluster, the group that it is in; none where it has nothing of the kind. A cluster in several zones
    /// counts for the first in its list: it can run in one at a time, and counted in each it might be a spread by itself.
    pub(crate) fn of_each(&self, questions: &dyn Questions) -> Vec<Option<String>> {
        let at = match self {
            Self::Region => "/spec/region".to_owned(),
            Self::Zone => "/spec/zones".to_owned(),
            Self::Provider => "/spec/provider".to_owned(),
            Self::Label(key) => format!("/metadata/labels/{}", pointer::escape(key)),
        };
        let column = questions.fleet_column(&at).into_iter();
        match self {
            // An empty label is a value like any other; an empty field is one that was left out.
            Self::Label(_) => column.map(text).collect(),
            Self::Zone => column.map(|zones| named(first(zones))).collect(),
            Self::Region | Self::Provider => column.map(named).collect(),
        }
    }

    /// What a cluster without a group lacks.
    pub(crate) fn missing(&self) -> String {
        match self {
            Self::Region => "it has no spec.region".to_owned(),
            Self::Zone => "it has no spec.zones".to_owned(),
            Self::Provider => "it has no spec.provider".to_owned(),
            Self::Label(key) => format!("it has no label {key}"),
        }
    }

    /// For one, and for any other number.
    pub(crate) fn groups(&self, number: usize) -> String {
        match (self, number) {
            (Self::Region, 1) => "1 region".to_owned(),
            (Self::Zone, 1) => "1 zone".to_owned(),
            (Self::Provider, 1) => "1 provider".to_owned(),
            (Self::Label(key), 1) => format!("1 value of {key}"),
            (Self::Region, _) => format!("{number} regions"),
            (Self::Zone, _) => format!("{number} zones"),
            (Self::Provider, _) => format!("{number} providers"),
            (Self::Label(key), _) => format!("{number} values of {key}"),
        }
    }
}

/// `region`, or `label rack`.
impl fmt::Display for Property {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region => to.write_str("region"),
            Self::Zone => to.write_str("zone"),
            Self::Provider => to.write_str("provider"),
            Self::Label(key) => write!(to, "label {key}"),
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn named(value: Value) -> Option<String> {
    text(value).filter(|text| !text.is_empty())
}

fn first(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().next().unwrap_or_default(),
        _ => Value::Null,
    }
}
