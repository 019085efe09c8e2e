//! What plugins say to the people who debug them. It is no part of any answer.

use std::fmt;
use std::sync::Arc;

use crate::text::one_line;

/// Bytes that a line costs beside its text: what holding it takes.
const LINE_BYTES: u64 = 32;

/// A line of a plugin's log, made harmless: one line without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How urgent.
    pub level: Level,
    /// What.
    pub text: String,
}

/// How urgent a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the plugin's author.
    Debug,
    /// For the curious.
    Info,
    /// Something is wrong.
    Warn,
}

impl fmt::Display for Level {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
        })
    }
}

/// What one call said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// In order, within the budget.
    pub lines: Vec<LogLine>,
    /// Lines that the budget left no room for, and lines that were shortened.
    pub cut: u64,
}

/// Takes what a call of the plugin with this name said; from many threads, in no order between calls. It is called
/// only where something was said, after the call. What a plugin said once it had looked into a Secret is kept back: all
/// of the call's lines count as cut.
pub type LogSink = Arc<dyn Fn(&str, &Log) + Send + Sync>;

/// Collects a call's log within its budget.
#[derive(Default)]
pub(crate) struct Logger {
    pub(crate) log: Log,
    used: u64,
    /// Kept beside the lines: a panic's message is the last thing that a plugin says, and must not be cut off by what
    /// it said before.
    pub(crate) last_warning: Option<String>,
}

impl Logger {
    pub(crate) fn take(&mut self, level: Level, text: &str, budget: u64) {
        if level == Level::Warn {
            self.last_warning = Some(one_line(text));
        }
        let Some(room) = budget.checked_sub(self.used.saturating_add(LINE_BYTES)).filter(|room| *room > 0)
        else {
            self.log.cut = self.log.cut.saturating_add(1);
            return;
        };
        let shown = text.floor_char_boundary(usize::try_from(room).unwrap_or(usize::MAX));
        let line = LogLine { level, text: one_line(&text[..shown]) };
        // Escapes are longer than what they stand for, and long lines are cut: what is kept is what counts.
        self.used = self.used.saturating_add(LINE_BYTES + line.text.len() as u64);
        self.log.cut += u64::from(shown < text.len() || line.text.ends_with('…'));
        self.log.lines.push(line);
    }
}
