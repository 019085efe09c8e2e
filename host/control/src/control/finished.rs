//! Taking in what jobs came to.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant as Moment;
use tracing::{debug, warn};

use super::{Control, Done};
use crate::binding::Binding;
use crate::dispatch::Verdict;
use crate::job::{Dispatched, Ready};
use crate::ledger::{self, Key};
use portolan_member::body::older;
use portolan_member::{Instant, Pace};

/// So many failures in a row are no coincidence, and somebody has to hear of them. Arbitrary.
const LASTS: u32 = 4;

impl Control {
    /// A job came to its end, or to a Work that is to be carried.
    pub(super) fn finished(&mut self, done: Done) {
        if !matches!(done, Done::Ready(..)) {
            self.running -= 1;
        }
        match done {
            Done::Ready(key, ready) => self.ready(&key, *ready),
            Done::Dispatched(key, dispatched) => self.dispatched(&key, *dispatched),
            Done::Told(key, binding, failures) => self.told(&key, binding.map(|binding| *binding), failures),
            Done::Left(key, cluster, left) => {
                if let (Err(_), Some(slot)) = (&left, self.slots.get_mut(&key)) {
                    // It is to be withdrawn once more.
                    slot.withdrawing.remove(&cluster);
                }
                self.after(&key, left.err().into_iter().collect());
            }
            Done::Cleared(key, cleared) => {
                let Some(slot) = self.slots.get_mut(&key) else { return };
                slot.running = false;
                slot.binding_went = false;
                match cleared {
                    Ok(uid) => {
                        if slot.entry.binding.as_ref().is_some_and(|binding| binding.uid == uid) {
                            slot.entry.binding = None;
                        }
                        self.is_due(&key);
                    }
                    Err(failure) => self.after(&key, vec![failure]),
                }
            }
        }
    }

    /// A Work is to be carried to its member now.
    fn ready(&mut self, key: &Key, ready: Ready) {
        let Ready { cluster, work, written, manifest, busy } = ready;
        self.metrics.count("work", usize::from(written));
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.withdrawing.remove(&cluster);
        slot.unput.remove(&cluster);
        slot.entry.orphans.remove(&cluster);
        let known = slot.entry.works.get(&cluster);
        if known.is_none() && !written {
            // It went before it could be called off.
            return self.is_due(key);
        }
        // What its status says is its member's, who may have written while this was.
        let work = match known.cloned() {
            Some(ledger::Work { told, delivered, applied, status, .. }) => {
                ledger::Work { told, delivered, applied, status, ..work }
            }
            None => work,
        };
        if let (Some(member), Some(object)) = (self.members.get(&cluster), &slot.entry.object) {
            member.put(work.to_put(object, Some(manifest), Some(busy)));
        }
        if !known.is_some_and(|known| older(&work.version, &known.version)) {
            self.by_work.entry(Arc::clone(&work.name)).or_insert_with(|| key.clone());
            slot.entry.works.insert(cluster, work);
        }
    }

    fn dispatched(&mut self, key: &Key, dispatched: Dispatched) {
        let Dispatched { claimed, binding, leaves, again, verdict, failures } = dispatched;
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.running = false;
        let touched = std::mem::take(&mut slot.touched);
        let binding_went = std::mem::take(&mut slot.binding_went);
        if let Some(since) = slot.since.take() {
            self.metrics.dispatch_seconds.observe(since.elapsed().as_secs_f64());
        }
        self.metrics.count("claim", usize::from(claimed.is_some()));
        self.metrics.count("binding", usize::from(binding.is_some()));
        self.metrics.failures.inc_by(failures.len() as u64);
        if let Some(verdict) = &verdict {
            self.metrics.decided(verdict.reason.unwrap_or("Placed"));
        }
        let mut by_others = binding_went || (touched && binding.is_none() && claimed.is_none());
        if let (Some(policy), Some(template)) = (claimed, slot.entry.template.as_ref())
            && template.claim != policy
        {
            slot.entry.template = Some(Arc::new(template.claimed(&self.tools.owner, policy)));
        }
        if let Some(binding) = binding.filter(|_| !binding_went) {
            let known = slot.entry.binding.as_ref();
            if known.is_some_and(|known| older(&binding.version, &known.version)) {
                by_others |= known.is_some_and(|known| known.content != binding.content);
            } else {
                slot.entry.binding = Some(Arc::new(binding));
            }
        }
        // It may have arrived before it was known that something waits for that.
        let arrived = failures.is_empty() && slot.entry.has_arrived();
        if let Some(verdict) = verdict {
            self.announce(key, verdict);
        }
        self.withdraw(key, leaves);
        self.is_to_be_told(key);
        if let Some(again) = again {
            if arrived {
                self.is_due(key);
            }
            let seconds = u64::try_from(again.since(Instant::now())).unwrap_or_default();
            self.later.set(key, Moment::now() + Duration::from_secs(seconds));
        }
        if self.put_what_changed(key) || by_others {
            self.is_due(key);
        }
        self.after(key, failures);
    }

    /// Says what is new about where a template goes, where a person would want to know.
    fn announce(&mut self, key: &Key, verdict: Verdict) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let is_new = slot.verdict != verdict && slot.entry.binding.is_some();
        if let Some(template) = slot.entry.template.as_ref().filter(|_| is_new) {
            match verdict.reason {
                Some(reason) => {
                    warn!(%key, reason, "{}", verdict.message);
                    self.announcer.warn(template, reason, "Place", verdict.message.clone());
                }
                None if slot.verdict.reason.is_some() => {
                    let note = "it is placed as its policy says".to_owned();
                    self.announcer.over(template, "Placed", "Place", note);
                }
                None => {}
            }
        }
        slot.verdict = verdict;
    }

    fn told(&mut self, key: &Key, binding: Option<Binding>, failures: Vec<String>) {
        self.metrics.count("status", usize::from(binding.is_some()));
        self.metrics.failures.inc_by(failures.len() as u64);
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.running = false;
        let changed = std::mem::take(&mut slot.touched) | std::mem::take(&mut slot.binding_went);
        let known = slot.entry.binding.as_ref();
        if let (Some(binding), Some(known)) = (binding, known)
            && !older(&binding.version, &known.version)
        {
            slot.entry.binding = Some(Arc::new(binding));
        }
        if failures.is_empty() {
            slot.tell_failures = Pace::default();
            self.may_be_tellable(key);
        } else {
            let wait = slot.tell_failures.failed();
            say(key, slot.tell_failures, failures);
            self.to_tell.set(key, Moment::now() + wait);
        }
        if self.put_what_changed(key) || changed {
            self.is_due(key);
        }
    }

    /// Members are told of Works that somebody else changed while a job was running. Whether there are any.
    pub(super) fn put_what_changed(&mut self, key: &Key) -> bool {
        let Some(slot) = self.slots.get_mut(key) else { return false };
        let changed = std::mem::take(&mut slot.unput);
        for cluster in &changed {
            if let (Some(member), Some(work), Some(object)) =
                (self.members.get(cluster), slot.entry.works.get(cluster), &slot.entry.object)
            {
                member.put(work.to_put(object, None, None));
            }
        }
        !changed.is_empty()
    }

    /// What failed is tried again, ever less often.
    fn after(&mut self, key: &Key, failures: Vec<String>) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        if failures.is_empty() {
            slot.failures = Pace::default();
            return;
        }
        let wait = slot.failures.failed();
        if slot.failures.tries() == LASTS
            && let (Some(template), Some(first)) = (&slot.entry.template, failures.first())
        {
            self.announcer.warn(template, "NotWritten", "Propagate", first.clone());
        }
        say(key, slot.failures, failures);
        self.later.set(key, Moment::now() + wait);
    }
}

/// What failed once or twice passes, most likely.
fn say(key: &Key, pace: Pace, failures: Vec<String>) {
    let tries = pace.tries();
    for failure in failures {
        if tries >= LASTS {
            warn!(%key, tries, "{failure}");
        } else {
            debug!(%key, "{failure}");
        }
    }
}
