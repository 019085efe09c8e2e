//! Everything that somebody should look after, said on standard error as it is found, and what it means for the exit
//! code.

use std::collections::BTreeSet;
use std::process::ExitCode;

use portolan_plan::{Blame, Trouble};
use serde::Serialize;

use crate::print;

/// The exit code for a wrong input, and for tests that failed.
pub const INPUT_IS_WRONG: u8 = 1;
/// The exit code for a plugin that faulted, where nothing is wrong with the input.
pub const PLUGIN_FAULTED: u8 = 3;

/// What is gone is said so often, and the rest counted. Arbitrary: enough to see that it was the last save.
const GONE_SHOWN: usize = 10;

/// Errors and warnings, in the order in which they were found.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// What could not be done as asked.
    pub errors: Vec<String>,
    /// What was done and may not be what was meant.
    pub warnings: Vec<String>,
    /// What was said already, in the run before.
    #[serde(skip)]
    known: BTreeSet<String>,
    /// Whether nothing is said, because somebody reads it from here.
    #[serde(skip)]
    unsaid: bool,
    #[serde(skip)]
    input_is_wrong: bool,
    #[serde(skip)]
    plugin_faulted: bool,
}

impl Findings {
    /// Those that are collected and not said.
    pub fn unsaid() -> Self {
        Self { unsaid: true, ..Self::default() }
    }

    /// Those of a further run: what the one before found is not said again.
    pub fn after(before: &Self) -> Self {
        let known = before.errors.iter().chain(&before.warnings).cloned().collect();
        Self { known, ..Self::default() }
    }

    /// Something in the input that is to be put right.
    pub fn wrong_input(&mut self, text: String) {
        self.input_is_wrong = true;
        self.error(text);
    }

    /// Something that was done and may not be what was meant.
    pub fn warning(&mut self, text: String) {
        if !self.unsaid && !self.known.contains(&text) {
            print::warning(&text);
        }
        self.warnings.push(text);
    }

    /// A plugin that did not do as it should, where nothing is wrong with the input.
    pub fn plugin_fault(&mut self, text: String) {
        self.plugin_faulted = true;
        self.error(text);
    }

    /// Tests failed, and each said so by itself.
    pub fn tests_failed(&mut self) {
        self.input_is_wrong = true;
    }

    /// Something about a template, with the place where it is to be put right.
    pub fn trouble(&mut self, place: &str, trouble: Trouble) {
        let Trouble { blame, policy: _, field: _, text } = trouble;
        let text = format!("{place}{text}");
        self.fault(blame, text);
    }

    /// Something that went wrong, or was decided, by whose turn it is.
    pub fn fault(&mut self, blame: Blame, text: String) {
        match blame {
            Blame::User => self.wrong_input(text),
            Blame::Plugin | Blame::World => self.plugin_fault(text),
            Blame::Decision => self.warning(text),
        }
    }

    /// Says what the run before found and this one did not.
    pub fn say_what_is_gone(&self, before: &Self) {
        let now: BTreeSet<&String> = self.errors.iter().chain(&self.warnings).collect();
        let gone: BTreeSet<&String> =
            before.errors.iter().chain(&before.warnings).filter(|text| !now.contains(text)).collect();
        for text in gone.iter().take(GONE_SHOWN) {
            print::gone(text);
        }
        if gone.len() > GONE_SHOWN {
            print::gone(&format!("and {} more", gone.len() - GONE_SHOWN));
        }
    }

    /// What the process ends with. A wrong input comes first: a plugin may have faulted over it.
    pub fn exit_code(&self) -> ExitCode {
        match (self.input_is_wrong, self.plugin_faulted) {
            (true, _) => ExitCode::from(INPUT_IS_WRONG),
            (false, true) => ExitCode::from(PLUGIN_FAULTED),
            (false, false) => ExitCode::SUCCESS,
        }
    }

    fn error(&mut self, text: String) {
        if !self.unsaid && !self.known.contains(&text) {
            print::error(&text);
        }
        self.errors.push(text);
    }
}
