//! What the control plane sees of a member's status: what can be put together with other members'.

use portolan_plugin::{Fault, Questions, Reflect};
use serde_json::{Map, Value};

use crate::Kubernetes;
use crate::job;
use crate::object::{kind, number, text};

/// Of a status: fields that are always there (0 where they are not), and fields that are left out where they are 0.
type Fields = (&'static [&'static str], &'static [&'static str]);

pub(crate) const DEPLOYMENT: Fields = (
    &[],
    &[
        "availableReplicas",
        "observedGeneration",
        "readyReplicas",
        "replicas",
        "unavailableReplicas",
        "updatedReplicas",
    ],
);
const REPLICA_SET: Fields =
    (&["replicas"], &["availableReplicas", "fullyLabeledReplicas", "observedGeneration", "readyReplicas"]);
const STATEFUL_SET: Fields =
    (&["availableReplicas", "replicas"], &["currentReplicas", "readyReplicas", "updatedReplicas"]);
const DAEMON_SET: Fields = (
    &["currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady"],
    &["numberAvailable", "numberUnavailable", "observedGeneration", "updatedNumberScheduled"],
);
const DISRUPTION_BUDGET: Fields =
    (&["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"], &[]);
const AUTOSCALER: Fields = (&["desiredReplicas"], &["currentReplicas"]);

impl Reflect for Kubernetes {
    fn reflect(questions: &dyn Questions) -> Result<Option<Value>, Fault> {
        let kind = kind(questions.observed_get("/kind"));
        if kind == "Service" && text(questions.observed_get("/spec/type")) != "LoadBalancer" {
            return Ok(None);
        }
        let Some(Value::Object(status)) = questions.observed_get("/status") else { return Ok(None) };
        Ok(Some(Value::Object(match kind.as_str() {
            "Deployment" => with_generations(numbers(&status, DEPLOYMENT), questions),
            "ReplicaSet" => with_generations(numbers(&status, REPLICA_SET), questions),
            "StatefulSet" => numbers(&status, STATEFUL_SET),
            "DaemonSet" => with_generations(numbers(&status, DAEMON_SET), questions),
            "Job" => job::reflected(&status),
            "Service" | "Ingress" => {
                let addresses = status.get("loadBalancer").cloned();
                let addresses = addresses.unwrap_or_else(|| Value::Object(Map::new()));
                [("loadBalancer".to_owned(), addresses)].into_iter().collect()
            }
            "PodDisruptionBudget" => {
                let mut reflected = numbers(&status, DISRUPTION_BUDGET);
                let pods = status.get("disruptedPods").filter(|pods| !pods.is_null());
                reflected.extend(pods.map(|pods| ("disruptedPods".to_owned(), pods.clone())));
                reflected
            }
            "HorizontalPodAutoscaler" => {
                let mut reflected = numbers(&status, AUTOSCALER);
                // The type behind it writes the field also where nothing is in it.
                reflected.insert("currentMetrics".to_owned(), Value::Null);
                reflected
            }
            _ => status,
        })))
    }
}

pub(crate) fn numbers(status: &Map<String, Value>, (always, otherwise): Fields) -> Map<String, Value> {
    let field = |name: &&str| ((*name).to_owned(), number(status.get(*name)));
    let there =
        always.iter().map(field).chain(otherwise.iter().map(field).filter(|(_, number)| *number != 0));
    there.map(|(name, number)| (name, number.into())).collect()
}

/// The member's generation, and the template's that it was made from: by these it is told who has caught up.
fn with_generations(mut status: Map<String, Value>, questions: &dyn Questions) -> Map<String, Value> {
    let generation = number(questions.observed_get("/metadata/generation").as_ref());
    let annotation = "/metadata/annotations/resourcetemplate.karmada.io~1generation";
    let of_template = text(questions.observed_get(annotation)).parse::<i64>().unwrap_or_default();
    for (name, number) in [("generation", generation), ("resourceTemplateGeneration", of_template)] {
        if number != 0 {
            status.insert(name.to_owned(), number.into());
        }
    }
    status
}
