//! YAML as the readers and writers of Kubernetes understand it; what it means is `portolan_yaml`'s.

mod emit;
mod locate;
mod split;

pub use emit::{Alike, CannotWrite, to_yaml};
pub(crate) use locate::locate;
pub(crate) use portolan_yaml::{Copies, Document, MAX_DEPTH, Malformed, depth};
pub(crate) use split::{Chunk, chunks};

/// MiB that the anchors and aliases of one file may add up to. An object of more than 1.4 MiB reaches no API server; this
/// is about ten of them.
const COPIES_A_FILE: usize = 16;

/// What the anchors and aliases of one file may copy.
pub(crate) fn copies() -> Copies {
    Copies::mebibytes(COPIES_A_FILE, "this file")
}

/// Reads the documents of a chunk, up to the first error.
pub(crate) fn compose(chunk: Chunk<'_>, copies: &mut Copies) -> (Vec<Document>, Option<Malformed>) {
    portolan_yaml::compose(chunk.text, chunk.first_line, copies)
}
