use std::borrow::Cow;

use portolan_plugin::{Config, Fault};
use replica_scheduling::ReplicaScheduling;
use serde::Deserialize;

use crate::property::Property;

/// The two fields of a policy's placement that it takes to choose.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Spreading {
    /// How clusters are spread.
    pub spread_constraints: Option<Vec<SpreadConstraint>>,
    /// How replicas are divided afterwards: each cluster must have room for all of them, or all clusters together.
    pub replica_scheduling: Option<ReplicaScheduling>,
}

/// By hand, as in every default plugin: deriving it would add half to a component that each user's machine compiles.
impl Config for Spreading {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

/// One entry of `spreadConstraints`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SpreadConstraint {
    /// What makes a group. Cluster where neither this nor a label is given.
    pub spread_by_field: Option<Field>,
    /// The key of a label whose values make groups.
    pub spread_by_label: Option<String>,
    /// How many groups there must be; 0 is 1.
    pub min_groups: Option<u32>,
    /// How many there may be.
    pub max_groups: Option<u32>,
}

/// What makes a group.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Each cluster is one.
    Cluster,
    /// `spec.region`
    Region,
    /// The first of `spec.zones`
    Zone,
    /// `spec.provider`
    Provider,
}

/// The constraints as they are worked with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Constraints {
    /// On the number of clusters.
    pub(crate) clusters: Option<Bounds>,
    /// On the number of groups; the one that selects comes first.
    pub(crate) groups: Vec<(Property, Bounds)>,
}

/// How many there must and may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) min: usize,
    pub(crate) max: usize,
}

impl Spreading {
    /// The constraints by what they are about.
    pub(crate) fn constraints(&self) -> Result<Constraints, Fault> {
        let mut constraints = Constraints::default();
        for (index, constraint) in self.spread_constraints.iter().flatten().enumerate() {
            let again = |what: &str| {
                Fault::Config(format!(
                    "spreadConstraints[{index}]: there is an entry by {what} before it; keep one"
                ))
            };
            let bounds = constraint.bounds();
            match constraint.property(index)? {
                None if constraints.clusters.is_some() => return Err(again("cluster")),
                None => constraints.clusters = Some(bounds),
                Some(property) if constraints.groups.iter().any(|(other, _)| *other == property) => {
                    return Err(again(&property.to_string()));
                }
                Some(property) => constraints.groups.push((property, bounds)),
            }
        }
        constraints.groups.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(constraints)
    }

    /// Whether every cluster gets all replicas.
    pub(crate) fn duplicates(&self) -> bool {
        use replica_scheduling::Type;
        let scheduling = self.replica_scheduling.as_ref();
        scheduling.is_none_or(|scheduling| scheduling.replica_scheduling_type == Some(Type::Duplicated))
    }

    /// Whether constraints count for nothing in the choice.
    pub(crate) fn shares_are_listed(&self) -> bool {
        self.replica_scheduling.as_ref().is_some_and(ReplicaScheduling::shares_are_listed)
    }
}

impl SpreadConstraint {
    /// As admission would have it: one group at the least, and none at the most where nothing is said.
    fn bounds(&self) -> Bounds {
        let number = |number: Option<u32>| number.unwrap_or_default() as usize;
        Bounds { min: number(self.min_groups).max(1), max: number(self.max_groups) }
    }

    /// None: each cluster is a group.
    fn property(&self, index: usize) -> Result<Option<Property>, Fault> {
        let label = self.spread_by_label.as_deref().filter(|key| !key.is_empty());
        Ok(match (self.spread_by_field, label) {
            (Some(_), Some(_)) => {
                let why = "spreadByField and spreadByLabel can't stand beside each other; keep one";
                return Err(Fault::Config(format!("spreadConstraints[{index}]: {why}")));
            }
            (None | Some(Field::Cluster), None) => None,
            (Some(Field::Region), None) => Some(Property::Region),
            (Some(Field::Zone), None) => Some(Property::Zone),
            (Some(Field::Provider), None) => Some(Property::Provider),
            (None, Some(key)) => Some(Property::Label(key.to_owned())),
        })
    }
}
