//! A decision written down whole, so that it can be made again elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portolan_api::PolicyRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::{Answered, Call};
use crate::conversation::Conversation;
use crate::decision::{Decision, Options};
use crate::digest::Digest;
use crate::placing::Traits;
use crate::plugin::Stage;
use crate::previous::Previous;
use crate::report::Report;
use crate::world::World;

/// One decision: what it was made from, every call of a plugin, and what came of it. It is a function of the same
/// things as the decision is: no clock, no machine, no order of threads.
///
/// Of a Secret neither the object is kept, nor anything that a plugin asked or answered once it had asked about it, nor
/// what overrides it: they may write what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Transcript {
    /// The form of all this: [`Transcript::VERSION`].
    pub transcript: u32,
    /// The whole story, as `explain` tells it. It names the template.
    pub report: Report,
    /// What members get; of a Secret nothing.
    pub deliveries: Vec<Delivered>,
    /// Every call: of interpreters, of placement by stages, of overrides in the order of rules.
    pub calls: Vec<Transcribed>,
    /// The names of the clusters on offer, in order: places in calls are places in this list.
    pub clusters: Vec<String>,
    /// What was so of any of them.
    pub traits: Traits,
    /// The stages of the plugins that the placing policy names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stages: BTreeMap<String, BTreeSet<Stage>>,
    /// The policies that had a say, as one writes them.
    pub policies: Vec<Value>,
    /// Where the template was before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_clusters: Vec<String>,
    /// What was decided before.
    #[serde(default)]
    pub previous: Previous,
    /// Whether it might be taken from all of its clusters.
    #[serde(default)]
    pub allow_empty: bool,
    /// Whether the last decision was left out of account.
    #[serde(default)]
    pub fresh: bool,
    /// The template, as the user wrote it; none for a Secret.
    pub object: Option<Value>,
}

/// Why something is no transcript that can be read.
#[derive(Debug, thiserror::Error)]
pub enum NotATranscript {
    /// It was written by another version.
    #[error(transparent)]
    Form(#[from] WrongForm),
    /// It is something else.
    #[error("it is no transcript")]
    Malformed(#[from] serde_json::Error),
}

/// A transcript was written by another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the transcript has form {found}; valid: {}", Transcript::VERSION)]
pub struct WrongForm {
    /// The form that it has.
    pub found: u32,
}

/// What some clusters get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delivered {
    /// Which clusters.
    pub clusters: Vec<String>,
    /// The digest of what all of them get.
    pub digest: Digest,
}

/// One call and who asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transcribed {
    /// The policy.
    pub policy: PolicyRef,
    /// The field of it that asks for the plugin.
    pub field: String,
    /// The call.
    #[serde(flatten)]
    pub conversation: Arc<Conversation>,
}

impl Transcript {
    /// The form that this version writes, and the only one that it reads.
    pub const VERSION: u32 = 2;

    /// Reads what was written as JSON. Its form comes first: what another one looks like nobody knows.
    pub fn parse(json: &[u8]) -> Result<Self, NotATranscript> {
        /// What all forms have.
        #[derive(Deserialize)]
        struct Form {
            transcript: u32,
        }

        let Form { transcript: found } = serde_json::from_slice(json)?;
        if found != Self::VERSION {
            return Err(WrongForm { found }.into());
        }
        Ok(serde_json::from_slice(json)?)
    }
}

impl Decision {
    /// The decision, written down; none where the World was not made to note calls.
    pub fn transcript(&self, world: &World, previous: &Previous, options: Options) -> Option<Transcript> {
        if !world.records() {
            return None;
        }
        let fleet = world.fleet();
        let placing = self.policy.iter().map(|policy| policy.reference.manifest(&policy.written));
        let overrides = world.overridden_by(&self.template);
        let secret = self.template.is_secret();
        let shown = overrides.iter().filter(|_| !secret);
        let overriding = shown.map(|policy| policy.reference.manifest(&policy.written));
        Some(Transcript {
            transcript: Transcript::VERSION,
            report: self.report(fleet),
            // A short password is found from its digest.
            deliveries: if secret { Vec::new() } else { self.delivered(world) },
            calls: self.calls(),
            clusters: fleet.clusters().iter().map(|cluster| cluster.name.clone()).collect(),
            traits: world.traits(),
            stages: self.policy.as_ref().map(|policy| policy.placing.named.clone()).unwrap_or_default(),
            policies: placing.chain(overriding).collect(),
            previous_clusters: previous.clusters.clone(),
            previous: previous.clone(),
            allow_empty: options.allow_empty,
            fresh: options.fresh,
            object: (!secret).then(|| (*self.template.object).clone()),
        })
    }

    pub(crate) fn delivered(&self, world: &World) -> Vec<Delivered> {
        let name = |place: &u32| world.fleet().name(*place).to_owned();
        let delivered = self.deliveries.iter().map(|delivery| Delivered {
            clusters: delivery.clusters.iter().map(name).collect(),
            digest: delivery.digest(),
        });
        delivered.collect()
    }

    pub(crate) fn calls(&self) -> Vec<Transcribed> {
        let mut calls = Vec::new();
        if let Some(policy) = &self.policy {
            calls.extend(self.interpreted.iter().filter_map(|step| {
                let (policy, conversation) =
                    (policy.reference.clone(), Arc::clone(step.conversation.as_ref()?));
                Some(Transcribed { policy, field: String::new(), conversation })
            }));
            calls.extend((self.placed.calls()).map(|(call, conversation)| Transcribed {
                policy: policy.reference.clone(),
                field: call.field.clone(),
                conversation: Arc::clone(conversation),
            }));
        }
        for step in &self.rules {
            let policy = &step.policy.reference;
            if let (Some(answer), Some(target)) = (&step.target, &step.policy.rules[step.rule].target) {
                calls.extend(transcribed(policy, &target.call, answer));
            }
            for overrider in step.overriders.iter().filter(|_| !self.template.is_secret()) {
                calls.extend(transcribed(policy, &overrider.call.call, &overrider.answer));
            }
        }
        calls
    }
}

fn transcribed<T>(policy: &PolicyRef, call: &Call, answer: &Answered<T>) -> Option<Transcribed> {
    let conversation = Arc::clone(answer.conversation.as_ref()?);
    Some(Transcribed { policy: policy.clone(), field: call.field.clone(), conversation })
}
