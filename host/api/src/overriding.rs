//! OverridePolicy and ClusterOverridePolicy: which templates, and how they differ where.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::affinity::ClusterAffinity;
use crate::invalid::Problem;
use crate::plugin::PluginUse;
use crate::propagation::{ResourceSelector, default_namespaces, selector_problems};
use crate::resource::null_as_default;

/// `spec` of both kinds.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Overriders {
    /// Operations at paths; those of one rule are a single patch.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub plaintext: Vec<PlaintextOverrider>,
    /// Parts of image references.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub image_overrider: Vec<ImageOverrider>,
    /// Containers' commands.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub command_overrider: Vec<ContainerOverrider>,
    /// Containers' arguments.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub args_overrider: Vec<ContainerOverrider>,
    /// The object's labels.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub labels_overrider: Vec<MapOverrider>,
    /// The object's annotations.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub annotations_overrider: Vec<MapOverrider>,
    /// JSON or YAML inside a string.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub field_overrider: Vec<FieldOverrider>,
    /// Further plugins, asked in order after all others. Portolan's own field.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<PluginUse>,
}

/// One operation at a path. The plugin `plaintext` gives it its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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

/// One operation on a part of image references. The plugin `image` gives it its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImageOverrider {
    /// The one image that is meant; absent, that of every container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<ImagePredicate>,
    /// `Registry`, `Repository` or `Tag`.
    pub component: String,
    /// `add`, `replace` or `remove`.
    pub operator: String,
    /// With what; `remove` does not look at it.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Whether the digest of an image that has a tag as well is kept. Portolan's own field.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "std::ops::Not::not")]
    pub preserve_digest: bool,
}

/// Which image is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ImagePredicate {
    /// Where it stands, such as `/spec/template/spec/initContainers/0/image`.
    pub path: String,
}

/// One operation on the command or the arguments of containers. The plugins `command` and `args` give it its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerOverrider {
    /// Every container of this name.
    pub container_name: String,
    /// `add` or `remove`.
    pub operator: String,
    /// What is appended or taken out.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub value: Vec<String>,
}

/// Operations on the JSON or the YAML that stands in a string. The plugin `field` gives them their meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldOverrider {
    /// An RFC 6901 pointer to the string.
    pub field_path: String,
    /// Operations on JSON; those of one entry are a single patch.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub json: Vec<FieldOperation>,
    /// Operations on YAML; those of one entry are a single patch.
    #[serde(default, deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub yaml: Vec<FieldOperation>,
}

/// One operation within a string.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldOperation {
    /// A pointer into what stands in the string.
    pub sub_path: String,
    /// `add`, `replace` or `remove`.
    pub operator: String,
    /// Null where it is absent.
    #[serde(default)]
    pub value: Value,
}

/// One operation on labels or annotations. The plugins `labels` and `annotations` give it its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
        let Self {
            plaintext,
            image_overrider,
            command_overrider,
            args_overrider,
            labels_overrider,
            annotations_overrider,
            field_overrider,
            plugins: _,
        } = self;
        let mut problems = Vec::new();
        for (index, entry) in plaintext.iter().enumerate() {
            operator(&entry.operator, ANY, &format!("{at}.plaintext[{index}]"), &mut problems);
        }
        for (index, entry) in image_overrider.iter().enumerate() {
            entry.problems(&format!("{at}.imageOverrider[{index}]"), &mut problems);
        }
        for (list, entries) in [("commandOverrider", command_overrider), ("argsOverrider", args_overrider)] {
            for (index, entry) in entries.iter().enumerate() {
                operator(
                    &entry.operator,
                    &["add", "remove"],
                    &format!("{at}.{list}[{index}]"),
                    &mut problems,
                );
            }
        }
        for (list, entries) in
            [("labelsOverrider", labels_overrider), ("annotationsOverrider", annotations_overrider)]
        {
            for (index, entry) in entries.iter().enumerate() {
                operator(&entry.operator, ANY, &format!("{at}.{list}[{index}]"), &mut problems);
            }
        }
        for (index, entry) in field_overrider.iter().enumerate() {
            entry.problems(&format!("{at}.fieldOverrider[{index}]"), &mut problems);
        }
        problems
    }
}

/// What most entries may do.
const ANY: &[&str] = &["add", "replace", "remove"];

fn operator(operator: &str, valid: &[&str], at: &str, problems: &mut Vec<Problem>) {
    if !valid.contains(&operator) {
        problems.push(Problem::new(
            format!("{at}.operator"),
            format!("`{operator}` is no operator here; valid: {}", valid.join(", ")),
        ));
    }
}

impl ImageOverrider {
    fn problems(&self, at: &str, problems: &mut Vec<Problem>) {
        let Self { predicate, component, operator: done, value: _, preserve_digest: _ } = self;
        if !["Registry", "Repository", "Tag"].contains(&component.as_str()) {
            problems.push(Problem::new(
                format!("{at}.component"),
                format!("`{component}` is no part of an image; valid: Registry, Repository, Tag"),
            ));
        }
        operator(done, ANY, at, problems);
        if let Some(ImagePredicate { path }) = predicate
            && !path.starts_with('/')
        {
            problems.push(Problem::new(
                format!("{at}.predicate.path"),
                format!("`{path}` does not start with a slash; valid: a path such as /spec/template/spec/initContainers/0/image"),
            ));
        }
    }
}

impl FieldOverrider {
    fn problems(&self, at: &str, problems: &mut Vec<Problem>) {
        let Self { field_path, json, yaml } = self;
        if !field_path.starts_with('/') {
            problems.push(Problem::new(
                format!("{at}.fieldPath"),
                format!("`{field_path}` is no pointer to a string; valid: one that starts with a slash, such as /data/config"),
            ));
        }
        if json.is_empty() == yaml.is_empty() {
            let why = if json.is_empty() {
                "says neither in `json` nor in `yaml` what is to change; valid: one of the two"
            } else {
                "has both `json` and `yaml`, and a string holds one of them; valid: one of the two"
            };
            problems.push(Problem::new(at, why));
        }
        for (list, operations) in [("json", json), ("yaml", yaml)] {
            for (index, FieldOperation { sub_path: _, operator: done, value }) in
                operations.iter().enumerate()
            {
                let at = format!("{at}.{list}[{index}]");
                operator(done, ANY, &at, problems);
                match (done.as_str(), value.is_null()) {
                    ("remove", false) => problems.push(Problem::new(
                        format!("{at}.value"),
                        "can't stand beside `remove`, which takes out whatever is there; valid: no value",
                    )),
                    ("add" | "replace", true) => problems.push(Problem::new(
                        format!("{at}.value"),
                        format!("is missing, or null; valid: what to {done}"),
                    )),
                    _ => {}
                }
            }
        }
    }
}
