//! Which clusters are chosen, in which order, and how many replicas each then gets, by the real components.

use std::sync::Arc;

use portolan_plan::{Choice, Fleet, Plugins, Reading, Request};
use serde_json::{Value, json};

use crate::division::{Asked, assigned};
use crate::{Outcome, Ran, compare};

pub(crate) fn run(input: &Value, expect: &Value, plugins: &Plugins) -> Ran {
    let asked = Asked::read(input)?;
    let (fleet, request) = (Arc::clone(&asked.fleet), asked.request()?);
    let placement = &input["placement"];
    let config = json!({"spreadConstraints": placement["spreadConstraints"], "replicaScheduling": placement["replicaScheduling"]});
    let mut reading = Reading::for_placement(Arc::clone(&fleet), Arc::default(), request.clone());
    let Choice { chosen, refused } = match plugins["spread"].select(&config.to_string(), &mut reading) {
        Ok(choice) => choice,
        Err(_) if expect.get("selectError").is_some() => return Ok(Outcome::Agrees),
        Err(fault) => return Ok(Outcome::Differs(format!("expected {expect}, and {fault}"))),
    };
    let left = fleet.size() - chosen.len();
    let explained: usize = refused.iter().map(|refusal| refusal.clusters.len()).sum();
    if explained != left {
        return Ok(Outcome::Differs(format!(
            "{left} clusters are not chosen, {explained} of them with a reason"
        )));
    }
    let selected: Vec<&str> = chosen.iter().map(|place| fleet.name(*place)).collect();
    let (offered, request) = narrowed(&fleet, &request, &chosen);
    let scheduling = match &placement["replicaScheduling"] {
        Value::Null => &json!({"replicaSchedulingType": "Duplicated"}),
        given => given,
    };
    Ok(match assigned(offered, request, scheduling, plugins)? {
        Ok(assigned) => compare(expect, &json!({"selected": selected, "assigned": assigned})),
        Err(fault) => match expect.get("assignError") {
            Some(_) => compare(&expect["selected"], &json!(selected)),
            None => Outcome::Differs(format!("expected {expect}, and after {selected:?} {fault}")),
        },
    })
}

/// What an assigner is offered: the clusters that were chosen, and what is known of these.
fn narrowed(fleet: &Fleet, request: &Request, chosen: &[u32]) -> (Arc<Fleet>, Request) {
    let clusters = chosen.iter().filter_map(|place| fleet.at(*place)).cloned().collect();
    let offered = Arc::new(Fleet::new(clusters));
    let before = |place: u32| fleet.find(offered.name(place)).expect("it was chosen");
    let places = 0..u32::try_from(offered.size()).expect("a vector has few clusters");
    let request = Request {
        previous: places
            .clone()
            .filter_map(|place| Some((place, *request.previous.get(&before(place))?)))
            .collect(),
        available: places.map(|place| request.available[before(place) as usize]).collect(),
        ranking: chosen.iter().filter_map(|place| offered.find(fleet.name(*place))).collect(),
        placed: request.placed.iter().filter_map(|place| offered.find(fleet.name(*place))).collect(),
        scores: Vec::new(),
        ..request.clone()
    };
    (offered, request)
}
