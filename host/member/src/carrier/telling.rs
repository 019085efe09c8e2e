//! Writing Works' statuses: when nothing is being delivered, only what differs, one at a time for each Work.

use std::sync::Arc;
use std::time::Duration;

use portolan_plan::Kind;
use tokio::time::Instant as Moment;
use tracing::debug;

use super::kinds::InUse;
use super::seen::Seen;
use super::slot::Todo;
use super::turns::{AT_ONCE, Carrier};
use crate::hands::Failure;
use crate::instant::Instant;
use crate::pace::Pace;
use crate::told::{News, Told};

/// How long a status waits for deliveries to end. It takes a server more than a delivery does, and nobody waits for it as
/// for that; arbitrary within that.
pub(super) const TELLS_ANYHOW: Duration = Duration::from_secs(30);

impl Carrier {
    /// There may be something to tell of a Work.
    pub fn is_to_be_told(&mut self, name: &Arc<str>) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        if slot.telling {
            slot.tells_again = true;
        } else if !self.tells_later.contains(name) {
            self.to_tell.add(name, Moment::now() + TELLS_ANYHOW);
        }
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
        let first = self.to_tell.first();
        let now = first.filter(|_| self.quiet.is_quiet()).map(|_| Moment::now());
        [now, first, self.tells_later.first()].into_iter().flatten().min()
    }

    pub fn start_telling(&mut self, now: Moment) {
        while let Some(name) = self.tells_later.take_ripe(now) {
            self.is_to_be_told(&name);
        }
        let quiet = self.quiet.is_quiet();
        while self.telling < AT_ONCE {
            let next = if quiet { self.to_tell.take_first() } else { self.to_tell.take_ripe(now) };
            let Some(name) = next else { return };
            self.tell(&name);
        }
    }

    fn tell(&mut self, name: &Arc<str>) {
        let Some(slot) = self.slots.get_mut(name).filter(|slot| slot.todo == Todo::Carry) else { return };
        let (Some(wanted), Some(object)) = (&slot.wanted, &slot.object) else { return };
        let Some(news) = slot.news() else { return };
        let plural = match self.kinds.get(&Kind::from(object)) {
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
        let again = std::mem::take(&mut slot.tells_again);
        match told {
            Ok(Some((version, told))) => {
                slot.tells = Pace::default();
                slot.resource_version = version;
                slot.told = Some(told);
            }
            // Whoever writes Works hears of it, and says what is to become of the object.
            Ok(None) => {}
            Err(Failure::Refused(why) | Failure::Away(why) | Failure::Unread(why)) => {
                debug!(work = %name, cluster = %self.cluster, %why, "can't write its status");
                let later = Moment::now() + slot.tells.failed();
                self.tells_later.set(name, later);
            }
        }
        if again {
            self.is_to_be_told(name);
        }
    }
}
