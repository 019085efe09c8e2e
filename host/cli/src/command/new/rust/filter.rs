//! Keeps objects in one region.

use std::collections::BTreeMap;

use portolan_plugin::{Cluster, Fault, Filter, Questions, Refusal};
use schemars::JsonSchema;
use serde::Deserialize;

/// The plugin.
pub struct Plugin;

/// What a policy tells it. Types and comments become the schema that `portolan plugin inspect` shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The one region, as `spec.region` of a cluster has it.
    #[schemars(length(min = 1))]
    region: String,
}

impl Filter for Plugin {
    type Config = Config;

    fn filter(config: Config, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        let mut refused: BTreeMap<String, Vec<Cluster>> = BTreeMap::new();
        // One question for all clusters, however many there are. A cluster without a region has null.
        let regions = questions.fleet_column("/spec/region");
        for (cluster, region) in (0..).zip(regions) {
            let reason = match region.as_str() {
                Some(region) if region == config.region => continue,
                Some(region) => format!("it is in {region}, not in {}", config.region),
                None => format!("it says no region, so it may not be in {}", config.region),
            };
            refused.entry(reason).or_default().push(cluster);
        }
        Ok(refused
            .into_iter()
            .map(|(reason, clusters)| Refusal { reason, clusters })
            .collect())
    }
}

portolan_plugin::filter!(Plugin);

#[cfg(test)]
mod tests {
    use super::Plugin;
    use portolan_plugin::testing::Answers;
    use portolan_plugin::{Fault, Refusal};
    use serde_json::json;

    fn answers() -> Answers {
        Answers::default().clusters([
            json!({"metadata": {"name": "dublin"}, "spec": {"region": "eu"}}),
            json!({"metadata": {"name": "oregon"}, "spec": {"region": "us"}}),
            json!({"metadata": {"name": "somewhere"}}),
        ])
    }

    #[test]
    fn clusters_elsewhere_are_refused_with_a_reason() {
        let answers = answers();
        let refusals = answers
            .filter::<Plugin>(json!({"region": "eu"}))
            .expect("the config is right");
        assert_eq!(
            refusals,
            [
                Refusal {
                    reason: "it is in us, not in eu".to_owned(),
                    clusters: vec![1]
                },
                Refusal {
                    reason: "it says no region, so it may not be in eu".to_owned(),
                    clusters: vec![2]
                },
            ]
        );
        assert_eq!(answers.asked(), ["fleet.column /spec/region"]);
    }

    #[test]
    fn a_slip_in_the_config_is_named() {
        let fault = answers()
            .filter::<Plugin>(json!({"regoin": "eu"}))
            .expect_err("there is no such field");
        assert_eq!(
            fault,
            Fault::Config("there is no field \"regoin\"; valid is region".to_owned())
        );
    }
}
