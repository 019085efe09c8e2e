//! Whoever carries: takes in what comes, and does what is due, turn by turn.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use portolan_plan::Kind;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant as Moment;
use tracing::{info, warn};

use super::kinds::InUse;
use super::seen::Seen;
use super::slot::{Slot, Todo};
use super::{Event, Order, Setting};
use crate::agenda::Agenda;
use crate::hands::{Hands, namespace_of};
use crate::quiet::Quiet;
use crate::watching::Change;

/// How many requests a member has to answer at once. A server on two cores answers 16 as fast as more of them, and there
/// are other writers than this one. Arbitrary within that.
pub(super) const AT_ONCE: usize = 16;

/// How many objects are looked at by interpreters at once, or wait for that with their bodies in memory. Arbitrary: enough
/// that the processors, who do it, never wait for the loop.
const LOOKS: usize = 32;

/// How many changes wait to be taken in. Arbitrary: watches wait behind them, and each holds a body.
const CHANGES: usize = 256;

/// Carries to one member, for as long as it has handles.
pub(super) struct Carrier {
    pub cluster: Arc<str>,
    pub hands: Hands,
    pub quiet: Quiet,
    pub events: mpsc::UnboundedSender<(Arc<str>, Event)>,
    /// For what was started here; there is a bound on each kind of it.
    pub to: mpsc::UnboundedSender<Seen>,
    inbox: mpsc::UnboundedReceiver<Seen>,
    /// For watches.
    pub changes_to: mpsc::Sender<(Kind, Change)>,
    changes: mpsc::Receiver<(Kind, Change)>,
    pub slots: BTreeMap<Arc<str>, Slot>,
    pub kinds: BTreeMap<Kind, InUse>,
    pub due: VecDeque<Arc<str>>,
    /// The Works of which something is to be told as soon as nothing is being delivered, and then at any rate.
    pub to_tell: Agenda<Arc<str>>,
    /// Those of which it could not be told.
    pub tells_later: Agenda<Arc<str>>,
    /// Those that have their turn later.
    pub later: Agenda<Arc<str>>,
    /// Requests under way.
    pub running: usize,
    /// Statuses that are being written.
    pub telling: usize,
    /// Objects that are being looked at.
    pub looking: usize,
    /// Whether every Work there is has been put.
    pub complete: bool,
    /// Whether the member did not answer when it was asked last.
    pub away: bool,
}

impl Carrier {
    pub fn new(setting: Setting) -> Self {
        let Setting { cluster, member, control, interpreters, quiet, owner, events } = setting;
        let (to, inbox) = mpsc::unbounded_channel();
        let (changes_to, changes) = mpsc::channel(CHANGES);
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
            changes_to,
            changes,
            slots: BTreeMap::new(),
            kinds: BTreeMap::new(),
            due: VecDeque::new(),
            to_tell: Agenda::default(),
            tells_later: Agenda::default(),
            later: Agenda::default(),
            running: 0,
            telling: 0,
            looking: 0,
            complete: false,
            away: false,
        }
    }

    pub async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut interpreters = self.hands.interpreters.clone();
        loop {
            let wake = self.next_moment();
            let (quiet, waits) = (self.quiet.clone(), self.waits_for_quiet());
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return,
                },
                Some(seen) = self.inbox.recv() => self.take(seen),
                Some((kind, change)) = self.changes.recv(), if self.looking < LOOKS => self.object(&kind, change),
                Ok(()) = interpreters.changed() => self.looks_anew(),
                () = quiet.wait(super::telling::TELLS_ANYHOW), if waits => {}
                () = tokio::time::sleep_until(wake) => {}
            }
            // One turn takes in what is there.
            while let Ok(order) = orders.try_recv() {
                self.obey(order);
            }
            while let Ok(seen) = self.inbox.try_recv() {
                self.take(seen);
            }
            while self.looking < LOOKS
                && let Ok((kind, change)) = self.changes.try_recv()
            {
                self.object(&kind, change);
            }
            self.advance();
        }
    }

    fn next_moment(&self) -> Moment {
        let now = Moment::now();
        let idle = now + Duration::from_secs(3600);
        let looks = self.kinds.values().filter_map(InUse::looks_again);
        looks
            .chain(self.later.first())
            .chain(self.tells_next())
            .fold(idle, Moment::min)
            .max(now + Duration::from_millis(1))
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Put(work) => {
                let name = Arc::clone(&work.name);
                self.want_kind(&Kind::from(&work.object));
                let slot = self.slots.entry(Arc::clone(&name)).or_default();
                let changed = slot.put(*work);
                if self.away {
                    slot.busy = None;
                }
                if changed {
                    self.later.remove(&name);
                }
                self.is_due(&name);
            }
            Order::Withdraw(name) => {
                let slot = self.slots.entry(Arc::clone(&name)).or_default();
                slot.leave(Todo::Withdraw);
                self.later.remove(&name);
                self.is_due(&name);
            }
            Order::Vanished { name, object, preserved } => {
                self.want_kind(&Kind::from(&object));
                let slot = self.slots.entry(Arc::clone(&name)).or_default();
                slot.object.get_or_insert(object);
                slot.leave(Todo::Vanish { preserved });
                self.later.remove(&name);
                self.is_due(&name);
            }
            Order::Complete => {
                self.complete = true;
                self.tell_of_orphans();
            }
        }
    }

    /// The member does not answer: nobody is to wait for it.
    pub fn is_away(&mut self, why: &str) {
        if !std::mem::replace(&mut self.away, true) {
            warn!(cluster = %self.cluster, why, "the member does not answer");
            self.slots.values_mut().for_each(|slot| slot.busy = None);
        }
    }

    /// The member answers: what waits for that waits no longer.
    pub fn is_back(&mut self) {
        if !std::mem::take(&mut self.away) {
            return;
        }
        info!(cluster = %self.cluster, "the member answers again");
        for kind in self.kinds.values_mut() {
            kind.looks_at_once();
        }
        while let Some(name) = self.later.take_first() {
            self.is_due(&name);
        }
    }

    pub fn is_due(&mut self, name: &Arc<str>) {
        if let Some(slot) = self.slots.get_mut(name)
            && !std::mem::replace(&mut slot.due, true)
        {
            self.due.push_back(Arc::clone(name));
        }
    }
}
