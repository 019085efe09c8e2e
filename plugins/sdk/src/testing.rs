//! Answers from memory, for native tests of a plugin.
//!
//! ```
//! # use portolan_plugin::{Fault, Filter, Questions, Refusal};
//! # struct NoSpares;
//! # impl Filter for NoSpares {
//! #     type Config = serde_json::Value;
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

mod calls;
mod patched;
mod questions;
mod selector;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Cluster, Level, Operation};

/// What a plugin is told in a test, and a record of what it asked.
///
/// Where nothing was given it answers as for a call that has nothing of the kind: no clusters, a template
/// that is null. Like the host, it panics where a cluster is asked about that is not on offer.
#[derive(Debug, Default)]
pub struct Answers {
    template: Value,
    observed: Value,
    clusters: Vec<Value>,
    targets: BTreeMap<Cluster, Value>,
    request: Request,
    asked: RefCell<Vec<String>>,
    logged: RefCell<Vec<(Level, String)>>,
}

/// What is asked for, and what is known so far.
#[derive(Debug, Default)]
struct Request {
    replicas: Option<u32>,
    requirements: Option<Value>,
    fresh: bool,
    seed: String,
    placed: Vec<Cluster>,
    ranking: Option<Vec<Cluster>>,
    clusters: BTreeMap<Cluster, Known>,
}

/// What is known of a cluster beside its object.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    previous: Option<u32>,
    evicting: bool,
    score: u32,
    available: Option<u32>,
    tier: u32,
    weight: Option<u64>,
}

/// What is told.
impl Answers {
    /// The object that the call is about.
    pub fn template(mut self, object: Value) -> Self {
        self.template = object;
        self
    }

    /// The object as a member has it.
    pub fn observed(mut self, object: Value) -> Self {
        self.observed = object;
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
        self.targets.insert(self.place(cluster), object);
        self
    }

    /// How many replicas are asked for.
    pub fn replicas(mut self, replicas: u32) -> Self {
        self.request.replicas = Some(replicas);
        self
    }

    /// What one replica needs.
    pub fn requirements(mut self, requirements: Value) -> Self {
        self.request.requirements = Some(requirements);
        self
    }

    /// A person asked to decide anew.
    pub fn fresh(mut self) -> Self {
        self.request.fresh = true;
        self
    }

    /// The template's UID.
    pub fn seed(mut self, seed: &str) -> Self {
        seed.clone_into(&mut self.request.seed);
        self
    }

    /// The replicas that the last decision gave a cluster; it named them in the order of these calls. This and what follows panics, as `target` does, where the
    /// cluster is not on offer.
    pub fn previously(mut self, cluster: &str, replicas: u32) -> Self {
        self.known(cluster).previous = Some(replicas);
        let place = self.place(cluster);
        self.request.placed.retain(|other| *other != place);
        self.request.placed.push(place);
        self
    }

    /// The template is on its way out of a cluster.
    pub fn evicting(mut self, cluster: &str) -> Self {
        self.known(cluster).evicting = true;
        self
    }

    /// The sum of what all scorers say of a cluster.
    pub fn scored(mut self, cluster: &str, score: u32) -> Self {
        self.known(cluster).score = score;
        self
    }

    /// The least of what all estimators say of a cluster.
    pub fn available(mut self, cluster: &str, replicas: u32) -> Self {
        self.known(cluster).available = Some(replicas);
        self
    }

    /// The overflow tier of a cluster.
    pub fn tier(mut self, cluster: &str, tier: u32) -> Self {
        self.known(cluster).tier = tier;
        self
    }

    /// The highest weight that the policy lists for a cluster. Where one has a weight, those that are not named have 0.
    pub fn weighing(mut self, cluster: &str, weight: u64) -> Self {
        self.known(cluster).weight = Some(weight);
        self
    }

    /// All clusters on offer in the order in which the selector chose them.
    ///
    /// # Panics
    ///
    /// When it is not each cluster on offer, once.
    pub fn ranking(mut self, best_first: &[&str]) -> Self {
        let ranking: Vec<_> = best_first.iter().map(|cluster| self.place(cluster)).collect();
        self.check_offered(&ranking);
        self.check_one_each("rank", ranking.len());
        self.request.ranking = Some(ranking);
        self
    }
}

/// What was asked.
impl Answers {
    /// The questions so far, in order, such as `fleet.find lyon` or `target.get 0 /metadata/labels`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// What was logged so far.
    pub fn logged(&self) -> Vec<(Level, String)> {
        self.logged.borrow().clone()
    }
}

/// An object with a patch applied, as the host applies it.
///
/// # Panics
///
/// When the patch does not apply.
pub fn patched(object: &Value, patch: &[Operation]) -> Value {
    patched::patched(object, patch)
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

    fn place(&self, cluster: &str) -> Cluster {
        let place = self.places().find(|(_, one)| name(one) == cluster).map(|(place, _)| place);
        place.unwrap_or_else(|| panic!("{cluster} is not on offer; call clusters first"))
    }

    fn known(&mut self, cluster: &str) -> &mut Known {
        let place = self.place(cluster);
        self.request.clusters.entry(place).or_default()
    }

    /// What is known of each cluster, in order.
    fn column<T>(&self, of: impl Fn(Known) -> T) -> Vec<T> {
        let known = |place| self.request.clusters.get(&place).copied().unwrap_or_default();
        self.places().map(|(place, _)| of(known(place))).collect()
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

fn name(cluster: &Value) -> String {
    cluster["metadata"]["name"].as_str().expect("a cluster has a metadata.name").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assigner, Choice, Estimator, Fault, Questions, Scorer, Selector, Served};

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
    fn clusters_are_told_by_what_they_serve_and_by_what_is_alike() {
        let serves = |name: &str, kind: &str, complete: &str| {
            let enabled = json!([{"groupVersion": "v1", "resources": [{"kind": kind}]}]);
            let conditions = json!([{"type": "CompleteAPIEnablements", "status": complete}]);
            json!({"metadata": {"name": name}, "status": {"apiEnablements": enabled, "conditions": conditions}})
        };
        let answers = Answers::default().clusters([
            serves("a", "Pod", "False"),
            serves("b", "Node", "True"),
            serves("c", "Node", "False"),
            json!({"metadata": {"name": "d"}}),
        ]);
        let expected = [Served::Listed, Served::Missing, Served::Unlisted, Served::Unknown];
        assert_eq!(answers.fleet_serving("v1", "Pod"), expected);
        assert_eq!(answers.fleet_alike("/status/conditions"), [vec![0, 2], vec![1], vec![3]]);
        assert_eq!(answers.asked(), ["fleet.serving v1 Pod", "fleet.alike /status/conditions"]);
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

    /// A plugin that stands in every stage after the filters, and answers what it is configured to.
    struct Said;

    /// Config and answer at once.
    type Places = Vec<u32>;

    impl Scorer for Said {
        type Config = Vec<u8>;
        fn score(config: Vec<u8>, _: &dyn Questions) -> Result<Vec<u8>, Fault> {
            Ok(config)
        }
    }

    impl Estimator for Said {
        type Config = ();
        fn estimate((): (), questions: &dyn Questions) -> Result<Vec<Option<u32>>, Fault> {
            Ok(questions.request_available())
        }
    }

    impl Selector for Said {
        type Config = Places;
        fn select(chosen: Places, _: &dyn Questions) -> Result<Choice, Fault> {
            Ok(Choice { chosen, refused: Vec::new() })
        }
    }

    impl Assigner for Said {
        type Config = ();
        fn assign((): (), questions: &dyn Questions) -> Result<Vec<u32>, Fault> {
            let replicas = questions.request_replicas().unwrap_or_default();
            let scores = questions.request_scores();
            let sum: u32 = scores.iter().sum();
            Ok(scores.into_iter().map(|score| replicas * score / sum).collect())
        }
    }

    #[test]
    #[should_panic = "no cluster gets any of 10 replicas"]
    fn an_assigner_drops_not_every_cluster() {
        let _ = answers().replicas(10).assign::<Nobody>(Value::Null);
    }

    struct Nobody;

    impl Assigner for Nobody {
        type Config = Value;

        fn assign(_: Value, questions: &dyn Questions) -> Result<Vec<u32>, Fault> {
            Ok(vec![0; questions.fleet_size() as usize])
        }
    }

    #[test]
    fn every_stage_is_called_with_its_config_and_answers_from_memory() {
        let answers = answers().replicas(10).scored("a", 30).scored("c", 70).available("b", 4);
        assert_eq!(answers.score::<Said>(json!([1, 2, 100])), Ok(vec![1, 2, 100]));
        assert_eq!(answers.estimate::<Said>(Value::Null), Ok(vec![None, Some(4), None]));
        assert_eq!(answers.select::<Said>(json!([2, 0])).map(|choice| choice.chosen), Ok(vec![2, 0]));
        assert_eq!(answers.assign::<Said>(Value::Null), Ok(vec![3, 0, 7]));
        assert_eq!(answers.asked(), ["request.available", "request.replicas", "request.scores"]);
        assert!(matches!(answers.score::<Said>(json!("much")), Err(Fault::Config(_))));
    }

    #[test]
    fn what_is_known_of_a_cluster_is_told_by_its_name() {
        let answers = answers()
            .previously("c", 2)
            .previously("b", 1)
            .evicting("b")
            .tier("a", 1)
            .weighing("b", 3)
            .ranking(&["c", "a", "b"])
            .seed("7e9f")
            .fresh()
            .requirements(json!({"cpu": "1"}));
        assert_eq!(answers.request_previous(), [None, Some(1), Some(2)]);
        assert_eq!(answers.request_placed(), [2, 1]);
        assert_eq!(answers.request_evicting(), [false, true, false]);
        assert_eq!(answers.request_tiers(), [1, 0, 0]);
        assert_eq!(answers.request_weights(), Some(vec![0, 3, 0]));
        assert_eq!(answers.request_ranking(), [2, 0, 1]);
        assert_eq!(answers.request_seed(), "7e9f");
        assert!(answers.request_fresh());
        assert_eq!(answers.request_requirements(), Some(json!({"cpu": "1"})));
    }

    #[test]
    fn a_policy_without_weights_lists_none_and_nobody_ranked_is_the_order_of_names() {
        assert_eq!(answers().request_weights(), None);
        assert_eq!(answers().request_ranking(), [0, 1, 2]);
    }

    #[test]
    #[should_panic = "there is one rank for each cluster on offer"]
    fn a_ranking_of_some_clusters_ends_the_test() {
        drop(answers().ranking(&["a", "b"]));
    }

    #[test]
    #[should_panic = "a score is 0 to 100"]
    fn a_score_out_of_range_ends_the_test() {
        drop(answers().score::<Said>(json!([0, 101, 0])));
    }

    #[test]
    #[should_panic = "there is one score for each cluster on offer"]
    fn a_score_too_few_ends_the_test() {
        drop(answers().score::<Said>(json!([0, 1])));
    }

    #[test]
    #[should_panic = "a cluster is named twice: [1, 1]"]
    fn a_cluster_that_is_taken_twice_ends_the_test() {
        drop(answers().select::<Said>(json!([1, 1])));
    }

    #[test]
    #[should_panic = "cluster 3 is not on offer, there are 3"]
    fn a_cluster_that_is_taken_without_being_offered_ends_the_test() {
        drop(answers().select::<Said>(json!([3])));
    }

    #[test]
    #[should_panic = "2147483648 replicas are more than Kubernetes counts, 2147483647"]
    fn more_replicas_than_kubernetes_counts_end_the_test() {
        drop(answers().available("b", 2_147_483_648).estimate::<Said>(Value::Null));
    }

    #[test]
    #[should_panic = "cluster 3 is not on offer, there are 3"]
    fn a_target_that_is_not_on_offer_ends_the_call() {
        answers().target_get(3, "");
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
        assert_eq!(least.fleet_alike("/spec/region"), [vec![0], vec![1, 2]]);
        assert_eq!(least.fleet_serving("v1", "Pod"), [Served::Unknown; 3]);
        assert_eq!(least.request_previous(), [None, None, None]);
        assert_eq!(least.request_placed(), [0; 0]);
        assert_eq!((least.request_weights(), least.request_ranking()), (None, vec![0, 1, 2]));
        assert_eq!(least.target_alike(), [[1], [2]]);
    }
}
