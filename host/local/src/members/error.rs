//! What can go wrong with the members' directories.

use std::io;
use std::path::PathBuf;

/// Why the members' directories can't be read or written. Apart from [`Io`](Self::Io), the user has to act.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("can't {act} {path}")]
    Io {
        /// What was tried: `read`, `write`, `rename`.
        act: &'static str,
        /// Of what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Another apply holds the lock.
    #[error("another apply is writing to {out}; wait until it has ended, then try again")]
    Locked {
        /// `OUT`.
        out: PathBuf,
    },
    /// A link, or something else that is no directory, stands where a member keeps its files.
    #[error(
        "{path} is no directory of its own; remove it, members' files are written only below real directories"
    )]
    NotADirectory {
        /// It.
        path: PathBuf,
    },
    /// A directory, pipe or device has the name of an object's file.
    #[error("{path} is no regular file; remove it, an object belongs there")]
    NotAFile {
        /// It.
        path: PathBuf,
    },
    /// The inventory can't be understood.
    #[error(
        "{path}:{line} is no inventory that this version knows; restore it, or remove it: then files that differ from what should be there are strangers'"
    )]
    Inventory {
        /// `OUT/.portolan/inventory.json` or `OUT/.portolan/journal.jsonl`.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// The inventory was written by a later version.
    #[error(
        "{path} has version {found}; this Portolan knows version {known}: use the one that wrote it, or a newer one"
    )]
    Version {
        /// `OUT/.portolan/inventory.json`
        path: PathBuf,
        /// What it says.
        found: u64,
        /// What would be known.
        known: u64,
    },
}
