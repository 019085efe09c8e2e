//! Reaching members, and ending what is carried to those that are no more.

use std::sync::Arc;

use kube::Client;
use portolan_member::{Cause, Member, Setting, body};
use portolan_plan::Digest;
use serde_json::Value;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use super::{Control, Seen};
use crate::health::keep;
use crate::ledger::Key;

/// How a cluster is reached: the digest of its `spec`, and the whole object, for another try.
#[derive(Clone, Debug)]
pub struct Reached {
    spec: Digest,
    object: Arc<Value>,
    connected: bool,
}

/// Where a Cluster says which credentials its Secret holds.
const CREDENTIALS: &str = "/metadata/annotations/portolan.dev~1credentials";

/// A cluster whose status is kept, for as long as this lives.
pub struct Kept {
    /// Why there is no way to it; none: there is.
    why: Option<String>,
    task: JoinHandle<()>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Control {
    /// There is such a cluster.
    pub(super) fn cluster(&mut self, object: &Value) {
        let name: Arc<str> = body::text(object, "name").into();
        let part = |field: &str| object.pointer(field).cloned().unwrap_or_default();
        if part("/spec/syncMode").as_str() == Some("Pull") {
            // Whoever pulls sees to it from now on.
            self.let_go(&name);
            return;
        }
        // Whatever of it may make a difference to how it is reached.
        let how = [
            "/spec/apiEndpoint",
            "/spec/secretRef",
            "/spec/insecureSkipTLSVerification",
            "/spec/proxyURL",
            // The Secret itself is not watched; whoever joins again says here that it has changed.
            CREDENTIALS,
        ];
        let spec = Digest::of_value(&Value::from_iter(how.map(part)));
        if self.reached.get(&name).is_some_and(|reached| reached.spec == spec) {
            return;
        }
        let reached = Reached { spec, object: Arc::new(object.clone()), connected: false };
        self.reached.insert(Arc::clone(&name), reached.clone());
        self.reach(name, reached);
    }

    fn reach(&self, name: Arc<str>, reached: Reached) {
        let (client, to) = (self.client.clone(), self.to.clone());
        tokio::spawn(async move {
            let member = portolan_member::client(&client, &reached.object).await;
            let member = member.map_err(|error| Cause::of(&error).to_string());
            // Only a controller that has stopped does not hear of it.
            let _ = to.send(Seen::Reached(name, reached, member)).await;
        });
    }

    /// Tries again what could not be reached: its Secret may be there by now.
    pub(super) fn reach_again(&mut self) {
        for (name, reached) in &self.reached {
            if !reached.connected {
                self.reach(Arc::clone(name), reached.clone());
            }
        }
    }

    pub(super) fn connected(&mut self, name: Arc<str>, how: Reached, client: Result<Client, String>) {
        // It may have changed or gone in the meantime.
        let Some(reached) = self.reached.get_mut(&name).filter(|reached| reached.spec == how.spec) else {
            return;
        };
        if reached.connected {
            return;
        }
        let member = match client {
            Ok(client) => client,
            Err(why) => {
                warn!(cluster = %name, "it can't be reached: {why}");
                self.keep(name, Err(why));
                return;
            }
        };
        reached.connected = true;
        self.keep(Arc::clone(&name), Ok(member.clone()));
        info!(cluster = %name, "carrying to it");
        let member = Member::start(Setting {
            cluster: name.to_string(),
            member,
            control: self.client.clone(),
            interpreters: self.interpreters.subscribe(),
            quiet: self.tools.quiet.clone(),
            events: self.events.clone(),
            owner: self.tools.owner.to_string(),
        });
        self.members.insert(Arc::clone(&name), member);
        if self.knows_enough() {
            self.put_to(&name);
        }
    }

    /// Keeps the cluster's status from now on, unless it is kept for the same reason already.
    fn keep(&mut self, name: Arc<str>, member: Result<Client, String>) {
        let why = member.as_ref().err().cloned();
        if why.is_some() && self.kept.get(&name).is_some_and(|kept| kept.why == why) {
            return;
        }
        let keeping = keep(Arc::clone(&name), self.client.clone(), member, self.thresholds);
        let task = tokio::spawn(keeping);
        self.kept.insert(name, Kept { why, task });
    }

    /// The cluster is gone: what was placed there goes without saying, and nothing is carried there any more.
    pub(super) fn cluster_gone(&mut self, name: &str) {
        self.let_go(name);
        let keys: Vec<Key> = (self.slots.iter_mut())
            .filter(|(_, slot)| slot.entry.places().any(|place| **place == *name))
            .map(|(key, slot)| {
                slot.withdrawing.remove(name);
                slot.entry.orphans.remove(name);
                key.clone()
            })
            .collect();
        keys.iter().for_each(|key| self.is_due(key));
    }

    fn let_go(&mut self, name: &str) {
        self.reached.remove(name);
        self.kept.remove(name);
        self.members.remove(name);
    }

    /// All Works and bindings are known: tells every member of all of its Works.
    pub(super) fn put_all(&mut self) {
        self.slots.values_mut().for_each(|slot| slot.entry.suspect_orphans());
        let names: Vec<Arc<str>> = self.members.keys().cloned().collect();
        names.iter().for_each(|name| self.put_to(name));
    }

    fn put_to(&mut self, cluster: &Arc<str>) {
        let Some(member) = self.members.get(cluster).cloned() else { return };
        for slot in self.slots.values() {
            if let (Some(work), Some(object)) = (slot.entry.works.get(cluster), &slot.entry.object) {
                member.put(work.to_put(object, None, None));
            }
            if slot.withdrawing.contains(cluster) {
                slot.is_withdrawn_by(&member, cluster);
            }
        }
        member.complete();
    }
}
