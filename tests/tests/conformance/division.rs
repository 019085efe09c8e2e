//! How many replicas each cluster gets, by the real components.

use std::sync::Arc;

use portolan_plan::{Fault, Fleet, Plugins, Reading, Request};
use serde_json::{Map, Value, json};

use crate::overriding::read_cluster;
use crate::{Outcome, Ran, compare, read};

pub(crate) fn run(input: &Value, expect: &Value, plugins: &Plugins) -> Ran {
    let asked = Asked::read(input)?;
    let mut request = asked.request()?;
    // The candidates stand in the order in which they were chosen.
    request.ranking = asked.places()?;
    let scheduling = &input["replicaScheduling"];
    Ok(match assigned(asked.fleet, request, scheduling, plugins)? {
        Ok(result) => compare(expect, &json!({"result": result})),
        Err(_) if expect.get("error").is_some() => Outcome::Agrees,
        Err(fault) => Outcome::Differs(format!("expected {expect}, and {fault}")),
    })
}

/// What a vector asks for, which is what both shapes have in common.
pub(crate) struct Asked<'a> {
    input: &'a Value,
    candidates: &'a [Value],
    pub(crate) fleet: Arc<Fleet>,
}

impl<'a> Asked<'a> {
    pub(crate) fn read(input: &'a Value) -> Result<Self, String> {
        let candidates = input["candidates"].as_array().ok_or("candidates is no list")?;
        let clusters = candidates.iter().map(|candidate| {
            read_cluster(&json!({"metadata": {"name": candidate["name"], "labels": candidate["labels"]},
                "spec": {"region": candidate["region"]}}))
        });
        let fleet = Arc::new(Fleet::new(clusters.collect::<Result<_, _>>()?));
        Ok(Self { input, candidates, fleet })
    }

    /// Where the candidates stand in the fleet, in their own order.
    fn places(&self) -> Result<Vec<u32>, String> {
        let place = |candidate: &Value| self.fleet.find(candidate["name"].as_str()?);
        let places =
            self.candidates.iter().map(|candidate| place(candidate).ok_or("a candidate has no name"));
        Ok(places.collect::<Result<_, _>>()?)
    }

    /// What is known: of each candidate the one number, and where the last decision placed replicas.
    pub(crate) fn request(&self) -> Result<Request, String> {
        let size = self.fleet.size();
        let (mut available, mut scores) = (vec![None; size], vec![0; size]);
        for (candidate, place) in self.candidates.iter().zip(self.places()?) {
            available[place as usize] = Some(read(&candidate["allocatable"], "allocatable")?);
            scores[place as usize] = read::<Option<u32>>(&candidate["score"], "a score")?.unwrap_or_default();
        }
        let previous = self.input["previous"].as_array().into_iter().flatten();
        let previous = previous.filter_map(|there| {
            let place = self.fleet.find(there["name"].as_str()?)?;
            Some(read(&there["replicas"], "previous replicas").map(|replicas| (place, replicas)))
        });
        let previous: Vec<(u32, u32)> = previous.collect::<Result<_, _>>()?;
        Ok(Request {
            replicas: Some(read(&self.input["replicas"], "replicas")?),
            placed: previous.iter().map(|(place, _)| *place).collect(),
            previous: previous.into_iter().collect(),
            fresh: self.input["fresh"] == true,
            available,
            scores,
            seed: self.input["uid"].as_str().unwrap_or_default().to_owned(),
            ..Request::default()
        })
    }
}

/// The replicas by name, without the clusters that get none; where nothing is asked for, all of them.
pub(crate) fn assigned(
    fleet: Arc<Fleet>,
    mut request: Request,
    scheduling: &Value,
    plugins: &Plugins,
) -> Result<Result<Value, Fault>, String> {
    if let Some(rules) = scheduling["weightPreference"]["staticWeightList"].as_array() {
        request.weights = weights(rules, &fleet, plugins)?;
    }
    let keeps_none = request.replicas == Some(0);
    let mut reading = Reading::for_placement(Arc::clone(&fleet), Arc::default(), request);
    Ok(plugins["division"].assign(&scheduling.to_string(), &mut reading).map(|replicas| {
        let named = (0..).zip(replicas).filter(|(_, replicas)| keeps_none || *replicas > 0);
        named
            .map(|(place, replicas)| (fleet.name(place).to_owned(), json!(replicas)))
            .collect::<Map<_, _>>()
            .into()
    }))
}

/// For each cluster the highest weight of the rules that mean it, as `cluster-affinity` says.
fn weights(rules: &[Value], fleet: &Arc<Fleet>, plugins: &Plugins) -> Result<Vec<u64>, String> {
    let mut weights = vec![0; fleet.size()];
    for rule in rules {
        let mut reading = Reading::for_placement(Arc::clone(fleet), Arc::default(), Request::default());
        let refusals = plugins["cluster-affinity"]
            .filter(&rule["targetCluster"].to_string(), &mut reading)
            .map_err(|fault| fault.to_string())?;
        let weight: u64 = read(&rule["weight"], "a weight")?;
        for (place, highest) in (0..).zip(&mut weights) {
            if !refusals.iter().any(|refusal| refusal.clusters.contains(&place)) {
                *highest = weight.max(*highest);
            }
        }
    }
    Ok(weights)
}
