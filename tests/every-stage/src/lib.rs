//! A plugin that stands in every stage: what the kit makes of an answer must be what the host takes for one.

use portolan_plugin::{
    Amendment, Assigner, Choice, Estimator, Fault, Filter, Level, Operation, Overrider, Questions, Refusal,
    Scorer, Selector,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// The plugin.
#[derive(Debug)]
pub struct EveryStage;

/// What it is told, in every stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Ends the call with this message.
    #[serde(default)]
    pub panic: Option<String>,
}

impl Filter for EveryStage {
    type Config = Config;

    fn filter(config: Config, questions: &dyn Questions) -> Result<Vec<Refusal>, Fault> {
        questions.log(Level::Info, "asked as a filter");
        if let Some(message) = config.panic {
            panic!("{message}");
        }
        let first = questions.fleet_find("a").into_iter().collect();
        Ok(Refusal::unless_empty("it is the first", first).into_iter().collect())
    }
}

impl Scorer for EveryStage {
    type Config = Config;

    /// By place.
    fn score(_: Config, questions: &dyn Questions) -> Result<Vec<u8>, Fault> {
        Ok((0_u8..).step_by(10).take(questions.fleet_names().len()).collect())
    }
}

impl Estimator for EveryStage {
    type Config = Config;

    /// By what the cluster says of its nodes.
    fn estimate(_: Config, questions: &dyn Questions) -> Result<Vec<Option<u32>>, Fault> {
        let nodes = questions.fleet_column("/status/nodes").into_iter();
        Ok(nodes.map(|nodes| nodes.as_u64().and_then(|nodes| u32::try_from(nodes).ok())).collect())
    }
}

impl Selector for EveryStage {
    type Config = Config;

    /// The last two, last first.
    fn select(_: Config, questions: &dyn Questions) -> Result<Choice, Fault> {
        let mut chosen: Vec<_> = (0..questions.fleet_size()).rev().collect();
        let refused = chosen.split_off(2);
        Ok(Choice { chosen, refused: Refusal::unless_empty("two are enough", refused).into_iter().collect() })
    }
}

impl Assigner for EveryStage {
    type Config = Config;

    /// One more a rank, and what the policy lists on top.
    fn assign(_: Config, questions: &dyn Questions) -> Result<Vec<u32>, Fault> {
        let ranking = questions.request_ranking();
        let weights = questions.request_weights().unwrap_or_else(|| vec![0; ranking.len()]);
        let listed = |place: usize| weights.get(place).and_then(|weight| u32::try_from(*weight).ok());
        let mut replicas = vec![0; ranking.len()];
        for (rank, place) in (1..).zip(ranking) {
            let at = usize::try_from(place).map_err(|_| Fault::Internal("too many clusters".to_owned()))?;
            replicas[at] = rank + listed(at).unwrap_or_default();
        }
        Ok(replicas)
    }
}

impl Overrider for EveryStage {
    type Config = Config;

    /// A patch for the first and a fault for all others, and something to tell about either.
    fn patch(_: Config, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        let patch = vec![Operation::Add { at: "/data".to_owned(), value: json!({"by": "every-stage"}) }];
        let mut first = questions.target_clusters();
        let others = first.split_off(1);
        let fault = Fault::Template("one is enough".to_owned());
        Ok(vec![
            Amendment::new(first, patch).warning("it is the first"),
            Amendment::fault(others, fault).warning("it is not the first").warning("it is another"),
        ])
    }
}

portolan_plugin::stages!(EveryStage: Filter, Scorer, Estimator, Selector, Assigner, Overrider);
