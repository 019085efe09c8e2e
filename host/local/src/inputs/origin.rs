//! Where something was read.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::text::{Kept, Text};
use crate::yaml::{Chunk, Document};

/// A place in a file. Shown as `shop/web.yaml:12`, or `shop/web.yaml:12:5` where a column is known.
///
/// Ordered by file and line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The file as it was given, or the directory as it was given and the file's path in it; `-` for standard input.
    pub file: Arc<Path>,
    /// The line, from 1: an object's first, or the one that is wrong. None where the file as a whole is meant.
    pub line: Option<u32>,
    /// The column in characters, from 1; only where the YAML itself is wrong.
    pub column: Option<u32>,
    /// Which element it is where it came in a List, from 0.
    pub item: Option<u32>,
}

impl Origin {
    /// A file as a whole.
    pub(super) fn of(file: impl AsRef<Path>) -> Self {
        Self { file: file.as_ref().into(), line: None, column: None, item: None }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, item: _ } = self;
        write!(to, "{}", file.display())?;
        for part in line.iter().chain(column) {
            write!(to, ":{part}")?;
        }
        Ok(())
    }
}

/// Something, and where it was read.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// What was read.
    pub value: T,
    /// Where.
    pub origin: Origin,
    /// Only for what may be found wrong later; templates are many, and nobody looks into them again.
    pub(super) text: Option<Arc<Text>>,
}

impl<T> Located<T> {
    /// The place of a field, such as `spec.placement.clusterAffinity`, or of the object where it can't be told. A
    /// message about an unknown field leads to that field.
    pub fn place_of(&self, at: &str, message: &str) -> Origin {
        let line = self.text.as_ref().and_then(|text| text.locate(at, message));
        Origin { line: line.or(self.origin.line), ..self.origin.clone() }
    }

    /// The value by itself, and the place by itself.
    pub fn apart(self) -> (T, Located<()>) {
        let Self { value, origin, text } = self;
        (value, Located { value: (), origin, text })
    }
}

impl Located<Value> {
    /// A document of a file that is read for itself.
    pub(crate) fn document(file: &Path, chunk: Chunk<'_>, document: Document) -> Self {
        let Document { value, line, item_lines: _, index } = document;
        let text = Text {
            first_line: chunk.first_line,
            chunk: Arc::new(Kept::new(chunk)),
            document: index,
            path: String::new(),
        };
        Self { value, origin: Origin { line: Some(line), ..Origin::of(file) }, text: Some(Arc::new(text)) }
    }
}
