//! Whether a member's object does its job.

use portolan_plugin::{Fault, Health, Questions, State};
use serde_json::Value;

use crate::Kubernetes;
use crate::object::{items, kind, number, text, text_at};

impl Health for Kubernetes {
    fn health(questions: &dyn Questions) -> Result<State, Fault> {
        let healthy = match kind(questions.observed_get("/kind")).as_str() {
            "Deployment" => deployment(&Rollout::of(questions)),
            "StatefulSet" => stateful_set(&Rollout::of(questions), questions),
            "ReplicaSet" => {
                let Rollout { caught_up, wanted, status } = Rollout::of(questions);
                let available = number(status.get("availableReplicas"));
                caught_up && wanted.is_none_or(|wanted| available >= wanted)
            }
            "DaemonSet" => {
                let Rollout { caught_up, wanted: _, status } = Rollout::of(questions);
                let updated = number(status.get("updatedNumberScheduled"));
                caught_up
                    && updated >= number(status.get("desiredNumberScheduled"))
                    && number(status.get("numberAvailable")) >= updated
            }
            "Service" => {
                text(questions.observed_get("/spec/type")) != "LoadBalancer" || has_address(questions)
            }
            "Ingress" => has_address(questions),
            "PersistentVolumeClaim" => text(questions.observed_get("/status/phase")) == "Bound",
            "Pod" => match text(questions.observed_get("/status/phase")).as_str() {
                "Succeeded" => true,
                "Running" => {
                    let conditions = questions.observed_get("/status/conditions");
                    let ready =
                        items(conditions.as_ref()).iter().find(|one| text_at(one, "/type") == "Ready");
                    ready.is_some_and(|ready| text_at(ready, "/status") == "True")
                }
                _ => false,
            },
            "PodDisruptionBudget" => {
                number(questions.observed_get("/status/currentHealthy").as_ref())
                    >= number(questions.observed_get("/status/desiredHealthy").as_ref())
            }
            // A kind that says nothing of its health is taken to be well, which the host would do, too.
            _ => true,
        };
        Ok(State::healthy_if(healthy))
    }
}

/// How far a workload's controller has come.
struct Rollout {
    /// It has seen the object as it is.
    caught_up: bool,
    /// Replicas; none where the object does not say how many.
    wanted: Option<i64>,
    status: Value,
}

impl Rollout {
    fn of(questions: &dyn Questions) -> Self {
        let status = questions.observed_get("/status").unwrap_or_default();
        let generation = number(questions.observed_get("/metadata/generation").as_ref());
        Self {
            caught_up: number(status.get("observedGeneration")) == generation,
            wanted: questions.observed_get("/spec/replicas").and_then(|replicas| replicas.as_i64()),
            status,
        }
    }
}

fn deployment(Rollout { caught_up, wanted, status }: &Rollout) -> bool {
    let updated = number(status.get("updatedReplicas"));
    *caught_up
        && wanted.is_none_or(|wanted| updated >= wanted)
        && number(status.get("availableReplicas")) >= updated
}

/// A rolling update with a partition is done once the pods from there on are updated; all of them have to be up.
fn stateful_set(Rollout { caught_up, wanted, status }: &Rollout, questions: &dyn Questions) -> bool {
    let updated = number(status.get("updatedReplicas"));
    let available = number(status.get("availableReplicas"));
    let partition = number(questions.observed_get("/spec/updateStrategy/rollingUpdate/partition").as_ref());
    *caught_up
        && wanted.is_none_or(|wanted| updated >= wanted - partition && available >= wanted)
        && available >= updated
}

fn has_address(questions: &dyn Questions) -> bool {
    let ingress = questions.observed_get("/status/loadBalancer/ingress");
    items(ingress.as_ref())
        .iter()
        .any(|one| !text_at(one, "/ip").is_empty() || !text_at(one, "/hostname").is_empty())
}
