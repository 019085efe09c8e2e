//! Which clusters a `ClusterAffinity` matches: Karmada's `clusterAffinity`, `targetCluster` and the targets
//! of static weights, which are one and the same predicate.
//!
//! ```text
//!  exclude ────────┐
//!  clusterNames ───┤ each says on its own which clusters it refuses, and why;
//!  labelSelector ──┤ a cluster matches where nobody refuses it
//!  fieldSelector ──┘
//! ```
//!
//! It asks by name, by selector and by column, never for every name, so that a thousand clusters stay cheap.
//! Every reason is told: the person who removes one is not surprised by the next.

mod config;
mod fields;
mod labels;
mod names;
mod requirement;
mod selection;

use portolan_plugin::{Fault, Filter, Questions, Refusal};

pub use crate::config::{Affinity, FieldSelector, LabelSelector};
pub use crate::requirement::Requirement;

/// The plugin.
#[derive(Debug)]
pub struct ClusterAffinity;

impl Filter for ClusterAffinity {
    type Config = Affinity;

    fn filter(affinity: Affinity, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        let Affinity { cluster_names, exclude, label_selector, field_selector } = affinity;
        let size = questions.fleet_size();
        let mut refusals = Vec::new();
        refusals.extend(names::excluded(&exclude.unwrap_or_default(), size, questions));
        refusals.extend(names::left_out(&cluster_names.unwrap_or_default(), size, questions));
        refusals.extend(labels::refusals(&label_selector.unwrap_or_default(), size, questions));
        refusals.extend(fields::refusals(&field_selector.unwrap_or_default(), size, questions));
        Ok(distinct(refusals))
    }
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
