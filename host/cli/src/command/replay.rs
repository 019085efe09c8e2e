//! `portolan replay TRANSCRIPT`: makes recorded decisions again and says whether they come out the same.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use portolan_plan::{
    Again, Conversation, Digest, NotATranscript, Plugin, Replay, ReplayError, Terms, Transcribed, Transcript,
    replay,
};
use portolan_sandbox::Sandbox;
use serde::Serialize;

use crate::arguments::ReplayArguments;
use crate::findings::Findings;
use crate::plugins::{self, chain};
use crate::print::{self, BOLD, DIM, GREEN, RED, YELLOW, shown};

/// Makes every decision again, one after the other.
pub fn run(arguments: &ReplayArguments) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let mut components = Components::new(arguments, &mut findings)?;
    let (mut stories, mut secrets) = (Vec::new(), 0);
    for path in &arguments.transcripts {
        let found = match portolan_local::transcripts(path) {
            Ok(found) if found.is_empty() => {
                findings.wrong_input(format!("{}: there is no transcript in it", path.display()));
                continue;
            }
            Ok(found) => found,
            Err(error) => {
                findings.wrong_input(chain(&error));
                continue;
            }
        };
        for file in found {
            match again(&file, &mut components, &mut findings) {
                Ok(Some(story)) => stories.push(story),
                Ok(None) => secrets += 1,
                Err(error) => findings.wrong_input(format!("{error:#}")),
            }
        }
    }
    if secrets > 0 {
        findings.warning(format!(
            "{secrets} about a Secret, of which no transcript keeps enough to be made again"
        ));
    }
    for file in components.idle() {
        findings.warning(format!("--plugin {}: no decision was made by it", file.display()));
    }
    let different = stories.iter().filter(|story| !story.same).count();
    if different > 0 {
        let total = stories.len();
        findings.plugin_fault(format!("{different} of {total} decisions did not come out the same"));
    }
    print::until_closed(print_all(arguments, &stories))?;
    Ok(findings)
}

/// What a file of `apply --record` holds.
pub fn read_transcript(file: &Path) -> anyhow::Result<Transcript> {
    let bytes = portolan_local::read_transcript(file)?;
    Transcript::parse(&bytes).map_err(|error| match error {
        NotATranscript::Form(wrong) => anyhow::anyhow!("{}: {wrong}", file.display()),
        NotATranscript::Malformed(why) => anyhow::Error::new(why)
            .context(format!("{} is no transcript; valid: a file of `apply --record`", file.display())),
    })
}

/// What came of one decision.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Story {
    transcript: String,
    template: String,
    /// Whether nothing came out different.
    same: bool,
    /// What came of the decision as a whole.
    decision: String,
    calls: Vec<Line>,
}

/// What came of one call.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    plugin: String,
    policy: String,
    field: String,
    same: bool,
    /// What is to be said about it.
    result: String,
}

/// Makes one decision again; none where it can't be, because it is about a Secret.
fn again(file: &Path, components: &mut Components, findings: &mut Findings) -> anyhow::Result<Option<Story>> {
    let transcript = read_transcript(file)?;
    let mut missing = Ok(());
    let find = |conversation: &Conversation| match components.find(file, conversation, findings) {
        Ok(plugin) => plugin,
        Err(error) => {
            missing = Err(error);
            None
        }
    };
    let replayed = replay(&transcript, find);
    missing.with_context(|| file.display().to_string())?;
    let place = file.display();
    let Replay { calls, same_decision } = match replayed {
        Ok(replay) => replay,
        Err(ReplayError::Secret) => return Ok(None),
        Err(error @ ReplayError::NoPlugin { .. }) => {
            bail!("{place}: {error}, which lies neither beside it nor in this binary; valid: --plugin FILE")
        }
        Err(error) => bail!("{place}: {error}"),
    };
    let calls: Vec<Line> =
        transcript.calls.iter().zip(&calls).map(|(call, again)| line(call, again, &transcript)).collect();
    let calls_are_same = calls.iter().all(|call| call.same);
    Ok(Some(Story {
        transcript: place.to_string(),
        template: transcript.report.template.to_string(),
        same: same_decision != Some(false) && calls_are_same,
        decision: decision(&transcript, same_decision, calls_are_same),
        calls,
    }))
}

fn line(call: &Transcribed, again: &Again, transcript: &Transcript) -> Line {
    let said = |outcome| {
        let lines = crate::conversation::outcome(outcome, &transcript.clusters);
        lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("; ")
    };
    let (same, result) = match again {
        Again::Same => (true, "the same".into()),
        Again::Differs(outcome) => {
            (false, format!("now: {}; then: {}", said(outcome), said(&call.conversation.outcome)))
        }
        Again::Diverged(divergence) => (false, format!("asks something else: {divergence}")),
        Again::AskedLess(1) => (false, "the same answer, but asked 1 question fewer".into()),
        Again::AskedLess(left) => (false, format!("the same answer, but asked {left} questions fewer")),
        Again::Incomparable(outcome) => {
            (true, format!("can't be compared, because it depended on the machine; now: {}", said(outcome)))
        }
        Again::NotReached => (false, "not asked any more".into()),
    };
    Line {
        plugin: call.conversation.plugin.clone(),
        policy: call.policy.to_string(),
        field: call.field.clone(),
        same,
        result,
    }
}

fn decision(transcript: &Transcript, same: Option<bool>, calls_are_same: bool) -> String {
    let clusters: usize = transcript.deliveries.iter().map(|delivered| delivered.clusters.len()).sum();
    let on = format!("{clusters} {}", if clusters == 1 { "cluster" } else { "clusters" });
    match same {
        Some(true) if !calls_are_same => format!("members get the same on {on}, in another way"),
        Some(true) => format!("the same for the same reasons, byte for byte, on {on}"),
        Some(false) => "comes out different".into(),
        None => match &transcript.report.held {
            Some(held) if transcript.calls.is_empty() => format!("held before any plugin was asked: {held}"),
            _ => "can't be compared, because a call depended on the machine".into(),
        },
    }
}

fn print_all(arguments: &ReplayArguments, stories: &[Story]) -> anyhow::Result<()> {
    if print::value(arguments.output.output, &stories)? {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    for story in stories {
        writeln!(out, "{BOLD}{}{BOLD:#}", shown(&story.template))?;
        for Line { plugin, policy, field, same, result } in &story.calls {
            let style = if *same { GREEN } else { RED };
            let asked_by = format!("{DIM}({} {}){DIM:#}", shown(policy), shown(field));
            writeln!(out, "  {}: {style}{}{style:#} {asked_by}", shown(plugin), shown(result))?;
        }
        let style = if story.same { GREEN } else { YELLOW };
        writeln!(out, "  {style}{}{style:#}", shown(&story.decision))?;
    }
    Ok(())
}

/// A component of the command line.
struct Given {
    file: PathBuf,
    component: Vec<u8>,
    used: bool,
}

/// Components by their digests, loaded once for each budget that they ran by.
struct Components {
    sandbox: Sandbox,
    /// From the command line.
    given: BTreeMap<Digest, Given>,
    loaded: BTreeMap<(Digest, Terms), Arc<dyn Plugin>>,
    /// Terms of then that are not those of now, so that each is said once.
    other_terms: Vec<Terms>,
}

impl Components {
    fn new(arguments: &ReplayArguments, findings: &mut Findings) -> anyhow::Result<Self> {
        let mut given = BTreeMap::new();
        for file in &arguments.components {
            let component = plugins::component(file)?;
            let digest = Digest::of(&component);
            given.insert(digest, Given { file: file.clone(), component, used: false });
        }
        let sandbox = plugins::sandbox(1, &arguments.cache, findings)?;
        Ok(Self { sandbox, given, loaded: BTreeMap::new(), other_terms: Vec::new() })
    }

    /// The component of a conversation, on the terms of then as far as this host allows them; none where it is not to
    /// be had.
    fn find(
        &mut self,
        transcript: &Path,
        conversation: &Conversation,
        findings: &mut Findings,
    ) -> anyhow::Result<Option<Arc<dyn Plugin>>> {
        let Conversation { component: digest, terms, .. } = conversation;
        let key = (*digest, terms.clone());
        if let Some(loaded) = self.loaded.get(&key) {
            return Ok(Some(Arc::clone(loaded)));
        }
        let Some(component) = self.component(transcript, *digest) else { return Ok(None) };
        let plugin = self.sandbox.load(&component).map_err(|error| {
            anyhow::anyhow!("plugin `{}` ({digest}): {}", conversation.plugin, chain(&error))
        })?;
        let budgets = plugin.budgets().narrowed_to(&terms.budget);
        let plugin: Arc<dyn Plugin> = Arc::new(plugin.narrowed_by(&budgets));
        let now = plugin.terms();
        if now != *terms && !self.other_terms.contains(terms) {
            self.other_terms.push(terms.clone());
            let (file, name, then) = (transcript.display(), &conversation.plugin, &terms.engine);
            findings.warning(if now.budget == terms.budget {
                format!(
                    "{file}: `{name}` ran by {then} and now by {}, so a fault over a limit may come out different",
                    now.engine,
                )
            } else {
                format!(
                    "{file}: `{name}` ran by {then} with other limits than it can have here, so a fault over a limit \
                     may come out different"
                )
            });
        }
        self.loaded.insert(key, Arc::clone(&plugin));
        Ok(Some(plugin))
    }

    /// Files of the command line that no decision was made by.
    fn idle(&self) -> impl Iterator<Item = &Path> {
        self.given.values().filter(|given| !given.used).map(|given| given.file.as_path())
    }

    /// From the command line, from this binary, or kept with the transcript: whatever has that digest.
    fn component(&mut self, transcript: &Path, digest: Digest) -> Option<Vec<u8>> {
        if let Some(given) = self.given.get_mut(&digest) {
            given.used = true;
            return Some(given.component.clone());
        }
        let of_digest = |component: &[u8]| Digest::of(component) == digest;
        let builtin = portolan_builtin::ALL.iter().find(|builtin| of_digest(builtin.component));
        if let Some(builtin) = builtin {
            return Some(builtin.component.to_vec());
        }
        portolan_local::recorded_component(transcript, &digest.to_string()).filter(|kept| of_digest(kept))
    }
}
