//! Keeps a Cluster's status and the taints that follow from it. What would say the same again is not written.

use std::sync::Arc;
use std::time::Duration;

use kube::Api;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use portolan_member::probe::{self, Answer, Served};
use portolan_member::{Cause, Instant, Summary};
use serde_json::{Value, json};
use tokio::time::{Instant as Moment, MissedTickBehavior};
use tracing::{info, warn};

use super::{Health, Thresholds, condition};

/// What changes seldom and costs more than a line is read so often: the version, nodes and pods, and what is served where
/// the member does not say whether it has changed.
const SELDOM: Duration = Duration::from_secs(60);
/// Nodes and pods are being read a twentieth of the time at the most. Arbitrary: a member with 100,000 pods takes ten seconds.
const REST: u32 = 19;

/// Asks a member how it is, and writes that into its Cluster, for as long as it is polled. Where there is no way to the member,
/// that is what is written.
pub async fn keep(
    cluster: Arc<str>,
    control: kube::Client,
    member: Result<kube::Client, String>,
    thresholds: Thresholds,
) {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("cluster.karmada.io", "v1alpha1", "Cluster"));
    let clusters = Api::all_with(control, &resource);
    let mut rounds = tokio::time::interval(thresholds.period);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut keeping: Option<Keeping> = None;
    loop {
        rounds.tick().await;
        let keeping = match &mut keeping {
            Some(keeping) => keeping,
            none => match read(&clusters, &cluster).await {
                Ok(Some(object)) => none.insert(Keeping::new(thresholds, &object)),
                // It is gone, and whoever sees that ends this.
                Ok(None) => continue,
                Err(why) => {
                    warn!(%cluster, "its status can't be read: {why}");
                    continue;
                }
            },
        };
        keeping.round(&cluster, &member).await;
        if let Err(why) = keeping.write(&clusters, &cluster).await {
            warn!(%cluster, "its status can't be written: {why}");
        }
    }
}

/// What is known of one member.
struct Keeping {
    health: Health,
    version: Option<String>,
    served: Option<Served>,
    summary: Option<Summary>,
    /// When what changes seldom is read again.
    seldom: Moment,
    /// When nodes and pods are.
    counted: Moment,
    /// The Cluster as it was read or written last.
    written: Value,
}

impl Keeping {
    fn new(thresholds: Thresholds, cluster: &Value) -> Self {
        let now = Moment::now();
        Self {
            health: Health::new(thresholds, cluster),
            version: None,
            served: None,
            summary: None,
            seldom: now,
            counted: now,
            written: cluster.clone(),
        }
    }

    /// Asks once. A member that does not say it is ready is asked nothing further.
    async fn round(&mut self, cluster: &str, member: &Result<kube::Client, String>) {
        let (client, answer) = match member {
            Ok(client) => (Some(client), probe::readiness(client).await),
            Err(why) => (None, Answer::Unreachable(why.clone())),
        };
        let was = self.health.ready().map(|ready| ready.is);
        self.health.observe(&answer, Instant::now());
        let is = self.health.ready().map(|ready| ready.is);
        if was != is {
            let why = self.health.ready().map(|ready| ready.message.clone()).unwrap_or_default();
            info!(%cluster, "ready: {}: {why}", is.unwrap_or(false));
        }
        if let (Some(client), Answer::Ready) = (client, answer) {
            self.look(cluster, client).await;
        }
    }

    /// Reads what a member that is ready has to tell. What fails stays as it was, and is tried again.
    async fn look(&mut self, cluster: &str, member: &kube::Client) {
        let now = Moment::now();
        let seldom = now >= self.seldom;
        let failed = |what: &str, why: Cause| warn!(%cluster, "{what} can't be read: {why}");
        if seldom {
            self.seldom = now + SELDOM;
            match probe::version(member).await {
                Ok(version) => self.version = Some(version),
                Err(why) => failed("its version", why),
            }
        }
        if seldom || self.served.as_ref().is_some_and(Served::is_tagged) {
            let before = self.served.clone().unwrap_or_default();
            match before.again(member).await {
                Ok(Some(served)) => self.served = Some(served),
                Ok(None) => {}
                Err(why) => failed("what it serves", why),
            }
        }
        if now >= self.counted {
            match probe::summary(member).await {
                Ok(summary) => self.summary = Some(summary),
                Err(why) => failed("its nodes and pods", why),
            }
            self.counted = Moment::now() + SELDOM.max(now.elapsed() * REST);
        }
    }

    /// The status as it is to be: what is not known stays as it is.
    fn status(&self) -> Value {
        let mut status = self.written.get("status").cloned().unwrap_or_else(|| json!({}));
        if let Some(version) = &self.version {
            status["kubernetesVersion"] = json!(version);
        }
        let mut ours = Vec::new();
        ours.extend(self.health.ready().map(super::Ready::condition));
        if let Some(served) = &self.served {
            status["apiEnablements"] = json!(served.enablements);
            ours.push(self.completeness(served));
        }
        if let Some(summary) = &self.summary {
            status["nodeSummary"] = summary.of_nodes();
            let resources = summary.of_resources();
            for (part, amounts) in resources.as_object().into_iter().flatten() {
                status["resourceSummary"][part] = amounts.clone();
            }
        }
        let before = status.get("conditions").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_ours = |one: &Value| ours.iter().any(|our| our["type"] == one["type"]);
        let others: Vec<Value> = before.into_iter().filter(|one| !is_ours(one)).collect();
        ours.extend(others);
        status["conditions"] = Value::Array(ours);
        status
    }

    fn completeness(&self, served: &Served) -> Value {
        let (status, reason, message) = match served {
            Served { complete: true, enablements, .. } if !enablements.is_empty() => {
                ("True", "Complete", "all that the cluster serves is known")
            }
            Served { enablements, .. } if enablements.is_empty() => {
                ("False", "Empty", "the cluster does not say what it serves")
            }
            _ => ("False", "Partial", "of some API groups the cluster does not know what they serve"),
        };
        let before = condition(&self.written, "CompleteAPIEnablements");
        let before = before.filter(|before| before["status"].as_str() == Some(status));
        let since = before.and_then(|before| before["lastTransitionTime"].as_str().map(str::to_owned));
        json!({
            "type": "CompleteAPIEnablements",
            "status": status,
            "reason": reason,
            "message": message,
            "lastTransitionTime": since.unwrap_or_else(|| Instant::now().to_string()),
        })
    }

    /// Writes what is otherwise than it is to be.
    async fn write(&mut self, clusters: &Api<DynamicObject>, cluster: &str) -> Result<(), Cause> {
        let status = self.status();
        if self.written.get("status") != Some(&status) {
            let mut patch = json!({"status": status});
            say_what_is_gone(&json!({"status": self.written.get("status")}), &mut patch);
            let patch = Patch::Merge(patch);
            let written = clusters.patch_status(cluster, &PatchParams::default(), &patch).await?;
            self.written = value(written);
            self.written["status"] = status;
        }
        let taints = |cluster: &Value| {
            let taints = cluster.pointer("/spec/taints").and_then(Value::as_array);
            self.health.taints(taints.map_or(&[][..], Vec::as_slice))
        };
        // Others write taints too, and what they wrote since is seen here. Asked only where ready has changed since.
        if taints(&self.written).is_none() {
            return Ok(());
        }
        let Some(now) = read(clusters, cluster).await? else { return Ok(()) };
        if let Some(taints) = taints(&now) {
            let version = now.pointer("/metadata/resourceVersion");
            let patch = json!({"metadata": {"resourceVersion": version}, "spec": {"taints": taints}});
            clusters.patch(cluster, &PatchParams::default(), &Patch::Merge(patch)).await?;
            self.written["spec"]["taints"] = json!(taints);
        } else {
            self.written["spec"] = now["spec"].clone();
        }
        Ok(())
    }
}

/// A merge patch takes away nothing that it does not name.
fn say_what_is_gone(before: &Value, patch: &mut Value) {
    let (Some(before), Some(patch)) = (before.as_object(), patch.as_object_mut()) else { return };
    for (key, before) in before {
        match patch.get_mut(key) {
            Some(now) => say_what_is_gone(before, now),
            None => {
                patch.insert(key.clone(), Value::Null);
            }
        }
    }
}

async fn read(clusters: &Api<DynamicObject>, name: &str) -> Result<Option<Value>, Cause> {
    Ok(clusters.get_opt(name).await?.map(value))
}

fn value(cluster: DynamicObject) -> Value {
    serde_json::to_value(cluster).expect("what was read as JSON is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_that_no_node_has_any_more_is_taken_away() {
        let before =
            json!({"allocatable": {"cpu": "4", "example.com/gpu": "1"}, "conditions": [{"type": "Ready"}]});
        let mut patch = json!({"allocatable": {"cpu": "4"}, "conditions": []});
        say_what_is_gone(&before, &mut patch);
        assert_eq!(patch, json!({"allocatable": {"cpu": "4", "example.com/gpu": null}, "conditions": []}));
    }
}
