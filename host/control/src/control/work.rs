//! Starting jobs: deciding and writing first, telling when nothing is delivered.

use std::sync::Arc;

use portolan_member::Cause;
use portolan_plan::Kind;
use tokio::time::Instant as Moment;
use tracing::info;

use super::{Control, Done, JOBS, TELLS_ANYHOW};
use crate::job::About;
use crate::ledger::Key;
use crate::status;

impl Control {
    /// Starts what is due, as far as there is room.
    pub(super) fn start_jobs(&mut self, now: Moment) {
        if !self.waits_for_world(now) && self.knows_enough() {
            let mut busy = Vec::new();
            while self.running < JOBS
                && let Some(key) = self.due.take()
            {
                if self.slots.get(&key).is_some_and(|slot| slot.running) {
                    busy.push(key);
                } else {
                    self.start(&key);
                }
            }
            for key in busy {
                self.due.add(&key);
            }
        }
        self.start_telling(now);
    }

    fn start(&mut self, key: &Key) {
        let Some(about) = self.about(key) else { return };
        let Some(world) = self.world.clone() else { return };
        if about.entry.template.is_none() {
            return self.clear(key);
        }
        let (tools, done, key) = (self.tools.clone(), self.done.clone(), key.clone());
        self.running += 1;
        tokio::spawn(async move {
            // Only a controller that has stopped does not hear of it.
            let ready = |ready| drop(done.send(Done::Ready(key.clone(), Box::new(ready))));
            let dispatched = tools.dispatch(world, about, ready).await;
            let _ = done.send(Done::Dispatched(key, Box::new(dispatched)));
        });
    }

    /// What a job has to know; none: there is nothing to do about it yet. The slot is the job's until it ends.
    fn about(&mut self, key: &Key) -> Option<About> {
        let slot = self.slots.get_mut(key)?;
        let object = slot.entry.object.clone();
        let watched = object.as_ref().and_then(|object| self.kinds.get(&Kind::from(object)));
        // Whether a template is gone can only be told where all of its kind have been told of.
        let known = watched.is_some_and(|watched| slot.entry.template.is_some() || watched.listed);
        let (Some(watched), true) = (watched, known) else {
            slot.busy = None;
            return None;
        };
        slot.running = slot.entry.template.is_some();
        Some(About {
            key: key.clone(),
            entry: slot.entry.clone(),
            resource: watched.resource.clone(),
            withdrawing: slot.withdrawing.clone(),
            busy: slot.busy.take(),
        })
    }

    /// The template is gone: first its objects, then its Works, then its binding go.
    fn clear(&mut self, key: &Key) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.busy = None;
        let places: Vec<Arc<str>> = slot.entry.places().cloned().collect();
        if !places.is_empty() {
            return self.withdraw(key, places);
        }
        let Some(binding) = slot.entry.binding.clone() else {
            self.to_tell.remove(key);
            self.tellable.remove(key);
            self.later.remove(key);
            if let Some(name) = self.slots.remove(key).and_then(|slot| slot.entry.work_name()) {
                self.by_work.remove(&name);
            }
            return;
        };
        slot.running = true;
        self.running += 1;
        let (writer, done, key) = (self.tools.writer.clone(), self.done.clone(), key.clone());
        tokio::spawn(async move {
            let deleted = writer.delete_binding(&key, &binding.uid).await;
            let deleted = deleted.map(|()| binding.uid.clone());
            let deleted = deleted.map_err(|error| format!("deleting the binding: {}", Cause::from(error)));
            // Only a controller that has stopped does not hear of it.
            let _ = done.send(Done::Cleared(key, deleted));
        });
    }

    /// It is to go from these clusters, by the members' hands, with its Works or without; where a cluster is no more, there is
    /// nothing left of it.
    pub(super) fn withdraw(&mut self, key: &Key, clusters: Vec<Arc<str>>) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let mut forgotten = false;
        if let Some(name) = slot.entry.work_name() {
            // By its name it is heard of.
            self.by_work.entry(name).or_insert_with(|| key.clone());
        }
        for cluster in clusters {
            let work = slot.entry.works.get(&cluster).map(|work| Arc::clone(&work.name));
            let is_there = work.is_some() || slot.entry.orphans.contains(&cluster);
            if !is_there || !slot.withdrawing.insert(Arc::clone(&cluster)) {
                continue;
            }
            if work.is_none() {
                info!(%key, %cluster, "no Work carries it there any more, nor will: it goes");
            }
            if let Some(member) = self.members.get(&cluster) {
                slot.is_withdrawn_by(member, &cluster);
            } else if self.reached.contains_key(&cluster) {
                // As soon as there is a way to it.
            } else if let Some(name) = work {
                let (writer, done, key) = (self.tools.writer.clone(), self.done.clone(), key.clone());
                self.running += 1;
                tokio::spawn(async move {
                    let deleted = writer.delete_work(&cluster, &name).await;
                    let deleted = deleted
                        .map_err(|error| format!("deleting the Work of {cluster}: {}", Cause::from(error)));
                    // Only a controller that has stopped does not hear of it.
                    let _ = done.send(Done::Left(key, cluster, deleted));
                });
            } else {
                slot.withdrawing.remove(&cluster);
                forgotten |= slot.entry.orphans.remove(&cluster);
            }
        }
        if forgotten {
            self.is_due(key);
        }
    }

    fn start_telling(&mut self, now: Moment) {
        let quiet = self.tools.quiet.is_quiet() && self.due.is_empty();
        while self.running < JOBS
            && let Some(key) = self.next_to_tell(now, quiet)
        {
            self.to_tell.remove(&key);
            if self.world.is_some() {
                self.tell(&key);
            }
        }
    }

    /// Of which template it is told now: once for all clusters, or as it is where some keep everybody waiting.
    fn next_to_tell(&mut self, now: Moment, quiet: bool) -> Option<Key> {
        while quiet && let Some(key) = self.tellable.pop_first() {
            let slot = self.slots.get(&key).filter(|_| self.to_tell.contains(&key));
            // Otherwise something has happened since, and it is tellable again when that has come to its end.
            if slot.is_some_and(|slot| !slot.running && status::is_told(&slot.entry)) {
                return Some(key);
            }
        }
        while let Some(key) = self.to_tell.take_ripe(now) {
            match self.slots.get(&key) {
                None => {}
                Some(slot) if slot.running => self.to_tell.set(&key, now + TELLS_ANYHOW),
                Some(_) => return Some(key),
            }
        }
        None
    }

    fn tell(&mut self, key: &Key) {
        let Some(slot) = self.slots.get(key).filter(|slot| slot.entry.template.is_some()) else { return };
        let verdict = slot.verdict.clone();
        let held = slot.busy.is_some();
        let Some(mut about) = self.about(key) else { return };
        if held && let Some(slot) = self.slots.get_mut(key) {
            // It is due as well, and that stays so.
            slot.busy = about.busy.take();
        }
        let Some(world) = self.world.clone() else { return };
        let (tools, done, key) = (self.tools.clone(), self.done.clone(), key.clone());
        self.running += 1;
        tokio::spawn(async move {
            let (binding, failures) = tools.tell(world, about, verdict).await;
            // Only a controller that has stopped does not hear of it.
            let _ = done.send(Done::Told(key, binding.map(Box::new), failures));
        });
    }
}
