//! `portolan explain KIND/NAME`: why an object goes where it goes, and what each override changes.

use std::io::Write;

use anyhow::{Context as _, bail};
use portolan_api::ObjectKey;
use portolan_local::Members;
use portolan_plan::{
    ClusterReport, Conversation, GroupReport, InterpreterReport, Report, RuleReport, Stage, StepReport,
    Template, Transcribed, Transcript, Verdict, decide,
};

use crate::arguments::{ExplainArguments, Format};
use crate::command::replay::read_transcript;
use crate::conversation;
use crate::findings::Findings;
use crate::print::{self, BOLD, DIM, GREEN, RED, YELLOW, shown};
use crate::setting::{Remembered, Setting, unpacked};

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
    print_story(&transcript.report)?;
    let mut out = anstream::stdout().lock();
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
    for (index, report) in reports.iter().enumerate() {
        if index > 0 {
            writeln!(anstream::stdout())?;
        }
        print_story(report)?;
    }
    Ok(())
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

fn print_story(report: &Report) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    let Report {
        template,
        policy,
        held,
        group,
        passed_over,
        replicas,
        interpreters,
        steps,
        weights: _,
        clusters: _,
        rules,
    } = report;
    writeln!(
        out,
        "{BOLD}{}{BOLD:#} {DIM}({}){DIM:#}",
        shown(&template.to_string()),
        shown(&template.api_version)
    )?;
    match policy {
        Some(policy) => writeln!(out, "placed by {}", shown(&policy.to_string()))?,
        None => writeln!(out, "placed by no policy")?,
    }
    for GroupReport { group, why } in passed_over {
        writeln!(out, "{DIM}not on the group `{}`: {}{DIM:#}", shown(group), shown(why))?;
    }
    if let Some(group) = group {
        writeln!(out, "on the group `{}`", shown(group))?;
    }
    if let Some(replicas) = replicas {
        let plural = if *replicas == 1 { "" } else { "s" };
        writeln!(out, "asks for {replicas} replica{plural}")?;
    }
    if let Some(held) = held {
        writeln!(out, "{YELLOW}stays as it was: {}{YELLOW:#}", shown(held))?;
    }
    writeln!(out)?;
    let rows = verdicts(report);
    for (line, row) in print::table(&rows)?.lines().zip(&rows) {
        let style = match row[1].as_str() {
            "selected" => GREEN,
            "refused" => RED,
            "held" => YELLOW,
            _ => anstyle::Style::new(),
        };
        writeln!(out, "{style}{line}{style:#}")?;
    }
    for InterpreterReport { operation, plugin, fault } in interpreters {
        let style = if fault.is_some() { RED } else { DIM };
        let who = plugin.as_deref().unwrap_or("nobody");
        let fault = fault.as_ref().map(|fault| format!(": {fault}")).unwrap_or_default();
        writeln!(out, "{style}{operation} {}{}{style:#}", shown(who), shown(&fault))?;
    }
    for StepReport { stage, plugin, field, fault } in steps {
        let style = if fault.is_some() { RED } else { DIM };
        let fault = fault.as_ref().map(|fault| format!(": {fault}")).unwrap_or_default();
        writeln!(out, "{style}{stage} {} by {}{}{style:#}", shown(plugin), shown(field), shown(&fault))?;
    }
    for rule in rules {
        print_rule(&mut out, rule)?;
    }
    Ok(())
}

/// A row a cluster and a column a step: what each plugin said about each. Where one gives several reasons, each has a row.
fn verdicts(report: &Report) -> Vec<Vec<String>> {
    let mut heading = vec!["CLUSTER".to_owned(), "VERDICT".into()];
    let tiers = report.clusters.iter().any(|cluster| cluster.tier.is_some());
    let weights = report.clusters.iter().any(|cluster| cluster.weight.is_some());
    let placed = report.clusters.iter().any(|cluster| cluster.replicas.is_some());
    let completed = report.clusters.iter().any(|cluster| cluster.completions.is_some());
    heading.extend(placed.then(|| "REPLICAS".into()));
    heading.extend(completed.then(|| "COMPLETIONS".into()));
    heading.extend(tiers.then(|| "TIER".into()));
    heading.extend(weights.then(|| "WEIGHT".into()));
    heading.extend(report.steps.iter().filter(|step| shows(step)).map(|step| match step.stage {
        Stage::Filter => step.plugin.clone(),
        stage => format!("{} ({stage})", step.plugin),
    }));
    let mut rows = vec![heading];
    for of_cluster in &report.clusters {
        let ClusterReport { cluster, verdict, reasons, tier, weight, replicas, completions, .. } = of_cluster;
        let verdict = match verdict {
            Verdict::Selected => "selected",
            Verdict::Refused => "refused",
            Verdict::Held => "held",
        };
        let number = |number: Option<u64>| vec![number.map_or_else(String::new, |number| number.to_string())];
        let mut columns: Vec<Vec<String>> = vec![vec![cluster.clone()], vec![verdict.into()]];
        columns.extend(placed.then(|| number(replicas.map(u64::from))));
        columns.extend(completed.then(|| number(completions.map(u64::from))));
        columns.extend(tiers.then(|| number(tier.map(u64::from))));
        columns.extend(weights.then(|| number(*weight)));
        columns.extend(report.steps.iter().filter(|step| shows(step)).map(|step| said(step, of_cluster)));
        // What has no column of its own stands behind all others.
        let own = reasons.iter().filter(|reason| matches!(reason.stage, None | Some(Stage::Assigner)));
        columns.push(own.map(|reason| reason.reason.clone()).collect());
        let height = columns.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |column: &Vec<String>, row: usize| column.get(row).cloned().unwrap_or_default();
        rows.extend((0..height).map(|row| columns.iter().map(|column| cell(column, row)).collect()));
    }
    rows
}

/// What an assigner says stands in the column of replicas.
fn shows(step: &StepReport) -> bool {
    step.stage != Stage::Assigner
}

/// What a plugin said of a cluster in one step, a line a reason.
fn said(step: &StepReport, of: &ClusterReport) -> Vec<String> {
    if let Some(fault) = &step.fault {
        return vec![fault.clone()];
    }
    let ours = |plugin: &str, field: &str| (plugin, field) == (&step.plugin, &step.field);
    let value = match step.stage {
        Stage::Scorer => {
            let score = of.scores.iter().find(|said| ours(&said.plugin, &said.field));
            score.map(|said| said.value.to_string())
        }
        Stage::Estimator => {
            let room = of.available.iter().find(|said| ours(&said.plugin, &said.field));
            room.map(|said| said.value.map_or_else(|| "unknown".into(), |room| room.to_string()))
        }
        Stage::Selector => of.rank.map(|rank| format!("#{rank}")),
        _ => None,
    };
    let reasons = of
        .reasons
        .iter()
        .filter(|reason| reason.stage == Some(step.stage) && ours(&reason.plugin, &reason.field));
    let reasons: Vec<String> = reasons.map(|reason| reason.reason.clone()).collect();
    match value {
        Some(value) => vec![value],
        None if reasons.is_empty() && step.stage == Stage::Filter => vec!["passes".into()],
        None => reasons,
    }
}

fn print_rule(out: &mut impl Write, rule: &RuleReport) -> anyhow::Result<()> {
    let RuleReport { policy, rule: index, targets, fault, overriders } = rule;
    let on = if targets.is_empty() { "no cluster".into() } else { targets.join(", ") };
    writeln!(out, "\n{BOLD}{}{BOLD:#}, rule {index}: on {}", shown(&policy.to_string()), shown(&on))?;
    if let Some(fault) = fault {
        writeln!(out, "  {RED}its clusters can't be told: {}{RED:#}", shown(fault))?;
    }
    for overrider in overriders {
        let changed = if overrider.changed.is_empty() {
            "nothing".into()
        } else {
            format!("changed {}", overrider.changed.join(", "))
        };
        writeln!(
            out,
            "  {}: {} {DIM}({}){DIM:#}",
            shown(&overrider.plugin),
            shown(&changed),
            shown(&overrider.field)
        )?;
        for patch in &overrider.patches {
            writeln!(
                out,
                "    {} {DIM}on {}{DIM:#}",
                shown(&patch.patch),
                shown(&patch.clusters.join(", "))
            )?;
        }
        for failure in &overrider.failed {
            writeln!(
                out,
                "    {RED}failed on {}: {}{RED:#}",
                shown(&failure.clusters.join(", ")),
                shown(&failure.why)
            )?;
        }
        for warning in &overrider.warnings {
            writeln!(
                out,
                "    {YELLOW}warning: {}{YELLOW:#} {DIM}on {}{DIM:#}",
                shown(&warning.text),
                shown(&warning.clusters.join(", "))
            )?;
        }
        if let Some(fault) = &overrider.fault {
            writeln!(out, "    {RED}{}{RED:#}", shown(fault))?;
        }
    }
    Ok(())
}
