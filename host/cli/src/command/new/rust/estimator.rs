//! Expects so many replicas to fit on each node.

use portolan_plugin::{Estimator, Fault, Questions};
use schemars::JsonSchema;
use serde::Deserialize;

/// As far as Kubernetes counts.
const MOST: u64 = 2_147_483_647;

/// The plugin.
pub struct Plugin;

/// What a policy tells it. Types and comments become the schema that `portolan plugin inspect` shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many replicas one node takes.
    #[serde(rename = "replicasPerNode")]
    replicas_per_node: u32,
}

impl Estimator for Plugin {
    type Config = Config;

    fn estimate(config: Config, questions: &dyn Questions) -> Result<Vec<Option<u32>>, Fault> {
        // One question for all clusters, however many there are. A cluster that says nothing has null.
        let nodes = questions.fleet_column("/status/nodeSummary/readyNum");
        let room = |nodes: u64| {
            nodes
                .saturating_mul(config.replicas_per_node.into())
                .min(MOST)
        };
        Ok(nodes
            .iter()
            .map(|nodes| u32::try_from(room(nodes.as_u64()?)).ok())
            .collect())
    }
}

portolan_plugin::estimator!(Plugin);

#[cfg(test)]
mod tests {
    use super::Plugin;
    use portolan_plugin::Fault;
    use portolan_plugin::testing::Answers;
    use serde_json::json;

    fn answers() -> Answers {
        Answers::default().clusters([
            json!({"metadata": {"name": "dublin"}, "status": {"nodeSummary": {"readyNum": 3}}}),
            json!({"metadata": {"name": "oregon"}, "status": {"nodeSummary": {"readyNum": 0}}}),
            json!({"metadata": {"name": "somewhere"}}),
        ])
    }

    #[test]
    fn room_is_told_where_nodes_are() {
        let estimates = answers().estimate::<Plugin>(json!({"replicasPerNode": 5}));
        assert_eq!(estimates, Ok(vec![Some(15), Some(0), None]));
    }

    #[test]
    fn a_slip_in_the_config_is_named() {
        let fault = answers()
            .estimate::<Plugin>(json!({"replicasPerNodes": 5}))
            .expect_err("there is no such field");
        assert_eq!(
            fault,
            Fault::Config(
                "there is no field \"replicasPerNodes\"; valid is replicasPerNode".to_owned()
            )
        );
    }
}
