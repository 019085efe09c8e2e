//! The predicate over clusters that placements, override rules and static weights share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invalid::Problem;
use crate::label_selector::LabelSelector;

/// Which clusters are meant. What is absent restricts nothing; what is there must hold all at once.
///
/// The default plugin `cluster-affinity` gives it its meaning; this is only its shape.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterAffinity {
    /// Requirements on the labels of the Cluster object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<LabelSelector>,
    /// Requirements on provider, region and zones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_selector: Option<FieldSelector>,
    /// If not empty, only these.
    #[serde(
        default,
        deserialize_with = "crate::resource::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub cluster_names: Vec<String>,
    /// Never these.
    #[serde(
        default,
        deserialize_with = "crate::resource::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub exclude: Vec<String>,
}

/// Requirements on fields of the Cluster object, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldSelector {
    /// The requirements.
    #[serde(
        default,
        deserialize_with = "crate::resource::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub match_expressions: Vec<FieldRequirement>,
}

/// One requirement on `provider`, `region` or `zone`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldRequirement {
    /// `provider`, `region` or `zone`.
    pub key: String,
    /// `In` or `NotIn`.
    pub operator: String,
    /// The values.
    #[serde(
        default,
        deserialize_with = "crate::resource::null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub values: Vec<String>,
}

impl ClusterAffinity {
    /// What the API server's admission would refuse, each with its path below `at`.
    pub(crate) fn problems(&self, at: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(Err(bad)) = self.label_selector.as_ref().map(LabelSelector::check) {
            problems.push(Problem::new(format!("{at}.labelSelector.{}", bad.field), bad.message));
        }
        let fields = self.field_selector.iter().flat_map(|selector| &selector.match_expressions);
        for (index, FieldRequirement { key, operator, values: _ }) in fields.enumerate() {
            let at = format!("{at}.fieldSelector.matchExpressions[{index}]");
            if !["provider", "region", "zone"].contains(&key.as_str()) {
                problems.push(Problem::new(
                    format!("{at}.key"),
                    format!("`{key}` is no field of a cluster; valid: provider, region, zone"),
                ));
            }
            if !["In", "NotIn"].contains(&operator.as_str()) {
                problems.push(Problem::new(
                    format!("{at}.operator"),
                    format!("`{operator}` is no operator here; valid: In, NotIn"),
                ));
            }
        }
        problems
    }
}
