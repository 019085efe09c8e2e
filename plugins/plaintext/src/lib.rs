//! Any field of an object, by JSON patch: Karmada's `plaintext` overriders.
//!
//! ```text
//!  entries ──► steps ──┬──────────────────────────────────────► one patch for every cluster
//!   as written         │ a segment means something else         ▲
//!                      │ in a list than in an object            │
//!                      └──► replayed on each group's object ────┘ one a group
//! ```
//!
//! The host applies RFC 6902 to the letter. The reference is lenient about paths, so what it means by them is
//! written out here; whether a patch applies is left to the host, which says so cluster by cluster.
//!
//! It will never know what a field means, or which fields may not change: identity is the host's to guard.

mod entry;
mod replay;

use portolan_plugin::{Amendment, Fault, Operation, Overrider, Questions};

use crate::entry::Step;
pub use crate::entry::{Entries, Entry};
use crate::replay::Replay;

/// The plugin.
#[derive(Debug)]
pub struct Plaintext;

impl Overrider for Plaintext {
    type Config = Entries;

    /// Looks at objects only where a path can't be understood without: most patches are the same for every
    /// object.
    fn patch(Entries(entries): Entries, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        let steps = entry::steps(entries)?;
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        if steps.iter().any(|step| step.path.depends_on_the_object()) {
            return Ok(group_by_group(&steps, questions));
        }
        let clusters = questions.target_clusters();
        if clusters.is_empty() {
            return Ok(Vec::new());
        }
        let patch = steps.into_iter().map(Step::into_operation).collect();
        Ok(vec![Amendment::new(clusters, patch)])
    }
}

fn group_by_group(steps: &[Step], questions: &dyn Questions) -> Vec<Amendment> {
    let patch = |object| {
        let mut replay = Replay::new(object);
        steps.iter().map(|step| replay.resolve(step)).collect::<Vec<Operation>>()
    };
    let groups = questions.target_alike().into_iter();
    groups
        .filter_map(|clusters| {
            let object = questions.target_get(*clusters.first()?, "")?;
            Some(Amendment::new(clusters, patch(object)))
        })
        .collect()
}

portolan_plugin::overrider!(Plaintext);
