//! What came of tests, as the XML that CI systems read.
//!
//! There is no standard of it, only what many tools write: `testsuites`, a `testsuite` a file, a `testcase` a test. A
//! message stands in the attribute and in the text, because some systems show only the one or the other; a `classname`
//! is there, because some take tests without one for a single test; a name comes only once in a class, for the same
//! reason. No times are written: the same input gives the same bytes. Four elements need no library, and a parser reads
//! them back in a test.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::command::test::outcome::{Compared, Failure, Outcome, Outcomes, Status, count};
use crate::command::test::text;
use crate::print::shown;

/// The whole document.
pub fn document(outcomes: &[Outcomes]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    element(&mut xml, 0, "testsuites", &[("name", "portolan test".into())], Some(&counts(outcomes)));
    xml.push_str(">\n");
    for file in outcomes {
        suite(&mut xml, file);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn suite(xml: &mut String, outcomes: &Outcomes) {
    let Outcomes { file, tests, warnings: _ } = outcomes;
    let counts = counts(std::slice::from_ref(outcomes));
    element(xml, 1, "testsuite", &[("name", file.clone())], Some(&counts));
    xml.push_str(">\n");
    let mut seen = BTreeMap::<&str, usize>::new();
    for test in tests {
        let Outcome { name, at, status, failures, notes } = test;
        let times = seen.entry(name).or_default();
        *times += 1;
        let name = if *times == 1 { name.clone() } else { format!("{name} ({times})") };
        let line = at.rsplit_once(':').map_or(String::new(), |(_, line)| line.to_owned());
        let place = [("classname", file.clone()), ("name", name), ("file", file.clone()), ("line", line)];
        let place: Vec<_> = place.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        element(xml, 2, "testcase", &place, None);
        match status {
            Status::Passed => xml.push_str("/>\n"),
            Status::Failed => {
                let message = failures.iter().map(message).collect::<Vec<_>>().join("; ");
                xml.push_str(">\n");
                element(xml, 3, "failure", &[("message", message), ("type", "missed".into())], None);
                let lines = failures.iter().flat_map(text::failure).map(|(_, line)| line);
                let text = lines.collect::<Vec<_>>().join("\n");
                let _ = write!(xml, ">{}</failure>\n    </testcase>\n", escaped(&text, Place::Text));
            }
            Status::Skipped => {
                let message = notes.iter().map(message).collect::<Vec<_>>().join("; ");
                xml.push_str(">\n");
                element(xml, 3, "skipped", &[("message", message)], None);
                xml.push_str("/>\n    </testcase>\n");
            }
        }
    }
    xml.push_str("  </testsuite>\n");
}

/// An element's beginning, without the end of its tag.
fn element(
    xml: &mut String,
    depth: usize,
    name: &str,
    attributes: &[(&str, String)],
    counts: Option<&[(&'static str, usize); 4]>,
) {
    let _ = write!(xml, "{:indent$}<{name}", "", indent = depth * 2);
    for (attribute, value) in attributes {
        let _ = write!(xml, " {attribute}=\"{}\"", escaped(&shown(value), Place::Attribute));
    }
    for (attribute, count) in counts.into_iter().flatten() {
        let _ = write!(xml, " {attribute}=\"{count}\"");
    }
}

fn counts(outcomes: &[Outcomes]) -> [(&'static str, usize); 4] {
    [
        ("tests", outcomes.iter().map(|file| file.tests.len()).sum()),
        ("failures", count(outcomes, Status::Failed)),
        ("errors", 0),
        ("skipped", count(outcomes, Status::Skipped)),
    ]
}

/// A failure in a line, as far as it fits.
fn message(failure: &Failure) -> String {
    /// In characters. Arbitrary: about what lists of failures show of one.
    const MOST: usize = 300;
    let Failure { at, what, compared, because: _ } = failure;
    let compared =
        compared.as_ref().map(|Compared { expected, got }| format!(": expected {expected}, got {got}"));
    let message = format!("{at}: {what}{}", compared.unwrap_or_default());
    let mut characters = message.chars();
    let begin: String = characters.by_ref().take(MOST).collect();
    if characters.next().is_some() { begin + "…" } else { begin }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Attribute,
}

/// Text that means itself in XML. What XML can't hold at all is written as an escape.
fn escaped(text: &str, place: Place) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' if place == Place::Attribute => escaped.push_str("&quot;"),
            '\n' | '\t' if place == Place::Text => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => escaped.extend(c.escape_unicode()),
            c if c.is_control() => escaped.extend(c.escape_unicode()),
            c => escaped.push(c),
        }
    }
    escaped
}
