//! Divides replicas evenly, among no more clusters than are worth it.

use portolan_plugin::{Assigner, Fault, Questions};
use schemars::JsonSchema;
use serde::Deserialize;

/// The plugin.
pub struct Plugin;

/// What a policy tells it. Types and comments become the schema that `portolan plugin inspect` shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A cluster gets at least so many replicas, or none.
    #[schemars(range(min = 1))]
    least: u32,
}

impl Assigner for Plugin {
    type Config = Config;

    fn assign(config: Config, questions: &dyn Questions) -> Result<Vec<u32>, Fault> {
        // Best first, as they were chosen.
        let ranking = questions.request_ranking();
        let replicas = questions.request_replicas().unwrap_or_default();
        let worth_it = replicas / config.least.max(1);
        let taken = u32::try_from(ranking.len())
            .unwrap_or(u32::MAX)
            .min(worth_it);
        if taken == 0 {
            let why = format!(
                "{replicas} replicas are fewer than the {} that one cluster gets",
                config.least
            );
            return Err(Fault::Unschedulable(why));
        }
        let mut given = vec![0; ranking.len()];
        for (rank, place) in (0..taken).zip(ranking) {
            // What is left over goes one by one to the first.
            given[place as usize] = replicas / taken + u32::from(rank < replicas % taken);
        }
        Ok(given)
    }
}

portolan_plugin::assigner!(Plugin);

#[cfg(test)]
mod tests {
    use super::Plugin;
    use portolan_plugin::Fault;
    use portolan_plugin::testing::Answers;
    use serde_json::json;

    fn answers(replicas: u32) -> Answers {
        Answers::default()
            .clusters([
                json!({"metadata": {"name": "dublin"}}),
                json!({"metadata": {"name": "oregon"}}),
                json!({"metadata": {"name": "somewhere"}}),
            ])
            .ranking(&["oregon", "dublin", "somewhere"])
            .replicas(replicas)
    }

    #[test]
    fn clusters_get_the_same_or_nothing() {
        let least_two = || json!({"least": 2});
        assert_eq!(answers(8).assign::<Plugin>(least_two()), Ok(vec![3, 3, 2]));
        assert_eq!(answers(5).assign::<Plugin>(least_two()), Ok(vec![2, 3, 0]));
        let few = answers(1).assign::<Plugin>(least_two());
        assert!(matches!(few, Err(Fault::Unschedulable(_))), "{few:?}");
    }

    #[test]
    fn a_slip_in_the_config_is_named() {
        let fault = answers(1)
            .assign::<Plugin>(json!({"laest": 2}))
            .expect_err("there is no such field");
        assert_eq!(
            fault,
            Fault::Config("there is no field \"laest\"; valid is least".to_owned())
        );
    }
}
