//! Interpreters' answers: sizes, health, statuses, dependencies.

use portolan_plan::{Budget, Dependency, Fault, Health, Kind, Reading, Size, Which};
use serde_json::Value;

use super::output::{Output, parsed_bytes};
use super::placement::MOST;
use crate::bindings::exports::portolan::policy::{dependencies, health, workload};
use crate::bindings::portolan::policy::types;
use crate::budgets::Budgets;
use crate::text::one_line;

/// How many dependencies an object may have. Arbitrary: ten times what a large Deployment names.
const MAX_DEPENDENCIES: usize = 1_000;

/// How big a workload is, within what Kubernetes can count.
pub(crate) fn size(
    size: Option<workload::Size>,
    _: &mut Reading,
    budgets: &Budgets,
) -> Result<Option<Size>, Fault> {
    let Some(workload::Size { replicas, requirements, completions }) = size else { return Ok(None) };
    for (what, number) in [("replicas", Some(replicas)), ("completions", completions)] {
        if let Some(number) = number.filter(|number| *number > MOST) {
            return Err(Fault::Answer(format!(
                "its size has {number} {what}; valid: 0 to {MOST}, which is as far as Kubernetes counts"
            )));
        }
    }
    let requirements = requirements.map(|text| json("requirements", &text, budgets)).transpose()?;
    if let Some(other) = requirements.as_ref().filter(|value| !value.is_object() && !value.is_null()) {
        return Err(Fault::Answer(format!(
            "its size has requirements that are {}; valid: a JSON object, or none",
            form(other)
        )));
    }
    Ok(Some(Size { replicas, requirements: requirements.filter(|value| !value.is_null()), completions }))
}

/// Whether an object does its job.
pub(crate) fn health(state: health::State, _: &mut Reading, _: &Budgets) -> Result<Health, Fault> {
    Ok(match state {
        health::State::Healthy => Health::Healthy,
        health::State::Unhealthy => Health::Unhealthy,
        health::State::Unknown => Health::Unknown,
    })
}

/// A status, a member's or that of all of them. Null is none.
pub(crate) fn status(
    status: Option<String>,
    _: &mut Reading,
    budgets: &Budgets,
) -> Result<Option<Value>, Fault> {
    let status = status.map(|text| json("a status", &text, budgets)).transpose()?;
    Ok(status.filter(|status| !status.is_null()))
}

/// What an object needs beside it: each said well enough to be found.
pub(crate) fn dependencies(
    dependencies: Vec<dependencies::Dependency>,
    _: &mut Reading,
    budgets: &Budgets,
) -> Result<Vec<Dependency>, Fault> {
    if dependencies.len() > MAX_DEPENDENCIES {
        return Err(Fault::Answer(format!(
            "it has {} dependencies; valid: up to {MAX_DEPENDENCIES}",
            dependencies.len()
        )));
    }
    let mut output = Output::new(budgets);
    let checked = dependencies.into_iter().enumerate().map(|(index, dependency)| {
        let wrong = |why: &str| Fault::Answer(format!("dependency {}: {why}", index + 1));
        let dependencies::Dependency { kind: types::Kind { api_version, kind }, namespace, which } =
            dependency;
        let bytes = api_version.len() + kind.len() + namespace.as_ref().map_or(0, String::len);
        output.item(0, bytes)?;
        if api_version.is_empty() || kind.is_empty() {
            return Err(wrong(
                "its kind lacks the API version or the kind; valid: both, such as v1 and ConfigMap",
            ));
        }
        if namespace.as_deref() == Some("") {
            return Err(wrong("its namespace is empty; valid: a name, or none for what has no namespace"));
        }
        let which = match which {
            dependencies::Which::Name(name) => {
                output.bytes(name.len() as u64)?;
                if name.is_empty() {
                    return Err(wrong("its name is empty; valid: a name, or labels"));
                }
                Which::Name(name)
            }
            dependencies::Which::Labels(labels) => {
                output.bytes(labels.len() as u64 + parsed_bytes(&labels))?;
                let labels = serde_json::from_str(&labels).map_err(|error| {
                    wrong(&format!("its labels are no JSON: {}", one_line(&error.to_string())))
                })?;
                if !Value::is_object(&labels) {
                    return Err(wrong("its labels are no object; valid: a Kubernetes LabelSelector"));
                }
                Which::labels(labels)
                    .map_err(|why| wrong(&format!("its labels are no LabelSelector: {}", one_line(&why))))?
            }
        };
        Ok(Dependency { kind: Kind { api_version, kind }, namespace, which })
    });
    checked.collect()
}

/// One JSON value, counted before anything is made of it. The parser goes 128 levels deep and no deeper.
fn json(what: &str, text: &str, budgets: &Budgets) -> Result<Value, Fault> {
    let bytes = (text.len() as u64).saturating_add(parsed_bytes(text));
    if bytes > budgets.output_bytes {
        return Err(Fault::Budget(Budget::Output(budgets.output_bytes)));
    }
    serde_json::from_str(text).map_err(|error| {
        let error = one_line(&error.to_string());
        Fault::Answer(format!("{what} is no JSON: {error}; valid: one JSON value as text"))
    })
}

fn form(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
