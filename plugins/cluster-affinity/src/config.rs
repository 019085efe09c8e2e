use std::borrow::Cow;
use std::collections::BTreeMap;

use portolan_plugin::Config;
use serde::Deserialize;

use crate::Requirement;

/// `ClusterAffinity` as policies write it. Null is the same as absent, as it is to the API server.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Affinity {
    /// Only these clusters, by exact name. An empty list is no condition.
    pub cluster_names: Option<Vec<String>>,
    /// Never these clusters, whatever else matches.
    pub exclude: Option<Vec<String>>,
    /// Over the labels of the Cluster object.
    pub label_selector: Option<LabelSelector>,
    /// Over provider, region and zones of the Cluster object.
    pub field_selector: Option<FieldSelector>,
}

/// By hand, as in every default plugin: deriving it would add half to a component that each user's machine compiles.
impl Config for Affinity {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

/// A Kubernetes LabelSelector. An empty one matches everything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LabelSelector {
    /// Labels that must have exactly this value.
    pub match_labels: Option<BTreeMap<String, String>>,
    /// Further requirements; every one must hold.
    pub match_expressions: Option<Vec<Requirement>>,
}

/// Requirements on `provider`, `region` and `zone`. An empty selector matches everything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FieldSelector {
    /// Every one must hold.
    pub match_expressions: Option<Vec<Requirement>>,
}
