//! Doing what is due, as far as there is room.

use std::sync::Arc;

use kube::core::ApiResource;
use portolan_plan::Kind;
use tokio::time::Instant as Moment;
use tracing::debug;

use super::kinds::{Answer, InUse};
use super::seen::Seen;
use super::slot::{Due, Slot, Todo};
use super::turns::{AT_ONCE, Carrier};
use super::{AWAY, Event};

/// What is known of the kind of a Work's object.
enum Ground {
    /// How it is called, where the member serves it, and whether all of its objects are known.
    Known(Option<ApiResource>, bool),
    /// The member has to say so first.
    Unknown,
    /// It can't be carried, and that has been said where it is to be.
    Refused,
}

impl Carrier {
    /// Does what is due, as far as there is room.
    pub fn advance(&mut self) {
        let now = Moment::now();
        self.look_for_kinds(now);
        while let Some(name) = self.later.take_ripe(now) {
            self.is_due(&name);
        }
        // One that does not answer is asked by one request at a time.
        let at_once = if self.away { 1 } else { AT_ONCE };
        while self.running < at_once
            && let Some(name) = self.due.pop_front()
        {
            self.see_to(&name, now);
        }
        self.start_telling(now);
    }

    fn see_to(&mut self, name: &Arc<str>, now: Moment) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.due = false;
        if slot.running {
            // Looked at again when that ends.
            return;
        }
        let (resource, listed) = match self.ground(name) {
            Ground::Known(resource, listed) => (resource, listed),
            Ground::Unknown | Ground::Refused => return,
        };
        let Some(slot) = self.slots.get_mut(name) else { return };
        match slot.act(listed) {
            Due::Nothing => {}
            Due::Settled(digest) => {
                let mut news = slot.settle(digest);
                news.any |= slot.told.is_none();
                if news.arrived {
                    self.say(Event::Applied { work: Arc::clone(name), digest });
                }
                if news.any {
                    self.is_to_be_told(name);
                }
            }
            Due::Suspended => {
                slot.busy = None;
                self.is_to_be_told(name);
            }
            // What came to nothing has its next turn, whatever happens on the member until then.
            Due::Carry | Due::Remove | Due::Read if self.later.contains(name) => {}
            Due::Carry => {
                let Some(resource) = resource else { return };
                if let Some(turn) = slot.turn(now) {
                    debug!(work = %name, cluster = %self.cluster, "it was changed again: it is put right later");
                    slot.busy = None;
                    self.later.set(name, turn);
                    return;
                }
                self.carry(name, resource);
            }
            Due::Remove => self.remove(name, resource),
            Due::Read => self.read_work(name),
        }
    }

    /// What is known of the kind of a Work's object.
    fn ground(&mut self, name: &Arc<str>) -> Ground {
        let Some(slot) = self.slots.get(name) else { return Ground::Unknown };
        let in_use = slot.object.as_ref().and_then(|object| self.kinds.get(&Kind::from(object)));
        let carries =
            slot.todo == Todo::Carry && !slot.wanted.as_ref().is_some_and(|wanted| wanted.suspended);
        match in_use {
            Some(InUse::Watched { resource, listed, .. }) => Ground::Known(Some(resource.clone()), *listed),
            Some(InUse::Looking { answer: Answer::NotServed(why), .. }) if carries => {
                let why = why.clone();
                self.refuse(name, why);
                Ground::Refused
            }
            Some(InUse::Looking { answer: Answer::Away(why), .. }) => {
                // What its status says was true when it was written, and may be true still.
                let why = (carries && !slot.was_told()).then(|| format!("{AWAY}: {why}"));
                if let Some(why) = why {
                    self.refuse(name, why);
                }
                if let Some(slot) = self.slots.get_mut(name) {
                    slot.busy = None;
                }
                Ground::Unknown
            }
            Some(InUse::Looking { answer: Answer::None, .. }) => Ground::Unknown,
            // A member that does not serve a kind holds nothing of it.
            Some(InUse::Looking { answer: Answer::NotServed(_), .. }) | None => Ground::Known(None, true),
        }
    }

    fn carry(&mut self, name: &Arc<str>, resource: ApiResource) {
        let Some(slot) = self.starts(name) else { return };
        let (manifest, known, digest) = (slot.manifest(), slot.observed.clone(), slot.settled);
        let has_retain = slot.object.clone();
        let speaks = {
            let interpreters = self.hands.interpreters.borrow();
            has_retain.is_some_and(|object| super::slot::is_retained(&object, &interpreters))
        };
        // There is nothing of the member's in it: what is written does not depend on what is there.
        let plain =
            !speaks && known.as_ref().is_some_and(|known| known.bare && Some(known.content) == digest);
        let (hands, to, name) = (self.hands.clone(), self.to.clone(), Arc::clone(name));
        tokio::spawn(async move {
            let carried = hands.carry(&resource, &name, manifest, known.as_ref(), plain).await;
            // Nobody hears of it once the carrier has ended.
            let _ = to.send(Seen::Carried(name, carried.map(Box::new)));
        });
    }

    fn remove(&mut self, name: &Arc<str>, resource: Option<ApiResource>) {
        let Some(slot) = self.starts(name) else { return };
        let (object, known, preserved) = (slot.object.clone(), slot.observed.clone(), slot.preserved());
        let withdraw = slot.todo == Todo::Withdraw;
        let (hands, to, name) = (self.hands.clone(), self.to.clone(), Arc::clone(name));
        tokio::spawn(async move {
            let removed = async {
                if let (Some(resource), Some(object), Some(known)) = (&resource, &object, &known) {
                    hands.remove(resource, object, known, preserved).await?;
                }
                if withdraw { hands.delete_work(&name).await } else { Ok(()) }
            };
            let removed = removed.await;
            // Nobody hears of it once the carrier has ended.
            let _ = to.send(Seen::Removed(name, removed));
        });
    }

    fn read_work(&mut self, name: &Arc<str>) {
        if self.starts(name).is_none() {
            return;
        }
        let (hands, to, name) = (self.hands.clone(), self.to.clone(), Arc::clone(name));
        tokio::spawn(async move {
            let read = hands.work(&name).await;
            // Nobody hears of it once the carrier has ended.
            let _ = to.send(Seen::Read(name, read.map(|work| work.map(Box::new))));
        });
    }

    fn starts(&mut self, name: &Arc<str>) -> Option<&Slot> {
        let slot = self.slots.get_mut(name)?;
        slot.running = true;
        self.running += 1;
        Some(slot)
    }

    /// Tells of what is ours and has no Work, once all Works are known.
    pub fn tell_of_orphans(&self) {
        self.slots.iter().for_each(|(name, slot)| self.tell_of_orphan(name, slot));
    }

    pub fn tell_of_orphan(&self, name: &Arc<str>, slot: &Slot) {
        if self.complete
            && slot.is_orphan()
            && let Some(object) = &slot.object
        {
            self.say(Event::Orphaned { work: Arc::clone(name), object: object.clone() });
        }
    }
}
