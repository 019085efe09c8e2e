//! What is known of one Work and its object, and what follows from that. Values only.

use std::sync::Arc;

use portolan_api::ObjectKey;
use portolan_plan::{Digest, Interpreters, Stage};
use serde_json::{Value, json};
use tokio::time::Instant as Moment;

use crate::observed::Observed;
use crate::pace::Pace;
use crate::quiet::Busy;
use crate::told::{Doing, News, Told};
use crate::work::{Delivered, Work};

/// What is known of one Work and its object.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// What the Work says; none: no Work was put.
    pub wanted: Option<Wanted>,
    /// Which object it is.
    pub object: Option<ObjectKey>,
    /// What is to become of it.
    pub todo: Todo,
    /// Whether a Work that is to go, or is missing, was read because nobody had put it.
    pub read: bool,
    /// The object as the member has it, where it has it as ours.
    pub observed: Option<Observed>,
    /// Whether that was looked at, to tell how it is doing.
    pub looked: bool,
    /// The digest of the manifest of which it was said last that the member has it.
    pub settled: Option<Digest>,
    /// Whether it was put since then: whoever did waits to hear it, perhaps once more.
    pub put_since: bool,
    /// What its status says, or is to say, was delivered.
    pub delivered: Option<Delivered>,
    /// Whether that is to be said yet.
    pub recorded: bool,
    /// Why the member does not have it.
    pub refused: Option<String>,
    /// How it is doing there.
    pub doing: Option<Doing>,
    /// What its status says.
    pub told: Option<Told>,
    /// Whether its status is being written.
    pub telling: bool,
    /// Whether there was news while it was.
    pub tells_again: bool,
    /// The Work's resource version.
    pub resource_version: String,
    /// Held until it is delivered.
    pub busy: Option<Busy>,
    /// Whether it waits to be seen to.
    pub due: bool,
    /// Whether a request about it is under way.
    pub running: bool,
    /// What came to nothing.
    pub failures: Pace,
    /// What was put right.
    pub rewrites: Pace,
    /// What could not be told.
    pub tells: Pace,
}

/// What a Work says.
#[derive(Debug)]
pub(super) struct Wanted {
    pub digest: Digest,
    pub manifest: Option<Arc<Value>>,
    pub suspended: bool,
    pub preserved: bool,
}

/// What is to become of a Work's object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Todo {
    /// It is to be there.
    #[default]
    Carry,
    /// It goes, and then the Work.
    Withdraw,
    /// It goes; the Work has gone already.
    Vanish {
        /// Whether it stays, without what says that it is ours, where no Work has said so.
        preserved: bool,
    },
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing, or nobody can tell yet.
    Nothing,
    /// The member has it: the manifest with this digest.
    Settled(Digest),
    /// Nothing is written.
    Suspended,
    /// It is written.
    Carry,
    /// It is taken away.
    Remove,
    /// The Work is read, to know what is to be taken away.
    Read,
}

/// What is new once the member has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    /// Whether it is to be said: nobody knew that it is there, or it was put anew.
    pub arrived: bool,
    /// Whether its status may have to say something else.
    pub any: bool,
}

impl Slot {
    /// This is what the Work says now. Whether that is something else than before.
    pub fn put(&mut self, work: Work) -> bool {
        let Work {
            name: _,
            resource_version,
            object,
            digest,
            manifest,
            suspended,
            preserved,
            delivered,
            told,
            busy,
        } = work;
        // What was put off is looked at anew where something else is wanted.
        let same = self.wanted.as_ref().is_some_and(|wanted| wanted.digest == digest);
        if !same {
            self.failures = Pace::default();
            self.rewrites = Pace::default();
            self.delivered = delivered;
        }
        // A Work that was made anew has no status; otherwise what was written here is newer than what came back of it.
        if self.told.is_none() || told.is_none() {
            self.told = told;
        }
        self.todo = Todo::Carry;
        self.put_since = true;
        self.resource_version = resource_version;
        self.object = Some(object);
        let manifest = manifest.or_else(|| self.manifest().filter(|_| same));
        self.wanted = Some(Wanted { digest, manifest, suspended, preserved });
        self.busy = busy.or_else(|| self.busy.take());
        !same
    }

    /// It is to go, with its Work or because that is gone.
    pub fn leave(&mut self, todo: Todo) {
        self.todo = todo;
        self.read = false;
        self.refused = None;
        self.busy = None;
        self.failures = Pace::default();
    }

    /// The object is not there any more, or not as ours.
    pub fn gone(&mut self) {
        self.observed = None;
        self.looked = false;
        self.doing = None;
    }

    /// Whether it is there as ours without a Work, and nobody takes it away yet.
    pub fn is_orphan(&self) -> bool {
        let stays = self.observed.as_ref().is_some_and(|observed| !observed.going);
        self.wanted.is_none() && self.todo == Todo::Carry && stays
    }

    /// What is to be done, where all objects of the kind are known, or not yet.
    pub fn act(&self, listed: bool) -> Due {
        if self.todo != Todo::Carry && self.wanted.is_none() && !self.read {
            return Due::Read;
        }
        if self.todo != Todo::Carry {
            // What is there can only be told where all is known.
            return if listed { Due::Remove } else { Due::Nothing };
        }
        let Some(wanted) = &self.wanted else { return Due::Nothing };
        if wanted.suspended {
            return Due::Suspended;
        }
        match &self.observed {
            Some(observed) if observed.has(wanted.digest, self.delivered.as_ref()) => {
                Due::Settled(wanted.digest)
            }
            Some(_) => Due::Carry,
            // What is not at hand was delivered before, most likely: it is worth waiting for the list.
            None if !listed && wanted.manifest.is_none() => Due::Nothing,
            None => Due::Carry,
        }
    }

    /// When it is written, where it had been delivered and somebody changed it: none: now.
    pub fn turn(&mut self, now: Moment) -> Option<Moment> {
        let again =
            self.settled.is_some() && self.settled == self.wanted.as_ref().map(|wanted| wanted.digest);
        if again { self.rewrites.turn(now) } else { None }
    }

    /// The member has it: the manifest is needed no more.
    pub fn settle(&mut self, digest: Digest) -> Arrival {
        self.busy = None;
        self.failures = Pace::default();
        if let Some(wanted) = &mut self.wanted {
            wanted.manifest = None;
        }
        let was_refused = self.refused.take().is_some();
        let put_since = std::mem::take(&mut self.put_since);
        let arrived = self.settled.replace(digest) != Some(digest) || was_refused || put_since;
        Arrival { arrived, any: std::mem::take(&mut self.recorded) || arrived }
    }

    /// Takes down what was delivered.
    pub fn record(&mut self, observed: &Observed, digest: Digest) {
        let delivered = observed.record(digest);
        self.recorded |= delivered != self.delivered;
        self.delivered = delivered;
    }

    /// Whether its status was written about what it says now, as far as anybody knows.
    pub fn was_told(&self) -> bool {
        self.told.is_some() && self.manifest().is_none()
    }

    pub fn manifest(&self) -> Option<Arc<Value>> {
        self.wanted.as_ref()?.manifest.clone()
    }

    pub fn preserved(&self) -> bool {
        match &self.wanted {
            Some(wanted) => wanted.preserved,
            None => self.todo == Todo::Vanish { preserved: true },
        }
    }

    /// What there is to tell; none: nobody knows anything yet.
    pub fn news(&self) -> Option<News<'_>> {
        let known = self.refused.is_some() || self.settled.is_some() || self.wanted.as_ref()?.suspended;
        known.then(|| News {
            object: self.object.as_ref().expect("whatever was put says which object it is"),
            resource: "",
            refused: self.refused.as_deref(),
            suspended: false,
            doing: self.doing.as_ref().filter(|_| self.observed.is_some()),
            delivered: self.delivered.as_ref(),
        })
    }
}

/// Whether an interpreter has a say about what the member keeps of such objects.
pub(super) fn is_retained(object: &ObjectKey, interpreters: &Interpreters) -> bool {
    let kind = json!({"apiVersion": object.api_version, "kind": object.kind});
    interpreters.speaker(&kind, Stage::Retain).is_some()
}
