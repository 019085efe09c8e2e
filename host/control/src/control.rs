//! The controller: one task that knows everything and waits for nothing; what takes time is done by jobs beside it.

mod finished;
mod members;
mod seen;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::watcher::Config as WatcherConfig;
use kube::{Client, Resource as _};
use portolan_member::{Agenda, Change, Event, Member, Pace, Quiet, Watch, watch as watch_kind};
use portolan_plan::{Interpreters, World};
use portolan_sandbox::{Sandbox, SandboxError};
use tokio::sync::{Mutex, Semaphore, mpsc, watch};
use tokio::time::Instant as Moment;
use tracing::{info, warn};

use crate::announcing::Announcer;
use crate::binding::Binding;
use crate::concerns::{Concerns, Standing};
use crate::dispatch::{NO_POLICY, Verdict, WAITS_FOR_OVERRIDES};
use crate::due::Due;
use crate::health::Thresholds;
use crate::inputs::Inputs;
use crate::job::{Dispatched, Ready, Tools};
use crate::kinds::Kinds;
use crate::ledger::{Entry, Key};
use crate::metrics::Metrics;
use crate::served::{self, NotServed};
use crate::shelf::{ReadPlugin, Shelf};
use crate::status;
use crate::writing::Writer;

/// How many jobs run at once. An API server on two cores answers 16 requests at a time as fast as more of them, and each
/// job has a handful of requests. Arbitrary within that.
const JOBS: usize = 16;

/// How many changes wait to be taken in before watches have to wait. Arbitrary.
const WAITING: usize = 4096;

/// How long after the last change of a policy a World is made: policies come in bursts. Arbitrary, and short beside what
/// a person notices.
const SETTLES: Duration = Duration::from_millis(20);

/// How long what is due waits for Worlds, one after another. Arbitrary: making one takes milliseconds, unless a plugin has to be
/// compiled for it.
const WAITS_FOR_WORLD: Duration = Duration::from_secs(1);

/// How long clusters' room is taken for what it was: where pods come and go all the time, whatever is decided would wait for a
/// World of its own. Arbitrary; members tell of it every ten seconds.
const ROOM_HOLDS: Duration = Duration::from_secs(1);

/// How long a status waits for others that belong with it, or for deliveries to end: told once, it costs half as much as
/// told twice. Arbitrary within what a person waits.
const TELLS_ANYHOW: Duration = Duration::from_secs(30);

/// How often kinds that were not there are looked for again.
const LOOKS_AGAIN: Duration = Duration::from_secs(30);

/// What a controller runs with.
pub struct Setting {
    /// The control plane.
    pub client: Client,
    /// How many plugins run at once.
    pub workers: NonZeroUsize,
    /// How plugins are run.
    pub sandbox: portolan_sandbox::Settings,
    /// Plugins given by name.
    pub plugins: BTreeMap<String, Vec<u8>>,
    /// A way to those that ClusterPlugins name.
    pub read_plugin: ReadPlugin,
    /// Namespaces of which nothing is propagated; a `*` at the end stands for any end.
    pub skipped_namespaces: Vec<String>,
    /// When a cluster counts as ready.
    pub thresholds: Thresholds,
    /// What is counted.
    pub metrics: Metrics,
}

/// Why the controller can't run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The control plane does not answer, or refuses.
    #[error(
        "can't reach the control plane; valid: a kubeconfig whose server answers and whose user may read it"
    )]
    ControlPlane(#[source] kube::Error),
    /// It would not keep what is written.
    #[error(transparent)]
    Served(#[from] NotServed),
    /// No plugin can run.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

/// Runs until it is told to stop; then what is being written is written to its end.
pub async fn run(setting: Setting, stop: impl Future<Output = ()>) -> Result<(), RunError> {
    let Setting { client, workers, sandbox, plugins, read_plugin, skipped_namespaces, thresholds, metrics } =
        setting;
    let owner = uid_of(&client).await.map_err(RunError::ControlPlane)?;
    served::check(&served::read(&client).await.map_err(RunError::ControlPlane)?)?;
    let shelf = Shelf::new(Sandbox::new(sandbox)?, plugins, read_plugin);
    let (to, mut inbox) = mpsc::channel(WAITING);
    let (events, mut member_events) = mpsc::unbounded_channel();
    let (done, mut finished) = mpsc::unbounded_channel();
    let (interpreters, _) = watch::channel(Arc::new(Interpreters::default()));
    let shelf = Arc::new(Mutex::new(shelf));
    load_ahead(Arc::clone(&shelf), to.clone());
    let quiet = Quiet::default();
    let deciders = Arc::new(Semaphore::new(workers.get()));
    let tools =
        Tools { writer: Writer::new(client.clone()), owner: owner.into(), quiet: quiet.clone(), deciders };
    let mut control = Control {
        bases: BASES.iter().map(|base| (base.kind, base.watch(&client, &to))).collect(),
        unlisted: BASES.iter().map(|base| base.kind).collect(),
        client: client.clone(),
        tools,
        to,
        events,
        done,
        interpreters,
        shelf,
        loaded_ahead: false,
        skipped_namespaces,
        inputs: Inputs::default(),
        slots: BTreeMap::new(),
        kinds: Kinds::default(),
        world: None,
        world_due: None,
        concerns: Concerns::default(),
        room_changed: false,
        making_world: None,
        made: Moment::now(),
        waits_since: None,
        members: BTreeMap::new(),
        reached: BTreeMap::new(),
        thresholds,
        metrics,
        announcer: Announcer::begin(client.clone(), quiet.clone()),
        kept: BTreeMap::new(),
        by_work: BTreeMap::new(),
        due: Due::default(),
        to_tell: Agenda::default(),
        tellable: BTreeSet::new(),
        later: Agenda::default(),
        running: 0,
        looks_again: Moment::now() + LOOKS_AGAIN,
    };
    let mut stop = std::pin::pin!(stop);
    loop {
        let wake = control.next_moment();
        let waits_for_quiet = control.waits_for_quiet();
        tokio::select! {
            Some(seen) = inbox.recv() => {
                control.take(seen);
                // One turn takes in what is there, so that a burst is one burst.
                while let Ok(seen) = inbox.try_recv() {
                    control.take(seen);
                }
            }
            Some((cluster, event)) = member_events.recv() => control.heard(&cluster, event),
            Some(done) = finished.recv() => control.finished(done),
            () = quiet.wait(TELLS_ANYHOW), if waits_for_quiet => {}
            () = tokio::time::sleep_until(wake) => {}
            () = &mut stop => break,
        }
        control.advance();
    }
    info!("stopping: what is being written is written to its end");
    let end = Moment::now() + Duration::from_secs(10);
    while control.running > 0 {
        match tokio::time::timeout_at(end, finished.recv()).await {
            Ok(Some(Done::Ready(..))) => {}
            Ok(Some(_)) => control.running -= 1,
            _ => break,
        }
    }
    Ok(())
}

/// Everything that the controller knows.
struct Control {
    client: Client,
    tools: Tools,
    to: mpsc::Sender<Seen>,
    events: mpsc::UnboundedSender<(Arc<str>, Event)>,
    done: mpsc::UnboundedSender<Done>,
    interpreters: watch::Sender<Arc<Interpreters>>,
    shelf: Arc<Mutex<Shelf>>,
    /// Whether the default plugins were loaded that nobody has asked for.
    loaded_ahead: bool,
    skipped_namespaces: Vec<String>,
    #[allow(dead_code, reason = "a watch lasts as long as it is held")]
    bases: BTreeMap<&'static str, Watch>,
    /// The base kinds of which not all has been told yet.
    unlisted: BTreeSet<&'static str>,
    inputs: Inputs,
    slots: BTreeMap<Key, Slot>,
    kinds: Kinds,
    world: Option<Arc<World>>,
    /// When a World is to be made that something is decided anew with.
    world_due: Option<Moment>,
    /// What that concerns.
    concerns: Concerns,
    /// Whether clusters have other room than the World knows.
    room_changed: bool,
    /// What a World is being made for.
    making_world: Option<Occasion>,
    /// When the last one was begun.
    made: Moment,
    /// Since when nothing is decided because a World is due or being made.
    waits_since: Option<Moment>,
    /// The members that are carried to.
    members: BTreeMap<Arc<str>, Member>,
    /// Which template a Work is of: its name is the same for every cluster.
    by_work: BTreeMap<Arc<str>, Key>,
    /// How each cluster was reached, to see when that changes.
    reached: BTreeMap<Arc<str>, members::Reached>,
    thresholds: Thresholds,
    metrics: Metrics,
    announcer: Announcer,
    /// The clusters whose status is kept.
    kept: BTreeMap<Arc<str>, members::Kept>,
    due: Due,
    /// The templates of which something is to be told, and when at any rate.
    to_tell: Agenda<Key>,
    /// Those of which it can be told once for all clusters, as soon as nothing is being delivered.
    tellable: BTreeSet<Key>,
    /// What is due later.
    later: Agenda<Key>,
    running: usize,
    looks_again: Moment,
}

/// A template's entry in the ledger, and what is being done about it.
#[derive(Default)]
struct Slot {
    entry: Entry,
    verdict: Verdict,
    /// The clusters that it is being taken away from.
    withdrawing: BTreeSet<Arc<str>>,
    /// Held from the moment when it is due.
    busy: Option<portolan_member::Busy>,
    running: bool,
    /// Since when it is due, or a job decides about it.
    since: Option<Moment>,
    /// Whether the binding or the claim changed while a job was running, perhaps by its own hand.
    touched: bool,
    /// Whether the binding went while a job was running.
    binding_went: bool,
    /// The clusters whose Works changed while a job was running, perhaps by its own hand: no member was told of that.
    unput: BTreeSet<Arc<str>>,
    /// How often in a row it could not be decided about or written.
    failures: Pace,
    /// How often in a row it could not be told of.
    tell_failures: Pace,
}

impl Slot {
    fn is_concerned(&self, concerns: &Concerns) -> bool {
        let Some(template) = &self.entry.template else { return concerns.concern_all() };
        let (claim, reason) = (template.claim.as_ref(), self.verdict.reason);
        concerns.concern(&Standing {
            template: &template.key,
            claim,
            // Whose policy is gone or selects it no more is as good as unclaimed.
            free: claim.is_none() || reason == Some(NO_POLICY),
            waits: reason == Some(WAITS_FOR_OVERRIDES),
        })
    }

    /// The member takes it away, with its Work or without.
    fn is_withdrawn_by(&self, member: &Member, cluster: &str) {
        if let Some(work) = self.entry.works.get(cluster) {
            member.withdraw(&work.name);
        } else if let (Some(name), Some(object)) = (self.entry.work_name(), &self.entry.object) {
            let preserved = self.entry.binding.as_ref().is_some_and(|binding| binding.preserved);
            member.vanished(&name, object, preserved);
        }
    }
}

/// What comes in.
enum Seen {
    Base(&'static str, Change),
    Template(portolan_plan::Kind, Change),
    Found(portolan_plan::Kind, Option<ApiResource>),
    World(Box<MadeWorld>),
    Reached(Arc<str>, members::Reached, Result<Client, String>),
    LoadedAhead,
}

/// A World that was made.
struct MadeWorld {
    world: World,
    problems: Vec<String>,
}

/// What a World is made for.
enum Occasion {
    /// What that concerns is decided anew with it.
    Anew(Concerns),
    /// What is decided from now on knows how much room clusters have.
    Room,
}

/// What a job came to.
enum Done {
    /// A Work is to be carried; its job goes on.
    Ready(Key, Box<Ready>),
    Dispatched(Key, Box<Dispatched>),
    Told(Key, Option<Box<Binding>>, Vec<String>),
    /// The binding with this uid is gone, or why it is not.
    Cleared(Key, Result<String, String>),
    /// The Work of this cluster that is no more is gone, or why it is not.
    Left(Key, Arc<str>, Result<(), String>),
}

/// A kind of object that every controller watches.
struct Base {
    kind: &'static str,
    group: &'static str,
    version: &'static str,
    plural: &'static str,
}

const BASES: [Base; 10] = [
    Base {
        kind: "PropagationPolicy",
        group: "policy.karmada.io",
        version: "v1alpha1",
        plural: "propagationpolicies",
    },
    Base {
        kind: "ClusterPropagationPolicy",
        group: "policy.karmada.io",
        version: "v1alpha1",
        plural: "clusterpropagationpolicies",
    },
    Base {
        kind: "OverridePolicy",
        group: "policy.karmada.io",
        version: "v1alpha1",
        plural: "overridepolicies",
    },
    Base {
        kind: "ClusterOverridePolicy",
        group: "policy.karmada.io",
        version: "v1alpha1",
        plural: "clusteroverridepolicies",
    },
    Base { kind: "Cluster", group: "cluster.karmada.io", version: "v1alpha1", plural: "clusters" },
    Base {
        kind: "ClusterPlugin",
        group: "plugins.portolan.dev",
        version: "v1alpha1",
        plural: "clusterplugins",
    },
    Base {
        kind: "ResourceBinding",
        group: "work.karmada.io",
        version: "v1alpha2",
        plural: "resourcebindings",
    },
    Base {
        kind: "ClusterResourceBinding",
        group: "work.karmada.io",
        version: "v1alpha2",
        plural: "clusterresourcebindings",
    },
    Base { kind: "Work", group: "work.karmada.io", version: "v1alpha1", plural: "works" },
    Base {
        kind: "CustomResourceDefinition",
        group: "apiextensions.k8s.io",
        version: "v1",
        plural: "customresourcedefinitions",
    },
];

impl Base {
    fn resource(&self) -> ApiResource {
        let gvk = GroupVersionKind::gvk(self.group, self.version, self.kind);
        ApiResource::from_gvk_with_plural(&gvk, self.plural)
    }

    fn watch(&self, client: &Client, to: &mpsc::Sender<Seen>) -> Watch {
        let kind = self.kind;
        watch_kind(client, &self.resource(), WatcherConfig::default(), to.clone(), move |change| {
            Seen::Base(kind, change)
        })
    }
}

impl Control {
    /// Whether all that decisions rest on has been told.
    fn knows_enough(&self) -> bool {
        self.unlisted.is_empty()
    }

    /// Whoever waits for readiness waits no longer, once a template would be decided about without delay.
    fn may_be_ready(&self) {
        if self.loaded_ahead && self.knows_enough() {
            self.metrics.is_ready();
        }
    }

    /// When there is something to do although nothing happens.
    fn next_moment(&self) -> Moment {
        let mut next = self.looks_again;
        if self.making_world.is_none() {
            next = next.min(self.world_due.unwrap_or(next));
        }
        let waits_until = self.waits_since.map(|since| since + WAITS_FOR_WORLD);
        if let Some(until) = waits_until.filter(|until| !self.due.is_empty() && *until > Moment::now()) {
            next = next.min(until);
        }
        // Jobs that are running may be what these wait for, and say so when they end.
        let told = self.to_tell.first().filter(|_| self.running < JOBS);
        [self.later.first(), told]
            .into_iter()
            .flatten()
            .fold(next, Moment::min)
            .max(Moment::now() + Duration::from_millis(1))
    }

    fn waits_for_quiet(&self) -> bool {
        !self.tellable.is_empty() && !self.tools.quiet.is_quiet()
    }

    /// Does what is due, as far as there is room.
    fn advance(&mut self) {
        let now = Moment::now();
        if now >= self.looks_again {
            self.looks_again = now + LOOKS_AGAIN;
            for kind in self.kinds.missing() {
                self.look_for(kind);
            }
            self.reach_again();
        }
        self.make_world(now);
        while let Some(key) = self.later.take_ripe(now) {
            self.is_due(&key);
        }
        self.start_jobs(now);
        let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
        self.metrics.due.set(count(self.due.len()));
        self.metrics.templates.set(count(self.slots.len()));
        self.metrics.members.set(count(self.members.len()));
    }

    /// A template is to be decided about.
    fn is_due(&mut self, key: &Key) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        if self.due.add(key) && slot.busy.is_none() {
            slot.busy = Some(self.tools.quiet.disturb());
            slot.since = Some(Moment::now());
        }
    }

    /// Something is to be told of a template, or was already.
    fn is_to_be_told(&mut self, key: &Key) {
        self.to_tell.add(key, Moment::now() + TELLS_ANYHOW);
        self.may_be_tellable(key);
    }

    /// What a template's telling waited for may have come.
    fn may_be_tellable(&mut self, key: &Key) {
        let Some(slot) = self.slots.get(key) else { return };
        if !slot.running && self.to_tell.contains(key) && status::is_told(&slot.entry) {
            self.tellable.insert(key.clone());
        }
    }

    /// A World is to be made, and what that concerns decided anew with it.
    fn world_is_due(&mut self, concerns: Concerns) {
        self.concerns.add(concerns);
        self.world_due.get_or_insert(Moment::now() + SETTLES);
    }

    /// Whether what is decided now would be decided again, or without the room that there is. Whoever changes policies all the
    /// time keeps nobody waiting for long.
    fn waits_for_world(&mut self, now: Moment) -> bool {
        if self.world_due.is_none() && self.making_world.is_none() {
            self.waits_since = None;
            return self.world.is_none();
        }
        let since = *self.waits_since.get_or_insert(now);
        self.world.is_none() || now < since + WAITS_FOR_WORLD
    }

    fn make_world(&mut self, now: Moment) {
        if self.making_world.is_some() || !self.knows_enough() {
            return;
        }
        let occasion = if self.world_due.is_some_and(|moment| moment <= now) {
            self.world_due = None;
            Occasion::Anew(std::mem::take(&mut self.concerns))
        } else if self.room_changed && !self.due.is_empty() && now >= self.made + ROOM_HOLDS {
            Occasion::Room
        } else {
            return;
        };
        self.making_world = Some(occasion);
        self.room_changed = false;
        self.made = now;
        let kinds: BTreeSet<String> = self.wanted_kinds().into_iter().map(|kind| kind.api_version).collect();
        let inputs = self.inputs.clone();
        let (shelf, owner, to) = (Arc::clone(&self.shelf), Arc::clone(&self.tools.owner), self.to.clone());
        tokio::task::spawn_blocking(move || {
            let (plugins, mut problems) = shelf.blocking_lock().load(&inputs, &kinds);
            let (world, unusable) = World::new(inputs.ingredients(plugins, &owner));
            problems.extend(
                unusable.into_iter().map(|unusable| format!("{}: {}", unusable.policy, unusable.problem)),
            );
            // Only a controller that has stopped does not hear of it.
            let _ = to.blocking_send(Seen::World(Box::new(MadeWorld { world, problems })));
        });
    }

    fn world_made(&mut self, made: MadeWorld) {
        let MadeWorld { world, problems } = made;
        let occasion = self.making_world.take();
        for problem in problems {
            warn!("{problem}");
        }
        let world = Arc::new(world);
        self.interpreters.send_replace(Arc::clone(world.interpreters()));
        self.world = Some(world);
        if let Some(Occasion::Anew(concerns)) = occasion {
            let concerned = self.slots.iter().filter(|(_, slot)| slot.is_concerned(&concerns));
            let keys: Vec<Key> = concerned.map(|(key, _)| key.clone()).collect();
            keys.iter().for_each(|key| self.is_due(key));
        }
    }
}

/// Loads the default plugins before a policy names them: compiling all of them takes seconds, the first time.
fn load_ahead(shelf: Arc<Mutex<Shelf>>, to: mpsc::Sender<Seen>) {
    tokio::task::spawn_blocking(move || {
        // One at a time, in turns: whoever needs the shelf meanwhile waits for one plugin at most.
        while shelf.blocking_lock().load_ahead() {}
        // Only a controller that has stopped does not hear of it.
        let _ = to.blocking_send(Seen::LoadedAhead);
    });
}

/// The uid of the control plane: that of its namespace kube-system, as is the custom.
async fn uid_of(client: &Client) -> Result<String, kube::Error> {
    use k8s_openapi::api::core::v1::Namespace;
    let namespaces = kube::Api::<Namespace>::all(client.clone());
    let namespace = namespaces.get("kube-system").await?;
    Ok(namespace.meta().uid.clone().unwrap_or_default())
}
