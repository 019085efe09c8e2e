//! OverridePolicy and ClusterOverridePolicy: which templates, and how they differ where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::affinity::ClusterAffinity;
use crate::invalid::Problem;
use crate::plugin::PluginUse;
use crate::propagation::{ResourceSelector, default_namespaces, selector_problems};
use crate::resource::null_as_default;

/// `spec` of both kinds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OverrideSpec {
    /// A template is selected by any of them; by an empty list, every template.
    #[serde(default, deserialize_with = "null_as_default")]
    pub resource_selectors: Vec<ResourceSelector>,
    /// All rules whose clusters fit apply, in order.
    #[serde(default, deserialize_with = "null_as_default")]
    pub override_rules: Vec<OverrideRule>,
    /// The old way to write one rule; not looked at where `overrideRules` has any.
    #[serde(default)]
    pub target_cluster: Option<ClusterAffinity>,
    /// The old way to write one rule; not looked at where `overrideRules` has any.
    #[serde(default)]
    pub overriders: Option<Overriders>,
}

/// What differs on some clusters.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OverrideRule {
    /// Which clusters; absent, all of them.
    #[serde(default)]
    pub target_cluster: Option<ClusterAffinity>,
    /// What differs there.
    pub overriders: Overriders,
}

/// The overriders of one rule. They always run in the order image, command, args, labels, annotations, field,
/// plaintext, plugins, however the YAML lists them.
///
/// The order of the fields is that in which the reference writes them, because the record of what was applied is
/// compared as text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Overriders {
    /// Operations at paths; those of one rule are a single patch.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub plaintext: Vec<PlaintextOverrider>,
    /// Parts of image references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_overrider: Option<Vec<Value>>,
    /// Containers' commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_overrider: Option<Vec<Value>>,
    /// Containers' arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args_overrider: Option<Vec<Value>>,
    /// The object's labels.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub labels_overrider: Vec<MapOverrider>,
    /// The object's annotations.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub annotations_overrider: Vec<MapOverrider>,
    /// JSON or YAML inside a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_overrider: Option<Vec<Value>>,
    /// Further plugins, asked in order after all others. Portolan's own field.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<PluginUse>,
}

/// One operation at a path. The plugin `plaintext` gives it its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaintextOverrider {
    /// An RFC 6901 pointer into the object.
    pub path: String,
    /// `add`, `replace` or `remove`.
    pub operator: String,
    /// Null where it is absent.
    #[serde(default)]
    pub value: Value,
}

/// One operation on labels or annotations. The plugins `labels` and `annotations` give it its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MapOverrider {
    /// `add`, `replace` or `remove`.
    pub operator: String,
    /// Keys and values; for `remove` only the keys count.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "BTreeMap::is_empty")]
    pub value: BTreeMap<String, String>,
}

impl OverrideSpec {
    /// The rules that count, in order.
    pub fn rules(&self) -> Vec<OverrideRule> {
        match &self.overriders {
            Some(overriders) if self.override_rules.is_empty() => vec![OverrideRule {
                target_cluster: self.target_cluster.clone(),
                overriders: overriders.clone(),
            }],
            _ => self.override_rules.clone(),
        }
    }

    /// Fills in what admission would, for a policy of this namespace (none: cluster-scoped).
    pub(crate) fn default_for(&mut self, namespace: Option<&str>) {
        default_namespaces(&mut self.resource_selectors, namespace);
    }

    /// What admission would refuse.
    pub(crate) fn problems(&self, namespace: Option<&str>) -> Vec<Problem> {
        let mut problems = selector_problems(&self.resource_selectors, namespace);
        if let Some(affinity) = &self.target_cluster {
            problems.extend(affinity.problems("spec.targetCluster"));
        }
        if let Some(overriders) = &self.overriders {
            problems.extend(overriders.problems("spec.overriders"));
        }
        if !self.override_rules.is_empty() && (self.overriders.is_some() || self.target_cluster.is_some()) {
            problems.push(Problem::new(
                "spec.overrideRules",
                "can't stand beside spec.targetCluster and spec.overriders, which are its old form; move those into a rule",
            ));
        }
        for (index, rule) in self.override_rules.iter().enumerate() {
            let at = format!("spec.overrideRules[{index}]");
            if let Some(affinity) = &rule.target_cluster {
                problems.extend(affinity.problems(&format!("{at}.targetCluster")));
            }
            problems.extend(rule.overriders.problems(&format!("{at}.overriders")));
        }
        problems
    }
}

impl Overriders {
    fn problems(&self, at: &str) -> Vec<Problem> {
        let operators = (self.plaintext.iter().map(|entry| &entry.operator).enumerate())
            .map(|(index, operator)| ("plaintext", index, operator))
            .chain(map_operators("labelsOverrider", &self.labels_overrider))
            .chain(map_operators("annotationsOverrider", &self.annotations_overrider));
        operators
            .filter(|(_, _, operator)| !["add", "replace", "remove"].contains(&operator.as_str()))
            .map(|(list, index, operator)| {
                Problem::new(
                    format!("{at}.{list}[{index}].operator"),
                    format!("`{operator}` is no operator here; valid: add, replace, remove"),
                )
            })
            .collect()
    }
}

fn map_operators<'a>(
    list: &'static str,
    entries: &'a [MapOverrider],
) -> impl Iterator<Item = (&'static str, usize, &'a String)> {
    entries.iter().enumerate().map(move |(index, entry)| (list, index, &entry.operator))
}
