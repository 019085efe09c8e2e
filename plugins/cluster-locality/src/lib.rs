//! Prefers the clusters where a template is already: 100 there, 0 elsewhere. So a template stays where it is as long as
//! nothing else speaks against it, and a new cluster draws nothing away.

use portolan_plugin::{Fault, NoConfig, Questions, Scorer};

/// The plugin.
#[derive(Debug)]
pub struct ClusterLocality;

impl Scorer for ClusterLocality {
    type Config = NoConfig;

    fn score(NoConfig {}: NoConfig, questions: &dyn Questions) -> Result<Vec<u8>, Fault> {
        let score = |previous: Option<u32>| if previous.is_some() { 100 } else { 0 };
        Ok(questions.request_previous().into_iter().map(score).collect())
    }
}

portolan_plugin::scorer!(ClusterLocality);
