//! Which clusters a `ClusterAffinity` matches: Karmada's `clusterAffinity`, `targetCluster` and the targets of static
//! weights, which are one and the same predicate.
//!
//! ```text
//!  exclude ────────┐
//!  clusterNames ───┤ each says on its own which clusters it refuses, and why;
//!  labelSelector ──┤ a cluster matches where nobody refuses it
//!  fieldSelector ──┘
//! ```
//!
//! It asks by name, by selector and by column, never for every name, so that a thousand clusters stay cheap.

mod complement;
mod config;
mod fields;
mod labels;
mod requirement;

use std::collections::BTreeSet;

use portolan_plugin::{Cluster, Fault, Filter, Manifest, Questions, Refusal};

use crate::complement::complement;
pub use crate::config::{Affinity, FieldSelector, LabelSelector};
pub use crate::requirement::Requirement;

/// The plugin.
#[derive(Debug)]
pub struct ClusterAffinity;

impl Filter for ClusterAffinity {
    type Config = Affinity;

    fn manifest() -> Manifest {
        Manifest {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            summary: env!("CARGO_PKG_DESCRIPTION"),
            config_schema: include_str!("../config.schema.json").into(),
        }
    }

    /// Refuses for every reason there is, so that the person who removes one is not surprised by the next.
    fn filter(affinity: Affinity, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        let Affinity { cluster_names, exclude, label_selector, field_selector } = affinity;
        let mut refusals = Vec::new();
        refusals.extend(excluded(&exclude.unwrap_or_default(), questions));
        refusals.extend(not_named(&cluster_names.unwrap_or_default(), questions));
        refusals.extend(label_selector.iter().flat_map(|selector| labels::refusals(selector, questions)));
        refusals.extend(field_selector.iter().flat_map(|selector| fields::refusals(selector, questions)));
        Ok(distinct(refusals))
    }
}

fn excluded(names: &[String], questions: &dyn Questions) -> Option<Refusal> {
    Refusal::unless_empty("excluded by name", find(names, questions))
}

fn not_named(names: &[String], questions: &dyn Questions) -> Option<Refusal> {
    // An empty list is no list: it would match nothing, and nobody means that.
    if names.is_empty() {
        return None;
    }
    Refusal::unless_empty(
        "not among clusterNames",
        complement(&find(names, questions), questions.fleet_size()),
    )
}

/// Those of the names that are on offer, ascending, each once.
fn find(names: &[String], questions: &dyn Questions) -> Vec<Cluster> {
    let found: BTreeSet<Cluster> = names.iter().filter_map(|name| questions.fleet_find(name)).collect();
    found.into_iter().collect()
}

/// A requirement that is written twice refuses the same clusters twice, in the same words.
fn distinct(refusals: Vec<Refusal>) -> Vec<Refusal> {
    let mut distinct: Vec<Refusal> = Vec::with_capacity(refusals.len());
    for refusal in refusals {
        if !distinct.contains(&refusal) {
            distinct.push(refusal);
        }
    }
    distinct
}

portolan_plugin::filter!(ClusterAffinity);
