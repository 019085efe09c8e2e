//! `portolan plugin run FILE`: asks a plugin once, and shows its answer, what it asked and what it used.

use std::io::Write;

use portolan_plan::{Amendment, Blame, Exchange, NotAmended, Outcome, Patch, amended};
use portolan_sandbox::{Figures, Log, LogLine};
use serde_json::{Value, json};

use crate::arguments::TrialArguments;
use crate::conversation;
use crate::findings::Findings;
use crate::print::{self, BOLD, DIM, RED, shown};
use crate::trial::Trial;

/// How many questions are shown to people. Arbitrary: a screen.
const SHOWN: usize = 20;

/// Asks once.
pub fn run(arguments: &TrialArguments) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let trial = Trial::new(arguments, &mut findings)?;
    let (outcome, figures, exchanges) = trial.ask();
    let unapplied = unapplied(&trial, &outcome);
    print::until_closed(show(arguments, &trial, &outcome, &unapplied, &exchanges, &figures))?;
    if let Outcome::Fault(fault) = &outcome {
        findings.fault(fault.blame(), fault.to_string());
    }
    if let Outcome::Amendments(amendments) = &outcome {
        for Amendment { clusters, patch, warnings } in amendments {
            let on = trial.names(clusters).join(", ");
            if let Err(fault) = patch {
                findings.fault(fault.blame(), format!("for {on}: {fault}"));
            }
            for warning in warnings {
                findings.fault(Blame::Decision, format!("for {on}: {warning}"));
            }
        }
    }
    for why in unapplied {
        findings.plugin_fault(why);
    }
    Ok(findings)
}

/// Why a plan would refuse patches: they don't apply to the object, or do what a custom plugin may not.
fn unapplied(trial: &Trial, outcome: &Outcome) -> Vec<String> {
    // A policy's own fields and the default interpreters may do more; what is tried here is somebody's own.
    let refused = |patch: &str, edits: &Patch| {
        Some(match amended(&trial.object, edits, true).err()? {
            NotAmended::DoesNotApply(error) => format!("{patch} can't be applied: {error}"),
            NotAmended::NotAllowed(error) => format!("{patch} is not allowed: {error}"),
        })
    };
    match outcome {
        Outcome::Patch(edits) => refused("the patch", edits).into_iter().collect(),
        Outcome::Amendments(amendments) => {
            let of_one = |Amendment { clusters, patch, warnings: _ }: &Amendment| {
                let on = trial.names(clusters).join(", ");
                refused(&format!("the patch for {on}"), patch.as_ref().ok()?)
            };
            amendments.iter().filter_map(of_one).collect()
        }
        _ => Vec::new(),
    }
}

fn show(
    arguments: &TrialArguments,
    trial: &Trial,
    outcome: &Outcome,
    unapplied: &[String],
    exchanges: &[Exchange],
    figures: &Figures,
) -> anyhow::Result<()> {
    let Figures { fuel, time, questions, question_bytes, memory_bytes, log } = figures;
    let budgets = trial.plugin.budgets();
    let document = json!({
        "stage": trial.stage,
        "clusters": trial.clusters,
        "outcome": outcome,
        "unapplied": unapplied,
        "exchanges": exchanges,
        "log": log.lines.iter().map(said).collect::<Vec<Value>>(),
        "used": {
            "fuel": fuel,
            "memoryBytes": memory_bytes,
            "questions": questions,
            "questionBytes": question_bytes,
            "microseconds": u64::try_from(time.as_micros()).unwrap_or(u64::MAX),
        },
        "budget": budgets.listed(),
    });
    if print::value(arguments.output.output, &document)? {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    writeln!(out, "{BOLD}{}{BOLD:#} as {}", shown(trial.plugin_name()), trial.stage)?;
    for (style, line) in conversation::outcome(outcome, &trial.clusters) {
        writeln!(out, "  {style}{}{style:#}", shown(&line))?;
    }
    for why in unapplied {
        writeln!(out, "  {RED}{}{RED:#}", shown(why))?;
    }
    if !exchanges.is_empty() {
        writeln!(out, "{BOLD}asked{BOLD:#}")?;
        conversation::exchanges(&mut out, &exchanges[..exchanges.len().min(SHOWN)])?;
        if exchanges.len() > SHOWN {
            writeln!(out, "  {DIM}and {} more; -o json shows all{DIM:#}", exchanges.len() - SHOWN)?;
        }
    }
    let Log { lines, cut, .. } = log;
    if !lines.is_empty() || *cut > 0 {
        writeln!(out, "{BOLD}logged{BOLD:#}")?;
        for line in lines {
            writeln!(out, "  {}: {}", line.level, shown(&line.text))?;
        }
        if *cut > 0 {
            writeln!(out, "  {DIM}and {cut} more, past the budget{DIM:#}")?;
        }
    }
    let rows = [
        ["fuel".into(), fuel.to_string(), format!("of {}", budgets.fuel)],
        ["memory".into(), format!("{memory_bytes} B"), format!("of {}", budgets.memory_bytes)],
        ["questions".into(), questions.to_string(), format!("of {}", budgets.questions)],
        ["time".into(), format!("{:.3} ms", time.as_secs_f64() * 1e3), String::new()],
    ];
    writeln!(out, "{BOLD}used{BOLD:#}")?;
    for line in print::table(&rows.map(Vec::from))?.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn said(line: &LogLine) -> Value {
    json!({"level": line.level.to_string(), "text": line.text})
}
