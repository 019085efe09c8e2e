//! A plugin's call as people read it: what it asked and heard, and what came of it.

use std::io::Write;

use anstyle::Style;
use portolan_plan::{Amendment, Dependency, Exchange, Health, Outcome, Place, Refusal, Size, Which};

use crate::print::{DIM, GREEN, RED, YELLOW, shown};

/// How much of an answer is shown. Arbitrary: about two lines; programs read all of it.
const SHOWN: usize = 160;

/// Every question with its answer.
pub fn exchanges(out: &mut impl Write, exchanges: &[Exchange]) -> anyhow::Result<()> {
    for Exchange { question, answer } in exchanges {
        let question = shown(&question.to_string());
        writeln!(out, "  {question} {DIM}→{DIM:#} {}", cut(&answer_text(answer)))?;
    }
    Ok(())
}

/// What a plugin answered, a line for each part of it.
pub fn outcome(outcome: &Outcome, clusters: &[String]) -> Vec<(Style, String)> {
    let names = |places: &[Place]| {
        let name = |place: &Place| clusters.get(*place as usize).map_or("?", String::as_str);
        places.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let refusals = |refusals: &[Refusal]| {
        let line = |refusal: &Refusal| format!("refuses {}: {}", names(&refusal.clusters), refusal.reason);
        refusals.iter().map(|refusal| (RED, line(refusal))).collect::<Vec<_>>()
    };
    match outcome {
        Outcome::Refusals(none) if none.is_empty() => vec![(GREEN, "refuses nothing".into())],
        Outcome::Refusals(all) => refusals(all),
        Outcome::Amendments(amendments) if amendments.is_empty() => {
            vec![(Style::new(), "changes nothing".into())]
        }
        Outcome::Amendments(amendments) => (amendments.iter())
            .flat_map(|Amendment { clusters, patch, warnings }| {
                let on = names(clusters);
                let said = match patch {
                    Ok(patch) if patch.is_empty() && !warnings.is_empty() => None,
                    Ok(patch) => Some((YELLOW, format!("on {on}: {patch}"))),
                    Err(fault) => Some((RED, format!("on {on}: {fault}"))),
                };
                let warnings =
                    warnings.iter().map(|warning| (YELLOW, format!("on {on}: warning: {warning}")));
                said.into_iter().chain(warnings).collect::<Vec<_>>()
            })
            .collect(),
        Outcome::Scores(scores) => by_cluster(clusters, scores.iter().map(|score| format!("scores {score}"))),
        Outcome::Estimates(estimates) => by_cluster(
            clusters,
            estimates.iter().map(|replicas| match replicas {
                Some(replicas) => format!("has room for {replicas}"),
                None => "can't be told".into(),
            }),
        ),
        Outcome::Choice(choice) => {
            let chosen = if choice.chosen.is_empty() { "nobody".into() } else { names(&choice.chosen) };
            [vec![(GREEN, format!("takes {chosen}"))], refusals(&choice.refused)].concat()
        }
        Outcome::Replicas(replicas) => {
            by_cluster(clusters, replicas.iter().map(|replicas| format!("gets {replicas}")))
        }
        Outcome::Size(None) => vec![(Style::new(), "no workload".into())],
        Outcome::Size(Some(size)) => vec![(Style::new(), size_text(size))],
        Outcome::Patch(patch) if patch.is_empty() => vec![(Style::new(), "changes nothing".into())],
        Outcome::Patch(patch) => vec![(YELLOW, patch.to_string())],
        Outcome::Health(health) => vec![(
            match health {
                Health::Healthy => GREEN,
                Health::Unhealthy => RED,
                Health::Unknown => YELLOW,
            },
            health.name().into(),
        )],
        Outcome::Status(None) => vec![(Style::new(), "no status".into())],
        Outcome::Status(Some(status)) => vec![(Style::new(), format!("status {status}"))],
        Outcome::Dependencies(none) if none.is_empty() => vec![(Style::new(), "needs nothing".into())],
        Outcome::Dependencies(all) => {
            all.iter().map(|dependency| (Style::new(), dependency_text(dependency))).collect()
        }
        Outcome::Fault(fault) => vec![(RED, fault.to_string())],
        Outcome::Withheld => vec![(DIM, "kept back: it may tell what is in a Secret".into())],
    }
}

fn size_text(Size { replicas, requirements, completions }: &Size) -> String {
    let mut text = format!("{replicas} replicas");
    if let Some(completions) = completions {
        text.push_str(&format!(", {completions} completions in all"));
    }
    if let Some(requirements) = requirements {
        text.push_str(&format!(", each needs {requirements}"));
    }
    text
}

fn dependency_text(Dependency { kind, namespace, which }: &Dependency) -> String {
    let within = namespace.as_ref().map_or_else(String::new, |namespace| format!("{namespace}/"));
    match which {
        Which::Name(name) => format!("needs {} {within}{name} ({})", kind.kind, kind.api_version),
        Which::Labels(labels) => format!("needs {} {within}{labels} ({})", kind.kind, kind.api_version),
    }
}

/// A line for each cluster on offer.
fn by_cluster(clusters: &[String], said: impl Iterator<Item = String>) -> Vec<(Style, String)> {
    clusters.iter().zip(said).map(|(cluster, said)| (Style::new(), format!("{cluster} {said}"))).collect()
}

/// The contract's JSON comes as text and is shown as what it is.
fn answer_text(answer: &serde_json::Value) -> String {
    match answer {
        serde_json::Value::Null => "none".into(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    let text = shown(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
