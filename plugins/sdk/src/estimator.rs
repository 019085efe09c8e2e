use crate::{Config, Fault, Questions};

/// Says how many replicas each cluster could take.
///
/// On offer are the clusters that passed the filters. Of what several estimators say of a cluster, the least counts.
pub trait Estimator {
    /// What a policy tells it.
    type Config: Config;

    /// For each cluster on offer, in their order, how many replicas fit there; none where that can't be told.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where there is no right answer. A cluster that nothing is known of is none, not a fault.
    fn estimate(config: Self::Config, questions: &dyn Questions) -> Result<Vec<Option<u32>>, Fault>;
}
