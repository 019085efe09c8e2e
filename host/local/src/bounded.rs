//! Reading that ends.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Bytes that one file may have. What holds more is neither a manifest (API servers take objects of 1.5 MiB) nor a
/// plugin.
pub(crate) const FILE_BYTES: u64 = 64 << 20;

/// Reads a component that somebody names on the command line: a regular file of at most 64 MiB. A link is followed
/// wherever it leads.
///
/// A directory, a pipe or a device is refused, never waited for. The error says what would be valid and does not name
/// the file.
pub fn read_component(path: &Path) -> io::Result<Vec<u8>> {
    read_file(path)
}

/// A regular file, whole, as [`read_component`] reads it.
pub(crate) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    // Looked at before it is opened, because opening a pipe would wait for its writer.
    regular(fs::metadata(path)?.is_file())?;
    read_bounded(&mut File::open(path)?, 0)
}

/// An error where it is something else.
pub(crate) fn regular(is_file: bool) -> io::Result<()> {
    if is_file {
        return Ok(());
    }
    let message = format!("it is no regular file; valid: a file of at most {} MiB", FILE_BYTES >> 20);
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}

/// Reads to the end, or to an error where that is further than [`FILE_BYTES`]. Where the length is what was expected,
/// room is made only once.
pub(crate) fn read_bounded(from: &mut dyn Read, expected: u64) -> io::Result<Vec<u8>> {
    // One byte more, so that the end is seen without growing.
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(FILE_BYTES)).unwrap_or(0) + 1);
    from.take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
    bounded(bytes.len() as u64)?;
    Ok(bytes)
}

/// An error where something is longer than [`FILE_BYTES`].
pub(crate) fn bounded(length: u64) -> io::Result<()> {
    if length <= FILE_BYTES {
        return Ok(());
    }
    let message = format!("it has more than {} MiB, which is too much", FILE_BYTES >> 20);
    Err(io::Error::new(io::ErrorKind::FileTooLarge, message))
}
