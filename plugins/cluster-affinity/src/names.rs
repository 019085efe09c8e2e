//! `exclude` and `clusterNames`: exact names, upper and lower case apart, no patterns. A name that is not on
//! offer is no error: policies outlive clusters.

use portolan_plugin::{Questions, Refusal};

use crate::selection::Selection;

/// Those that are named in `exclude`.
pub(crate) fn excluded(names: &[String], size: u32, questions: &dyn Questions) -> Option<Refusal> {
    Refusal::unless_empty("excluded by name", find(names, size, questions).clusters())
}

/// Those that are not named in `clusterNames`. An empty list is none: it would match nothing, and nobody
/// means that.
pub(crate) fn left_out(names: &[String], size: u32, questions: &dyn Questions) -> Option<Refusal> {
    if names.is_empty() {
        return None;
    }
    Refusal::unless_empty("not among clusterNames", find(names, size, questions).others())
}

fn find(names: &[String], size: u32, questions: &dyn Questions) -> Selection {
    Selection::of(names.iter().filter_map(|name| questions.fleet_find(name)), size)
}
