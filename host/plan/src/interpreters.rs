//! Which plugin speaks for a kind of object, and what plan makes of its answers.
//!
//! ```text
//!  kind + operation ──► a plugin that was loaded ──► else a default one ──► else what the step does by itself
//! ```
//!
//! What holds for every kind is done here (metadata, status); what is about a kind is always a plugin's. The patches of
//! an interpreter pass the same guards as those of an overrider.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use portolan_api::group_version;
use serde::Serialize;
use serde_json::Value;

use crate::call::{Call, Keeping, Known};
use crate::conversation::{Conversation, Outcome};
use crate::fault::Fault;
use crate::guard::{NotAmended, amended};
use crate::interpretation::{Dependency, Health, Kind, MemberStatus, Revision, Size};
use crate::patch::Patch;
use crate::plugin::{Plugin, Stage};
use crate::policy::Plugins;
use crate::reading::Reading;
use crate::retained::metadata_retained;
use crate::room::Takes;
use crate::strip::strip;
use crate::template::{is_secret, names_secrets};
use crate::withheld::WITHHELD;

/// The default interpreters. Whatever else speaks for a kind was loaded on purpose, and comes first.
const DEFAULTS: &[&str] = &["flux", "kubernetes"];

/// What an interpreter is told beside the object, where that is nothing: JSON, as a config is.
pub(crate) const NO_ARGUMENTS: &str = "null";

/// For each kind and operation the plugin that speaks for it. Kinds are compared exactly, the API version too.
#[derive(Default)]
pub struct Interpreters {
    /// By API version, then by kind.
    by_kind: BTreeMap<String, BTreeMap<String, BTreeMap<Stage, Speaker>>>,
    keeping: Keeping,
    /// What was made of templates that say the same: how big they are, and what becomes of them.
    sizes: Remembered<Option<Size>>,
    patches: Remembered<Patch>,
}

/// Who speaks for a kind in an operation.
#[derive(Clone)]
enum Speaker {
    One { name: Arc<str>, plugin: Arc<dyn Plugin>, custom: bool },
    Contested(Contested),
}

/// Nobody can tell who speaks for a kind. Objects of that kind are left as they are until that is settled.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contested {
    /// Two plugins that were loaded speak for the same kind in the same operation.
    Twice {
        /// The kind.
        kind: Kind,
        /// The operation.
        operation: Stage,
        /// Both, in the order of their names.
        plugins: [String; 2],
    },
    /// A plugin that was loaded speaks for Secrets.
    Secrets {
        /// The plugin.
        plugin: String,
    },
}

/// What came of an operation.
#[derive(Clone, Debug)]
pub struct Interpreted<T> {
    /// The answer, or why there is none.
    pub outcome: Result<T, Fault>,
    /// The name of the plugin that was asked; none: nobody speaks for the kind, and the answer is the step's own.
    pub by: Option<Arc<str>>,
    /// How the answer came about, where that was to be noted.
    pub conversation: Option<Arc<Conversation>>,
}

impl Interpreters {
    /// Finds who speaks for what. Second comes what can't be told, sorted.
    pub fn new(plugins: &Plugins) -> (Self, Vec<Contested>) {
        Self::keeping(plugins, Keeping::default())
    }

    /// The same, keeping of each call what is to be kept.
    pub(crate) fn keeping(plugins: &Plugins, keeping: Keeping) -> (Self, Vec<Contested>) {
        let mut found = Self { keeping, ..Self::default() };
        let mut contested = Vec::new();
        // Names ascend, so that whoever is named first in a message is always the same.
        for custom in [false, true] {
            for (name, plugin) in plugins.iter().filter(|(name, _)| custom != is_default(name)) {
                found.take(name, plugin, custom, &mut contested);
            }
        }
        contested.sort();
        contested.dedup();
        (found, contested)
    }

    fn take(&mut self, name: &str, plugin: &Arc<dyn Plugin>, custom: bool, contested: &mut Vec<Contested>) {
        let speaker = Speaker::One { name: name.into(), plugin: Arc::clone(plugin), custom };
        let manifest = plugin.manifest();
        for kind in &manifest.kinds {
            // Whatever an interpreter says may come to stand where more people read it than may read Secrets.
            if custom && names_secrets(&kind.api_version, &kind.kind) {
                contested.push(Contested::Secrets { plugin: name.into() });
                continue;
            }
            let of_version = self.by_kind.entry(kind.api_version.clone()).or_default();
            let by_stage = of_version.entry(kind.kind.clone()).or_default();
            for stage in manifest.stages.iter().copied().filter(|stage| stage.interprets()) {
                match by_stage.get(&stage) {
                    Some(Speaker::One { name: other, custom: true, .. }) if custom => {
                        let plugins = [other.to_string(), name.into()];
                        let twice = Contested::Twice { kind: kind.clone(), operation: stage, plugins };
                        contested.push(twice.clone());
                        by_stage.insert(stage, Speaker::Contested(twice));
                    }
                    Some(Speaker::Contested(_)) => {}
                    _ => drop(by_stage.insert(stage, speaker.clone())),
                }
            }
        }
    }

    fn speaking(&self, object: &Value, operation: Stage) -> Option<&Speaker> {
        let text = |field: &str| object.get(field).and_then(Value::as_str).unwrap_or_default();
        self.by_kind.get(text("apiVersion"))?.get(text("kind"))?.get(&operation)
    }

    /// The name of the plugin that speaks for an object in an operation.
    pub fn speaker(&self, object: &Value, operation: Stage) -> Option<&str> {
        match self.speaking(object, operation)? {
            Speaker::One { name, .. } => Some(name),
            Speaker::Contested(_) => None,
        }
    }

    /// How big a template is; none: it is no workload.
    pub fn size(&self, template: &Arc<Value>) -> Interpreted<Option<Size>> {
        let reading = Reading::for_interpreter(Some(Arc::clone(template)), None);
        let ask = |plugin: &dyn Plugin, reading: &mut Reading| plugin.replicas(reading);
        self.ask(Stage::Replicas, template, NO_ARGUMENTS, reading, Some(&self.sizes), ask).or(|| None)
    }

    /// The object at another size. Where nobody speaks for it, it stays the very same.
    pub fn revised(&self, object: &Arc<Value>, revision: Revision) -> Interpreted<Arc<Value>> {
        let reading = Reading::for_interpreter(Some(Arc::clone(object)), None);
        let ask = |plugin: &dyn Plugin, reading: &mut Reading| plugin.revise(revision, reading);
        self.patched(Stage::Revise, object, &arguments(&revision), reading, ask)
    }

    /// The object as it leaves for a member, before any override: without status, without what a server wrote into its
    /// metadata, and without what its kind leaves behind. Where there is nothing to take it is the very same object.
    pub fn pruned(&self, template: &Arc<Value>) -> Interpreted<Arc<Value>> {
        let object = strip(template);
        let reading = Reading::for_interpreter(Some(Arc::clone(&object)), None);
        self.patched(Stage::Prune, &object, NO_ARGUMENTS, reading, |plugin, reading| plugin.prune(reading))
    }

    /// The object that replaces the member's: what is desired, and what stays of what the member has. Of every kind the
    /// member's resourceVersion, finalizers and owner references stay, and its own labels and annotations.
    pub fn retained(&self, desired: &Arc<Value>, observed: &Arc<Value>) -> Interpreted<Arc<Value>> {
        let reading = Reading::for_interpreter(Some(Arc::clone(desired)), Some(Arc::clone(observed)));
        let ask = |plugin: &dyn Plugin, reading: &mut Reading| plugin.retain(reading);
        let of_kind = self.patched(Stage::Retain, desired, NO_ARGUMENTS, reading, ask);
        of_kind.map(|object| Arc::new(metadata_retained(&object, observed)))
    }

    /// Whether a member's object does its job. An object of a kind for which nobody speaks does.
    pub fn health(&self, observed: &Arc<Value>) -> Interpreted<Health> {
        let reading = Reading::for_interpreter(None, Some(Arc::clone(observed)));
        let ask = |plugin: &dyn Plugin, reading: &mut Reading| plugin.health(reading);
        self.ask(Stage::Health, observed, NO_ARGUMENTS, reading, None, ask).or(|| Health::Healthy)
    }

    /// What the control plane is to see of a member's status: all of it where nobody speaks for the kind.
    pub fn reflected(&self, observed: &Arc<Value>) -> Interpreted<Option<Value>> {
        let reading = Reading::for_interpreter(None, Some(Arc::clone(observed)));
        let ask = |plugin: &dyn Plugin, reading: &mut Reading| plugin.reflect(reading);
        let whole = || observed.get("status").filter(|status| !status.is_null()).cloned();
        self.ask(Stage::Reflect, observed, NO_ARGUMENTS, reading, None, ask).or(whole)
    }

    /// The status that the template gets, made of the members'; none: it stays as it is.
    pub fn aggregated(&self, template: &Arc<Value>, members: &[MemberStatus]) -> Interpreted<Option<Value>> {
        let reading = Reading::for_interpreter(Some(Arc::clone(template)), None);
        let ask = |plugin: &dyn Plugin, reading: &mut Reading| plugin.aggregate(members, reading);
        self.ask(Stage::Aggregate, template, &arguments(&members), reading, None, ask).or(|| None)
    }

    /// What a template needs beside it: nothing where nobody speaks for its kind.
    pub fn dependencies(&self, template: &Arc<Value>) -> Interpreted<Vec<Dependency>> {
        let reading = Reading::for_interpreter(Some(Arc::clone(template)), None);
        let ask = |plugin: &dyn Plugin, reading: &mut Reading| plugin.dependencies(reading);
        self.ask(Stage::Dependencies, template, NO_ARGUMENTS, reading, None, ask).or(Vec::new)
    }

    /// Asks for a patch, and applies it as far as it may do what it does.
    fn patched(
        &self,
        stage: Stage,
        object: &Arc<Value>,
        arguments: &str,
        reading: Reading,
        ask: impl FnOnce(&dyn Plugin, &mut Reading) -> Result<Patch, Fault>,
    ) -> Interpreted<Arc<Value>> {
        let custom = match self.speaking(object, stage) {
            Some(Speaker::One { custom, .. }) => *custom,
            _ => true,
        };
        let known = Some(&self.patches);
        let Interpreted { outcome, by, conversation } =
            self.ask(stage, object, arguments, reading, known, ask).or(Patch::default);
        let outcome = outcome.and_then(|patch| {
            if patch.is_empty() {
                return Ok(Arc::clone(object));
            }
            amended(object, &patch, custom).map(Arc::new).map_err(|refused| {
                Fault::Answer(match refused {
                    // It has the patch's own words in it.
                    NotAmended::DoesNotApply(_) if is_secret(object) => {
                        format!("its patch can't be applied: {WITHHELD}")
                    }
                    NotAmended::DoesNotApply(error) => format!("its patch can't be applied: {error}"),
                    NotAmended::NotAllowed(why) => format!("its patch is not allowed: {why}"),
                })
            })
        });
        Interpreted { outcome, by, conversation }
    }

    fn ask<T: Clone + Into<Outcome> + Takes>(
        &self,
        stage: Stage,
        object: &Value,
        arguments: &str,
        reading: Reading,
        known: Option<&Remembered<T>>,
        ask: impl FnOnce(&dyn Plugin, &mut Reading) -> Result<T, Fault>,
    ) -> Asked<T> {
        match self.speaking(object, stage) {
            None => Asked::Nobody,
            Some(Speaker::Contested(contested)) => Asked::Somebody(Interpreted {
                outcome: Err(Fault::Config(contested.to_string())),
                by: None,
                conversation: None,
            }),
            Some(Speaker::One { name, plugin, .. }) => {
                let keeping = self.keeping.clone();
                let call = Call::new(name, String::new(), Arc::clone(plugin), arguments.into(), keeping);
                let about = (name.to_string(), stage, arguments.to_owned());
                let answer = call.interpreting(stage, reading, known.map(|known| (known, about)), ask);
                Asked::Somebody(Interpreted {
                    outcome: answer.outcome.clone(),
                    by: Some(Arc::clone(name)),
                    conversation: answer.conversation.clone(),
                })
            }
        }
    }
}

/// Answers of interpreters, by plugin, operation and arguments.
type Remembered<T> = Known<(String, Stage, String), T>;

/// The default interpreters that have a say where objects of these API versions are planned. A shell loads these. `flux` is
/// none of them: it neither divides nor prunes.
pub fn interpreters_named<'a>(mut api_versions: impl Iterator<Item = &'a str>) -> BTreeSet<&'static str> {
    // The core group has no name, the oldest ones no domain.
    let of_kubernetes = |api_version: &str| {
        let (group, _) = group_version(api_version);
        !group.contains('.') || group.ends_with(".k8s.io")
    };
    api_versions.any(of_kubernetes).then_some("kubernetes").into_iter().collect()
}

/// What an operation takes beside the object, as JSON.
pub(crate) fn arguments(of: &impl Serialize) -> String {
    serde_json::to_string(of).expect("numbers, texts and lists of them are JSON")
}

fn is_default(name: &str) -> bool {
    DEFAULTS.contains(&name)
}

/// Whether there was somebody to ask.
enum Asked<T> {
    Nobody,
    Somebody(Interpreted<T>),
}

impl<T> Asked<T> {
    /// What a step does where nobody speaks for the kind.
    fn or(self, default: impl FnOnce() -> T) -> Interpreted<T> {
        match self {
            Self::Somebody(interpreted) => interpreted,
            Self::Nobody => Interpreted { outcome: Ok(default()), by: None, conversation: None },
        }
    }
}

impl<T> Interpreted<T> {
    fn map<U>(self, with: impl FnOnce(T) -> U) -> Interpreted<U> {
        let Self { outcome, by, conversation } = self;
        Interpreted { outcome: outcome.map(with), by, conversation }
    }
}

impl fmt::Display for Contested {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice { kind, operation, plugins: [one, other] } => write!(
                to,
                "plugins `{one}` and `{other}` both speak for {kind} ({operation}); valid: one of them loaded"
            ),
            Self::Secrets { plugin } => {
                write!(to, "plugin `{plugin}` speaks for v1 Secret; only a default interpreter may")
            }
        }
    }
}
