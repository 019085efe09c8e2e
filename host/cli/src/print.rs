//! Printing: tables for people, YAML and JSON for programs. Colours are for terminals only.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use portolan_sandbox::acts_unseen;
use serde::Serialize;

use crate::arguments::Format;

/// What is created or added.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// What is changed.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// What is removed, refused or wrong.
pub const RED: Style = AnsiColor::Red.on_default();
/// Headings.
pub const BOLD: Style = Style::new().bold();
/// What is beside the point.
pub const DIM: Style = Style::new().dimmed();

/// Something wrong, on standard error.
pub fn error(text: &str) {
    let bold_red = RED.bold();
    // A closed standard error must not end the work.
    let _ = writeln!(anstream::stderr(), "{bold_red}error:{bold_red:#} {}", shown(text));
}

/// A further line of what is wrong, on standard error.
pub fn detail(line: &str) {
    // A closed standard error must not end the work.
    let _ = writeln!(anstream::stderr(), "{}", shown(line));
}

/// Something to think about, on standard error.
pub fn warning(text: &str) {
    let bold_yellow = YELLOW.bold();
    let _ = writeln!(anstream::stderr(), "{bold_yellow}warning:{bold_yellow:#} {}", shown(text));
}

/// Something that was said and is so no more, on standard error.
pub fn gone(text: &str) {
    let bold_green = GREEN.bold();
    let _ = writeln!(anstream::stderr(), "{bold_green}gone:{bold_green:#} {}", shown(text));
}

/// Whether a value is all that is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Yes.
    Alone,
    /// Others follow: in JSON it is one line, in YAML one document.
    OneOfMany,
}

/// One value in a format for programs; false where the format is the table.
pub fn value(format: Format, value: &impl Serialize) -> anyhow::Result<bool> {
    framed(format, Framing::Alone, value)
}

/// One value, perhaps of many, in a format for programs; false where the format is the table.
pub fn framed(format: Format, framing: Framing, value: &impl Serialize) -> anyhow::Result<bool> {
    let mut out = io::stdout().lock();
    match format {
        Format::Table => return Ok(false),
        Format::Json if framing == Framing::OneOfMany => writeln!(out, "{}", serde_json::to_string(value)?)?,
        Format::Yaml if framing == Framing::OneOfMany => {
            write!(out, "---\n{}", portolan_local::to_yaml(&serde_json::to_value(value)?)?)?;
        }
        Format::Yaml => out.write_all(portolan_local::to_yaml(&serde_json::to_value(value)?)?.as_bytes())?,
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(value)?)?,
    }
    Ok(true)
}

/// A document that is made already, as it is.
pub fn text(document: &str) -> anyhow::Result<()> {
    Ok(io::stdout().lock().write_all(document.as_bytes())?)
}

/// Whoever reads our output may have seen enough, as `head` has. That ends the printing and nothing else.
pub fn until_closed(printed: anyhow::Result<()>) -> anyhow::Result<()> {
    match printed {
        Err(error) if is_closed(&error) => Ok(()),
        printed => printed,
    }
}

/// Whether it is that nobody reads our output any more.
pub fn is_closed(error: &anyhow::Error) -> bool {
    let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().filter_map(|cause| cause.downcast_ref()).any(broken)
}

/// How wide the terminal is that standard output is; none: it is none, and lines may have any length.
pub fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
}

/// Rows with their columns aligned and no space at their ends.
pub fn table(rows: &[Vec<String>]) -> anyhow::Result<String> {
    let mut writer = tabwriter::TabWriter::new(Vec::new()).padding(3);
    for row in rows {
        writeln!(writer, "{}", row.iter().map(|cell| shown(cell)).collect::<Vec<_>>().join("\t"))?;
    }
    let text = String::from_utf8(writer.into_inner().map_err(|error| anyhow::anyhow!("{}", error.error()))?)?;
    Ok(text.lines().map(|line| format!("{}\n", line.trim_end())).collect())
}

/// Text that came from inputs or plugins, with everything visible that could move a cursor, change a colour or forge a
/// line.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if acts_unseen(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_55_nothing_printed_can_forge_a_line_or_a_colour() {
        assert_eq!(shown("a\nb\u{1b}[31mc\u{202e}"), "a\\u{a}b\\u{1b}[31mc\\u{202e}");
        // Each end of what is hidden: zero width, separators, direction, deprecated controls, byte order mark, tags.
        let hidden = "\u{61c}\u{200b}\u{200f}\u{2028}\u{202e}\u{2060}\u{2069}\u{206a}\u{206f}\u{feff}\u{e0000}\u{e0041}\u{e007f}";
        let escaped: String = hidden.chars().map(|c| c.escape_unicode().to_string()).collect();
        assert_eq!(shown(hidden), escaped);
        assert_eq!(shown("Zürich 東京 🦀 a‑b"), "Zürich 東京 🦀 a‑b");
    }

    #[test]
    fn columns_are_aligned() {
        let rows = [vec!["A".into(), "B".into()], vec!["long".into(), String::new()]];
        assert_eq!(table(&rows).expect("a table"), "A      B\nlong\n");
    }
}
