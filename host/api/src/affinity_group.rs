//! Groups of clusters that a placement tries in order.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::affinity::{ClusterAffinity, FieldSelector};
use crate::invalid::Problem;
use crate::label_selector::LabelSelector;
use crate::resource::null_as_default;

/// The longest name of a group: it is shown in statuses. The reference's bound.
const MAX_NAME: usize = 32;

/// One group of clusters, with those that it flows over to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AffinityGroup {
    /// Its name, which no other group of the placement has.
    pub affinity_name: String,
    /// As in a [`ClusterAffinity`].
    #[serde(default)]
    pub label_selector: Option<LabelSelector>,
    /// As in a [`ClusterAffinity`].
    #[serde(default)]
    pub field_selector: Option<FieldSelector>,
    /// As in a [`ClusterAffinity`].
    #[serde(default, deserialize_with = "null_as_default")]
    pub cluster_names: Vec<String>,
    /// As in a [`ClusterAffinity`].
    #[serde(default, deserialize_with = "null_as_default")]
    pub exclude: Vec<String>,
    /// Where replicas go that find no room in the group, tier by tier; these have no overflow of their own.
    #[serde(default, deserialize_with = "null_as_default")]
    #[schemars(with = "Vec<OverflowTier>")]
    pub overflow_affinities: Vec<AffinityGroup>,
}

/// An entry of `overflowAffinities`, as a schema says it: a schema can't hold itself.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
struct OverflowTier {
    /// Its name, which no other group of the placement has.
    affinity_name: String,
    #[serde(flatten)]
    affinity: ClusterAffinity,
}

impl AffinityGroup {
    /// Its own clusters.
    pub fn affinity(&self) -> ClusterAffinity {
        ClusterAffinity {
            label_selector: self.label_selector.clone(),
            field_selector: self.field_selector.clone(),
            cluster_names: self.cluster_names.clone(),
            exclude: self.exclude.clone(),
        }
    }

    /// What admission would refuse in a list of groups.
    pub(crate) fn problems(groups: &[Self], at: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut names = BTreeSet::new();
        for (index, group) in groups.iter().enumerate() {
            let at = format!("{at}[{index}]");
            let name = &group.affinity_name;
            let length = name.chars().count();
            if !(1..=MAX_NAME).contains(&length) {
                let text = format!("has {length} characters; valid: 1 to {MAX_NAME}");
                problems.push(Problem::new(format!("{at}.affinityName"), text));
            }
            if !names.insert(name) {
                let text = format!("`{name}` is the name of an earlier group too; each needs its own");
                problems.push(Problem::new(format!("{at}.affinityName"), text));
            }
            problems.extend(group.affinity().problems(&at));
            let overflow = format!("{at}.overflowAffinities");
            problems.extend(Self::problems(&group.overflow_affinities, &overflow));
            for (index, tier) in group.overflow_affinities.iter().enumerate() {
                if !tier.overflow_affinities.is_empty() {
                    let text = "a tier has no tiers of its own; list them one after the other in the group";
                    problems.push(Problem::new(format!("{overflow}[{index}].overflowAffinities"), text));
                }
            }
        }
        problems
    }
}
