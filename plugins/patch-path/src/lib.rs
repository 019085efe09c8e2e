//! What the plugins `plaintext` and `field` share: paths of patches, as leniently as the reference takes them, and what is
//! done there.

use portolan_plugin::pointer;
use serde::Deserialize;

/// What is done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// Sets a member, or inserts into a list.
    Add,
    /// Sets what is there already.
    Replace,
    /// Takes out what is there; the value is not looked at.
    Remove,
    /// Voids all that was to be done with it unless the value is there. Karmada's admission does not let it in, its code
    /// obeys it.
    Test,
}

/// Where an entry points, segment by segment, unescaped. None at all is the whole object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Its segments, outermost first.
    pub segments: Vec<String>,
}

impl Path {
    /// Reads a path as the reference does: what stands before the first slash is passed over, so `x/spec` is
    /// `/spec`. None where there is no slash.
    pub fn read(written: &str) -> Option<Self> {
        if written.is_empty() {
            return Some(Self { segments: Vec::new() });
        }
        let (_, segments) = written.split_once('/')?;
        Some(Self { segments: segments.split('/').map(unescape).collect() })
    }

    /// Whether it means everything.
    pub fn is_whole(&self) -> bool {
        self.segments.is_empty()
    }

    /// Whether a segment means one thing in a list and another in an object: `01` and `-1` are keys, and
    /// indexes that RFC 6901 does not know.
    pub fn depends_on_the_object(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| index(segment).is_some_and(|index| index.to_string() != *segment || index < 0))
    }

    /// As RFC 6901 writes it, taking every segment by its word.
    pub fn pointer(&self) -> String {
        self.segments.iter().map(|segment| format!("/{}", pointer::escape(segment))).collect()
    }
}

/// A segment as an index of a list, with the spellings that the reference takes: `01`, `+1`, and negative
/// ones.
pub fn index(segment: &str) -> Option<i64> {
    segment.parse().ok()
}

/// The index that a segment means in a list of so many places; negative ones count from the end.
pub fn place(segment: &str, places: usize) -> Option<usize> {
    let index = index(segment)?;
    let places = i64::try_from(places).ok()?;
    let place = if index < 0 { index + places } else { index };
    (0..places).contains(&place).then(|| usize::try_from(place).ok())?
}

/// A tilde that escapes nothing stands for itself, as in the reference; RFC 6901 has no meaning for it.
fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::Path;

    fn pointer(written: &str) -> Option<String> {
        Path::read(written).map(|path| path.pointer())
    }

    #[test]
    fn a_path_may_start_with_something_else_than_a_slash() {
        assert_eq!(pointer("/spec/replicas").as_deref(), Some("/spec/replicas"));
        assert_eq!(pointer("x/spec/replicas").as_deref(), Some("/spec/replicas"));
        assert_eq!(pointer("spec/replicas").as_deref(), Some("/replicas"));
        assert_eq!(pointer("replicas"), None);
    }

    #[test]
    fn the_empty_path_and_the_empty_key_are_told_apart() {
        assert_eq!(pointer("").as_deref(), Some(""));
        assert_eq!(pointer("/").as_deref(), Some("/"));
        assert_eq!(pointer("/data/").as_deref(), Some("/data/"));
    }

    #[test]
    fn every_pointer_is_one_that_rfc_6901_knows() {
        assert_eq!(pointer("/a~1b~0c").as_deref(), Some("/a~1b~0c"));
        assert_eq!(pointer("/a~01").as_deref(), Some("/a~01"));
        assert_eq!(pointer("/a~2b/c~").as_deref(), Some("/a~02b/c~0"));
    }

    #[test]
    fn only_indexes_in_other_spellings_depend_on_the_object() {
        let depends = |written: &str| Path::read(written).expect("a pointer").depends_on_the_object();
        for written in ["/list/-1", "/list/01", "/list/+1", "/list/-0", "/list/-2/name"] {
            assert!(depends(written), "{written}");
        }
        for written in ["", "/list/0", "/list/10", "/list/-", "/a/b-1", "/a/1x", "/a/99999999999999999999"] {
            assert!(!depends(written), "{written}");
        }
    }
}
