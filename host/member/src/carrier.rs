//! One member: what is to be there, what is there, and who sees to it.

mod slot;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::watcher;
use portolan_api::names;
use portolan_plan::{Digest, Interpreters, Kind, Stage};
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant as Moment;
use tracing::{debug, info, warn};

use crate::hands::{Carried, Failure, Hands, namespace_of};
use crate::instant::Instant;
use crate::observed::{Observed, work_of};
use crate::quiet::Quiet;
use crate::told::{Doing, News, Told};
use crate::watching::{Change, Watch, watch as watch_kind};
use crate::work::Work;
use slot::{Due, Slot, Todo};

/// How many requests a member has to answer at once. A server on two cores answers 16 as fast as more of them, and there
/// are other writers than this one. Arbitrary within that.
const AT_ONCE: usize = 16;

/// How long a status waits for deliveries to end. It takes a server more than a delivery does, and nobody waits for it as
/// for that; arbitrary within that.
const TELLS_ANYHOW: Duration = Duration::from_secs(30);

/// How often a kind is looked for that the member does not serve.
const LOOKS_AGAIN: Duration = Duration::from_secs(15);

/// How a reason begins that is the member's being away, and says nothing about the Work.
pub const AWAY: &str = "the member does not answer";

/// What a member is carried to with.
pub struct Setting {
    /// The cluster's name.
    pub cluster: String,
    /// The member's API server.
    pub member: kube::Client,
    /// The control plane's API server, for the Works' own: statuses, manifests that are not at hand, and the end of a Work
    /// whose object is gone.
    pub control: kube::Client,
    /// Who speaks for which kinds, whenever that changes.
    pub interpreters: watch::Receiver<Arc<Interpreters>>,
    /// Shared by all that write.
    pub quiet: Quiet,
    /// The uid of the control plane, which is part of every Work's permanent id.
    pub owner: String,
    /// Where to say what became of a Work, with the cluster's name.
    pub events: mpsc::UnboundedSender<(Arc<str>, Event)>,
}

/// What became of a Work.
#[derive(Debug)]
pub enum Event {
    /// The member has what the Work says.
    Applied {
        /// The Work.
        work: Arc<str>,
        /// The digest of the manifest that it has.
        digest: Digest,
    },
    /// The member does not have it. It is tried again where that may help.
    Refused {
        /// The Work.
        work: Arc<str>,
        /// The digest of the manifest that it does not have.
        digest: Digest,
        /// Why, in one line.
        why: String,
    },
    /// A Work that was withdrawn is gone, and its object with it.
    Withdrawn {
        /// The Work.
        work: Arc<str>,
    },
}

/// One member: a handle, whose clones are the same one. With the last of them everything that it started ends.
#[derive(Clone)]
pub struct Member {
    orders: mpsc::UnboundedSender<Order>,
}

/// What a member is told.
enum Order {
    Put(Box<Work>),
    Withdraw(Arc<str>),
    Vanished(Arc<str>),
    Complete,
}

impl Member {
    /// Starts watching and carrying. Never waits for the member: one that can't be reached is tried again for ever, ever
    /// less often.
    pub fn start(setting: Setting) -> Self {
        let (orders, taken) = mpsc::unbounded_channel();
        tokio::spawn(Carrier::new(setting).run(taken));
        Self { orders }
    }

    /// There is such a Work, and this is what it says now: the last word about it wins. Nothing is written where the
    /// member is known to have it.
    pub fn put(&self, work: Work) {
        self.order(Order::Put(Box::new(work)));
    }

    /// The Work is to go: the object first, or what says that it is ours where it is preserved, then the Work itself. Tried
    /// until it is done; a later [`put`](Self::put) calls it off.
    pub fn withdraw(&self, name: &Arc<str>) {
        self.order(Order::Withdraw(Arc::clone(name)));
    }

    /// The Work is gone although nobody withdrew it: its object goes.
    pub fn vanished(&self, name: &Arc<str>) {
        self.order(Order::Vanished(Arc::clone(name)));
    }

    /// All Works were put: what is on the member as ours and has no Work goes.
    pub fn complete(&self) {
        self.order(Order::Complete);
    }

    fn order(&self, order: Order) {
        // The carrier ends with the last handle, so there is one while there is this.
        let _ = self.orders.send(order);
    }
}

/// What comes in beside orders.
enum Seen {
    Found(Kind, Result<ApiResource, Unfound>),
    Object(Kind, Change),
    Carried(Arc<str>, Result<Box<Carried>, Failure>),
    Doing(Arc<str>, Doing),
    Removed(Arc<str>, Result<(), Failure>),
    Told(Arc<str>, Result<(String, Told), Failure>),
}

/// Why a kind was not found on the member.
struct Unfound {
    why: String,
    /// Whether the member said that it does not serve it. Where it said nothing, it may hold objects of it.
    unserved: bool,
}

/// A kind that is in use on this member.
enum InUse {
    Looking { again: Option<Moment>, why: Option<Unfound> },
    Watched { resource: ApiResource, listed: bool, _watch: Watch },
}

struct Carrier {
    cluster: Arc<str>,
    hands: Hands,
    quiet: Quiet,
    events: mpsc::UnboundedSender<(Arc<str>, Event)>,
    to: mpsc::Sender<Seen>,
    inbox: mpsc::Receiver<Seen>,
    slots: BTreeMap<Arc<str>, Slot>,
    kinds: BTreeMap<Kind, InUse>,
    due: VecDeque<Arc<str>>,
    to_tell: BTreeMap<Arc<str>, Moment>,
    later: BTreeMap<Arc<str>, Moment>,
    running: usize,
    telling: usize,
    /// Whether every Work there is has been put.
    complete: bool,
    /// Whether the member did not answer when it was asked last.
    away: bool,
}

impl Carrier {
    fn new(setting: Setting) -> Self {
        let Setting { cluster, member, control, interpreters, quiet, owner, events } = setting;
        let (to, inbox) = mpsc::channel(1024);
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let hands = Hands {
            member,
            control,
            namespace: namespace_of(&cluster),
            owner: owner.into(),
            interpreters,
            calls: Arc::new(Semaphore::new(processors)),
        };
        Self {
            cluster: cluster.into(),
            hands,
            quiet,
            events,
            to,
            inbox,
            slots: BTreeMap::new(),
            kinds: BTreeMap::new(),
            due: VecDeque::new(),
            to_tell: BTreeMap::new(),
            later: BTreeMap::new(),
            running: 0,
            telling: 0,
            complete: false,
            away: false,
        }
    }

    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        loop {
            let wake = self.next_moment();
            let waits_for_quiet = !self.to_tell.is_empty() && !self.quiet.is_quiet();
            let quiet = self.quiet.clone();
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return,
                },
                Some(seen) = self.inbox.recv() => self.take(seen),
                () = quiet.wait(TELLS_ANYHOW), if waits_for_quiet => {}
                () = tokio::time::sleep_until(wake) => {}
            }
            // One turn takes in what is there.
            while let Ok(order) = orders.try_recv() {
                self.obey(order);
            }
            while let Ok(seen) = self.inbox.try_recv() {
                self.take(seen);
            }
            self.advance();
        }
    }

    fn next_moment(&self) -> Moment {
        let now = Moment::now();
        let later = self.later.values().min().copied();
        let looks = self.kinds.values().filter_map(|kind| match kind {
            InUse::Looking { again, .. } => *again,
            InUse::Watched { .. } => None,
        });
        let tells =
            self.to_tell.values().min().map(|since| *since + TELLS_ANYHOW).filter(|_| self.telling < AT_ONCE);
        let idle = now + Duration::from_secs(3600);
        looks.chain(later).chain(tells).fold(idle, Moment::min).max(now + Duration::from_millis(1))
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Put(work) => {
                let name = Arc::clone(&work.name);
                self.want_kind(&slot::kind_of(&work.object));
                self.slots.entry(Arc::clone(&name)).or_default().put(*work);
                self.is_due(&name);
            }
            Order::Withdraw(name) => {
                if let Some(slot) = self.slots.get_mut(&name) {
                    slot.todo = Todo::Withdraw;
                    slot.failures = 0;
                } else {
                    // Nobody ever put it, so nothing of it is there that is known.
                    self.slots.insert(Arc::clone(&name), Slot { todo: Todo::Withdraw, ..Slot::default() });
                }
                self.is_due(&name);
            }
            Order::Vanished(name) => {
                if let Some(slot) = self.slots.get_mut(&name) {
                    slot.todo = Todo::Vanish;
                    self.is_due(&name);
                }
            }
            Order::Complete => {
                self.complete = true;
                self.sweep();
            }
        }
    }

    fn take(&mut self, seen: Seen) {
        match seen {
            Seen::Found(kind, Ok(resource)) => {
                let (to, told) = (self.to.clone(), kind.clone());
                let ours = watcher::Config::default().labels("karmada.io/managed=true");
                let watch = watch_kind(&self.hands.member, &resource, ours, to, move |change| {
                    Seen::Object(told.clone(), change)
                });
                self.kinds.insert(kind.clone(), InUse::Watched { resource, listed: false, _watch: watch });
                self.all_due(&kind);
            }
            Seen::Found(kind, Err(why)) => {
                let again = Some(Moment::now() + LOOKS_AGAIN);
                self.kinds.insert(kind.clone(), InUse::Looking { again, why: Some(why) });
                self.all_due(&kind);
            }
            Seen::Object(kind, change) => self.object(&kind, change),
            Seen::Carried(name, carried) => self.carried(&name, carried),
            Seen::Doing(name, doing) => {
                if let Some(slot) = self.slots.get_mut(&name)
                    && slot.doing.as_ref() != Some(&doing)
                {
                    slot.doing = Some(doing);
                    self.is_to_be_told(&name);
                }
            }
            Seen::Removed(name, removed) => self.removed(&name, removed),
            Seen::Told(name, told) => {
                self.telling -= 1;
                let Some(slot) = self.slots.get_mut(&name) else { return };
                match told {
                    Ok((version, told)) => {
                        slot.resource_version = version;
                        slot.told = Some(told);
                    }
                    Err(Failure::Refused(why) | Failure::Away(why)) => {
                        debug!(work = %name, cluster = %self.cluster, %why, "can't write its status");
                        // It waits its time again.
                        self.is_to_be_told(&name);
                    }
                }
            }
        }
    }

    fn want_kind(&mut self, kind: &Kind) {
        if !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.clone(), InUse::Looking { again: None, why: None });
            self.look_for(kind);
        }
    }

    fn look_for(&self, kind: &Kind) {
        let (member, to, kind) = (self.hands.member.clone(), self.to.clone(), kind.clone());
        tokio::spawn(async move {
            let (group, version) = kind.api_version.split_once('/').unwrap_or(("", &kind.api_version));
            let gvk = GroupVersionKind::gvk(group, version, &kind.kind);
            let looked = tokio::time::timeout(LOOKS_AGAIN, kube::discovery::pinned_kind(&member, &gvk)).await;
            let unknown = |why| Err(Unfound { why, unserved: false });
            let found = match looked {
                Ok(Ok((resource, _))) => Ok(resource),
                Ok(Err(kube::Error::Discovery(_))) => {
                    Err(Unfound { why: format!("the member does not serve {kind}"), unserved: true })
                }
                Ok(Err(error)) => unknown(format!("can't ask whether the member serves {kind}: {error}")),
                Err(_) => unknown(format!("the member does not say whether it serves {kind}")),
            };
            // Nobody hears of it once the carrier has ended.
            let _ = to.send(Seen::Found(kind, found)).await;
        });
    }

    /// Something on the member changed.
    fn object(&mut self, kind: &Kind, change: Change) {
        match change {
            Change::Applied(body) => {
                let Some(InUse::Watched { resource, .. }) = self.kinds.get(kind) else { return };
                let object = body.of_kind(resource);
                let Some(name) = work_of(&object, &self.hands.namespace, &self.hands.owner) else { return };
                let name: Arc<str> = name.into();
                let slot = self.slots.entry(Arc::clone(&name)).or_default();
                if slot.object.is_none() {
                    // Not put yet, or there is no such Work any more: the sweep tells.
                    slot.object = portolan_api::Object::parse(object.clone()).ok().map(|object| object.key());
                }
                let version = crate::body::text(&object, "resourceVersion");
                if slot
                    .observed
                    .as_ref()
                    .is_some_and(|known| known.resource_version == version || newer(known, version))
                {
                    return;
                }
                slot.observed = Some(Observed::of(&object));
                self.look_at(&name, object);
                if self.slots.get(&name).is_some_and(|slot| slot.wanted.is_some()) {
                    self.is_due(&name);
                } else {
                    self.sweep_one(&name);
                }
            }
            Change::Gone { namespace, name } => {
                // The name of the Work follows from the object's.
                let name: Arc<str> = names::work(&kind.kind, namespace.as_deref(), &name).into();
                let Some(slot) = self.slots.get_mut(&name) else { return };
                slot.observed = None;
                slot.settled = None;
                if slot.wanted.is_none() && slot.todo == Todo::Carry {
                    self.slots.remove(&name);
                } else {
                    self.is_due(&name);
                }
            }
            Change::Listed => {
                if let Some(InUse::Watched { listed, .. }) = self.kinds.get_mut(kind) {
                    *listed = true;
                }
                self.is_back();
                self.all_due(kind);
                self.sweep();
            }
        }
    }

    /// Finds out how an object is doing.
    fn look_at(&mut self, name: &Arc<str>, object: Value) {
        let interpreters = self.hands.interpreters.borrow().clone();
        let silent = [Stage::Health, Stage::Reflect]
            .iter()
            .all(|stage| interpreters.speaker(&object, *stage).is_none());
        let object = Arc::new(object);
        if silent {
            // Nobody is asked, so it takes no time.
            let doing = Doing {
                health: interpreters.health(&object).outcome.unwrap_or_default(),
                status: interpreters.reflected(&object).outcome.unwrap_or_default(),
            };
            return self.take(Seen::Doing(Arc::clone(name), doing));
        }
        let (hands, to, name) = (self.hands.clone(), self.to.clone(), Arc::clone(name));
        tokio::spawn(async move {
            let doing = hands.doing(object).await;
            // Nobody hears of it once the carrier has ended.
            let _ = to.send(Seen::Doing(name, doing)).await;
        });
    }

    fn carried(&mut self, name: &Arc<str>, carried: Result<Box<Carried>, Failure>) {
        self.running -= 1;
        if !matches!(carried, Err(Failure::Away(_))) {
            self.is_back();
        }
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.running = false;
        match carried {
            Ok(carried) => {
                let Carried { object, digest } = *carried;
                let observed = Observed::of(&object);
                slot.record(&observed, digest);
                let newer =
                    slot.observed.as_ref().is_some_and(|known| newer(known, &observed.resource_version));
                if !newer {
                    slot.observed = Some(observed);
                }
                self.look_at(name, object);
                self.is_due(name);
            }
            Err(failure) => self.failed(name, failure),
        }
    }

    fn failed(&mut self, name: &Arc<str>, failure: Failure) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.busy = None;
        let wait = slot.back_off();
        let why = match failure {
            Failure::Refused(why) => why,
            Failure::Away(why) => {
                if !self.away {
                    warn!(cluster = %self.cluster, %why, "the member does not answer");
                    self.away = true;
                }
                format!("{AWAY}: {why}")
            }
        };
        if slot.refused.as_ref() != Some(&why) {
            slot.refused = Some(why.clone());
            if let (Some(wanted), Todo::Carry) = (&slot.wanted, slot.todo) {
                let (work, digest) = (Arc::clone(name), wanted.digest);
                // Only a controller that has stopped does not hear of it.
                let _ = self.events.send((Arc::clone(&self.cluster), Event::Refused { work, digest, why }));
            }
            self.is_to_be_told(name);
        }
        self.later.insert(Arc::clone(name), Moment::now() + wait);
    }

    fn removed(&mut self, name: &Arc<str>, removed: Result<(), Failure>) {
        self.running -= 1;
        if !matches!(removed, Err(Failure::Away(_))) {
            self.is_back();
        }
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.running = false;
        match removed {
            Ok(()) if slot.todo == Todo::Carry => {
                // Called off in the meantime: it is made again.
                slot.observed = None;
                slot.settled = None;
                self.is_due(name);
            }
            Ok(()) => {
                let withdrawn = slot.todo == Todo::Withdraw;
                self.slots.remove(name);
                self.to_tell.remove(name);
                self.later.remove(name);
                if withdrawn {
                    let event = Event::Withdrawn { work: Arc::clone(name) };
                    // Only a controller that has stopped does not hear of it.
                    let _ = self.events.send((Arc::clone(&self.cluster), event));
                }
            }
            Err(failure) => self.failed(name, failure),
        }
    }

    /// The member answers: what waits for that waits no longer.
    fn is_back(&mut self) {
        if !std::mem::take(&mut self.away) {
            return;
        }
        info!(cluster = %self.cluster, "the member answers again");
        let waiting: Vec<Arc<str>> = self.later.keys().cloned().collect();
        self.later.clear();
        waiting.iter().for_each(|name| self.is_due(name));
    }

    fn is_due(&mut self, name: &Arc<str>) {
        if let Some(slot) = self.slots.get_mut(name)
            && !std::mem::replace(&mut slot.due, true)
        {
            self.due.push_back(Arc::clone(name));
        }
    }

    fn all_due(&mut self, kind: &Kind) {
        let of_kind = |slot: &Slot| slot.object.as_ref().is_some_and(|object| slot::kind_of(object) == *kind);
        let names: Vec<Arc<str>> =
            self.slots.iter().filter(|(_, slot)| of_kind(slot)).map(|(name, _)| Arc::clone(name)).collect();
        names.iter().for_each(|name| self.is_due(name));
    }

    fn is_to_be_told(&mut self, name: &Arc<str>) {
        self.to_tell.entry(Arc::clone(name)).or_insert_with(Moment::now);
    }

    /// What is ours and has no Work goes, once all Works are known.
    fn sweep(&mut self) {
        let names: BTreeSet<Arc<str>> = self
            .slots
            .iter()
            .filter(|(_, slot)| slot.wanted.is_none())
            .map(|(name, _)| Arc::clone(name))
            .collect();
        names.iter().for_each(|name| self.sweep_one(name));
    }

    fn sweep_one(&mut self, name: &Arc<str>) {
        if !self.complete {
            return;
        }
        if let Some(slot) = self.slots.get_mut(name)
            && slot.wanted.is_none()
            && slot.todo == Todo::Carry
        {
            info!(work = %name, cluster = %self.cluster, "it is there as ours and has no Work: it goes");
            slot.todo = Todo::Vanish;
            self.is_due(name);
        }
    }

    /// Does what is due, as far as there is room.
    fn advance(&mut self) {
        let now = Moment::now();
        let look: Vec<Kind> = (self.kinds.iter())
            .filter(|(_, kind)| matches!(kind, InUse::Looking { again: Some(again), .. } if *again <= now))
            .map(|(kind, _)| kind.clone())
            .collect();
        for kind in look {
            if let Some(InUse::Looking { again, .. }) = self.kinds.get_mut(&kind) {
                *again = None;
            }
            self.look_for(&kind);
        }
        let ripe: Vec<Arc<str>> = self
            .later
            .iter()
            .filter(|(_, moment)| **moment <= now)
            .map(|(name, _)| Arc::clone(name))
            .collect();
        for name in ripe {
            self.later.remove(&name);
            self.is_due(&name);
        }
        // One that does not answer is asked by one request at a time.
        let at_once = if self.away { 1 } else { AT_ONCE };
        while self.running < at_once
            && let Some(name) = self.due.pop_front()
        {
            self.see_to(&name);
        }
        self.start_telling(now);
    }

    fn see_to(&mut self, name: &Arc<str>) {
        let Some(slot) = self.slots.get_mut(name) else { return };
        slot.due = false;
        if slot.running {
            // Looked at again when that ends.
            return;
        }
        let kind = slot.object.as_ref().map(slot::kind_of);
        let in_use = kind.as_ref().and_then(|kind| self.kinds.get(kind));
        let (resource, listed) = match in_use {
            Some(InUse::Watched { resource, listed, .. }) => (Some(resource.clone()), *listed),
            Some(InUse::Looking { why: Some(Unfound { why, .. }), .. }) if slot.todo == Todo::Carry => {
                let why = why.clone();
                slot.busy = None;
                if slot.wanted.is_some() && slot.refused.as_ref() != Some(&why) {
                    slot.refused = Some(why);
                    self.is_to_be_told(name);
                }
                return;
            }
            // A member that does not serve a kind holds nothing of it.
            Some(InUse::Looking { why: Some(Unfound { unserved: true, .. }), .. }) | None => (None, true),
            Some(InUse::Looking { .. }) => return,
        };
        match slot.act(listed) {
            Due::Nothing => {}
            Due::Settled { digest, is_new } => {
                slot.settle();
                if is_new {
                    let event = Event::Applied { work: Arc::clone(name), digest };
                    // Only a controller that has stopped does not hear of it.
                    let _ = self.events.send((Arc::clone(&self.cluster), event));
                    self.is_to_be_told(name);
                }
            }
            Due::Suspended => {
                slot.busy = None;
                self.is_to_be_told(name);
            }
            Due::Carry => {
                let Some(resource) = resource else { return };
                let retains = slot.speaks_for_itself(&self.hands.interpreters.borrow());
                let (manifest, known) = (slot.manifest(), slot.observed.clone());
                let plain = slot.is_plain() && !retains;
                slot.running = true;
                self.running += 1;
                let (hands, to, name) = (self.hands.clone(), self.to.clone(), Arc::clone(name));
                tokio::spawn(async move {
                    let carried = hands.carry(&resource, &name, manifest, known.as_ref(), plain).await;
                    // Nobody hears of it once the carrier has ended.
                    let _ = to.send(Seen::Carried(name, carried.map(Box::new))).await;
                });
            }
            Due::Remove => {
                slot.running = true;
                self.running += 1;
                let (object, known, preserved) =
                    (slot.object.clone(), slot.observed.clone(), slot.preserved());
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
                    let _ = to.send(Seen::Removed(name, removed)).await;
                });
            }
        }
    }

    fn start_telling(&mut self, now: Moment) {
        let quiet = self.quiet.is_quiet();
        let ripe =
            self.to_tell.iter().filter(|(_, since)| quiet || now.duration_since(**since) >= TELLS_ANYHOW);
        let ripe: Vec<Arc<str>> =
            ripe.take(AT_ONCE.saturating_sub(self.telling)).map(|(name, _)| Arc::clone(name)).collect();
        for name in ripe {
            self.to_tell.remove(&name);
            let Some(slot) = self.slots.get(&name).filter(|slot| slot.todo == Todo::Carry) else { continue };
            let (Some(wanted), Some(object)) = (&slot.wanted, &slot.object) else { continue };
            let Some(news) = slot.news() else { continue };
            let plural = match self.kinds.get(&slot::kind_of(object)) {
                Some(InUse::Watched { resource, .. }) => resource.plural.clone(),
                _ => String::new(),
            };
            let news = News { resource: &plural, suspended: wanted.suspended, object, ..news };
            let Some(status) = news.status(slot.told.as_ref(), Instant::now()) else { continue };
            let version = slot.resource_version.clone();
            self.telling += 1;
            let (hands, to) = (self.hands.clone(), self.to.clone());
            tokio::spawn(async move {
                let told = hands.tell(&name, &version, &status).await;
                let told = told.map(|version| (version, Told::read(&status).expect("it has conditions")));
                // Nobody hears of it once the carrier has ended.
                let _ = to.send(Seen::Told(name, told)).await;
            });
        }
    }
}

/// Whether what is known is newer than a resource version. API servers count them up.
fn newer(known: &Observed, version: &str) -> bool {
    match (known.resource_version.parse::<u64>(), version.parse::<u64>()) {
        (Ok(known), Ok(version)) => known > version,
        _ => false,
    }
}
