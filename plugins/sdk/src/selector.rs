use crate::{Cluster, Config, Fault, Questions, Refusal};

/// Says which clusters are taken. A policy has one selector.
///
/// On offer are the clusters that passed the filters; scores and availability are known.
pub trait Selector {
    /// What a policy tells it.
    type Config: Config;

    /// The clusters that are taken, and why the others are not.
    ///
    /// # Errors
    ///
    /// [`Fault::Unschedulable`] where no choice would do; another one where there is no right answer.
    fn select(config: Self::Config, questions: &dyn Questions) -> Result<Choice, Fault>;
}

/// Which clusters are taken, and why the others are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Best first, each once.
    pub chosen: Vec<Cluster>,
    /// Grouped by reason, for the person who wonders why an object is not there.
    pub refused: Vec<Refusal>,
}
