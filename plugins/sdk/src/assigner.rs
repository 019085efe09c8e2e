use crate::{Config, Fault, Questions};

/// Divides the replicas among the clusters that were chosen. A policy has one assigner.
///
/// On offer are the clusters that the selector took.
pub trait Assigner {
    /// What a policy tells it.
    type Config: Config;

    /// Replicas for each cluster on offer, in their order; 0 drops it. Not all are dropped while there are replicas to give.
    ///
    /// # Errors
    ///
    /// [`Fault::Unschedulable`] where the replicas fit nowhere; another one where there is no right answer.
    fn assign(config: Self::Config, questions: &dyn Questions) -> Result<Vec<u32>, Fault>;
}
