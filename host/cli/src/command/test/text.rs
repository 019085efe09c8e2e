//! What came of tests, for people.

use std::io::Write;

use anstyle::Style;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::command::test::outcome::{Compared, Failure, Outcome, Outcomes, Status, count};
use crate::print::{BOLD, DIM, GREEN, RED, YELLOW, shown};

/// A line with its style.
type Line = (Style, String);

/// Prints all of it.
pub fn print(outcomes: &[Outcomes]) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    for (style, line) in lines(outcomes) {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    Ok(())
}

/// All of it without colours.
pub fn plain(outcomes: &[Outcomes]) -> String {
    lines(outcomes).into_iter().map(|(_, line)| line + "\n").collect()
}

/// A failure: where, what, the difference, and why.
pub fn failure(failure: &Failure) -> Vec<Line> {
    let Failure { at, what, compared, because } = failure;
    let mut lines = vec![(Style::new(), format!("{}: {}", shown(at), shown(what)))];
    if let Some(Compared { expected, got }) = compared {
        lines[0].1.push_str(": - expected, + got");
        lines.extend(difference(&written(expected), &written(got)));
    }
    lines.extend(because.iter().map(|line| (DIM, format!("  {}", shown(line)))));
    lines
}

fn lines(outcomes: &[Outcomes]) -> Vec<Line> {
    let mut lines = Vec::new();
    for Outcomes { file, tests, warnings } in outcomes {
        lines.push((BOLD, shown(file)));
        for test in tests {
            outcome(test, &mut lines);
        }
        lines.extend(warnings.iter().map(|text| (YELLOW, format!("  warning: {}", shown(text)))));
    }
    lines.push((Style::new(), summary(outcomes)));
    lines
}

fn outcome(outcome: &Outcome, lines: &mut Vec<Line>) {
    let Outcome { name, at: _, status, failures, notes } = outcome;
    let (style, word) = match status {
        Status::Passed => (GREEN, "ok"),
        Status::Failed => (RED, "FAILED"),
        Status::Skipped => (DIM, "skipped"),
    };
    lines.push((style, format!("  {word:7} {}", shown(name))));
    let inner = failures.iter().flat_map(failure);
    let inner = inner.chain(notes.iter().flat_map(|note| {
        let because = note.because.iter().map(|line| (DIM, format!("  {}", shown(line))));
        std::iter::once((DIM, shown(&note.what))).chain(because).collect::<Vec<_>>()
    }));
    lines.extend(inner.map(|(style, line)| (style, format!("          {line}"))));
}

/// `7 passed, 1 failed, 2 skipped`
fn summary(outcomes: &[Outcomes]) -> String {
    let counted = [(Status::Passed, "passed"), (Status::Failed, "failed"), (Status::Skipped, "skipped")];
    let parts = counted.map(|(status, word)| (count(outcomes, status), status, word));
    let parts = parts.iter().filter(|(count, status, _)| *count > 0 || *status == Status::Passed);
    parts.map(|(count, _, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// A value as lines: each element of a list of texts by itself, anything else as YAML.
fn written(value: &Value) -> String {
    let words: Option<Vec<&str>> = match value {
        Value::Null => Some(vec!["nothing"]),
        Value::String(text) => Some(vec![text]),
        Value::Array(items) if items.is_empty() => Some(vec!["nothing"]),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    match words {
        Some(words) => words.iter().map(|word| format!("{}\n", shown(word))).collect(),
        None => portolan_local::to_yaml(value).unwrap_or_else(|_| value.to_string()),
    }
}

/// What differs, with the usual three lines around it.
fn difference(expected: &str, got: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let diff = TextDiff::from_lines(expected, got);
    for (index, group) in diff.grouped_ops(3).iter().enumerate() {
        if index > 0 {
            lines.push((DIM, "  ...".into()));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (style, sign) = match change.tag() {
                ChangeTag::Delete => (RED, '-'),
                ChangeTag::Insert => (GREEN, '+'),
                ChangeTag::Equal => (Style::new(), ' '),
            };
            lines.push((style, format!("  {sign} {}", shown(change.value().trim_end_matches('\n')))));
        }
    }
    lines
}
