//! A cluster that no policy selects changes nothing by joining.

use std::collections::BTreeSet;

use portolan_api::{Cluster, Context, Document, Scopes};
use portolan_plan::Previous;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::property::{Breach, Subject, unequal};
use crate::scene::Scene;

/// Names that stand before and behind those of most clusters; digits are put behind them until nobody has the name.
const NAMES: [&str; 2] = ["0-unrelated", "zz-unrelated"];

pub(super) fn breaches(scene: &Scene, subjects: &[Subject<'_>]) -> Vec<Breach> {
    let world = scene.world();
    let alone: Vec<Answer> =
        subjects.iter().map(|(template, previous)| scene.answer(&world, template, previous).1).collect();
    let mut found: Vec<Option<Breach>> = vec![None; subjects.len()];
    for name in NAMES {
        let newcomer = newcomer(scene, subjects, name);
        let name = newcomer.name.clone();
        let mut joined = scene.clone();
        joined.ingredients.clusters.push(newcomer);
        let world = joined.world();
        for (at, (template, previous)) in subjects.iter().enumerate().filter(|(at, _)| alone[*at].policy()) {
            if found[at].is_some() {
                continue;
            }
            let (decision, answer) = joined.answer(&world, template, previous);
            let place = world.fleet().find(&name);
            if place.is_some_and(|place| decision.selected.contains(&place)) {
                found[at] = Some(Breach {
                    template: template.key.to_string(),
                    text: format!(
                        "{} also selects a cluster of which it knows nothing but the name, so no cluster is unrelated to it",
                        answer.report.policy.as_ref().map_or_else(String::new, ToString::to_string)
                    ),
                    differences: Vec::new(),
                    broken: false,
                });
                continue;
            }
            let text = format!("with a cluster `{name}`, which is not selected, the answer is another one");
            found[at] = unequal(template, text, &alone[at].whole(), &without(&answer, &name));
        }
    }
    found.into_iter().flatten().collect()
}

impl Answer {
    /// Whether there is a policy that may look at clusters.
    fn policy(&self) -> bool {
        self.report.policy.is_some()
    }
}

/// A cluster with a name that nobody has or had.
fn newcomer(scene: &Scene, subjects: &[Subject<'_>], name: &str) -> Cluster {
    let taken: BTreeSet<&str> = (scene.ingredients.clusters.iter().map(|cluster| cluster.name.as_str()))
        .chain(subjects.iter().flat_map(|(_, Previous { clusters, .. })| clusters.iter().map(String::as_str)))
        .collect();
    let mut free = name.to_owned();
    while taken.contains(free.as_str()) {
        free.push('0');
    }
    let cluster = json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster",
        "metadata": {"name": free}, "spec": {}});
    let scopes = Scopes::default();
    match Document::read(cluster, &Context { default_namespace: "default", scopes: &scopes }) {
        Ok(Document::Cluster(cluster)) => *cluster,
        _ => unreachable!("a Cluster with a name and nothing else is one"),
    }
}

/// An answer but for what it says of one cluster.
fn without(answer: &Answer, name: &str) -> Value {
    let mut answer = answer.clone();
    answer.report.clusters.retain(|report| report.cluster != name);
    answer.whole()
}
