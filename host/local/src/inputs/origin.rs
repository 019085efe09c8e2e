//! Where something was read.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

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
#[derive(Clone, Debug, PartialEq)]
pub struct Located<T> {
    /// What was read.
    pub value: T,
    /// Where.
    pub origin: Origin,
}
