//! What is wrong with a document, said once and so that it can be put right.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a path from the root such as `spec.resourceSelectors[0].kind`; "" for the whole document.
    pub at: String,
    /// What is wrong and what would be valid.
    pub message: String,
}

impl Problem {
    /// A problem at a path.
    pub fn new(at: impl Into<String>, message: impl Into<String>) -> Self {
        Self { at: at.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            to.write_str(&self.message)
        } else {
            write!(to, "{}: {}", self.at, self.message)
        }
    }
}

/// A document that can't be used, with all that is wrong with it; never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    /// As much of the object as could be told: `OverridePolicy default/podinfo`, or "" where nothing could.
    pub object: String,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What must be left as it is because this can't be used, where that can be told.
    pub unread: Option<Box<Unread>>,
}

/// Something that is in the input and can't be used. What it concerns is left as it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Unread {
    /// A policy.
    Policy(Reach),
    /// The name of a cluster.
    Cluster(String),
    /// Nobody can tell what was meant: anything may be missing.
    Anything,
    /// The name of a plugin: policies that ask for it can't be used, not even with a default plugin of that name.
    Plugin(String),
}

/// The templates that a policy which can't be used might have claimed. They are left as they are, because nobody can
/// tell what it would have said.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// The policy.
    pub policy: crate::PolicyRef,
    /// Its selectors; none where they can't be read either, which means all that its kind may reach.
    pub selectors: Option<Vec<crate::ResourceSelector>>,
}
