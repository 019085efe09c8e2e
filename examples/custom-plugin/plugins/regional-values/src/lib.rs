//! Values that depend on the cluster that a workload goes to: the registry that its images come from, by region, and its
//! replicas, by how many nodes are ready.
//!
//! ```text
//!  spec.region ────────────────► mirror ────► image of each container ─┐
//!                                                                     ├─► one patch for all clusters with equal values
//!  status.nodeSummary.readyNum ► replicas ──► spec.replicas ───────────┘
//! ```
//!
//! A static override has one value for each cluster or group, written down beforehand; a new cluster has none.

mod image;

use std::collections::BTreeMap;

use portolan_plugin::{Amendment, Cluster, Fault, Operation, Overrider, Questions};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The plugin.
#[derive(Debug)]
pub struct RegionalValues;

/// What a policy tells it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// The registry of each region. Images come from where they say in a region that is not named.
    #[serde(default)]
    pub mirrors: BTreeMap<String, String>,
    /// A replica for so many nodes that are ready, and one at least. Left out, replicas stay as they are.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub nodes_per_replica: Option<u32>,
}

/// What decides the patch of a cluster.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Values<'a> {
    mirror: Option<&'a str>,
    replicas: Option<u64>,
}

const CONTAINERS: &str = "/spec/template/spec/containers";

impl Overrider for RegionalValues {
    type Config = Config;

    fn patch(config: Config, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        let regions = questions.fleet_column("/spec/region");
        let nodes = questions.fleet_column("/status/nodeSummary/readyNum");
        let of = |column: &[Value], cluster: Cluster| {
            usize::try_from(cluster).ok().and_then(|cluster| column.get(cluster).cloned()).unwrap_or_default()
        };
        let mut amendments = Vec::new();
        // Equal objects are looked at once, and clusters with equal values share a patch.
        for alike in questions.target_alike() {
            let Some(&first) = alike.first() else { continue };
            let containers = questions.target_get(first, CONTAINERS).unwrap_or_default();
            let mut groups: BTreeMap<Values<'_>, Vec<Cluster>> = BTreeMap::new();
            for cluster in alike {
                let mirror = of(&regions, cluster).as_str().and_then(|region| config.mirrors.get(region));
                let replicas = config.nodes_per_replica.and_then(|nodes_per_replica| {
                    let ready = of(&nodes, cluster).as_u64()?;
                    Some(ready.checked_div(nodes_per_replica.into())?.max(1))
                });
                let values = Values { mirror: mirror.map(String::as_str), replicas };
                groups.entry(values).or_default().push(cluster);
            }
            for (values, clusters) in groups {
                match patch(&values, &containers) {
                    Ok(patch) if patch.is_empty() => {}
                    Ok(patch) => amendments.push(Amendment::new(clusters, patch)),
                    // Nothing is delivered to these clusters; all others get theirs.
                    Err(fault) => amendments.push(Amendment::fault(clusters, fault)),
                }
            }
        }
        Ok(amendments)
    }
}

fn patch(values: &Values<'_>, containers: &Value) -> Result<Vec<Operation>, Fault> {
    let mut patch = Vec::new();
    if let Some(mirror) = values.mirror {
        let Some(containers) = containers.as_array() else {
            return Err(Fault::Template(format!(
                "it has no list at {CONTAINERS}; valid: a workload with pods"
            )));
        };
        for (place, container) in containers.iter().enumerate() {
            let Some(image) = container["image"].as_str() else { continue };
            let at = format!("{CONTAINERS}/{place}/image");
            patch.push(Operation::Replace { at, value: image::through(mirror, image).into() });
        }
    }
    if let Some(replicas) = values.replicas {
        patch.push(Operation::Add { at: "/spec/replicas".to_owned(), value: replicas.into() });
    }
    Ok(patch)
}

portolan_plugin::overrider!(RegionalValues);
