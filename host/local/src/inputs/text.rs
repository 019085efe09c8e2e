//! The text that an object came from, to find lines in once something is found wrong with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::yaml::{Chunk, locate};

/// The text that a value came from, to find lines in.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) first_line: u32,
    pub(super) chunk: Arc<Kept>,
    pub(super) document: usize,
    /// The value's path in the document, such as `items[3]`; "" for all of it.
    pub(super) path: String,
}

/// A text that several values share, and how often a line was looked for in it. Each search reads it all, and a List may
/// hold thousands of objects: past a number of searches the objects' own lines must do.
#[derive(Debug)]
pub(super) struct Kept {
    text: Box<str>,
    searches: AtomicUsize,
}

/// Arbitrary: more messages than anybody reads at once.
const MAX_SEARCHES: usize = 64;

impl Kept {
    pub(super) fn new(chunk: Chunk<'_>) -> Self {
        Self { text: chunk.text.into(), searches: AtomicUsize::new(0) }
    }
}

impl Text {
    /// The line of a field of the value; of the field that the message names in backticks where `at` is the map that
    /// should not have it.
    pub(super) fn locate(&self, at: &str, message: &str) -> Option<u32> {
        let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
        let named = unknown.map(|(field, _)| field).filter(|field| !ends_with_step(at, field));
        let path = [Some(self.path.as_str()), Some(at), named];
        let path = path.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
        if path.is_empty() || self.chunk.searches.fetch_add(1, Ordering::Relaxed) >= MAX_SEARCHES {
            return None;
        }
        locate(Chunk { first_line: self.first_line, text: &self.chunk.text }, self.document, &path)
    }
}

fn ends_with_step(path: &str, step: &str) -> bool {
    path.strip_suffix(step).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
