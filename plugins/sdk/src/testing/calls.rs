//! A plugin is called with what it is told, and its answer held against the contract.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Answers;
use crate::{
    Amendment, Assigner, Choice, Cluster, Estimator, Fault, Filter, Overrider, Refusal, Scorer, Selector,
    config,
};

/// What came of it. A plugin is called as its component would be: the config is read into its type first, and an answer
/// that breaks the contract is the test's end.
impl Answers {
    /// Calls a filter.
    ///
    /// # Errors
    ///
    /// The filter's fault, or the one for a config that can't be read.
    ///
    /// # Panics
    ///
    /// When it refuses a cluster that is not on offer.
    pub fn filter<T: Filter>(&self, config: Value) -> Result<Vec<Refusal>, Fault> {
        let refusals = T::filter(config::parse(&config.to_string())?, self)?;
        refusals.iter().for_each(|refusal| self.check_offered(&refusal.clusters));
        Ok(refusals)
    }

    /// Calls a scorer.
    ///
    /// # Errors
    ///
    /// The scorer's fault, or the one for a config that can't be read.
    ///
    /// # Panics
    ///
    /// When there is not one score, 0 to 100, for each cluster on offer.
    pub fn score<T: Scorer>(&self, config: Value) -> Result<Vec<u8>, Fault> {
        let scores = T::score(config::parse(&config.to_string())?, self)?;
        self.check_one_each("score", scores.len());
        let above = scores.iter().find(|score| **score > 100);
        assert_eq!(above, None, "a score is 0 to 100");
        Ok(scores)
    }

    /// Calls an estimator.
    ///
    /// # Errors
    ///
    /// The estimator's fault, or the one for a config that can't be read.
    ///
    /// # Panics
    ///
    /// When there is not one estimate for each cluster on offer, or one is more than Kubernetes can count.
    pub fn estimate<T: Estimator>(&self, config: Value) -> Result<Vec<Option<u32>>, Fault> {
        let estimates = T::estimate(config::parse(&config.to_string())?, self)?;
        self.check_one_each("estimate", estimates.len());
        estimates.iter().flatten().for_each(|estimate| check_countable(u64::from(*estimate)));
        Ok(estimates)
    }

    /// Calls a selector.
    ///
    /// # Errors
    ///
    /// The selector's fault, or the one for a config that can't be read.
    ///
    /// # Panics
    ///
    /// When it takes or refuses a cluster that is not on offer, takes one twice, or takes one and refuses it.
    pub fn select<T: Selector>(&self, config: Value) -> Result<Choice, Fault> {
        let choice = T::select(config::parse(&config.to_string())?, self)?;
        self.check_offered(&choice.chosen);
        choice.refused.iter().for_each(|refusal| self.check_offered(&refusal.clusters));
        let both = choice
            .refused
            .iter()
            .flat_map(|refusal| &refusal.clusters)
            .find(|one| choice.chosen.contains(one));
        assert!(both.is_none(), "a cluster is both taken and refused: {both:?}");
        Ok(choice)
    }

    /// Calls an assigner.
    ///
    /// # Errors
    ///
    /// The assigner's fault, or the one for a config that can't be read.
    ///
    /// # Panics
    ///
    /// When there is not one number of replicas for each cluster on offer, all together are more than Kubernetes can
    /// count, or no cluster gets any although there are some.
    pub fn assign<T: Assigner>(&self, config: Value) -> Result<Vec<u32>, Fault> {
        let replicas = T::assign(config::parse(&config.to_string())?, self)?;
        self.check_one_each("number of replicas", replicas.len());
        let given = replicas.iter().copied().map(u64::from).sum();
        check_countable(given);
        let all = self.request.replicas.unwrap_or_default();
        assert!(
            given > 0 || all == 0,
            "no cluster gets any of {all} replicas; what fits nowhere is unschedulable"
        );
        Ok(replicas)
    }

    /// Calls an overrider.
    ///
    /// # Errors
    ///
    /// The overrider's fault, or the one for a config that can't be read.
    ///
    /// # Panics
    ///
    /// When it names a cluster that the rule does not target, or one twice.
    pub fn patch<T: Overrider>(&self, config: Value) -> Result<Vec<Amendment>, Fault> {
        let amendments = T::patch(config::parse(&config.to_string())?, self)?;
        let mut named = BTreeSet::new();
        for cluster in amendments.iter().flat_map(|amendment| &amendment.clusters) {
            assert!(self.targets.contains_key(cluster), "the rule does not target cluster {cluster}");
            assert!(named.insert(cluster), "cluster {cluster} is named twice");
        }
        Ok(amendments)
    }

    /// Each is on offer, and named once.
    pub(super) fn check_offered(&self, places: &[Cluster]) {
        let mut named = BTreeSet::new();
        for place in places {
            self.cluster(*place);
            assert!(named.insert(place), "a cluster is named twice: {places:?}");
        }
    }

    pub(super) fn check_one_each(&self, what: &str, answers: usize) {
        let size = self.clusters.len();
        assert_eq!(answers, size, "there is one {what} for each cluster on offer, in their order");
    }
}

/// Kubernetes' numbers of replicas are int32.
fn check_countable(replicas: u64) {
    assert!(
        i32::try_from(replicas).is_ok(),
        "{replicas} replicas are more than Kubernetes counts, {}",
        i32::MAX
    );
}
