//! Over what, and over how many, clusters are spread.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::invalid::Problem;

/// What clusters can be grouped by.
const FIELDS: [&str; 4] = ["cluster", "region", "zone", "provider"];

/// One constraint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SpreadConstraint {
    /// `cluster`, `region`, `zone` or `provider`; absent where `spreadByLabel` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_by_field: Option<String>,
    /// The key of a label of Cluster objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_by_label: Option<String>,
    /// The least number of groups.
    #[serde(default)]
    pub min_groups: i64,
    /// The greatest number of groups. 0 takes none at all, as in the reference.
    #[serde(default)]
    pub max_groups: i64,
}

impl SpreadConstraint {
    /// Fills in what admission would.
    pub(crate) fn default_fields(&mut self) {
        let none = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
        self.spread_by_label = self.spread_by_label.take().filter(|key| !key.is_empty());
        if none(&self.spread_by_field) {
            self.spread_by_field = self.spread_by_label.is_none().then(|| "cluster".to_owned());
        }
        if self.min_groups == 0 {
            self.min_groups = 1;
        }
    }
}

/// What admission would refuse in a list of constraints.
pub(crate) fn problems(constraints: &[SpreadConstraint], at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, constraint) in constraints.iter().enumerate() {
        let SpreadConstraint { spread_by_field, spread_by_label, min_groups, max_groups } = constraint;
        let at = format!("{at}[{index}]");
        if let (Some(_), Some(_)) = (spread_by_field, spread_by_label) {
            let text = "can't stand beside spreadByLabel; keep one of the two";
            problems.push(Problem::new(format!("{at}.spreadByField"), text));
        }
        if let Some(field) = spread_by_field.as_ref().filter(|field| !FIELDS.contains(&field.as_str())) {
            let text = format!("`{field}` is no field to spread by; valid: {}", FIELDS.join(", "));
            problems.push(Problem::new(format!("{at}.spreadByField"), text));
        }
        if !seen.insert((spread_by_field, spread_by_label)) {
            problems.push(Problem::new(at.clone(), "says again what an earlier constraint spreads by"));
        }
        if *min_groups < 0 || *max_groups < 0 {
            problems.push(Problem::new(at, "minGroups and maxGroups can't be negative"));
        } else if max_groups < min_groups && *max_groups != 0 {
            let text = format!("{max_groups} is less than minGroups, which is {min_groups}");
            problems.push(Problem::new(format!("{at}.maxGroups"), text));
        }
    }
    let fields: Vec<&str> = constraints.iter().filter_map(|one| one.spread_by_field.as_deref()).collect();
    if !fields.is_empty() && !fields.contains(&"cluster") {
        let text = "needs a constraint by cluster beside the others; add `spreadByField: cluster` with its maxGroups";
        problems.push(Problem::new(at, text));
    }
    problems
}
