//! A decision made again from its transcript, with the plugins asked anew.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use portolan_api::{Cluster, Context, Document, ObjectKey, PolicyRef, Reach, Scopes, Unread};
use serde_json::Value;

use crate::conversation::{Conversation, Outcome, Terms};
use crate::decision::{Options, decide};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::interpretation::{Dependency, Health, MemberStatus, Revision, Size};
use crate::interpreters::{NO_ARGUMENTS, arguments};
use crate::patch::Patch;
use crate::plugin::{Amendment, Choice, Manifest, Plugin, Refusal, Stage};
use crate::policy::plugins_named;
use crate::previous::Previous;
use crate::reading::Reading;
use crate::recorded::{Divergence, Recorded};
use crate::template::{Template, names_secrets};
use crate::transcript::{Transcribed, Transcript, WrongForm};
use crate::world::{Ingredients, World, waits_for};

/// What came of making a decision again.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// Each call of the transcript, in its order.
    pub calls: Vec<Again>,
    /// Whether members get the same, byte for byte, for the same reasons. None where it is held and no plugin was
    /// asked, as why does not follow from its transcript then, and where a call can't be compared.
    pub same_decision: Option<bool>,
}

/// What came of holding one conversation again.
#[derive(Clone, Debug, PartialEq)]
pub enum Again {
    /// The same.
    Same,
    /// The same questions, and another outcome.
    Differs(Outcome),
    /// Another question than then.
    Diverged(Divergence),
    /// Fewer questions than then; so many were left.
    AskedLess(usize),
    /// The outcome of then depended on the machine, so that this one may be another.
    Incomparable(Outcome),
    /// The decision did not get that far.
    NotReached,
}

/// Why a decision can't be made again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It was written by another version.
    #[error(transparent)]
    Form(#[from] WrongForm),
    /// Nothing is kept of Secrets.
    #[error("it is about a Secret, of which no transcript keeps enough to make the decision again")]
    Secret,
    /// A component is not at hand.
    #[error("plugin `{name}` is needed as the component {digest}")]
    NoPlugin {
        /// The name by which policies call it.
        name: String,
        /// Which component it is.
        digest: Digest,
    },
    /// What it was made from can't be read.
    #[error("the transcript can't be used: {0}")]
    Unusable(String),
}

/// Makes the decision again: Portolan's own steps run as ever, and every plugin is asked again, and hears what it heard
/// then. `plugin` finds a component by its digest, ready to run on the terms of then.
pub fn replay(
    transcript: &Transcript,
    mut plugin: impl FnMut(&Conversation) -> Option<Arc<dyn Plugin>>,
) -> Result<Replay, ReplayError> {
    if transcript.transcript != Transcript::VERSION {
        return Err(WrongForm { found: transcript.transcript }.into());
    }
    let lacking = || {
        let ObjectKey { api_version, kind, .. } = &transcript.report.template;
        if names_secrets(api_version, kind) {
            ReplayError::Secret
        } else {
            ReplayError::Unusable("it lacks the object".into())
        }
    };
    let object = transcript.object.clone().ok_or_else(lacking)?;
    let mut plugins = BTreeMap::<String, Arc<Replayed>>::new();
    let mut firsts = BTreeMap::<&str, &Conversation>::new();
    let clusters: Arc<[String]> = transcript.clusters.as_slice().into();
    for (index, call) in transcript.calls.iter().enumerate() {
        let conversation = &call.conversation;
        let Conversation { plugin: name, component, terms, .. } = &**conversation;
        // All calls of a plugin's are of the component and on the terms of its first.
        let first = *firsts.entry(name).or_insert(conversation);
        if (first.component, &first.terms) != (*component, terms) {
            return Err(ReplayError::Unusable(format!("plugin `{name}` has two components or terms in it")));
        }
        if !plugins.contains_key(name) {
            let missing = || ReplayError::NoPlugin { name: name.clone(), digest: *component };
            let plugin = plugin(conversation).ok_or_else(missing)?;
            plugins.insert(name.clone(), Arc::new(Replayed::new(plugin, Arc::clone(&clusters))));
        }
        plugins[name].expect(index, Arc::clone(conversation));
    }
    let mut calls = vec![Again::NotReached; transcript.calls.len()];
    if calls.is_empty() && transcript.report.held.is_some() {
        return Ok(Replay { calls, same_decision: None });
    }
    let world = world(transcript, &plugins)?;
    let template = Template { key: transcript.report.template.clone(), object: Arc::new(object) };
    let previous = Previous { clusters: transcript.previous_clusters.clone(), ..transcript.previous.clone() };
    let options =
        Options { allow_empty: transcript.allow_empty, fresh: transcript.fresh, ..Options::default() };
    let decision = decide(&world, template, &previous, options);
    for replayed in plugins.values() {
        for (index, again) in replayed.results() {
            calls[index] = again;
        }
    }
    let same = decision.report(world.fleet()) == transcript.report
        && decision.delivered(&world) == transcript.deliveries
        && asked_by(&decision.calls()) == asked_by(&transcript.calls);
    // What follows from an outcome that depended on the machine does so too.
    let comparable = !calls.iter().any(|again| matches!(again, Again::Incomparable(_)))
        // Nor is it known who would have spoken for a kind where that was contested.
        && transcript.report.interpreters.iter().all(|step| step.plugin.is_some());
    Ok(Replay { calls, same_decision: comparable.then_some(same) })
}

/// Who asked for each call.
fn asked_by(calls: &[Transcribed]) -> Vec<(&PolicyRef, &str)> {
    calls.iter().map(|call| (&call.policy, call.field.as_str())).collect()
}

/// As much of the World as the decision was made from. What plugins know of clusters stands in their conversations.
fn world(transcript: &Transcript, plugins: &BTreeMap<String, Arc<Replayed>>) -> Result<World, ReplayError> {
    let unusable = |why: String| ReplayError::Unusable(why);
    let cluster = |name: &String| Cluster { name: name.clone(), facts: Value::Null, taints: Vec::new() };
    let mut ingredients = Ingredients {
        clusters: transcript.clusters.iter().map(cluster).collect(),
        plugins: plugins
            .iter()
            .map(|(name, plugin)| (name.clone(), Arc::clone(plugin) as Arc<dyn Plugin>))
            .collect(),
        traits: Some(transcript.traits),
        // Each call of the transcript is made, and noted, so that it is seen who asked for it.
        forget: true,
        record: true,
        ..Ingredients::default()
    };
    let context = Context { default_namespace: "default", scopes: &Scopes::default() };
    for policy in &transcript.policies {
        match Document::read(policy.clone(), &context) {
            Ok(Document::Propagation(policy)) => ingredients.propagation.push(*policy),
            Ok(Document::Override(policy)) => ingredients.overrides.push(*policy),
            Ok(_) => return Err(unusable("it lists as a policy what is none".into())),
            Err(invalid) => return Err(unusable(format!("{}: {}", invalid.object, invalid.problems[0]))),
        }
    }
    let (propagation, overrides) = (ingredients.propagation.iter(), ingredients.overrides.iter());
    for name in plugins_named(propagation, overrides, transcript.traits) {
        let stages = transcript.stages.get(name).cloned().unwrap_or_else(|| Stage::ALL.into());
        ingredients.plugins.entry(name.to_owned()).or_insert_with(|| Arc::new(NotAsked::new(name, stages)));
    }
    // Override policies that the placing one waits for were there, or it would have gone on waiting. That they have
    // nothing to say about this template is all that must be known of them.
    let waited_for =
        ingredients.propagation.iter().flat_map(|policy| waits_for(&policy.reference, &policy.spec));
    let there = waited_for.map(|policy| Unread::Policy(Reach { policy, selectors: Some(Vec::new()) }));
    ingredients.unread = there.collect();
    let (world, problems) = World::new(ingredients);
    match problems.first() {
        None => Ok(world),
        Some(found) => Err(unusable(format!("{}: {}", found.policy, found.problem))),
    }
}

/// A plugin that is asked again and hears what it heard then.
struct Replayed {
    plugin: Arc<dyn Plugin>,
    clusters: Arc<[String]>,
    /// Its calls in the transcript, by their places there.
    due: Mutex<VecDeque<(usize, Arc<Conversation>)>>,
    done: Mutex<Vec<(usize, Again)>>,
}

impl Replayed {
    fn new(plugin: Arc<dyn Plugin>, clusters: Arc<[String]>) -> Self {
        Self { plugin, clusters, due: Mutex::default(), done: Mutex::default() }
    }

    fn expect(&self, index: usize, conversation: Arc<Conversation>) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).push_back((index, conversation));
    }

    fn results(&self) -> Vec<(usize, Again)> {
        std::mem::take(&mut self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holds the next conversation of that stage and config again.
    fn again<T: Clone + Into<Outcome>>(
        &self,
        stage: Stage,
        config: &str,
        ask: impl FnOnce(&mut Reading) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let next = due.iter().position(|(_, then)| then.stage == stage && then.config == config);
        let Some((index, then)) = next.and_then(|next| due.remove(next)) else {
            return Err(NotAsked::fault());
        };
        let clusters = then.offered(&self.clusters);
        let mut reading = Reading::recorded(Recorded::new(clusters, Arc::clone(&then)));
        let answer = ask(&mut reading);
        let outcome: Outcome = answer.clone().into();
        let again = if let Some(divergence) = reading.divergence() {
            Again::Diverged(divergence.clone())
        } else if !then.outcome.lasts() || !outcome.lasts() {
            if outcome == then.outcome { Again::Same } else { Again::Incomparable(outcome) }
        } else if outcome != then.outcome {
            Again::Differs(outcome)
        } else if reading.left() > 0 {
            Again::AskedLess(reading.left())
        } else {
            Again::Same
        };
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push((index, again));
        answer
    }
}

impl Plugin for Replayed {
    fn manifest(&self) -> &Manifest {
        self.plugin.manifest()
    }

    fn terms(&self) -> Terms {
        self.plugin.terms()
    }

    fn check(&self, config: &Value) -> Result<(), String> {
        self.plugin.check(config)
    }

    fn filter(&self, config: &str, _: &mut Reading) -> Result<Vec<Refusal>, Fault> {
        self.again(Stage::Filter, config, |reading| self.plugin.filter(config, reading))
    }

    fn patch(&self, config: &str, _: &mut Reading) -> Result<Vec<Amendment>, Fault> {
        self.again(Stage::Overrider, config, |reading| self.plugin.patch(config, reading))
    }

    fn score(&self, config: &str, _: &mut Reading) -> Result<Vec<u8>, Fault> {
        self.again(Stage::Scorer, config, |reading| self.plugin.score(config, reading))
    }

    fn estimate(&self, config: &str, _: &mut Reading) -> Result<Vec<Option<u32>>, Fault> {
        self.again(Stage::Estimator, config, |reading| self.plugin.estimate(config, reading))
    }

    fn select(&self, config: &str, _: &mut Reading) -> Result<Choice, Fault> {
        self.again(Stage::Selector, config, |reading| self.plugin.select(config, reading))
    }

    fn assign(&self, config: &str, _: &mut Reading) -> Result<Vec<u32>, Fault> {
        self.again(Stage::Assigner, config, |reading| self.plugin.assign(config, reading))
    }

    fn replicas(&self, _: &mut Reading) -> Result<Option<Size>, Fault> {
        self.again(Stage::Replicas, NO_ARGUMENTS, |reading| self.plugin.replicas(reading))
    }

    fn revise(&self, revision: Revision, _: &mut Reading) -> Result<Patch, Fault> {
        self.again(Stage::Revise, &arguments(&revision), |reading| self.plugin.revise(revision, reading))
    }

    fn prune(&self, _: &mut Reading) -> Result<Patch, Fault> {
        self.again(Stage::Prune, NO_ARGUMENTS, |reading| self.plugin.prune(reading))
    }

    fn retain(&self, _: &mut Reading) -> Result<Patch, Fault> {
        self.again(Stage::Retain, NO_ARGUMENTS, |reading| self.plugin.retain(reading))
    }

    fn health(&self, _: &mut Reading) -> Result<Health, Fault> {
        self.again(Stage::Health, NO_ARGUMENTS, |reading| self.plugin.health(reading))
    }

    fn reflect(&self, _: &mut Reading) -> Result<Option<Value>, Fault> {
        self.again(Stage::Reflect, NO_ARGUMENTS, |reading| self.plugin.reflect(reading))
    }

    fn aggregate(&self, members: &[MemberStatus], _: &mut Reading) -> Result<Option<Value>, Fault> {
        self.again(Stage::Aggregate, &arguments(&members), |reading| self.plugin.aggregate(members, reading))
    }

    fn dependencies(&self, _: &mut Reading) -> Result<Vec<Dependency>, Fault> {
        self.again(Stage::Dependencies, NO_ARGUMENTS, |reading| self.plugin.dependencies(reading))
    }
}

/// Stands for a plugin that policies name and that had no part in the decision: it takes any config, and no answer of
/// its is the same.
struct NotAsked(Manifest);

impl NotAsked {
    fn new(name: &str, stages: BTreeSet<Stage>) -> Self {
        Self(Manifest {
            name: name.into(),
            version: String::new(),
            summary: String::new(),
            config_schema: Value::Bool(true),
            digest: Digest::of(b""),
            stages,
            kinds: BTreeSet::new(),
        })
    }

    fn fault() -> Fault {
        Fault::World("the transcript has no such call".into())
    }
}

impl Plugin for NotAsked {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn terms(&self) -> Terms {
        Terms::default()
    }

    fn check(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn filter(&self, _: &str, _: &mut Reading) -> Result<Vec<Refusal>, Fault> {
        Err(Self::fault())
    }

    fn patch(&self, _: &str, _: &mut Reading) -> Result<Vec<Amendment>, Fault> {
        Err(Self::fault())
    }

    fn score(&self, _: &str, _: &mut Reading) -> Result<Vec<u8>, Fault> {
        Err(Self::fault())
    }

    fn estimate(&self, _: &str, _: &mut Reading) -> Result<Vec<Option<u32>>, Fault> {
        Err(Self::fault())
    }

    fn select(&self, _: &str, _: &mut Reading) -> Result<Choice, Fault> {
        Err(Self::fault())
    }

    fn assign(&self, _: &str, _: &mut Reading) -> Result<Vec<u32>, Fault> {
        Err(Self::fault())
    }
}
