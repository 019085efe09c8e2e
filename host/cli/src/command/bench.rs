//! `portolan plugin bench FILE`: asks a plugin many times, and shows what a call costs.

use std::io::Write;
use std::time::{Duration, Instant};

use portolan_plan::Outcome;
use portolan_sandbox::Figures;
use serde_json::json;

use crate::arguments::TrialArguments;
use crate::findings::Findings;
use crate::print::{self, BOLD, shown};
use crate::trial::Trial;

/// For how long calls are made, and how many at most: their times are kept. Arbitrary.
const LONG: Duration = Duration::from_secs(1);
const MANY: usize = 100_000;

/// Calls that are made first and not counted: the first ones find nothing warm. Arbitrary.
const WARMING: usize = 20;

/// Asks for a second.
pub fn run(arguments: &TrialArguments) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let trial = Trial::new(arguments, &mut findings)?;
    let (outcome, figures) = trial.ask_quickly();
    if let Outcome::Fault(fault) = &outcome {
        findings.fault(fault.blame(), fault.to_string());
        return Ok(findings);
    }
    for _ in 1..WARMING {
        trial.ask_quickly();
    }
    let began = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || (began.elapsed() < LONG && times.len() < MANY) {
        // From the call's own clock: what the bench itself does beside it does not count.
        times.push(trial.ask_quickly().1.time);
    }
    times.sort_unstable();
    print::until_closed(show(arguments, &trial, &times, &figures))?;
    Ok(findings)
}

fn show(
    arguments: &TrialArguments,
    trial: &Trial,
    times: &[Duration],
    figures: &Figures,
) -> anyhow::Result<()> {
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    let (median, slow) = (at(0.5), at(0.99));
    let Figures { fuel, questions, memory_bytes, .. } = figures;
    let document = json!({
        "stage": trial.stage,
        "clusters": trial.clusters.len(),
        "calls": times.len(),
        "microseconds": {"least": at(0.0), "median": median, "p99": slow},
        "fuel": fuel,
        "questions": questions,
        "memoryBytes": memory_bytes,
        "compileMilliseconds": trial.plugin.compiled().map(|time| time.as_secs_f64() * 1e3),
    });
    if print::value(arguments.output.output, &document)? {
        return Ok(());
    }
    let compiled = match trial.plugin.compiled() {
        Some(time) => format!("{:.0} ms", time.as_secs_f64() * 1e3),
        None => "kept from before".into(),
    };
    let rows = [
        ["calls", &times.len().to_string()],
        ["median", &format!("{median:.1} µs")],
        ["99 of 100 within", &format!("{slow:.1} µs")],
        ["fuel", &fuel.to_string()],
        ["questions", &questions.to_string()],
        ["memory", &format!("{memory_bytes} B")],
        ["compiling", &compiled],
    ];
    let rows = rows.map(|row| row.map(str::to_owned).to_vec());
    let mut out = anstream::stdout().lock();
    let clusters = trial.clusters.len();
    let plural = if clusters == 1 { "" } else { "s" };
    writeln!(
        out,
        "{BOLD}{}{BOLD:#} as {} over {clusters} cluster{plural}",
        shown(trial.plugin_name()),
        trial.stage
    )?;
    for line in print::table(&rows)?.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
