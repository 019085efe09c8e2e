//! Answers of the later stages of placement, and of interpreters.

use std::fmt::Debug;
use std::sync::Arc;

use portolan_plan::{Choice, Fault, Fleet, Plugin as _, Reading, Request, Which};
use serde_json::{Value, json};

use super::layout::{self, number_of, text};
use super::{Plugins, can_be_shown, each_once, is_that_fault, items, places, plugins};

/// As far as Kubernetes counts.
const MOST: u32 = 2_147_483_647;

/// Holds what is promised against an input of one of these stages; false where it is of none.
pub(super) fn run(input: &Value, fleet: &Arc<Fleet>) -> bool {
    let size = fleet.size();
    let Plugins { scorer, estimator, selector, assigner, workload, health, reflect, dependencies, .. } =
        plugins();
    let (image, changed) = layout::image(input);
    let held = Held { input, changed };
    let template = Arc::new(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}}));
    let mut offer = Reading::for_placement(Arc::clone(fleet), template, Request::default());
    let mut object = Reading::for_interpreter(Some(Arc::new(json!({"image": image.as_str()}))), None);
    let numbers = |list: &Value| items(list).map(number_of).collect::<Vec<u32>>();
    let countable = |number: &u32| *number <= MOST;
    if let Some(scores) = input.get("scorer") {
        let scores: Vec<u8> = numbers(scores).into_iter().map(|score| score.to_le_bytes()[0]).collect();
        let answer = scorer.score(&image, &mut offer);
        let allowed = |scores: &Vec<u8>| scores.len() == size && scores.iter().all(|score| *score <= 100);
        held.to(answer, allowed, &scores);
    } else if let Some(estimates) = input.get("estimator") {
        let estimate = |value: &Value| (!value.is_null()).then(|| number_of(value));
        let estimates: Vec<Option<u32>> = items(estimates).map(estimate).collect();
        let answer = estimator.estimate(&image, &mut offer);
        let allowed = |told: &Vec<Option<u32>>| told.len() == size && told.iter().flatten().all(countable);
        held.to(answer, allowed, &estimates);
    } else if let Some(choice) = input.get("selector") {
        let answer = selector.select(&image, &mut offer);
        let there =
            |clusters: &[u32]| each_once(clusters) && clusters.iter().all(|place| (*place as usize) < size);
        let allowed = |Choice { chosen, refused }: &Choice| {
            there(chosen)
                && refused.iter().all(|refusal| {
                    there(&refusal.clusters) && refusal.clusters.iter().all(|place| !chosen.contains(place))
                })
        };
        let refusal = |refusal: &Value| places(&refusal["clusters"]);
        let refused: Vec<Vec<u32>> = items(&choice["refused"]).map(refusal).collect();
        if let Ok(answer) = &answer {
            assert!(allowed(answer), "{answer:?}");
            answer.refused.iter().for_each(|refusal| can_be_shown(&refusal.reason));
            assert!(changed || answer.chosen == places(&choice["chosen"]), "{answer:?}");
        }
        let chosen = places(&choice["chosen"]);
        let meant = there(&chosen)
            && refused
                .iter()
                .all(|clusters| there(clusters) && clusters.iter().all(|place| !chosen.contains(place)));
        held.is(answer.as_ref(), meant);
    } else if let Some(replicas) = input.get("assigner") {
        let answer = assigner.assign(&image, &mut offer);
        let allowed = |given: &Vec<u32>| {
            given.len() == size && given.iter().copied().map(u64::from).sum::<u64>() <= MOST.into()
        };
        held.to(answer, allowed, &numbers(replicas));
    } else if let Some(meant) = input.get("size") {
        let answer = workload.replicas(&mut object);
        let requirements = meant["requirements"].as_str().map(serde_json::from_str::<Value>);
        let fits = match &requirements {
            None | Some(Ok(Value::Object(_) | Value::Null)) => true,
            Some(_) => meant["requirements"].is_null(),
        };
        // What is no text is laid out as an empty one.
        let fits = fits && (meant["requirements"].is_string() || meant["requirements"].is_null());
        let counts =
            countable(&number_of(&meant["replicas"])) && countable(&number_of(&meant["completions"]));
        if let Ok(Some(size)) = &answer {
            assert!(countable(&size.replicas) && size.completions.as_ref().is_none_or(countable), "{size:?}");
            assert!(size.requirements.as_ref().is_none_or(Value::is_object), "{size:?}");
        }
        held.is(answer.as_ref(), fits && counts);
    } else if let Some(state) = input.get("health") {
        let answer = health.health(&mut object);
        // A state is a byte.
        held.is(answer.as_ref(), number_of(state).to_le_bytes()[0] < 3);
    } else if let Some(status) = input.get("status") {
        let answer = reflect.reflect(&mut object);
        assert!(!matches!(&answer, Ok(Some(Value::Null))), "null is none");
        held.is(answer.as_ref(), serde_json::from_str::<Value>(text(status)).is_ok());
    } else if let Some(all) = input.get("dependencies") {
        let answer = dependencies.dependencies(&mut object);
        for dependency in answer.iter().flatten() {
            assert!(!dependency.kind.api_version.is_empty() && !dependency.kind.kind.is_empty());
            assert!(dependency.which != Which::Name(String::new()), "{dependency:?}");
        }
        let fine = |dependency: &Value| {
            let there = |field: &str| !text(&dependency[field]).is_empty();
            let which = match dependency["labels"].as_str() {
                Some(labels) => serde_json::from_str(labels)
                    .is_ok_and(|labels: Value| labels.is_object() && Which::labels(labels).is_ok()),
                None => there("name"),
            };
            let namespace = !dependency["namespace"].is_string() || there("namespace");
            there("apiVersion") && there("kind") && namespace && which
        };
        held.is(answer.as_ref(), items(all).all(fine));
    } else {
        return false;
    }
    true
}

/// What came of an input is held against what it meant.
struct Held<'a> {
    input: &'a Value,
    /// Whether bytes of it were changed, so that nobody knows what it means.
    changed: bool,
}

impl Held<'_> {
    /// An answer that is taken is allowed; and where nothing was changed it is what was meant, if that is allowed.
    fn to<T: Debug + PartialEq>(&self, answer: Result<T, Fault>, allowed: impl Fn(&T) -> bool, meant: &T) {
        if let Ok(answer) = &answer {
            assert!(allowed(answer), "{answer:?}");
            assert!(self.changed || answer == meant, "{answer:?} is not {meant:?}");
        }
        self.is(answer.as_ref(), allowed(meant));
    }

    /// The fault can be shown; and where nothing was changed there is an answer if it is allowed.
    fn is<T: Debug>(&self, answer: Result<&T, &Fault>, allowed: bool) {
        if let Err(fault) = answer {
            can_be_shown(&fault.to_string());
        }
        if self.changed {
            return;
        }
        match layout::fault(self.input) {
            Some(fault) => is_that_fault(answer.err().cloned(), fault),
            None => assert_eq!(answer.is_ok(), allowed, "{answer:?}"),
        }
    }
}
