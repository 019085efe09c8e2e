//! Inputs in the place of others.

use super::{Inputs, Located};
use crate::identity::Identity;

impl Inputs {
    /// The same with further inputs, which stand in for those of the same identity.
    pub fn overlaid_with(mut self, over: Self) -> Self {
        let Self { templates, propagation, overrides, clusters, plugins, ignored, problems, notes } = over;
        overlay(&mut self.templates, templates, |one, other| {
            Identity::of(one.key()) == Identity::of(other.key())
        });
        overlay(&mut self.propagation, propagation, |one, other| one.reference == other.reference);
        overlay(&mut self.overrides, overrides, |one, other| one.reference == other.reference);
        overlay(&mut self.clusters, clusters, |one, other| one.name == other.name);
        overlay(&mut self.plugins, plugins, |one, other| one.name == other.name);
        self.ignored.extend(ignored);
        self.problems.extend(problems);
        self.notes.extend(notes);
        self
    }
}

fn overlay<T>(below: &mut Vec<Located<T>>, over: Vec<Located<T>>, same: impl Fn(&T, &T) -> bool) {
    below.retain(|one| !over.iter().any(|other| same(&one.value, &other.value)));
    below.extend(over);
}
