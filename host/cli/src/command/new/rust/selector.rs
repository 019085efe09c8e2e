//! Takes the best clusters of each region.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use portolan_plugin::{Choice, Cluster, Fault, Questions, Refusal, Selector};
use schemars::JsonSchema;
use serde::Deserialize;

/// The plugin.
pub struct Plugin;

/// What a policy tells it. Types and comments become the schema that `portolan plugin inspect` shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many clusters of each region are taken.
    #[serde(rename = "perRegion")]
    #[schemars(range(min = 1))]
    per_region: u32,
}

impl Selector for Plugin {
    type Config = Config;

    fn select(config: Config, questions: &dyn Questions) -> Result<Choice, Fault> {
        // One question for all clusters, however many there are. A cluster without a region has null.
        let regions = questions.fleet_column("/spec/region");
        let scores = questions.request_scores();
        let mut best_first: Vec<Cluster> = (0..questions.fleet_size()).collect();
        // Places are in the order of names, and a stable sort keeps that where scores are equal.
        best_first.sort_by_key(|cluster| Reverse(scores.get(*cluster as usize).copied()));
        let mut taken: BTreeMap<&str, u32> = BTreeMap::new();
        let (mut chosen, mut others, mut nowhere) = (Vec::new(), Vec::new(), Vec::new());
        for cluster in best_first {
            match regions[cluster as usize].as_str() {
                None => nowhere.push(cluster),
                Some(region) => {
                    let of_region = taken.entry(region).or_default();
                    if *of_region < config.per_region {
                        *of_region += 1;
                        chosen.push(cluster);
                    } else {
                        others.push(cluster);
                    }
                }
            }
        }
        let better = Refusal::unless_empty("enough of its region are better", others);
        let unknown = Refusal::unless_empty("it says no region", nowhere);
        let refused = better.into_iter().chain(unknown).collect();
        Ok(Choice { chosen, refused })
    }
}

portolan_plugin::selector!(Plugin);

#[cfg(test)]
mod tests {
    use super::Plugin;
    use portolan_plugin::testing::Answers;
    use portolan_plugin::{Choice, Fault, Refusal};
    use serde_json::json;

    fn answers() -> Answers {
        Answers::default()
            .clusters([
                json!({"metadata": {"name": "dublin"}, "spec": {"region": "eu"}}),
                json!({"metadata": {"name": "oregon"}, "spec": {"region": "us"}}),
                json!({"metadata": {"name": "paris"}, "spec": {"region": "eu"}}),
                json!({"metadata": {"name": "somewhere"}}),
            ])
            .scored("paris", 10)
    }

    #[test]
    fn the_best_of_each_region_are_taken() {
        let choice = answers().select::<Plugin>(json!({"perRegion": 1}));
        let refusal = |reason: &str, clusters: Vec<u32>| Refusal {
            reason: reason.to_owned(),
            clusters,
        };
        let refused = vec![
            refusal("enough of its region are better", vec![0]),
            refusal("it says no region", vec![3]),
        ];
        let chosen = vec![2, 1];
        assert_eq!(choice, Ok(Choice { chosen, refused }));
    }

    #[test]
    fn a_slip_in_the_config_is_named() {
        let fault = answers()
            .select::<Plugin>(json!({"perRegoin": 1}))
            .expect_err("there is no such field");
        assert_eq!(
            fault,
            Fault::Config("there is no field \"perRegoin\"; valid is perRegion".to_owned())
        );
    }
}
