//! `portolan explain KIND/NAME`: why an object goes where it goes, and what each override changes.

use std::io::Write;

use anyhow::{Context as _, bail};
use portolan_api::ObjectKey;
use portolan_local::Members;
use portolan_plan::{Conversation, Report, Template, Transcribed, Transcript, decide};

use crate::arguments::{ExplainArguments, Format};
use crate::command::replay::read_transcript;
use crate::conversation;
use crate::findings::Findings;
use crate::print::{self, BOLD, DIM, shown};
use crate::setting::{Remembered, Setting, unpacked};
use crate::story;

/// Tells the whole story of every template of that kind and name, in whatever group and namespace.
pub fn run(arguments: &ExplainArguments) -> anyhow::Result<Findings> {
    let Some((kind, name)) = &arguments.object else { return recorded(arguments) };
    let mut findings = Findings::default();
    let setting = Setting::new(&arguments.input, None, &mut findings)?;
    let members = arguments.members.as_deref().map(Members::open).transpose()?;
    let keys: Vec<&ObjectKey> = setting.templates.iter().map(|template| template.value.key()).collect();
    let meant: Vec<Template> = (setting.templates.iter())
        .filter(|template| {
            let key = template.value.key();
            key.kind.eq_ignore_ascii_case(kind) && key.name == *name
        })
        .map(|template| unpacked(&template.value))
        .collect();
    if meant.is_empty() {
        bail!("there is no template {kind}/{name}; valid: {}", valid(&keys, kind));
    }
    let mut reports = Vec::new();
    for template in meant {
        let remembered = members.as_ref().map(|members| Remembered::of(members, &template.key));
        let previous = remembered.unwrap_or_default().previous();
        let decision = decide(&setting.world, template, &previous, setting.options);
        for trouble in decision.troubles(setting.world.fleet()) {
            findings.trouble(&setting.place(&decision.template.key, &trouble), trouble);
        }
        reports.push(decision.report(setting.world.fleet()));
    }
    print::until_closed(print_all(arguments.output.output, &reports))?;
    Ok(findings)
}

/// Tells the story of a recorded decision, with everything that plugins asked and heard.
fn recorded(arguments: &ExplainArguments) -> anyhow::Result<Findings> {
    let file = arguments.transcript.as_deref().context("clap asks for a template or a transcript")?;
    let transcript = read_transcript(file)?;
    print::until_closed(print_recorded(arguments.output.output, &transcript))?;
    Ok(Findings::default())
}

fn print_recorded(format: Format, transcript: &Transcript) -> anyhow::Result<()> {
    if print::value(format, transcript)? {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    story::print(&mut out, &transcript.report)?;
    for Transcribed { policy, field, conversation } in &transcript.calls {
        let Conversation { plugin, component, .. } = &**conversation;
        let asked_by = format!("{DIM}({policy} {field}){DIM:#}", policy = shown(&policy.to_string()));
        writeln!(out, "\n{BOLD}{}{BOLD:#} {asked_by}", shown(plugin))?;
        writeln!(out, "  {DIM}{component}{DIM:#}")?;
        conversation::exchanges(&mut out, &conversation.exchanges)?;
        for (style, line) in conversation::outcome(&conversation.outcome, &transcript.clusters) {
            writeln!(out, "  {style}{}{style:#}", shown(&line))?;
        }
    }
    Ok(())
}

fn print_all(format: Format, reports: &[Report]) -> anyhow::Result<()> {
    if print::value(format, &reports)? {
        return Ok(());
    }
    story::print_all(&mut anstream::stdout().lock(), reports)
}

/// What could have been meant: the templates of that kind, else the first few of any.
fn valid(templates: &[&ObjectKey], kind: &str) -> String {
    /// Enough to see what is there. Arbitrary.
    const FEW: usize = 10;
    let of_kind: Vec<&ObjectKey> =
        templates.iter().copied().filter(|key| key.kind.eq_ignore_ascii_case(kind)).collect();
    let shown = if of_kind.is_empty() { templates.to_vec() } else { of_kind };
    let mut names: Vec<String> =
        shown.iter().take(FEW).map(|key| format!("{}/{}", key.kind, key.name)).collect();
    if shown.len() > FEW {
        names.push(format!("and {} more", shown.len() - FEW));
    }
    if names.is_empty() { "nothing, the input holds no template".into() } else { names.join(", ") }
}
