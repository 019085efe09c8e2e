//! What comes in: changes on the member, and the ends of what was started here.

use std::sync::Arc;

use kube::core::ApiResource;
use portolan_api::names;
use portolan_plan::{Digest, Kind, Stage};
use serde_json::Value;
use tokio::time::Instant as Moment;
use tracing::{debug, warn};

use super::kinds::{Answer, InUse};
use super::slot::{Slot, Todo, Wanted};
use super::turns::Carrier;
use super::{AWAY, Event};
use crate::body::{older, text};
use crate::hands::{Carried, Failure};
use crate::observed::{Observed, work_of};
use crate::told::{Doing, Told};
use crate::watching::Change;

/// The end of what was started here.
pub(super) enum Seen {
    /// A member was asked how a kind is called.
    Found(Kind, Result<ApiResource, Answer>),
    /// A Work was read; none: there is none any more.
    Read(Arc<str>, Result<Option<Box<Value>>, Failure>),
    /// An object was brought to the member.
    Carried(Arc<str>, Result<Box<Carried>, Failure>),
    /// Interpreters told how an object is doing, at that resource version.
    Doing(Arc<str>, String, Doing),
    /// An object was taken away.
    Removed(Arc<str>, Result<(), Failure>),
    /// A Work's status was written; none: there is no such Work any more.
    Told(Arc<str>, Result<Option<(String, Told)>, Failure>),
}

impl Carrier {
    pub fn take(&mut self, seen: Seen) {
        match seen {
            Seen::Found(kind, found) => self.found(&kind, found),
            Seen::Read(name, read) => self.read(&name, read),
            Seen::Carried(name, carried) => self.carried(&name, carried),
            Seen::Doing(name, version, doing) => {
                self.looking -= 1;
                self.doing(&name, &version, doing);
            }
            Seen::Removed(name, removed) => self.removed(&name, removed),
            Seen::Told(name, told) => self.told(&name, told),
        }
    }

    /// Something on the member changed.
    pub fn object(&mut self, kind: &Kind, change: Change) {
        match change {
            Change::Applied(body) => {
                let Some(InUse::Watched { resource, .. }) = self.kinds.get(kind) else { return };
                let object = body.of_kind(resource);
                match work_of(&object, &self.hands.namespace, &self.hands.owner) {
                    Some(name) => {
                        let name = Arc::from(name);
                        self.ours(&name, object);
                    }
                    None => self.not_ours(kind, &object),
                }
            }
            Change::Gone { namespace, name, .. } => {
                // The name of the Work follows from the object's.
                self.gone(&names::work(&kind.kind, namespace.as_deref(), &name).into(), None);
            }
            Change::Listed => {
                if let Some(InUse::Watched { listed, .. }) = self.kinds.get_mut(kind) {
                    *listed = true;
                }
                self.is_back();
                self.forget_unlisted(kind);
                self.all_due(kind);
                self.tell_of_orphans();
            }
        }
    }

    fn ours(&mut self, name: &Arc<str>, object: Value) {
        let slot = self.slots.entry(Arc::clone(name)).or_default();
        let key = portolan_api::Object::parse(object.clone()).ok().map(|object| object.key());
        if slot.object.is_none() {
            // Not put yet, or there is no such Work any more.
            slot.object = key;
        } else if slot.object != key {
            // The same name in another group or version.
            return;
        }
        let observed = Observed::of(&object);
        let known = slot.observed.as_ref();
        let same = known.is_some_and(|known| known.resource_version == observed.resource_version);
        if (same && slot.looked)
            || known.is_some_and(|known| older(&observed.resource_version, &known.resource_version))
        {
            return;
        }
        slot.observed = Some(observed);
        self.look_at(name, object);
        match self.slots.get(name) {
            Some(slot) if slot.wanted.is_none() => self.tell_of_orphan(name, slot),
            _ => self.is_due(name),
        }
    }

    /// What was ours and does not say so any more is somebody else's from now on.
    fn not_ours(&mut self, kind: &Kind, object: &Value) {
        let within = Some(text(object, "namespace")).filter(|namespace| !namespace.is_empty());
        let name = names::work(&kind.kind, within, text(object, "name")).into();
        self.gone(&name, Some(text(object, "uid")));
    }

    /// An object is not there as ours any more: whichever it was, or that with this uid.
    fn gone(&mut self, name: &Arc<str>, uid: Option<&str>) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        if uid.is_some() && slot.observed.as_ref().map(|observed| &*observed.uid) != uid {
            return;
        }
        slot.gone();
        if slot.wanted.is_none() && slot.todo == Todo::Carry {
            self.slots.remove(name);
        } else {
            self.is_due(name);
        }
    }

    /// What a list did not have is gone, although no watch said so.
    fn forget_unlisted(&mut self, kind: &Kind) {
        let unlisted = |slot: &Slot| {
            let of_kind = slot.object.as_ref().is_some_and(|object| Kind::from(object) == *kind);
            of_kind && slot.observed.is_some() && !slot.looked
        };
        let names: Vec<Arc<str>> =
            self.slots.iter().filter(|(_, slot)| unlisted(slot)).map(|(name, _)| Arc::clone(name)).collect();
        names.iter().for_each(|name| self.gone(name, None));
    }

    /// Finds out how an object is doing.
    fn look_at(&mut self, name: &Arc<str>, object: Value) {
        if let Some(slot) = self.slots.get_mut(name) {
            slot.looked = true;
        }
        let interpreters = Arc::clone(&self.hands.interpreters.borrow());
        let speaks = |stage: &Stage| interpreters.speaker(&object, *stage).is_some();
        let silent = ![Stage::Health, Stage::Reflect].iter().any(speaks);
        let version = text(&object, "resourceVersion").to_owned();
        let object = Arc::new(object);
        if silent {
            // Nobody is asked, so it takes no time.
            return self.doing(name, &version, Doing::of(&interpreters, &object));
        }
        self.looking += 1;
        let (hands, to, name) = (self.hands.clone(), self.to.clone(), Arc::clone(name));
        tokio::spawn(async move {
            let doing = hands.doing(object).await;
            // Nobody hears of it once the carrier has ended.
            let _ = to.send(Seen::Doing(name, version, doing));
        });
    }

    fn doing(&mut self, name: &Arc<str>, version: &str, doing: Doing) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        // It may have changed while it was looked at, and then it is looked at again.
        let current = slot.observed.as_ref().is_some_and(|observed| observed.resource_version == version);
        if current && slot.doing.as_ref() != Some(&doing) {
            slot.doing = Some(doing);
            self.is_to_be_told(name);
        }
    }

    fn carried(&mut self, name: &Arc<str>, carried: Result<Box<Carried>, Failure>) {
        let Some(carried) = self.ended(name, carried) else { return };
        let Some(slot) = self.slots.get_mut(name) else { return };
        let Carried { object, digest } = *carried;
        let observed = Observed::of(&object);
        slot.record(&observed, digest);
        let known = slot.observed.as_ref();
        let seen = known.is_some_and(|known| {
            known.resource_version == observed.resource_version
                || older(&observed.resource_version, &known.resource_version)
        });
        if !seen {
            slot.observed = Some(observed);
            self.look_at(name, object);
        }
        self.is_due(name);
    }

    fn read(&mut self, name: &Arc<str>, read: Result<Option<Box<Value>>, Failure>) {
        let Some(read) = self.ended(name, read) else { return };
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.read = true;
        let object = read.as_deref().and_then(|work| work.pointer("/spec/workload/manifests/0"));
        if matches!(slot.todo, Todo::Vanish { .. }) && object.is_some() {
            // Somebody else wrote it, and it will be put.
            slot.todo = Todo::Carry;
            return;
        }
        if let (None, Some(work), Some(manifest)) = (&slot.wanted, read.as_deref(), object)
            && let Ok(object) = portolan_api::Object::parse(manifest.clone())
        {
            let preserved = work.pointer("/spec/preserveResourcesOnDeletion") == Some(&Value::Bool(true));
            let digest = Digest::of_value(manifest);
            slot.wanted = Some(Wanted { digest, manifest: None, suspended: false, preserved });
            let kind = Kind::from(&*slot.object.insert(object.key()));
            self.want_kind(&kind);
        }
        self.is_due(name);
    }

    fn removed(&mut self, name: &Arc<str>, removed: Result<(), Failure>) {
        let Some(()) = self.ended(name, removed) else { return };
        let Some(slot) = self.slots.get_mut(name) else { return };
        if slot.todo == Todo::Carry {
            // Called off in the meantime: it is made again.
            slot.gone();
            return self.is_due(name);
        }
        self.slots.remove(name);
        self.to_tell.remove(name);
        self.tells_later.remove(name);
        self.later.remove(name);
        self.say(Event::Withdrawn { work: Arc::clone(name) });
    }

    /// A request about a Work has ended: what came of it, where it was not in vain.
    fn ended<T>(&mut self, name: &Arc<str>, came: Result<T, Failure>) -> Option<T> {
        self.running -= 1;
        if let Some(slot) = self.slots.get_mut(name) {
            slot.running = false;
        }
        let failure = match came {
            Ok(came) => {
                self.is_back();
                return Some(came);
            }
            Err(failure) => failure,
        };
        match failure {
            Failure::Refused(why) => {
                self.is_back();
                self.refuse(name, why);
            }
            Failure::Away(why) => {
                self.is_away(&why);
                self.refuse(name, format!("{AWAY}: {why}"));
            }
            Failure::Unread(why) => {
                debug!(work = %name, cluster = %self.cluster, %why, "can't read the Work")
            }
        }
        if let Some(slot) = self.slots.get_mut(name) {
            slot.busy = None;
            self.later.set(name, Moment::now() + slot.failures.failed());
        }
        None
    }

    /// The member does not have it, for that reason. Said once.
    pub fn refuse(&mut self, name: &Arc<str>, why: String) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.busy = None;
        if slot.refused.as_ref() == Some(&why) {
            return;
        }
        slot.refused = Some(why.clone());
        if slot.todo != Todo::Carry {
            warn!(work = %name, cluster = %self.cluster, %why, "it can't be taken away yet");
            self.say(Event::Stays { work: Arc::clone(name), why });
        } else if let Some(wanted) = &slot.wanted {
            let digest = wanted.digest;
            self.say(Event::Refused { work: Arc::clone(name), digest, why });
            self.is_to_be_told(name);
        }
    }

    pub fn say(&self, event: Event) {
        // Only a controller that has stopped does not hear of it.
        let _ = self.events.send((Arc::clone(&self.cluster), event));
    }
}
