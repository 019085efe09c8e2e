//! One member: a handle to whoever carries Works there.

mod acting;
mod kinds;
mod seen;
mod slot;
mod telling;
mod turns;

use std::sync::Arc;

use portolan_api::ObjectKey;
use portolan_plan::{Digest, Interpreters};
use tokio::sync::{mpsc, watch};

use crate::quiet::Quiet;
use crate::work::Work;
use turns::Carrier;

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
    /// A Work that is to go is there yet, because its object can't be taken away. It is tried again.
    Stays {
        /// The Work.
        work: Arc<str>,
        /// Why, in one line.
        why: String,
    },
    /// A Work that was withdrawn, or had vanished, is gone, and its object with it.
    Withdrawn {
        /// The Work.
        work: Arc<str>,
    },
    /// The member has an object as ours that no Work carries. It stays until its Work is said to have vanished.
    Orphaned {
        /// The Work that would carry it.
        work: Arc<str>,
        /// The object.
        object: ObjectKey,
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
    Vanished { name: Arc<str>, object: ObjectKey, preserved: bool },
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

    /// There is no such Work, although nobody withdrew it, and there is to be none: its object goes where it is there, or what
    /// says that it is ours where it is preserved. Where the Work was known, it says whether it is.
    pub fn vanished(&self, name: &Arc<str>, object: &ObjectKey, preserved: bool) {
        self.order(Order::Vanished { name: Arc::clone(name), object: object.clone(), preserved });
    }

    /// All Works were put: what is on the member as ours and has no Work is told of, now and whenever there is such a thing.
    /// Only the kinds that were ever put or said to have vanished are looked at.
    pub fn complete(&self) {
        self.order(Order::Complete);
    }

    fn order(&self, order: Order) {
        // The carrier ends with the last handle, so there is one while there is this.
        let _ = self.orders.send(order);
    }
}
