//! One value in a file of its own, such as a plugin's config.

use std::io;
use std::path::Path;

use serde_json::Value;

use crate::bounded::read_file;
use crate::inputs::Located;
use crate::yaml::{chunks, compose, copies};

/// Why a file holds no value that can be used. It does not name the file.
#[derive(Debug, thiserror::Error)]
pub enum ValueError {
    /// The file can't be read.
    #[error("it can't be read")]
    Unreadable(#[from] io::Error),
    /// It is no text.
    #[error("it is no text in UTF-8")]
    NotUtf8,
    /// It is no YAML.
    #[error("line {line}, column {column}: {message}")]
    Malformed {
        /// From 1.
        line: u32,
        /// From 1, in characters.
        column: u32,
        /// What is wrong there.
        message: String,
    },
    /// It holds more or less than one document.
    #[error("it holds {0} documents; valid: one")]
    NotOne(usize),
}

/// Reads the one document of a YAML or JSON file of at most 64 MiB.
pub fn read_value(path: &Path) -> Result<Value, ValueError> {
    read_document(path).map(|located| located.value)
}

/// The same, with what it takes to find the lines of its fields.
pub fn read_document(path: &Path) -> Result<Located<Value>, ValueError> {
    let bytes = read_file(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| ValueError::NotUtf8)?;
    let mut copies = copies();
    let mut values = Vec::new();
    for chunk in chunks(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let (documents, malformed) = compose(chunk, &mut copies);
        if let Some(malformed) = malformed {
            let (line, column, message) = (malformed.line, malformed.column, malformed.message);
            return Err(ValueError::Malformed { line, column, message });
        }
        values.extend(documents.into_iter().map(|document| Located::document(path, chunk, document)));
    }
    match <[Located<Value>; 1]>::try_from(values) {
        Ok([value]) => Ok(value),
        Err(values) => Err(ValueError::NotOne(values.len())),
    }
}
