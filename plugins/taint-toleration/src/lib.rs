//! Keeps a template away from clusters that have a taint which it does not tolerate: Karmada's `clusterTolerations`, with
//! the rules of Kubernetes for pods and nodes.
//!
//! - `NoSchedule` and `NoExecute` keep away, `PreferNoSchedule` does not.
//! - Each taint that nothing tolerates is a reason of its own, in the order of their texts.
//! - Where a template is already it stays: taking it away is an eviction, and not for a filter to begin.
//!
//! In a fleet whose taints are all tolerated nothing is asked about the template, so that one answer serves all of them.

mod taint;
mod toleration;

use std::collections::BTreeMap;

use portolan_plugin::{Cluster, Fault, Filter, Questions, Refusal};

use crate::taint::Taint;
pub use crate::toleration::{Effect, Operator, Toleration, Tolerations};

/// The plugin.
#[derive(Debug)]
pub struct TaintToleration;

impl Filter for TaintToleration {
    type Config = Tolerations;

    fn filter(tolerations: Tolerations, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        let mut untolerated = BTreeMap::<String, Vec<Cluster>>::new();
        for (cluster, taints) in (0..).zip(questions.fleet_column("/spec/taints")) {
            let taints = taints.as_array().into_iter().flatten().map(Taint::of);
            for taint in taints.filter(|taint| taint.keeps_away() && !tolerations.tolerate(taint)) {
                let clusters = untolerated.entry(format!("untolerated taint {{{taint}}}")).or_default();
                // A taint may be written twice.
                if clusters.last() != Some(&cluster) {
                    clusters.push(cluster);
                }
            }
        }
        if untolerated.is_empty() {
            return Ok(Vec::new());
        }
        let previous = questions.request_previous();
        let refusal = |(reason, mut clusters): (String, Vec<Cluster>)| {
            clusters.retain(|cluster| previous[*cluster as usize].is_none());
            Refusal::unless_empty(reason, clusters)
        };
        Ok(untolerated.into_iter().filter_map(refusal).collect())
    }
}

portolan_plugin::filter!(TaintToleration);
