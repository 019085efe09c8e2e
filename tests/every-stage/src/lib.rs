//! A plugin that stands in every stage and in every operation of interpreters: what the kit makes of an answer must be what the host takes for one.

use portolan_plugin::{
    Aggregate, Amendment, Assigner, Choice, Dependencies, Dependency, Estimator, Fault, Filter, Health,
    Interpreter, Level, Member, Operation, Overrider, Prune, Questions, Reflect, Refusal, Retain, Scorer,
    Selector, Size, State, Which, Workload,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

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

impl Interpreter for EveryStage {
    const KINDS: &[(&str, &str)] = &[("every.stage/v1", "Thing"), ("every.stage/v2", "Thing")];
}

impl Workload for EveryStage {
    /// By what the template says of its size; none where it says nothing.
    fn replicas(questions: &dyn Questions) -> Result<Option<Size>, Fault> {
        let number =
            |at: &str| Some(u32::try_from(questions.template_get(at)?.as_u64()?).unwrap_or(u32::MAX));
        Ok(number("/spec/size").map(|replicas| Size {
            replicas,
            requirements: questions.template_get("/spec/needs"),
            completions: number("/spec/tasks"),
        }))
    }

    fn revise(
        replicas: u32,
        completions: Option<u32>,
        questions: &dyn Questions,
    ) -> Result<Vec<Operation>, Fault> {
        if questions.template_get("/spec/size").is_none() {
            return Err(Fault::Template("spec.size is missing; valid: a number".to_owned()));
        }
        let size = Operation::Replace { at: "/spec/size".to_owned(), value: json!(replicas) };
        let tasks = |tasks: u32| Operation::Add { at: "/spec/tasks".to_owned(), value: json!(tasks) };
        Ok([Some(size), completions.map(tasks)].into_iter().flatten().collect())
    }
}

impl Prune for EveryStage {
    fn prune(_: &dyn Questions) -> Result<Vec<Operation>, Fault> {
        Ok(vec![Operation::Remove { at: "/spec/own".to_owned() }])
    }
}

impl Retain for EveryStage {
    /// The member's address, whatever the template says.
    fn retain(questions: &dyn Questions) -> Result<Vec<Operation>, Fault> {
        let address = questions.observed_get("/spec/address").into_iter();
        Ok(address.map(|value| Operation::Add { at: "/spec/address".to_owned(), value }).collect())
    }
}

impl Health for EveryStage {
    fn health(questions: &dyn Questions) -> Result<State, Fault> {
        let ready = questions.observed_get("/status/ready");
        Ok(ready.as_ref().and_then(Value::as_bool).map_or(State::Unknown, State::healthy_if))
    }
}

impl Reflect for EveryStage {
    fn reflect(questions: &dyn Questions) -> Result<Option<Value>, Fault> {
        Ok(questions.observed_get("/status/ready").map(|ready| json!({"ready": ready})))
    }
}

impl Aggregate for EveryStage {
    /// Each member with all that is known of it.
    fn aggregate(members: Vec<Member>, questions: &dyn Questions) -> Result<Option<Value>, Fault> {
        let member = |Member { name, status, applied, health }: Member| {
            let word = match health {
                State::Healthy => "well",
                State::Unhealthy => "ill",
                State::Unknown => "unknown",
            };
            json!([name, status, applied, word])
        };
        let of = questions.template_get("/metadata/name");
        let told: Vec<Value> = members.into_iter().map(member).collect();
        Ok((!told.is_empty()).then(|| json!({"of": of, "members": told})))
    }
}

impl Dependencies for EveryStage {
    /// One by its name, and some by their labels.
    fn dependencies(questions: &dyn Questions) -> Result<Vec<Dependency>, Fault> {
        let of = |kind: &str, namespace: Option<&str>, which: Which| Dependency {
            api_version: "v1".to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            which,
        };
        let labels = questions.template_get("/spec/selector").unwrap_or_else(|| json!({}));
        Ok(vec![
            of("Namespace", None, Which::Name("harbour".to_owned())),
            of("ConfigMap", Some("harbour"), Which::Labels(labels)),
        ])
    }
}

portolan_plugin::stages!(
    EveryStage: Filter, Scorer, Estimator, Selector, Assigner, Overrider;
    Workload, Prune, Retain, Health, Reflect, Aggregate, Dependencies
);
