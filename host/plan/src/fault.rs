//! Why a plugin gave no answer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a call to a plugin gave no answer. A fault never deletes anything: what was delivered before stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// The plugin says: the policy's config can't be used.
    Config(String),
    /// The plugin says: the config is fine, but not for this object.
    Template(String),
    /// The plugin says: nothing fits. A decision, not a defect.
    Unschedulable(String),
    /// The plugin says: it is broken itself.
    Internal(String),
    /// The plugin broke down; the text says how.
    Trap(String),
    /// The plugin used up a budget.
    Budget(Budget),
    /// The plugin answered what the contract does not allow; the text says what and what would be valid.
    Answer(String),
    /// The host had no room or time. The plugin is not to blame, and the same call may succeed later.
    World(String),
}

/// What a call may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Budget {
    /// Instructions, roughly.
    Fuel(u64),
    /// Milliseconds on the clock.
    WallClock(u64),
    /// Bytes of linear memory.
    Memory(u64),
    /// Elements of a table.
    Table(u64),
    /// Instances, memories and tables in one component.
    Instances(u64),
    /// Bytes of the answer.
    Output(u64),
    /// Operations in the answer's patches.
    Operations(u64),
    /// Questions.
    Questions(u64),
    /// Bytes of questions and their answers.
    QuestionBytes(u64),
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The user's: a policy or a template is to be put right.
    User,
    /// The plugin's author's.
    Plugin,
    /// Nobody's: it passes.
    World,
    /// Nobody's: it is a decision.
    Decision,
}

impl Fault {
    /// Whose turn it is.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Config(_) | Self::Template(_) => Blame::User,
            Self::Unschedulable(_) => Blame::Decision,
            Self::Internal(_) | Self::Trap(_) | Self::Budget(_) | Self::Answer(_) => Blame::Plugin,
            Self::World(_) => Blame::World,
        }
    }

    /// Whether the same questions would end in the same fault on any machine. What depends on stack depth, on the
    /// clock or on other work does not last, and is never remembered.
    pub fn lasts(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Template(_)
            | Self::Unschedulable(_)
            | Self::Internal(_)
            | Self::Answer(_) => true,
            Self::Budget(budget) => !matches!(budget, Budget::WallClock(_)),
            Self::Trap(_) | Self::World(_) => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(text) => write!(to, "the config can't be used: {text}"),
            Self::Template(text) => write!(to, "it does not fit this object: {text}"),
            Self::Unschedulable(text) => write!(to, "nothing fits: {text}"),
            Self::Internal(text) => write!(to, "the plugin reports a defect of its own: {text}"),
            Self::Trap(text) => write!(to, "the plugin broke down: {text}"),
            Self::Budget(budget) => write!(to, "the plugin went over its budget: {budget}"),
            Self::Answer(text) => write!(to, "the plugin's answer is not allowed: {text}"),
            Self::World(text) => write!(to, "the host could not call it now: {text}"),
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fuel(limit) => write!(to, "{limit} units of fuel"),
            Self::WallClock(limit) => write!(to, "{limit} ms on the clock"),
            Self::Memory(limit) => write!(to, "{limit} bytes of memory"),
            Self::Table(limit) => write!(to, "{limit} elements in a table"),
            Self::Instances(limit) => write!(to, "{limit} instances, memories or tables"),
            Self::Output(limit) => write!(to, "{limit} bytes in an answer"),
            Self::Operations(limit) => write!(to, "{limit} patch operations in an answer"),
            Self::Questions(limit) => write!(to, "{limit} questions"),
            Self::QuestionBytes(limit) => write!(to, "{limit} bytes of questions and their answers"),
        }
    }
}
