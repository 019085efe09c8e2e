//! Taking in what watches, members and jobs tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use kube::runtime::watcher::Config as WatcherConfig;
use portolan_api::{ObjectKey, names};
use portolan_member::body::older;
use portolan_member::{AWAY, Body, Change, Event, Pace, watch};
use portolan_plan::{Digest, Kind};
use serde_json::Value;
use tracing::{debug, info, warn};

use super::{Control, Seen, Slot};
use crate::binding::Binding;
use crate::concerns::Concerns;
use crate::inputs::Matters;
use crate::kinds::{look_for, never};
use crate::ledger::{Kept, Key, Work};

impl Control {
    /// Takes in one thing.
    pub(super) fn take(&mut self, seen: Seen) {
        match seen {
            Seen::Base(kind, change) => self.base(kind, change),
            Seen::Template(kind, change) => self.template(&kind, change),
            Seen::Found(kind, resource) => self.found(kind, resource),
            Seen::World(made) => {
                self.world_made(*made);
                self.watch_kinds();
            }
            Seen::Reached(cluster, how, client) => self.connected(cluster, how, client),
            Seen::LoadedAhead => {
                info!("the default plugins are loaded");
                self.loaded_ahead = true;
                self.may_be_ready();
            }
        }
    }

    fn base(&mut self, kind: &'static str, change: Change) {
        let change = match change {
            Change::Listed => {
                if self.unlisted.remove(kind) && self.knows_enough() {
                    info!("everything is known that decisions rest on");
                    self.may_be_ready();
                    self.world_is_due(Concerns::all());
                    self.watch_kinds();
                    self.put_all();
                }
                return;
            }
            change => change,
        };
        match (kind, change) {
            ("ResourceBinding" | "ClusterResourceBinding", Change::Applied(body)) => self.binding(&body),
            ("ResourceBinding" | "ClusterResourceBinding", Change::Gone { namespace, name, .. }) => {
                self.binding_gone(&Key { namespace, name });
            }
            ("Work", Change::Applied(body)) => self.work(&body),
            ("Work", Change::Gone { namespace, name, version }) => {
                self.work_gone(namespace.as_deref(), &name, version.as_deref());
            }
            ("CustomResourceDefinition", _) => {
                // Its API takes a moment to be served; where it is not yet, it is looked for again.
                for kind in self.kinds.missing() {
                    self.look_for(kind);
                }
            }
            (_, Change::Applied(body)) => {
                if kind == "Cluster" {
                    self.cluster(&body.value);
                }
                let mut object = body.value;
                if let Some(object) = object.as_object_mut() {
                    let base = super::BASES
                        .iter()
                        .find(|base| base.kind == kind)
                        .expect("only bases are watched so");
                    object
                        .entry("apiVersion")
                        .or_insert_with(|| format!("{}/{}", base.group, base.version).into());
                    object.entry("kind").or_insert_with(|| kind.into());
                }
                let matters = self.inputs.applied(kind, object);
                self.matters(matters);
            }
            (_, Change::Gone { namespace, name, .. }) => {
                if kind == "Cluster" {
                    self.cluster_gone(&name);
                }
                let matters = self.inputs.gone(kind, namespace, name);
                self.matters(matters);
            }
            (_, Change::Listed) => {}
        }
    }

    fn matters(&mut self, matters: Matters) {
        match matters {
            Matters::No => {}
            Matters::Later => self.room_changed = true,
            Matters::Now(concerns) => {
                // Before the World is made: they are there by then.
                if concerns.kinds().any(|kind| self.kinds.get(kind).is_none()) {
                    self.watch_kinds();
                }
                self.world_is_due(concerns);
            }
        }
    }

    /// Watches the kinds that are needed now.
    pub(super) fn watch_kinds(&mut self) {
        if !self.knows_enough() {
            return;
        }
        let wanted = self.wanted_kinds();
        let (new, gone) = self.kinds.want(&wanted);
        new.into_iter().for_each(|kind| self.look_for(kind));
        for kind in gone {
            // Nothing is placed of it, or it would be wanted.
            self.slots.retain(|_, slot| {
                let of_kind = slot.entry.object.as_ref().is_some_and(|object| Kind::from(object) == kind);
                !of_kind || slot.running
            });
        }
    }

    /// The kinds that some policy names, and those of which something is placed.
    pub(super) fn wanted_kinds(&self) -> BTreeSet<Kind> {
        let mut wanted = self.inputs.kinds();
        let is_placed = |slot: &&Slot| slot.entry.binding.is_some() || slot.entry.places().next().is_some();
        let placed = self.slots.values().filter(is_placed);
        let mut last = None;
        for object in placed.filter_map(|slot| slot.entry.object.as_ref()) {
            // Most are of the same kind as the one before.
            if last != Some((&object.api_version, &object.kind)) {
                last = Some((&object.api_version, &object.kind));
                wanted.insert(Kind::from(object));
            }
        }
        wanted.retain(|kind| !never(kind));
        wanted
    }

    pub(super) fn look_for(&self, kind: Kind) {
        let (client, to) = (self.client.clone(), self.to.clone());
        tokio::spawn(async move {
            let resource = look_for(&client, &kind).await;
            // Only a controller that has stopped does not hear of it.
            let _ = to.send(Seen::Found(kind, resource)).await;
        });
    }

    fn found(&mut self, kind: Kind, resource: Option<kube::core::ApiResource>) {
        let Some(resource) = resource else { return };
        let told = kind.clone();
        let watch =
            watch(&self.client, &resource, WatcherConfig::default(), self.to.clone(), move |change| {
                Seen::Template(told.clone(), change)
            });
        self.kinds.found(kind, resource, watch);
    }

    fn template(&mut self, kind: &Kind, change: Change) {
        match change {
            Change::Applied(body) => {
                let Some(watched) = self.kinds.get(kind) else { return };
                let is_namespace = kind.api_version == "v1" && kind.kind == "Namespace";
                let within = if is_namespace { Some(body.text("name")) } else { body.namespace() };
                // Every cluster has a default namespace of its own, which can't be deleted.
                let own = is_namespace && within == Some("default");
                if own || within.is_some_and(|namespace| self.is_skipped(namespace)) {
                    return;
                }
                let Some(kept) = Kept::new(body.of_kind(&watched.resource)) else { return };
                let key = Key::of(&kept.key);
                let slot = self.slots.entry(key.clone()).or_default();
                if let Some(other) = slot.entry.template.as_ref().filter(|other| other.key != kept.key) {
                    let (other, key) = (other.key.clone(), &kept.key);
                    warn!(template = %key, api_version = key.api_version, "its binding's name is taken by {} {other}; it is \
                           not propagated", other.api_version);
                    return;
                }
                let before = slot.entry.template.as_ref();
                let same = before.is_some_and(|before| {
                    before.content == kept.content
                        && before.uid == kept.uid
                        && before.claim == kept.claim
                        && before.claim_id == kept.claim_id
                });
                // What a claim of ours comes back as.
                let claimed =
                    before.is_some_and(|before| before.content == kept.content && before.uid == kept.uid);
                slot.entry.object = Some(kept.key.clone());
                slot.entry.template = Some(Arc::new(kept));
                if !same && claimed && slot.running {
                    slot.touched = true;
                } else if !same {
                    slot.failures = Pace::default();
                    self.is_due(&key);
                }
            }
            Change::Gone { namespace, name, .. } => {
                let key = Key { namespace, name: names::binding(&kind.kind, &name) };
                if let Some(slot) = self.slots.get_mut(&key)
                    && slot.entry.template.as_ref().is_some_and(|kept| Kind::from(&kept.key) == *kind)
                {
                    slot.entry.template = None;
                    slot.failures = Pace::default();
                    self.is_due(&key);
                }
            }
            Change::Listed => {
                self.kinds.listed(kind);
                // What is placed and has no template any more goes.
                let keys: Vec<Key> = (self.slots.iter())
                    .filter(|(_, slot)| slot.entry.template.is_none())
                    .map(|(key, _)| key.clone())
                    .collect();
                keys.iter().for_each(|key| self.is_due(key));
            }
        }
    }

    fn is_skipped(&self, namespace: &str) -> bool {
        let ours = ["karmada-system", "karmada-cluster"].contains(&namespace);
        let matches = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => namespace.starts_with(start),
            None => namespace == pattern,
        };
        ours || namespace.starts_with(&names::execution_namespace(""))
            || self.skipped_namespaces.iter().any(matches)
    }

    fn binding(&mut self, body: &Body) {
        let key = Key { namespace: body.namespace().map(Into::into), name: body.text("name").into() };
        let slot = self.slots.entry(key.clone()).or_default();
        let known = slot.entry.binding.as_ref();
        let version = body.text("resourceVersion");
        if known.is_some_and(|known| known.version == version || older(version, &known.version)) {
            return;
        }
        let binding = Binding::read(&body.value);
        let same = known.is_some_and(|known| known.content == binding.content);
        let same_status = known.is_some_and(|known| known.status == binding.status);
        if slot.entry.object.is_none() {
            slot.entry.object = resource_of(&body.value);
        }
        slot.entry.binding = Some(Arc::new(binding));
        let running = slot.running;
        if !same && running {
            slot.touched = true;
        } else if !same {
            self.is_due(&key);
        }
        if !same_status && !running {
            self.is_to_be_told(&key);
        }
    }

    fn binding_gone(&mut self, key: &Key) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.entry.binding = None;
            slot.binding_went = slot.running;
            self.is_due(key);
        }
    }

    fn work(&mut self, body: &Body) {
        let Some(cluster) = body.namespace().and_then(cluster_of) else { return };
        let cluster: Arc<str> = cluster.into();
        let name = body.text("name");
        // A Work of ours has the name that follows from its object, whatever else somebody wrote into it.
        let said = || {
            let object = object_of(&body.value)?;
            let named = names::work(&object.kind, object.namespace.as_deref(), &object.name) == name;
            Key::said_by(&body.value).filter(|_| named)
        };
        let Some(key) = self.by_work.get(name).cloned().or_else(said) else {
            debug!(work = name, "it is nobody's");
            return;
        };
        let slot = self.slots.entry(key.clone()).or_default();
        let version = body.text("resourceVersion");
        let known = slot.entry.works.get(&cluster);
        // What was written here comes back with a status that its member wrote before.
        if known.is_some_and(|known| older(version, &known.version)) {
            return;
        }
        let Some(work) = Work::read(&body.value) else {
            // It carries nothing any more: it is written anew.
            if let Some(known) = slot.entry.works.get_mut(&cluster) {
                version.clone_into(&mut known.version);
                known.content = Digest::of(b"");
                slot.unput.insert(cluster);
            }
            if !slot.running {
                self.put_what_changed(&key);
                self.is_due(&key);
            }
            return;
        };
        if slot.entry.object.is_none() {
            slot.entry.object = object_of(&body.value);
        }
        let same = known.is_some_and(|known| known.content == work.content);
        let told = known.is_some_and(|known| known.status == work.status);
        let put = slot.entry.object.as_ref().map(|object| work.to_put(object, None, None));
        let arrived = work.applied.is_some_and(|applied| {
            slot.entry.applied.insert(Arc::clone(&cluster), applied).is_none() && slot.entry.is_moving()
        });
        self.by_work.entry(Arc::clone(&work.name)).or_insert_with(|| key.clone());
        slot.entry.works.insert(Arc::clone(&cluster), work);
        if slot.entry.orphans.remove(&cluster) {
            // Somebody wrote it while the object was being taken away: that is decided anew.
            slot.withdrawing.remove(&cluster);
        }
        if same {
            // Nothing but its status.
        } else if slot.running {
            // Most likely a job is writing it just now, and it is put with its manifest when that is done.
            slot.unput.insert(cluster);
        } else if self.knows_enough() {
            self.is_due(&key);
            if let (Some(member), Some(put)) = (self.members.get(&cluster), put) {
                member.put(put);
            }
        }
        if arrived {
            // Something waits for that.
            self.is_due(&key);
        }
        if !told {
            self.is_to_be_told(&key);
        }
    }

    fn work_gone(&mut self, namespace: Option<&str>, name: &str, version: Option<&str>) {
        let Some(cluster) = namespace.and_then(cluster_of) else { return };
        let Some(key) = self.by_work.get(name).cloned() else { return };
        let Some(slot) = self.slots.get_mut(&key) else { return };
        let known = slot.entry.works.get(cluster);
        if known.is_some_and(|known| version.is_some_and(|version| older(version, &known.version))) {
            // It was written anew since.
            return;
        }
        slot.entry.applied.remove(cluster);
        if slot.entry.works.remove(cluster).is_some() && !slot.withdrawing.remove(cluster) {
            // It is written again or its object goes, as the decision about its template says.
            slot.entry.orphans.insert(cluster.into());
        }
        self.is_due(&key);
    }

    /// What a member says became of a Work.
    pub(super) fn heard(&mut self, cluster: &Arc<str>, event: Event) {
        match event {
            Event::Applied { work, digest } => {
                let Some((key, slot)) = self.carried_by(&work) else { return };
                slot.entry.applied.insert(Arc::clone(cluster), digest);
                // Something may wait for it to arrive.
                if slot.entry.is_moving() {
                    self.is_due(&key);
                }
            }
            Event::Refused { work, why, .. } => {
                let Some((key, slot)) = self.carried_by(&work) else { return };
                debug!(%key, %cluster, %why, "the member does not have it");
                // That a member is away is said once, of its Cluster.
                if let Some(template) = slot.entry.template.clone().filter(|_| !why.contains(AWAY)) {
                    self.announcer.warn(&template, "NotApplied", "Apply", format!("{cluster}: {why}"));
                }
            }
            Event::Stays { work, why } => debug!(%work, %cluster, %why, "the member has not let go of it"),
            Event::Withdrawn { work } => {
                let Some((key, slot)) = self.carried_by(&work) else { return };
                // Otherwise it has been written again since.
                if slot.withdrawing.remove(cluster) {
                    slot.entry.orphans.remove(cluster);
                    slot.entry.works.remove(cluster);
                    slot.entry.applied.remove(cluster);
                    self.is_due(&key);
                }
            }
            Event::Orphaned { object, .. } => self.orphaned(cluster, object),
        }
    }

    fn carried_by(&mut self, work: &str) -> Option<(Key, &mut Slot)> {
        let key = self.by_work.get(work)?.clone();
        let slot = self.slots.get_mut(&key)?;
        Some((key, slot))
    }

    /// A member has something as ours that no Work carries. Its Work may have been lost, and is written as soon as its template
    /// is decided about: only that can tell whether it is to go.
    fn orphaned(&mut self, cluster: &Arc<str>, object: ObjectKey) {
        let (key, kind) = (Key::of(&object), Kind::from(&object));
        let slot = self.slots.entry(key.clone()).or_default();
        if slot.entry.works.contains_key(cluster) || !slot.entry.orphans.insert(Arc::clone(cluster)) {
            return;
        }
        slot.entry.object.get_or_insert(object);
        if !self.kinds.wants(&kind) {
            // Whether its template is there has to be looked up.
            self.watch_kinds();
        }
        self.is_due(&key);
    }
}

fn cluster_of(namespace: &str) -> Option<&str> {
    namespace.strip_prefix("karmada-es-").filter(|cluster| !cluster.is_empty())
}

/// The template that a binding is of.
fn resource_of(binding: &Value) -> Option<ObjectKey> {
    serde_json::from_value(binding.pointer("/spec/resource")?.clone()).ok()
}

/// The template that a Work carries.
fn object_of(work: &Value) -> Option<ObjectKey> {
    let manifest = work.pointer("/spec/workload/manifests/0")?;
    Some(portolan_api::Object::parse(manifest.clone()).ok()?.key())
}
