//! Which kinds each cluster serves, as far as its status tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use fixedbitset::FixedBitSet;
use portolan_api::Cluster;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a cluster's status says of a kind of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Served {
    /// The cluster's server has it.
    Listed,
    /// The server has it not: the list of what it has is complete, and the kind is not in there.
    Missing,
    /// The kind is not in the list, and nothing says that the list is complete.
    Unlisted,
    /// There is no list.
    Unknown,
}

/// The lists of all clusters, by what is in them. A real cluster lists some hundred groups, so no plugin is to read them,
/// and no question is to search them.
#[derive(Debug)]
pub(crate) struct Serving {
    /// Cluster by cluster, what is so of every kind that is not in its list.
    otherwise: Vec<Served>,
    /// Which clusters list a kind, by API version and kind.
    listed: BTreeMap<String, BTreeMap<String, FixedBitSet>>,
}

impl Serving {
    pub(crate) fn of(clusters: &[Arc<Cluster>]) -> Self {
        let mut listed = BTreeMap::<String, BTreeMap<String, FixedBitSet>>::new();
        let mut otherwise = Vec::with_capacity(clusters.len());
        for (place, cluster) in clusters.iter().enumerate() {
            let status = &cluster.facts["status"];
            // A server that has nothing at all does not exist: an empty list is one that nobody has filled in.
            let list = status["apiEnablements"].as_array().filter(|list| !list.is_empty());
            otherwise.push(match list {
                None => Served::Unknown,
                Some(_) if is_complete(status) => Served::Missing,
                Some(_) => Served::Unlisted,
            });
            for group in list.into_iter().flatten() {
                let Some(api_version) = group["groupVersion"].as_str() else { continue };
                let resources = group["resources"].as_array().into_iter().flatten();
                for kind in resources.filter_map(|resource| resource["kind"].as_str()) {
                    let everywhere = || FixedBitSet::with_capacity(clusters.len());
                    entry(entry(&mut listed, api_version, BTreeMap::new), kind, everywhere).insert(place);
                }
            }
        }
        Self { otherwise, listed }
    }

    /// Cluster by cluster, what is so of a kind.
    pub(crate) fn each(&self, api_version: &str, kind: &str) -> Vec<Served> {
        let mut each = self.otherwise.clone();
        let listing = self.listed.get(api_version).and_then(|kinds| kinds.get(kind));
        listing.into_iter().flat_map(FixedBitSet::ones).for_each(|place| each[place] = Served::Listed);
        each
    }
}

/// The entry of a key, which is only copied where it is new: most keys are those of the cluster before.
fn entry<'a, T>(map: &'a mut BTreeMap<String, T>, key: &str, new: impl FnOnce() -> T) -> &'a mut T {
    if !map.contains_key(key) {
        map.insert(key.into(), new());
    }
    map.get_mut(key).expect("it is there, or was put there")
}

fn is_complete(status: &Value) -> bool {
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let complete = conditions.filter(|condition| condition["type"] == "CompleteAPIEnablements");
    complete.into_iter().any(|condition| condition["status"] == "True")
}
