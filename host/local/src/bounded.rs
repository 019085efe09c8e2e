//! Reading that ends.

use std::io::{self, Read};

/// Bytes that one file may have. What holds more is neither a manifest (API servers take objects of 1.5 MiB) nor a
/// plugin.
pub(crate) const FILE_BYTES: u64 = 64 << 20;

/// Reads to the end, or to an error where that is further than [`FILE_BYTES`].
pub(crate) fn read_bounded(from: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES {
        let message = format!("it has more than {} MiB, which is too much", FILE_BYTES >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}
