use serde_json::Value;

#[allow(unused_imports, reason = "for the docs")]
use crate::column;
use crate::{Served, config, pointer};

/// A place among the clusters on offer: 0 is the first, in the order of their names.
pub type Cluster = u32;

/// What a plugin may ask. Every question is about this one call, and the same question gets the same answer.
///
/// A pointer is RFC 6901; `""` is the whole document. What is not there reads as none, and so does what is no
/// pointer. Asking about a cluster that was not offered ends the call: it is the plugin's fault.
///
/// Two implementations live here: the host, through the contract (what `filter!` and `overrider!` pass in),
/// and `testing::Answers`. Default methods are written in terms of the others, or answer as for a call that
/// has nothing of the kind; the contract's implementation overrides them all.
pub trait Questions {
    /// The object that the call is about, as the user wrote it, before any override.
    fn template_get(&self, at: &str) -> Option<Value>;

    /// How many clusters are on offer.
    fn fleet_size(&self) -> u32;
    /// The cluster of that name.
    fn fleet_find(&self, name: &str) -> Option<Cluster> {
        (0..self.fleet_size()).find(|cluster| self.fleet_name(*cluster) == name)
    }
    /// The cluster's name.
    fn fleet_name(&self, of: Cluster) -> String;
    /// Every name, in order. It costs about 0.2 µs a cluster: ask only where all are needed.
    fn fleet_names(&self) -> Vec<String> {
        (0..self.fleet_size()).map(|cluster| self.fleet_name(cluster)).collect()
    }
    /// One label of a cluster.
    fn fleet_label(&self, of: Cluster, key: &str) -> Option<String> {
        let label = self.fleet_get(of, &format!("/metadata/labels/{}", pointer::escape(key)))?;
        label.as_str().map(str::to_owned)
    }
    /// One field of a cluster: its metadata, spec and status, never its endpoint or credentials.
    fn fleet_get(&self, of: Cluster, at: &str) -> Option<Value>;
    /// The same field of every cluster, in order, null where it is missing. One question instead of many.
    fn fleet_column(&self, at: &str) -> Vec<Value> {
        (0..self.fleet_size()).map(|cluster| self.fleet_get(cluster, at).unwrap_or_default()).collect()
    }
    /// The same as a JSON array, for many clusters and little time: [`column::entries`] reads it without copying.
    fn fleet_column_json(&self, at: &str) -> String {
        config::write(&self.fleet_column(at).into())
    }
    /// The clusters whose labels a Kubernetes LabelSelector matches, ascending.
    ///
    /// # Errors
    ///
    /// What is wrong with the selector.
    fn fleet_matching(&self, selector: &Value) -> Result<Vec<Cluster>, String>;
    /// The clusters, grouped by equal value of a field, in the order of each group's first cluster. Missing is equal to
    /// null. Look once a group: what is long is mostly the same on many clusters.
    fn fleet_alike(&self, at: &str) -> Vec<Vec<Cluster>> {
        let mut groups: Vec<(Value, Vec<Cluster>)> = Vec::new();
        for (cluster, value) in (0..).zip(self.fleet_column(at)) {
            match groups.iter_mut().find(|(other, _)| *other == value) {
                Some((_, alike)) => alike.push(cluster),
                None => groups.push((value, vec![cluster])),
            }
        }
        groups.into_iter().map(|(_, alike)| alike).collect()
    }
    /// What each cluster's status says of a kind, such as `apps/v1` and `Deployment`.
    fn fleet_serving(&self, api_version: &str, kind: &str) -> Vec<Served> {
        let status = |cluster| self.fleet_get(cluster, "/status").unwrap_or_default();
        (0..self.fleet_size()).map(|cluster| Served::told_by(&status(cluster), api_version, kind)).collect()
    }

    /// How many replicas are asked for. None: the template is no workload.
    fn request_replicas(&self) -> Option<u32> {
        None
    }
    /// What one replica needs.
    fn request_requirements(&self) -> Option<Value> {
        None
    }
    /// The replicas of the last decision, cluster by cluster; none where it did not place the template.
    fn request_previous(&self) -> Vec<Option<u32>> {
        (0..self.fleet_size()).map(|_| None).collect()
    }
    /// The clusters on offer that the last decision placed the template on, in the order in which it named them.
    fn request_placed(&self) -> Vec<Cluster> {
        let previous = (0..).zip(self.request_previous());
        previous.filter(|(_, replicas)| replicas.is_some()).map(|(cluster, _)| cluster).collect()
    }
    /// A person asked to decide anew: leave the last decision out of account.
    fn request_fresh(&self) -> bool {
        false
    }
    /// Cluster by cluster, whether the template is on its way out of there.
    fn request_evicting(&self) -> Vec<bool> {
        (0..self.fleet_size()).map(|_| false).collect()
    }
    /// The sum of all scorers, cluster by cluster.
    fn request_scores(&self) -> Vec<u32> {
        (0..self.fleet_size()).map(|_| 0).collect()
    }
    /// The least of all estimators, cluster by cluster; none where nobody could tell.
    fn request_available(&self) -> Vec<Option<u32>> {
        (0..self.fleet_size()).map(|_| None).collect()
    }
    /// The overflow tier, cluster by cluster: 0 first.
    fn request_tiers(&self) -> Vec<u32> {
        (0..self.fleet_size()).map(|_| 0).collect()
    }
    /// The weight that the policy lists for each cluster: the highest of the rules that mean it, 0 where none does. None:
    /// the policy lists no weights.
    fn request_weights(&self) -> Option<Vec<u64>> {
        None
    }
    /// The clusters on offer, best first. For an assigner that is the order in which the selector chose them; in every
    /// other stage it is the order of their names.
    fn request_ranking(&self) -> Vec<Cluster> {
        (0..self.fleet_size()).collect()
    }
    /// The template's UID: it breaks ties the same way for ever.
    fn request_seed(&self) -> String {
        String::new()
    }

    /// For overriders: the clusters that the rule targets, ascending.
    fn target_clusters(&self) -> Vec<Cluster>;
    /// For overriders: the same clusters, grouped by equal object. Look once and patch once a group.
    fn target_alike(&self) -> Vec<Vec<Cluster>> {
        self.target_clusters().into_iter().map(|cluster| vec![cluster]).collect()
    }
    /// For overriders: the object as it stands for a cluster, after every earlier overrider. None also for a
    /// cluster that the rule does not target.
    fn target_get(&self, on: Cluster, at: &str) -> Option<Value>;

    /// For interpreters: the object as a member has it.
    fn observed_get(&self, at: &str) -> Option<Value> {
        let _ = at;
        None
    }

    /// Says something to people who debug a plugin. It is no part of the decision; past its budget it is cut
    /// and counted, never a fault.
    fn log(&self, level: Level, message: &str);
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Only while debugging.
    Debug,
    /// Worth keeping.
    Info,
    /// Something is not as it should be.
    Warn,
}
