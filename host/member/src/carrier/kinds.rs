//! The kinds in use on a member: how they are called there, and the watch of each.

use std::sync::Arc;
use std::time::Duration;

use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::watcher;
use portolan_api::group_version;
use portolan_plan::{Interpreters, Kind, Stage};
use serde_json::json;
use tokio::time::Instant as Moment;

use super::seen::Seen;
use super::turns::Carrier;
use crate::bounded::PAGE;
use crate::cause::Cause;
use crate::said::harmless;
use crate::watching::{Watch, watch};

/// How often a kind is looked for that the member does not serve, and how long it may take to say so. Arbitrary: whoever
/// installs a kind sees it taken up while they look.
const LOOKS_AGAIN: Duration = Duration::from_secs(15);

/// A kind that is in use on this member.
pub(super) enum InUse {
    /// Nobody knows yet how it is called there.
    Looking {
        /// When it is asked for; none: it is being asked for.
        again: Option<Moment>,
        /// What the last answer was.
        answer: Answer,
    },
    /// It is watched.
    Watched {
        /// How it is called.
        resource: ApiResource,
        /// Whether everything that is there was told.
        listed: bool,
        /// Who speaks about the health and the status of its objects.
        speakers: Speakers,
        /// Ends with this.
        _watch: Watch,
    },
}

/// What a member answers to the question how a kind is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was not asked yet.
    None,
    /// It does not serve it.
    NotServed(String),
    /// It does not answer.
    Away(String),
}

/// Who speaks about the health and the status of a kind's objects, by name.
pub(super) type Speakers = [Option<String>; 2];

impl InUse {
    /// When it is to be looked for again.
    pub fn looks_again(&self) -> Option<Moment> {
        match self {
            Self::Looking { again, .. } => *again,
            Self::Watched { .. } => None,
        }
    }

    /// What kept it from being found may be over.
    pub fn looks_at_once(&mut self) {
        if let Self::Looking { again: Some(again), answer: Answer::Away(_) } = self {
            *again = Moment::now();
        }
    }
}

impl Carrier {
    /// Objects of this kind are to be there.
    pub fn want_kind(&mut self, kind: &Kind) {
        if !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.clone(), InUse::Looking { again: None, answer: Answer::None });
            self.look_for(kind);
        }
    }

    /// Looks for the kinds whose turn it is.
    pub fn look_for_kinds(&mut self, now: Moment) {
        let mut turn = Vec::new();
        for (kind, in_use) in &mut self.kinds {
            if let InUse::Looking { again, .. } = in_use
                && again.is_some_and(|again| again <= now)
            {
                *again = None;
                turn.push(kind.clone());
            }
        }
        turn.iter().for_each(|kind| self.look_for(kind));
    }

    fn look_for(&self, kind: &Kind) {
        let (member, to, kind) = (self.hands.member.clone(), self.to.clone(), kind.clone());
        tokio::spawn(async move {
            let (group, version) = group_version(&kind.api_version);
            let gvk = GroupVersionKind::gvk(group, version, &kind.kind);
            let asked = tokio::time::timeout(LOOKS_AGAIN, kube::discovery::pinned_kind(&member, &gvk)).await;
            let not_served = || {
                Answer::NotServed(format!("the member does not serve {kind}; valid: a kind that it serves"))
            };
            let found = match asked {
                Ok(Ok((resource, _))) => Ok(resource),
                Ok(Err(kube::Error::Discovery(_))) => Err(not_served()),
                // There is no such group, or no such version of it; said in plain text, without a reason to go by.
                Ok(Err(kube::Error::Api(status))) if status.code == 404 => Err(not_served()),
                Ok(Err(error)) => Err(Answer::Away(harmless(&Cause::from(error).to_string()))),
                Err(_) => Err(Answer::Away(format!("no answer in {} s", LOOKS_AGAIN.as_secs()))),
            };
            // Nobody hears of it once the carrier has ended.
            let _ = to.send(Seen::Found(kind, found));
        });
    }

    /// The member said how a kind is called.
    pub fn found(&mut self, kind: &Kind, found: Result<ApiResource, Answer>) {
        match found {
            Ok(resource) => {
                self.is_back();
                self.watch(kind, resource);
            }
            Err(answer) => {
                match &answer {
                    Answer::Away(why) => self.is_away(why),
                    Answer::NotServed(_) | Answer::None => self.is_back(),
                }
                let again = Some(Moment::now() + LOOKS_AGAIN);
                self.kinds.insert(kind.clone(), InUse::Looking { again, answer });
            }
        }
        self.all_due(kind);
    }

    fn watch(&mut self, kind: &Kind, resource: ApiResource) {
        let which = watcher::Config::default().labels("karmada.io/managed=true").page_size(PAGE);
        let told = kind.clone();
        let watch = watch(&self.hands.member, &resource, which, self.changes_to.clone(), move |change| {
            (told.clone(), change)
        });
        let speakers = speakers(&self.hands.interpreters.borrow(), kind);
        self.kinds.insert(kind.clone(), InUse::Watched { resource, listed: false, speakers, _watch: watch });
    }

    /// Other interpreters may speak now: what they speak about is listed again, because no bodies are kept.
    pub fn looks_anew(&mut self) {
        let interpreters = Arc::clone(&self.hands.interpreters.borrow());
        let mut changed = Vec::new();
        for (kind, in_use) in &self.kinds {
            if let InUse::Watched { resource, speakers: before, .. } = in_use
                && *before != speakers(&interpreters, kind)
            {
                changed.push((kind.clone(), resource.clone()));
            }
        }
        for (kind, resource) in changed {
            let of_kind = |slot: &&mut super::slot::Slot| {
                slot.object.as_ref().is_some_and(|object| Kind::from(object) == kind)
            };
            self.slots.values_mut().filter(of_kind).for_each(|slot| slot.looked = false);
            self.watch(&kind, resource);
        }
    }

    pub fn all_due(&mut self, kind: &Kind) {
        let mut names = Vec::new();
        for (name, slot) in &self.slots {
            if slot.object.as_ref().is_some_and(|object| Kind::from(object) == *kind) {
                names.push(Arc::clone(name));
            }
        }
        names.iter().for_each(|name| self.is_due(name));
    }
}

fn speakers(interpreters: &Interpreters, kind: &Kind) -> Speakers {
    let of_kind = json!({"apiVersion": kind.api_version, "kind": kind.kind});
    [Stage::Health, Stage::Reflect].map(|stage| interpreters.speaker(&of_kind, stage).map(str::to_owned))
}
