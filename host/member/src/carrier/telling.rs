//! Writing Works' statuses: when nothing is being delivered, only what differs, one at a time for each Work.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant as Moment;
use tracing::debug;

use super::kinds::InUse;
use super::seen::Seen;
use super::slot::{Todo, kind_of};
use super::turns::{AT_ONCE, Carrier};
use crate::hands::Failure;
use crate::instant::Instant;
use crate::told::{News, Told};

/// How long a status waits for deliveries to end. It takes a server more than a delivery does, and nobody waits for it as
/// for that; arbitrary within that.
pub(super) const TELLS_ANYHOW: Duration = Duration::from_secs(30);

/// A Work whose status may have to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToTell {
    /// Since when.
    since: Moment,
    /// Not before: the last try came to nothing.
    from: Moment,
}

impl Carrier {
    pub fn is_to_be_told(&mut self, name: &Arc<str>) {
        let now = Moment::now();
        self.to_tell.entry(Arc::clone(name)).or_insert(ToTell { since: now, from: now });
    }

    /// Whether something is to be told as soon as nothing is being delivered.
    pub fn waits_for_quiet(&self) -> bool {
        !self.to_tell.is_empty() && !self.quiet.is_quiet()
    }

    /// When a status is to be written although nothing happens.
    pub fn tells_next(&self) -> Option<Moment> {
        if self.telling >= AT_ONCE {
            return None;
        }
        let quiet = self.quiet.is_quiet();
        let waiting = self.to_tell.iter().filter(|(name, _)| !self.is_telling(name));
        waiting
            .map(|(_, tell)| if quiet { tell.from } else { tell.from.max(tell.since + TELLS_ANYHOW) })
            .min()
    }

    fn is_telling(&self, name: &Arc<str>) -> bool {
        self.slots.get(name).is_some_and(|slot| slot.telling)
    }

    pub fn start_telling(&mut self, now: Moment) {
        let quiet = self.quiet.is_quiet();
        let room = AT_ONCE.saturating_sub(self.telling);
        if room == 0 || self.to_tell.is_empty() {
            return;
        }
        let ripe: Vec<Arc<str>> = (self.to_tell.iter())
            .filter(|(name, tell)| {
                tell.from <= now
                    && (quiet || now.duration_since(tell.since) >= TELLS_ANYHOW)
                    && !self.is_telling(name)
            })
            .map(|(name, _)| Arc::clone(name))
            .collect();
        for name in ripe {
            if self.telling >= AT_ONCE {
                return;
            }
            self.to_tell.remove(&name);
            self.tell(&name);
        }
    }

    fn tell(&mut self, name: &Arc<str>) {
        let Some(slot) = self.slots.get_mut(name).filter(|slot| slot.todo == Todo::Carry) else { return };
        let (Some(wanted), Some(object)) = (&slot.wanted, &slot.object) else { return };
        let Some(news) = slot.news() else { return };
        let plural = match self.kinds.get(&kind_of(object)) {
            Some(InUse::Watched { resource, .. }) => resource.plural.clone(),
            _ => String::new(),
        };
        let news = News { resource: &plural, suspended: wanted.suspended, object, ..news };
        let Some(status) = news.status(slot.told.as_ref(), Instant::now()) else { return };
        let version = slot.resource_version.clone();
        slot.telling = true;
        self.telling += 1;
        let (hands, to, name) = (self.hands.clone(), self.to.clone(), Arc::clone(name));
        tokio::spawn(async move {
            let told = hands.tell(&name, &version, &status).await;
            let told = told.map(|version| {
                version.map(|version| (version, Told::read(&status).expect("it has conditions")))
            });
            // Nobody hears of it once the carrier has ended.
            let _ = to.send(Seen::Told(name, told));
        });
    }

    /// A status was written, or not.
    pub fn told(&mut self, name: &Arc<str>, told: Result<Option<(String, Told)>, Failure>) {
        self.telling -= 1;
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.telling = false;
        match told {
            Ok(Some((version, told))) => {
                slot.tells = Default::default();
                slot.resource_version = version;
                slot.told = Some(told);
            }
            // Whoever writes Works hears of it, and says what is to become of the object.
            Ok(None) => {}
            Err(Failure::Refused(why) | Failure::Away(why) | Failure::Unread(why)) => {
                debug!(work = %name, cluster = %self.cluster, %why, "can't write its status");
                let from = Moment::now() + slot.tells.failed();
                let tell = self.to_tell.entry(Arc::clone(name)).or_insert(ToTell { since: from, from });
                tell.from = from;
            }
        }
    }
}
