//! What changed, or would change, on each member: printed the same way for `plan` and `apply`.

use std::io::Write;

use anstyle::Style;
use portolan_plan::Report;
use serde::Serialize;

use crate::arguments::Format;
use crate::carry::{Carried, Kind, Run};
use crate::findings::Findings;
use crate::print::{self, BOLD, DIM, Framing, GREEN, RED, YELLOW, shown};
use crate::story;

/// Whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tense {
    /// Not yet.
    WouldBe,
    /// Yes.
    Was,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    changes: &'a [Carried],
    unchanged: usize,
    templates: &'a [Report],
    #[serde(flatten)]
    findings: &'a Findings,
}

/// Prints everything that a run did.
pub fn print(
    format: Format,
    framing: Framing,
    tense: Tense,
    run: &Run,
    findings: &Findings,
) -> anyhow::Result<()> {
    let document =
        Document { changes: &run.carried, unchanged: run.unchanged, templates: &run.reports, findings };
    if print::framed(format, framing, &document)? {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    // There are none unless they were asked for.
    story::print_all(&mut out, &run.reports)?;
    if !run.reports.is_empty() {
        writeln!(out)?;
    }
    for of_member in run.carried.chunk_by(|a, b| a.cluster == b.cluster) {
        writeln!(out, "{BOLD}{}{BOLD:#}", shown(&of_member[0].cluster))?;
        for carried in of_member {
            let (sign, style, _) = said(carried.change, tense);
            writeln!(out, "  {style}{sign} {}{style:#}", shown(&carried.object.to_string()))?;
            for line in carried.diff.iter().flat_map(|diff| diff.lines()) {
                let style = match line.as_bytes().first() {
                    Some(b'+') => GREEN,
                    Some(b'-') => RED,
                    Some(b'@') => DIM,
                    _ => Style::new(),
                };
                writeln!(out, "      {style}{}{style:#}", shown(line))?;
            }
        }
    }
    writeln!(out, "{}", summary(run, tense))?;
    Ok(())
}

/// `2 to create, 1 unchanged`: what there is any of, and at least something.
fn summary(run: &Run, tense: Tense) -> String {
    let kinds = [Kind::Created, Kind::Changed, Kind::Removed, Kind::Held, Kind::Withheld, Kind::Stranger];
    let mut parts: Vec<String> = kinds
        .into_iter()
        .map(|kind| (kind, run.carried.iter().filter(|carried| carried.change == kind).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{count} {}", said(kind, tense).2))
        .collect();
    if run.unchanged > 0 || parts.is_empty() {
        parts.push(format!("{} {}", run.unchanged, said(Kind::Unchanged, tense).2));
    }
    parts.join(", ")
}

fn said(kind: Kind, tense: Tense) -> (char, Style, &'static str) {
    let done = tense == Tense::Was;
    match kind {
        Kind::Created => ('+', GREEN, if done { "created" } else { "to create" }),
        Kind::Changed => ('~', YELLOW, if done { "changed" } else { "to change" }),
        Kind::Removed => ('-', RED, if done { "removed" } else { "to remove" }),
        Kind::Unchanged => (' ', Style::new(), "unchanged"),
        Kind::Held => ('=', DIM, "held as before"),
        Kind::Withheld => ('x', RED, "not delivered"),
        Kind::Stranger => ('!', RED, "left to somebody else"),
    }
}
