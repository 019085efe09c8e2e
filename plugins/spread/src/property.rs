use std::collections::BTreeMap;
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

/// Which cluster is in which group.
pub(crate) struct Groups {
    /// What the groups are called.
    pub(crate) names: Vec<String>,
    /// Cluster by cluster, the place of its group's name; none where it is in no group.
    pub(crate) of_each: Vec<Option<usize>>,
}

impl Property {
    /// Who has what in common. A cluster in several zones counts for the first in its list: counted in each it might be a
    /// spread by itself.
    pub(crate) fn groups(&self, questions: &dyn Questions) -> Groups {
        let at = match self {
            Self::Region => "/spec/region".to_owned(),
            Self::Zone => "/spec/zones".to_owned(),
            Self::Provider => "/spec/provider".to_owned(),
            Self::Label(key) => format!("/metadata/labels/{}", pointer::escape(key)),
        };
        let mut groups = Groups { names: Vec::new(), of_each: vec![None; questions.fleet_size() as usize] };
        let mut places = BTreeMap::new();
        for alike in questions.fleet_alike(&at) {
            let Some(&first) = alike.first() else { continue };
            let Some(name) = questions.fleet_get(first, &at).and_then(|value| self.name(value)) else {
                continue;
            };
            // Lists of zones that differ may begin with the same one.
            let place = *places.entry(name).or_insert_with_key(|name| {
                groups.names.push(name.clone());
                groups.names.len() - 1
            });
            alike.iter().for_each(|cluster| groups.of_each[*cluster as usize] = Some(place));
        }
        groups
    }

    /// What a group is called, by the field as its clusters have it.
    fn name(&self, field: Value) -> Option<String> {
        let field = match (self, field) {
            (Self::Zone, Value::Array(zones)) => zones.into_iter().next()?,
            (_, field) => field,
        };
        match field {
            // An empty field is one that was left out; an empty label is a value like any other.
            Value::String(name) if !name.is_empty() || matches!(self, Self::Label(_)) => Some(name),
            _ => None,
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
    pub(crate) fn number(&self, number: usize) -> String {
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
