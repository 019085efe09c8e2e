//! What must hold of every plan, whatever the policies say.

mod again;
mod shuffled;
mod twice;
mod unrelated;

use std::fmt;

use portolan_api::ObjectKey;
use portolan_plan::{Previous, Template};
use serde::Serialize;
use serde_json::Value;

use crate::difference::differences;
use crate::scene::Scene;

/// Something that must hold of every plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// The order of files, documents, policies and clusters changes nothing.
    ShuffledInput,
    /// A cluster that no policy selects changes nothing by joining: it has a name that nobody else has, no labels and no
    /// status, and it comes once as the first and once as the last of all. Where it is selected, it is not unrelated, and
    /// that is said.
    UnrelatedCluster,
    /// Who is asked again, with the answer as what was before, gives the same answer, and takes nothing away.
    SameAgain,
    /// Overrides that run over what came of them change nothing more.
    OverrideTwice,
}

/// What a property is held against: one template, with where it was.
pub type Subject<'a> = (&'a Template, &'a Previous);

/// A property that does not hold, or could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Breach {
    /// The template.
    pub template: String,
    /// What was changed, and what it must not have changed.
    pub text: String,
    /// The smallest differences, one a line.
    pub differences: Vec<String>,
    /// Whether it does not hold. Else it does not apply, and the text says why.
    pub broken: bool,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::ShuffledInput, Self::UnrelatedCluster, Self::SameAgain, Self::OverrideTwice];

    /// Its field in a test file.
    pub fn field(self) -> &'static str {
        match self {
            Self::ShuffledInput => "shuffledInput",
            Self::UnrelatedCluster => "unrelatedCluster",
            Self::SameAgain => "sameAgain",
            Self::OverrideTwice => "overrideTwice",
        }
    }
}

/// What it says.
impl fmt::Display for Property {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::ShuffledInput => "always: the order of the input changes nothing",
            Self::UnrelatedCluster => "always: a cluster that no policy selects changes nothing",
            Self::SameAgain => "always: asked again, the answer is the same",
            Self::OverrideTwice => "always: overriding the result once more changes nothing",
        })
    }
}

/// Where a property does not hold, or does not apply.
pub fn breaches(property: Property, scene: &Scene, subjects: &[Subject<'_>]) -> Vec<Breach> {
    match property {
        Property::ShuffledInput => shuffled::breaches(scene, subjects),
        Property::UnrelatedCluster => unrelated::breaches(scene, subjects),
        Property::SameAgain => again::breaches(scene, subjects),
        Property::OverrideTwice => twice::breaches(scene, subjects),
    }
}

/// The breach where two things that must be equal are not.
fn unequal(template: &Template, text: String, before: &Value, after: &Value) -> Option<Breach> {
    let found = differences(before, after);
    if found.is_empty() {
        return None;
    }
    /// More show no more of what is wrong. Arbitrary.
    const FEW: usize = 5;
    // What is in a Secret is shown to nobody.
    let line = |difference: &crate::Difference| {
        if template.is_secret() { difference.at.clone() } else { difference.to_string() }
    };
    let mut lines: Vec<String> = found.iter().take(FEW).map(line).collect();
    if found.len() > FEW {
        lines.push(format!("and {} more", found.len() - FEW));
    }
    Some(breach(&template.key, text, lines))
}

fn breach(template: &ObjectKey, text: String, differences: Vec<String>) -> Breach {
    Breach { template: template.to_string(), text, differences, broken: true }
}
