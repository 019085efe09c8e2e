//! What is known of one Work and its object, and what follows from that. Values only.

use std::sync::Arc;
use std::time::Duration;

use portolan_api::ObjectKey;
use portolan_plan::{Digest, Interpreters, Kind, Stage};
use serde_json::{Value, json};

use crate::observed::Observed;
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
    /// The object as the member has it, where it has it as ours.
    pub observed: Option<Observed>,
    /// The digest of the manifest of which it was said last that the member has it.
    pub settled: Option<Digest>,
    /// What its status says, or is to say, was delivered.
    pub delivered: Option<Delivered>,
    /// Why the member does not have it.
    pub refused: Option<String>,
    /// How it is doing there.
    pub doing: Option<Doing>,
    /// What its status says.
    pub told: Option<Told>,
    /// The Work's resource version.
    pub resource_version: String,
    /// Held until it is delivered.
    pub busy: Option<Busy>,
    pub due: bool,
    pub running: bool,
    pub failures: u32,
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
    Vanish,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing, or nobody can tell yet.
    Nothing,
    /// The member has it.
    Settled {
        /// The digest of what it has.
        digest: Digest,
        /// Whether that was not said yet.
        is_new: bool,
    },
    /// Nothing is written.
    Suspended,
    /// It is written.
    Carry,
    /// It is taken away.
    Remove,
}

impl Slot {
    /// This is what the Work says now.
    pub fn put(&mut self, work: Work) {
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
            self.failures = 0;
            self.delivered = delivered;
        }
        if self.told.is_none() {
            self.told = told;
        }
        self.todo = Todo::Carry;
        self.resource_version = resource_version;
        self.object = Some(object);
        let manifest = manifest.or_else(|| self.manifest().filter(|_| same));
        self.wanted = Some(Wanted { digest, manifest, suspended, preserved });
        self.busy = busy.or_else(|| self.busy.take());
    }

    /// What is to be done, where all objects of the kind are known, or not yet.
    pub fn act(&self, listed: bool) -> Due {
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
                Due::Settled { digest: wanted.digest, is_new: self.settled != Some(wanted.digest) }
            }
            Some(_) => Due::Carry,
            // What is not at hand was delivered before, most likely: it is worth waiting for the list.
            None if !listed && wanted.manifest.is_none() => Due::Nothing,
            None => Due::Carry,
        }
    }

    /// The member has it: the manifest is needed no more.
    pub fn settle(&mut self) {
        self.busy = None;
        self.refused = None;
        self.failures = 0;
        if let Some(wanted) = &mut self.wanted {
            self.settled = Some(wanted.digest);
            wanted.manifest = None;
        }
    }

    /// Whether the member has it exactly as it was sent last, so that there is nothing of the member's own in it.
    pub fn is_plain(&self) -> bool {
        self.observed.as_ref().is_some_and(|observed| self.settled == Some(observed.content))
    }

    /// Takes down what was delivered.
    pub fn record(&mut self, observed: &Observed, digest: Digest) {
        self.delivered = observed.record(digest);
    }

    pub fn manifest(&self) -> Option<Arc<Value>> {
        self.wanted.as_ref()?.manifest.clone()
    }

    pub fn preserved(&self) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| wanted.preserved)
    }

    /// Whether an interpreter has a say about what the member keeps of such objects.
    pub fn speaks_for_itself(&self, interpreters: &Interpreters) -> bool {
        self.object.as_ref().is_some_and(|object| {
            let kind = json!({"apiVersion": object.api_version, "kind": object.kind});
            interpreters.speaker(&kind, Stage::Retain).is_some()
        })
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

    /// How long to wait after another failure: 50 ms, doubled each time, a minute at most. Arbitrary.
    pub fn back_off(&mut self) -> Duration {
        let wait = Duration::from_millis(50u64 << self.failures.min(11)).min(Duration::from_secs(60));
        self.failures += 1;
        wait
    }
}

/// The kind of an object.
pub(super) fn kind_of(object: &ObjectKey) -> Kind {
    Kind { api_version: object.api_version.clone(), kind: object.kind.clone() }
}
