//! By `spec.resourceModels`, which say what nodes of a grade have at the least, and `allocatableModelings` of the status, which
//! count the nodes of each grade by what is free on them. The two are parallel lists.

use portolan_plugin::{Cluster, Level, Questions};
use quantity::Quantity;
use serde_json::Value;

use crate::amounts;
use crate::need::Need;

/// Clusters with equal models.
struct Alike {
    clusters: Vec<Cluster>,
    /// How many replicas fit into a node, grade by grade.
    per_node: Vec<i64>,
}

/// How many replicas fit, cluster by cluster; none where models do not say.
pub(crate) fn room(needs: &[Need], questions: &dyn Questions) -> Vec<Option<i64>> {
    const MODELS: &str = "/spec/resourceModels";
    let mut size = 0;
    let mut modelled = Vec::new();
    for clusters in questions.fleet_alike(MODELS) {
        size += clusters.len();
        let models =
            clusters.first().and_then(|first| questions.fleet_get(*first, MODELS)).unwrap_or_default();
        match per_node(&models, needs) {
            Ok(Some(per_node)) => modelled.push(Alike { clusters, per_node }),
            Ok(None) => {}
            Err(wrong) => {
                let first = clusters.first().map(|first| questions.fleet_name(*first)).unwrap_or_default();
                let those = format!("cluster {first} and those with the same models");
                questions.log(Level::Warn, &format!("{those} are told by their summary: {MODELS}: {wrong}"));
            }
        }
    }
    let mut room = vec![None; size];
    let grades = modelled.iter().map(|alike| alike.per_node.len()).max().unwrap_or_default();
    for grade in 0..grades {
        let fits = |alike: &Alike| alike.per_node.get(grade).copied().unwrap_or_default();
        // Whether nodes are counted at all is told by the first.
        if grade > 0 && modelled.iter().all(|alike| fits(alike) == 0) {
            continue;
        }
        let counts =
            questions.fleet_column(&format!("/status/resourceSummary/allocatableModelings/{grade}/count"));
        for alike in &modelled {
            for cluster in alike.clusters.iter().map(|cluster| *cluster as usize) {
                let Some(count) = counts[cluster].as_i64() else { continue };
                let more = count.max(0).saturating_mul(fits(alike));
                if grade == 0 {
                    room[cluster] = Some(more);
                } else if let Some(room) = &mut room[cluster] {
                    *room = room.saturating_add(more);
                }
            }
        }
    }
    room
}

/// How many replicas fit into a node of each grade; none where there are no models, or something that is needed is in none of them.
fn per_node(models: &Value, needs: &[Need]) -> Result<Option<Vec<i64>>, quantity::NotAQuantity> {
    let models = models.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut per_node = vec![i64::MAX; models.len()];
    for need in needs {
        let mut modelled = false;
        for (model, fits) in models.iter().zip(&mut per_node) {
            let ranges = model["ranges"].as_array().into_iter().flatten();
            let least = match ranges.into_iter().find(|range| range["name"] == need.resource.as_str()) {
                Some(range) => {
                    modelled = true;
                    amounts::read(&range["min"])?
                }
                None => Quantity::default(),
            };
            // A node of the grade may have more, but for all that is known it has the least.
            let enough = least >= need.amount;
            *fits = (*fits).min(if enough { need.fits_into(least) } else { 0 });
        }
        if !modelled {
            return Ok(None);
        }
    }
    Ok(Some(per_node))
}
