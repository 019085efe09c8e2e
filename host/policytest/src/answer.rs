//! What came of a template: a decision, as far as tests look at it.

use std::collections::BTreeMap;

use portolan_plan::{Act, ClusterReport, Decision, Previous, Report, Verdict, World};
use serde_json::{Value, json};

/// What came of one template.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Every verdict, with its reasons.
    pub report: Report,
    /// What each cluster gets, by its name.
    pub objects: BTreeMap<String, Value>,
    /// Where what is there stays as it is, with how many replicas it has there, where that is known.
    pub kept: BTreeMap<String, Option<u32>>,
    /// Where what is there is taken away.
    pub leaves: Vec<String>,
    /// Whether its content is for its users' eyes only.
    pub secret: bool,
}

impl Answer {
    /// Tells what comes of a decision.
    pub fn of(world: &World, decision: &Decision, previous: &Previous) -> Self {
        let mut answer = Self {
            report: decision.report(world.fleet()),
            objects: BTreeMap::new(),
            kept: BTreeMap::new(),
            leaves: Vec::new(),
            secret: decision.template.is_secret(),
        };
        for (cluster, act) in decision.acts(world, previous) {
            match act {
                Act::Deliver(delivery, place) => {
                    answer.objects.insert(cluster.into(), delivery.work(world.fleet(), place).manifest);
                }
                Act::Keep if was_on(previous, cluster) => {
                    answer.kept.insert(cluster.into(), previous.replicas.get(cluster).copied());
                }
                Act::Keep => {}
                Act::Remove => answer.leaves.push(cluster.into()),
            }
        }
        answer
    }

    /// Where the object is once that is carried out, with how many replicas where it has any.
    pub fn on(&self) -> BTreeMap<String, Option<u32>> {
        let given = |cluster: &String| self.cluster(cluster).and_then(|said| said.replicas);
        let delivered = self.objects.keys().map(|cluster| (cluster.clone(), given(cluster)));
        delivered.chain(self.kept.clone()).collect()
    }

    /// What was said about a cluster.
    pub fn cluster(&self, name: &str) -> Option<&ClusterReport> {
        self.report.clusters.iter().find(|report| report.cluster == name)
    }

    /// Everything that two answers are compared by.
    pub(crate) fn whole(&self) -> Value {
        let Self { report, objects, kept, leaves, secret: _ } = self;
        json!({"report": report, "objects": objects, "kept": kept, "leaves": leaves})
    }

    /// The last decision, as the next one would be told it.
    pub(crate) fn previous(&self, decision: &Decision) -> Previous {
        let on = self.on();
        let replicas = on.iter().filter_map(|(cluster, replicas)| Some((cluster.clone(), (*replicas)?)));
        let replicas = replicas.collect();
        Previous { clusters: on.into_keys().collect(), replicas, ..decision.remember.clone() }
    }

    /// Why a cluster gets the object or does not: each reason in one line.
    pub fn why(&self, cluster: &str) -> Vec<String> {
        if let Some(held) = &self.report.held {
            return vec![format!("{} stays as it was: {held}", self.report.template)];
        }
        let Some(said) = self.cluster(cluster) else {
            let names: Vec<&str> = self.report.clusters.iter().map(|said| said.cluster.as_str()).collect();
            let names = if names.is_empty() { "none".into() } else { names.join(", ") };
            return vec![format!("{cluster}: is no cluster of the input; there are: {names}")];
        };
        let verdict = match said.verdict {
            Verdict::Refused => "refused",
            Verdict::Held => "held",
            Verdict::Selected => "selected",
        };
        if said.reasons.is_empty() {
            let by = self.report.policy.as_ref().map_or_else(String::new, |policy| format!(" by {policy}"));
            let replicas =
                said.replicas.map_or_else(String::new, |replicas| format!(", {replicas} replicas"));
            return vec![format!("{cluster}: {verdict}{by}{replicas}")];
        }
        let by = |field: &str| if field.is_empty() { String::new() } else { format!(" ({field})") };
        let line = |reason: &portolan_plan::Reason| {
            format!("{cluster}: {verdict} by {}{}: {}", reason.plugin, by(&reason.field), reason.reason)
        };
        said.reasons.iter().map(line).collect()
    }

    /// What overrides did to the object of a cluster: each patch in one line.
    pub fn overrides(&self, cluster: &str) -> Vec<String> {
        let named = |clusters: &[String]| clusters.iter().any(|name| name == cluster);
        let mut lines = Vec::new();
        for rule in self.report.rules.iter().filter(|rule| named(&rule.targets)) {
            for overrider in &rule.overriders {
                let patches = overrider.patches.iter().filter(|patch| named(&patch.clusters));
                let said = patches.map(|patch| patch.patch.clone()).collect::<Vec<_>>().join(", ");
                let said = if said.is_empty() { "nothing".into() } else { said };
                lines.push(format!(
                    "{cluster}: {} {}, {}: {said}",
                    rule.policy, overrider.field, overrider.plugin
                ));
            }
        }
        if lines.is_empty() {
            lines.push(format!("{cluster}: no override changes it there"));
        }
        lines
    }
}

fn was_on(previous: &Previous, cluster: &str) -> bool {
    previous.clusters.iter().any(|name| name == cluster)
}
