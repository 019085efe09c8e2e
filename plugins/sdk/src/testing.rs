//! Answers from memory, for native tests of a plugin.
//!
//! ```
//! # use portolan_plugin::{Fault, Filter, Manifest, Questions, Refusal};
//! # struct NoSpares;
//! # impl Filter for NoSpares {
//! #     type Config = serde_json::Value;
//! #     fn manifest() -> Manifest {
//! #         Manifest { name: "no-spares", version: "0", summary: "No spares", config_schema: "true".into() }
//! #     }
//! #     fn filter(_: Self::Config, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
//! #         let spare = (0..questions.fleet_size()).filter(|c| questions.fleet_label(*c, "spare").is_some()).collect();
//! #         Ok(Refusal::unless_empty("kept as a spare", spare).into_iter().collect())
//! #     }
//! # }
//! use portolan_plugin::testing::Answers;
//! use serde_json::json;
//!
//! let answers = Answers::default().clusters([
//!     json!({"metadata": {"name": "paris"}}),
//!     json!({"metadata": {"name": "lyon", "labels": {"spare": ""}}}),
//! ]);
//! let refusals = answers.filter::<NoSpares>(json!({})).expect("a config that is right");
//! assert_eq!(refusals[0].clusters, [0], "lyon comes before paris");
//! assert!(!answers.asked().contains(&"fleet.names".to_owned()));
//! ```

mod selector;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Amendment, Cluster, Fault, Filter, Level, Operation, Overrider, Questions, Refusal, config};

/// What a plugin is told in a test, and a record of what it asked.
///
/// Where nothing was given it answers as for a call that has nothing of the kind: no clusters, a template
/// that is null. Like the host, it panics where a cluster is asked about that is not on offer.
#[derive(Debug, Default)]
pub struct Answers {
    template: Value,
    clusters: Vec<Value>,
    targets: BTreeMap<Cluster, Value>,
    replicas: Option<u32>,
    asked: RefCell<Vec<String>>,
    logged: RefCell<Vec<(Level, String)>>,
}

/// What is told.
impl Answers {
    /// The object that the call is about.
    pub fn template(mut self, object: Value) -> Self {
        self.template = object;
        self
    }

    /// The clusters on offer, in any order; they are put in that of their `metadata.name`. Name them before
    /// targets.
    pub fn clusters(mut self, clusters: impl IntoIterator<Item = Value>) -> Self {
        self.clusters = clusters.into_iter().collect();
        self.clusters.sort_by_cached_key(name);
        self
    }

    /// The object as it stands for a cluster that the rule targets.
    ///
    /// # Panics
    ///
    /// When no cluster of that name is on offer.
    pub fn target(mut self, cluster: &str, object: Value) -> Self {
        let place = self.clusters.iter().position(|one| name(one) == cluster);
        let place = place.unwrap_or_else(|| panic!("{cluster} is not on offer; call clusters first"));
        self.targets.insert(Cluster::try_from(place).expect("a test has few clusters"), object);
        self
    }

    /// How many replicas are asked for.
    pub fn replicas(mut self, replicas: u32) -> Self {
        self.replicas = Some(replicas);
        self
    }
}

/// What came of it.
impl Answers {
    /// Calls a filter as its component would be called: the config is read into its type first.
    ///
    /// # Errors
    ///
    /// The filter's fault, or the one for a config that can't be read.
    pub fn filter<T: Filter>(&self, config: Value) -> Result<Vec<Refusal>, Fault> {
        T::filter(config::parse(&config.to_string())?, self)
    }

    /// Calls an overrider as its component would be called: the config is read into its type first.
    ///
    /// # Errors
    ///
    /// The overrider's fault, or the one for a config that can't be read.
    pub fn patch<T: Overrider>(&self, config: Value) -> Result<Vec<Amendment>, Fault> {
        T::patch(config::parse(&config.to_string())?, self)
    }

    /// The questions so far, in order, such as `fleet.find lyon` or `target.get 0 /metadata/labels`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// What was logged so far.
    pub fn logged(&self) -> Vec<(Level, String)> {
        self.logged.borrow().clone()
    }
}

/// A patch as the JSON document that RFC 6902 describes.
pub fn document(patch: &[Operation]) -> Value {
    let operation = |operation: &Operation| match operation {
        Operation::Add { at, value } => json!({"op": "add", "path": at, "value": value}),
        Operation::Replace { at, value } => json!({"op": "replace", "path": at, "value": value}),
        Operation::Remove { at } => json!({"op": "remove", "path": at}),
        Operation::Test { at, value } => json!({"op": "test", "path": at, "value": value}),
    };
    patch.iter().map(operation).collect()
}

impl Answers {
    fn ask(&self, question: impl Into<String>) {
        self.asked.borrow_mut().push(question.into());
    }

    fn cluster(&self, place: Cluster) -> &Value {
        let cluster = usize::try_from(place).ok().and_then(|place| self.clusters.get(place));
        cluster
            .unwrap_or_else(|| panic!("cluster {place} is not on offer, there are {}", self.clusters.len()))
    }

    fn places(&self) -> impl Iterator<Item = (Cluster, &Value)> {
        (0..).zip(&self.clusters)
    }
}

impl Questions for Answers {
    fn template_get(&self, at: &str) -> Option<Value> {
        self.ask(format!("template.get {at}"));
        self.template.pointer(at).cloned()
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

    fn request_replicas(&self) -> Option<u32> {
        self.ask("request.replicas");
        self.replicas
    }

    fn target_clusters(&self) -> Vec<Cluster> {
        self.ask("target.clusters");
        self.targets.keys().copied().collect()
    }
    fn target_alike(&self) -> Vec<Vec<Cluster>> {
        self.ask("target.alike");
        let mut groups: Vec<(&Value, Vec<Cluster>)> = Vec::new();
        for (place, object) in &self.targets {
            match groups.iter_mut().find(|(other, _)| *other == object) {
                Some((_, alike)) => alike.push(*place),
                None => groups.push((object, vec![*place])),
            }
        }
        groups.into_iter().map(|(_, alike)| alike).collect()
    }
    fn target_get(&self, on: Cluster, at: &str) -> Option<Value> {
        self.ask(format!("target.get {on} {at}"));
        self.targets.get(&on)?.pointer(at).cloned()
    }

    fn log(&self, level: Level, message: &str) {
        self.logged.borrow_mut().push((level, message.to_owned()));
    }
}

fn name(cluster: &Value) -> String {
    cluster["metadata"]["name"].as_str().expect("a cluster has a metadata.name").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        Answers::default().clusters([
            json!({"metadata": {"name": "b", "labels": {"env": "prod"}}}),
            json!({"metadata": {"name": "a"}, "spec": {"region": "eu"}}),
            json!({"metadata": {"name": "c", "labels": {"env": "dev"}}}),
        ])
    }

    #[test]
    fn clusters_are_known_by_place_in_the_order_of_their_names() {
        let answers = answers();
        assert_eq!(answers.fleet_names(), ["a", "b", "c"]);
        assert_eq!(answers.fleet_find("c"), Some(2));
        assert_eq!(answers.fleet_find("d"), None);
        assert_eq!(answers.fleet_label(1, "env").as_deref(), Some("prod"));
        assert_eq!(answers.fleet_column("/spec/region"), [json!("eu"), Value::Null, Value::Null]);
        assert_eq!(
            answers.asked(),
            ["fleet.names", "fleet.find c", "fleet.find d", "fleet.label 1 env", "fleet.column /spec/region"]
        );
    }

    #[test]
    fn equal_objects_are_grouped() {
        let (one, other) = (json!({"spec": 1}), json!({"spec": 2}));
        let answers = answers().target("a", one.clone()).target("b", other).target("c", one);
        assert_eq!(answers.target_clusters(), [0, 1, 2]);
        assert_eq!(answers.target_alike(), [vec![0, 2], vec![1]]);
        assert_eq!(answers.target_get(1, "/spec"), Some(json!(2)));
    }

    #[test]
    #[should_panic = "cluster 3 is not on offer, there are 3"]
    fn a_cluster_that_is_not_on_offer_ends_the_call() {
        answers().fleet_name(3);
    }

    #[test]
    fn default_answers_are_made_of_the_others() {
        /// The least that can be asked.
        struct Least(Answers);
        impl Questions for Least {
            fn template_get(&self, at: &str) -> Option<Value> {
                self.0.template_get(at)
            }
            fn fleet_size(&self) -> u32 {
                self.0.fleet_size()
            }
            fn fleet_name(&self, of: Cluster) -> String {
                self.0.fleet_name(of)
            }
            fn fleet_get(&self, of: Cluster, at: &str) -> Option<Value> {
                self.0.fleet_get(of, at)
            }
            fn fleet_matching(&self, selector: &Value) -> Result<Vec<Cluster>, String> {
                self.0.fleet_matching(selector)
            }
            fn target_clusters(&self) -> Vec<Cluster> {
                self.0.target_clusters()
            }
            fn target_get(&self, on: Cluster, at: &str) -> Option<Value> {
                self.0.target_get(on, at)
            }
            fn log(&self, _: Level, _: &str) {}
        }
        let least = Least(answers().target("b", json!({})).target("c", json!({})));
        assert_eq!(least.fleet_names(), ["a", "b", "c"]);
        assert_eq!(least.fleet_find("b"), Some(1));
        assert_eq!(least.fleet_label(2, "env").as_deref(), Some("dev"));
        assert_eq!(least.fleet_label(0, "env"), None);
        assert_eq!(least.fleet_column("/spec/region"), [json!("eu"), Value::Null, Value::Null]);
        assert_eq!(least.request_previous(), [None, None, None]);
        assert_eq!(least.target_alike(), [[1], [2]]);
    }
}
