use crate::{Cluster, Config, Fault, Questions};

/// Says which clusters are out of the question.
///
/// A filter sees every cluster on offer and never another filter's answer; one refusal keeps a cluster out.
pub trait Filter {
    /// What a policy tells it.
    type Config: Config;

    /// The clusters that are left out, grouped by reason. A cluster may be refused for several reasons, each
    /// said once.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where the question can't be answered at all. A cluster that does not fit is a refusal, not
    /// a fault.
    fn filter(config: Self::Config, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault>;
}

/// Clusters that are left out, with the one reason that they share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// For the person who wonders why an object is not there.
    pub reason: String,
    /// Ascending, each once.
    pub clusters: Vec<Cluster>,
}

impl Refusal {
    /// The refusal of these clusters, or none where there are no clusters to refuse.
    pub fn unless_empty(reason: impl Into<String>, clusters: Vec<Cluster>) -> Option<Self> {
        (!clusters.is_empty()).then(|| Self { reason: reason.into(), clusters })
    }
}
