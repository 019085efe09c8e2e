//! Prefers clusters of one region.

use portolan_plugin::{Fault, Questions, Scorer};
use schemars::JsonSchema;
use serde::Deserialize;

/// The plugin.
pub struct Plugin;

/// What a policy tells it. Types and comments become the schema that `portolan plugin inspect` shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The region, as `spec.region` of a cluster has it.
    #[schemars(length(min = 1))]
    region: String,
}

impl Scorer for Plugin {
    type Config = Config;

    /// All there is for a cluster of that region, half for one that says none, nothing for others.
    fn score(config: Config, questions: &dyn Questions) -> Result<Vec<u8>, Fault> {
        // One question for all clusters, however many there are. A cluster without a region has null.
        let regions = questions.fleet_column("/spec/region");
        let score = |region: &serde_json::Value| match region.as_str() {
            Some(region) if region == config.region => 100,
            Some(_) => 0,
            None => 50,
        };
        Ok(regions.iter().map(score).collect())
    }
}

portolan_plugin::scorer!(Plugin);

#[cfg(test)]
mod tests {
    use super::Plugin;
    use portolan_plugin::Fault;
    use portolan_plugin::testing::Answers;
    use serde_json::json;

    fn answers() -> Answers {
        Answers::default().clusters([
            json!({"metadata": {"name": "dublin"}, "spec": {"region": "eu"}}),
            json!({"metadata": {"name": "oregon"}, "spec": {"region": "us"}}),
            json!({"metadata": {"name": "somewhere"}}),
        ])
    }

    #[test]
    fn clusters_of_the_region_are_best() {
        let scores = answers().score::<Plugin>(json!({"region": "eu"}));
        assert_eq!(scores, Ok(vec![100, 0, 50]));
    }

    #[test]
    fn a_slip_in_the_config_is_named() {
        let fault = answers()
            .score::<Plugin>(json!({"regoin": "eu"}))
            .expect_err("there is no such field");
        assert_eq!(
            fault,
            Fault::Config("there is no field \"regoin\"; valid is region".to_owned())
        );
    }
}
