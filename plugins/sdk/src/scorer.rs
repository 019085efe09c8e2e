use crate::{Config, Fault, Questions};

/// Says how good each cluster is.
///
/// On offer are the clusters that passed the filters. What several scorers say of a cluster is added up.
pub trait Scorer {
    /// What a policy tells it.
    type Config: Config;

    /// 0 to 100 for each cluster on offer, in their order.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where there is no right answer. A cluster that is no good has a low score.
    fn score(config: Self::Config, questions: &dyn Questions) -> Result<Vec<u8>, Fault>;
}
