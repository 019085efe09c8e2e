//! Every question, answered from memory.

use serde_json::Value;

use super::{Answers, name, selector};
use crate::{Cluster, Level, Questions, Served};

impl Questions for Answers {
    fn template_get(&self, at: &str) -> Option<Value> {
        self.ask(format!("template.get {at}"));
        self.template.pointer(at).cloned()
    }

    fn observed_get(&self, at: &str) -> Option<Value> {
        self.ask(format!("observed.get {at}"));
        self.observed.pointer(at).cloned()
    }

    fn fleet_size(&self) -> u32 {
        self.ask("fleet.size");
        u32::try_from(self.clusters.len()).expect("a test has few clusters")
    }
    fn fleet_find(&self, wanted: &str) -> Option<Cluster> {
        self.ask(format!("fleet.find {wanted}"));
        self.places().find(|(_, cluster)| name(cluster) == wanted).map(|(place, _)| place)
    }
    fn fleet_name(&self, of: Cluster) -> String {
        self.ask(format!("fleet.name {of}"));
        name(self.cluster(of))
    }
    fn fleet_names(&self) -> Vec<String> {
        self.ask("fleet.names");
        self.clusters.iter().map(name).collect()
    }
    fn fleet_label(&self, of: Cluster, key: &str) -> Option<String> {
        self.ask(format!("fleet.label {of} {key}"));
        Some(self.cluster(of)["metadata"]["labels"].get(key)?.as_str()?.to_owned())
    }
    fn fleet_get(&self, of: Cluster, at: &str) -> Option<Value> {
        self.ask(format!("fleet.get {of} {at}"));
        self.cluster(of).pointer(at).cloned()
    }
    fn fleet_column(&self, at: &str) -> Vec<Value> {
        self.ask(format!("fleet.column {at}"));
        self.clusters.iter().map(|cluster| cluster.pointer(at).cloned().unwrap_or_default()).collect()
    }
    fn fleet_matching(&self, selector: &Value) -> Result<Vec<Cluster>, String> {
        self.ask(format!("fleet.matching {selector}"));
        let selector = selector::Selector::read(selector)?;
        let matching = self.places().filter(|(_, cluster)| selector.matches(&cluster["metadata"]["labels"]));
        Ok(matching.map(|(place, _)| place).collect())
    }
    fn fleet_alike(&self, at: &str) -> Vec<Vec<Cluster>> {
        self.ask(format!("fleet.alike {at}"));
        grouped(self.places().map(|(place, cluster)| (place, cluster.pointer(at).unwrap_or(&Value::Null))))
    }
    fn fleet_serving(&self, api_version: &str, kind: &str) -> Vec<Served> {
        self.ask(format!("fleet.serving {api_version} {kind}"));
        let status = |cluster: &Value| Served::told_by(&cluster["status"], api_version, kind);
        self.clusters.iter().map(status).collect()
    }

    fn request_replicas(&self) -> Option<u32> {
        self.ask("request.replicas");
        self.request.replicas
    }
    fn request_requirements(&self) -> Option<Value> {
        self.ask("request.requirements");
        self.request.requirements.clone()
    }
    fn request_previous(&self) -> Vec<Option<u32>> {
        self.ask("request.previous");
        self.column(|known| known.previous)
    }
    fn request_placed(&self) -> Vec<Cluster> {
        self.ask("request.placed");
        self.request.placed.clone()
    }
    fn request_fresh(&self) -> bool {
        self.ask("request.fresh");
        self.request.fresh
    }
    fn request_evicting(&self) -> Vec<bool> {
        self.ask("request.evicting");
        self.column(|known| known.evicting)
    }
    fn request_scores(&self) -> Vec<u32> {
        self.ask("request.scores");
        self.column(|known| known.score)
    }
    fn request_available(&self) -> Vec<Option<u32>> {
        self.ask("request.available");
        self.column(|known| known.available)
    }
    fn request_tiers(&self) -> Vec<u32> {
        self.ask("request.tiers");
        self.column(|known| known.tier)
    }
    fn request_weights(&self) -> Option<Vec<u64>> {
        self.ask("request.weights");
        let listed = self.column(|known| known.weight);
        let any = listed.iter().any(Option::is_some);
        any.then(|| listed.into_iter().map(Option::unwrap_or_default).collect())
    }
    fn request_ranking(&self) -> Vec<Cluster> {
        self.ask("request.ranking");
        let by_name = || self.places().map(|(place, _)| place).collect();
        self.request.ranking.clone().unwrap_or_else(by_name)
    }
    fn request_seed(&self) -> String {
        self.ask("request.seed");
        self.request.seed.clone()
    }

    fn target_clusters(&self) -> Vec<Cluster> {
        self.ask("target.clusters");
        self.targets.keys().copied().collect()
    }
    fn target_alike(&self) -> Vec<Vec<Cluster>> {
        self.ask("target.alike");
        grouped(self.targets.iter().map(|(place, object)| (*place, object)))
    }
    fn target_get(&self, on: Cluster, at: &str) -> Option<Value> {
        self.ask(format!("target.get {on} {at}"));
        self.cluster(on);
        self.targets.get(&on)?.pointer(at).cloned()
    }

    fn log(&self, level: Level, message: &str) {
        self.logged.borrow_mut().push((level, message.to_owned()));
    }
}

/// Places by equal value, in the order of each group's first.
fn grouped<'a>(values: impl Iterator<Item = (Cluster, &'a Value)>) -> Vec<Vec<Cluster>> {
    let mut groups: Vec<(&Value, Vec<Cluster>)> = Vec::new();
    for (place, value) in values {
        match groups.iter_mut().find(|(other, _)| *other == value) {
            Some((_, alike)) => alike.push(place),
            None => groups.push((value, vec![place])),
        }
    }
    groups.into_iter().map(|(_, alike)| alike).collect()
}
