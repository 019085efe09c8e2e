//! Keeps a template from coming back to clusters that it is being evicted from, until the eviction is over.
//!
//! Where it goes instead is for the other stages to say; this one only sees to it that the way out is no way in.

use portolan_plugin::{Fault, Filter, NoConfig, Questions, Refusal};

/// The plugin.
#[derive(Debug)]
pub struct ClusterEviction;

impl Filter for ClusterEviction {
    type Config = NoConfig;

    fn filter(NoConfig {}: NoConfig, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        let evicting = (0..).zip(questions.request_evicting()).filter(|(_, evicting)| *evicting);
        let clusters = evicting.map(|(cluster, _)| cluster).collect();
        Ok(Refusal::unless_empty("its eviction from there is not over", clusters).into_iter().collect())
    }
}

portolan_plugin::filter!(ClusterEviction);
