//! A test held against what came of its template.

use std::collections::{BTreeMap, BTreeSet};

use portolan_plan::{ClusterReport, Verdict};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::miss::Miss;
use crate::suite::{Case, Clusters, Held};

/// Stands for every cluster that gets the object.
const EVERY: &str = "*";

/// What stands in a message for what is in a Secret.
const SECRET: &str = "a Secret's content is not shown";

/// Every expectation about the template that was missed, in the order in which a test lists them.
pub fn check(case: &Case, answer: &Answer) -> Vec<Miss> {
    let Case { is_on, refused, held, placed_by, leaves, fields, absent, .. } = case;
    let mut misses = Vec::new();
    misses.extend(placed_by.as_ref().and_then(|policy| placed(policy.as_deref(), answer)));
    misses.extend(is_on.as_ref().and_then(|clusters| present(clusters, answer)));
    misses.extend(
        refused
            .iter()
            .filter_map(|(cluster, reason)| against("refused", Verdict::Refused, cluster, reason, answer)),
    );
    match held {
        Some(Held::Everywhere(why)) => misses.extend(held_everywhere(why, answer)),
        Some(Held::On(clusters)) => misses.extend(
            clusters.iter().filter_map(|(cluster, why)| against("held", Verdict::Held, cluster, why, answer)),
        ),
        None => {}
    }
    misses.extend(leaves.as_ref().and_then(|clusters| left(clusters, answer)));
    for (cluster, expected) in fields {
        let expected = expected.iter().map(|(pointer, value)| (pointer, Some(value)));
        misses.extend(content("fields", cluster, expected, answer));
    }
    for (cluster, pointers) in absent {
        misses.extend(content("absent", cluster, pointers.iter().map(|pointer| (pointer, None)), answer));
    }
    misses
}

fn placed(expected: Option<&str>, answer: &Answer) -> Option<Miss> {
    let got = answer.report.policy.as_ref().map(ToString::to_string);
    (expected != got.as_deref()).then(|| Miss {
        expectation: "placedBy".into(),
        expected: json!(expected),
        got: json!(got),
        because: answer.report.held.iter().cloned().collect(),
    })
}

fn present(expected: &Clusters, answer: &Answer) -> Option<Miss> {
    let got = answer.on();
    let expected = &expected.0;
    let counted = expected.values().any(Option::is_some);
    // Where replicas are not asked for they are not compared, and where some are, those of the others stand beside them.
    let asked = |name: &String, replicas: Option<u32>| match expected.get(name) {
        Some(None) => None,
        _ if !counted => None,
        _ => replicas,
    };
    let got: BTreeMap<&String, Option<u32>> =
        got.iter().map(|(name, replicas)| (name, asked(name, *replicas))).collect();
    let wanted: BTreeMap<&String, Option<u32>> =
        expected.iter().map(|(name, replicas)| (name, *replicas)).collect();
    if got == wanted {
        return None;
    }
    let concerned: BTreeSet<&String> =
        wanted.keys().chain(got.keys()).copied().filter(|name| wanted.get(name) != got.get(name)).collect();
    let shown = |clusters: &BTreeMap<&String, Option<u32>>| {
        if counted { json!(clusters) } else { json!(clusters.keys().collect::<Vec<_>>()) }
    };
    Some(Miss {
        expectation: "isOn".into(),
        expected: shown(&wanted),
        got: shown(&got),
        because: reasons(concerned, answer),
    })
}

/// A cluster that was to be refused or held, for a reason.
fn against(
    expectation: &str,
    verdict: Verdict,
    cluster: &str,
    reason: &str,
    answer: &Answer,
) -> Option<Miss> {
    let said = answer.cluster(cluster);
    let meant = |said: &&ClusterReport| {
        said.verdict == verdict
            && (reason.is_empty() || said.reasons.iter().any(|given| given.reason.contains(reason)))
    };
    if said.filter(meant).is_some() {
        return None;
    }
    let got = match said {
        None => json!("no such cluster"),
        Some(said) if said.verdict != verdict => json!(said.verdict),
        Some(said) => {
            json!(said.reasons.iter().map(|reason| reason.reason.as_str()).collect::<Vec<_>>().join("; "))
        }
    };
    Some(Miss {
        expectation: format!("{expectation}.{cluster}"),
        expected: json!(if reason.is_empty() { expectation } else { reason }),
        got,
        because: answer.why(cluster),
    })
}

fn held_everywhere(why: &str, answer: &Answer) -> Option<Miss> {
    let held = answer.report.held.as_deref();
    (!held.is_some_and(|held| held.contains(why))).then(|| Miss {
        expectation: "held".into(),
        expected: json!(why),
        got: json!(held),
        because: reasons(answer.on().keys(), answer),
    })
}

fn left(expected: &[String], answer: &Answer) -> Option<Miss> {
    let expected: BTreeSet<&String> = expected.iter().collect();
    let got: BTreeSet<&String> = answer.leaves.iter().collect();
    (expected != got).then(|| Miss {
        expectation: "leaves".into(),
        expected: json!(expected),
        got: json!(got),
        because: reasons(expected.symmetric_difference(&got).copied(), answer),
    })
}

/// Values in the object that a cluster gets, or in that of every cluster.
fn content<'a>(
    expectation: &str,
    cluster: &str,
    expected: impl Iterator<Item = (&'a String, Option<&'a Value>)>,
    answer: &Answer,
) -> Vec<Miss> {
    let mut misses = Vec::new();
    for (pointer, value) in expected {
        let at = format!("{expectation}.{cluster}.{pointer}");
        let clusters: Vec<&str> = match cluster {
            EVERY => answer.objects.keys().map(String::as_str).collect(),
            one => vec![one],
        };
        if clusters.is_empty() {
            misses.push(Miss {
                expectation: at.clone(),
                expected: field(pointer, value),
                got: json!("no cluster gets it"),
                because: answer.report.held.iter().cloned().collect(),
            });
        }
        for cluster in clusters {
            let Some(object) = answer.objects.get(cluster) else {
                misses.push(Miss {
                    expectation: at.clone(),
                    expected: field(pointer, value),
                    got: json!(format!("{cluster} does not get it")),
                    because: answer.why(cluster),
                });
                continue;
            };
            let got = object.pointer(pointer);
            if got != value {
                // What is in a Secret is shown to nobody, and a test's output is read by many.
                let got = if answer.secret && got.is_some() { json!(SECRET) } else { field(pointer, got) };
                misses.push(Miss {
                    expectation: at.clone(),
                    expected: field(pointer, value),
                    got,
                    because: answer.overrides(cluster),
                });
            }
        }
    }
    misses
}

fn field(pointer: &str, value: Option<&Value>) -> Value {
    match value {
        Some(value) => json!({pointer: value}),
        None => json!(format!("nothing at {pointer}")),
    }
}

fn reasons<'a>(clusters: impl IntoIterator<Item = &'a String>, answer: &Answer) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in clusters.into_iter().flat_map(|cluster| answer.why(cluster)) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
