//! Directories of members, and what is remembered about them.
//!
//! ```text
//!  OUT/member1/shop/Deployment.apps/web.yaml      what a GitOps tool picks up
//!  OUT/.portolan/inventory.json                   which of these files are ours, and what was decided
//!  OUT/.portolan/journal.jsonl                    the same since the inventory was last written
//!  OUT/.portolan/lock                             held by the one apply that may write
//! ```
//!
//! **Crash safety.** Before a file is written, a line in the journal says that it is ours; after it is removed, another
//! says that it is gone. A file itself is written beside its place and renamed into it. So whenever the process is
//! killed, each file is the old or the new one, and every file that we wrote is known as ours. Neither is synced to
//! disk file by file, which would cost milliseconds each: after a loss of power, the next apply compares every file
//! with what it should be, byte by byte, and takes those that are exactly that for its own.

mod error;
mod inventory;
mod opened;
mod path;
mod session;
mod stored;
pub(crate) mod tree;

use std::io;
use std::path::Path;

use cap_std::fs::Dir;
use portolan_api::{ConflictResolution, ObjectKey};
use sha2::{Digest, Sha256};

pub use error::Error;
use inventory::Inventory;
pub use inventory::{Delivered, Entry};
pub(crate) use path::MemberPath;
pub use session::{Removal, Session};
use tree::{There, Tree};

use crate::identity::{Identity, borrowed};

/// The members' directories as they are, to look at. Nothing is created or changed through this.
///
/// Objects are told apart by group, kind, namespace and name; the API version that a key names does not matter.
#[derive(Debug)]
pub struct Members {
    inventory: Inventory,
    tree: Tree,
}

/// What a delivery did, or would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// There was no such file.
    Created,
    /// The file was ours (or taken over) and had other bytes.
    Changed,
    /// The file has exactly these bytes.
    Unchanged,
    /// There is a file that is not ours, with other bytes; it is left alone.
    Stranger,
}

/// Puts bytes into a file of a directory, at once: whoever looks sees the old or the new file.
pub(crate) fn replace_file(directory: &Dir, name: &str, bytes: &[u8]) -> io::Result<()> {
    tree::replace(directory, name, bytes)
}

impl Members {
    /// Opens `OUT`, which need not exist: then there are no members yet.
    ///
    /// Beside an apply that is under way, what is seen is somewhere between before and after it.
    pub fn open(out: &Path) -> Result<Self, Error> {
        let tree = Tree::open(out)?;
        let inventory = Inventory::load(&tree)?;
        Ok(Self { inventory, tree })
    }

    /// What is remembered about a template; none if it was never delivered or decided, or nothing of it is left.
    pub fn previous(&self, key: &ObjectKey) -> Option<&Entry> {
        self.inventory.entry(&Identity::of(key))
    }

    /// All templates about which something is remembered, by group, kind, namespace and name.
    pub fn keys(&self) -> impl Iterator<Item = &ObjectKey> {
        self.entries().map(|entry| &entry.key)
    }

    /// All that is remembered, in the order of [`keys`](Self::keys).
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.inventory.entries()
    }

    /// The entries whose objects are not among those present, in the order of [`keys`](Self::keys). An object that is
    /// present in another API version is present.
    pub fn without<'a>(&self, present: impl Iterator<Item = &'a ObjectKey>) -> Vec<&Entry> {
        let mut present: Vec<_> = present.map(borrowed).collect();
        present.sort_unstable();
        self.entries().filter(|entry| present.binary_search(&borrowed(&entry.key)).is_err()).collect()
    }

    /// The file of an object in a member as it is now, ours or not; none if there is none. Bytes that are no UTF-8 are
    /// shown as U+FFFD.
    pub fn read(&self, cluster: &str, key: &ObjectKey) -> Result<Option<String>, Error> {
        let bytes = self.tree.read(&MemberPath::new(cluster, &Identity::of(key)))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Where that file is or would be, relative to `OUT`, with `/` between its parts.
    pub fn path(cluster: &str, key: &ObjectKey) -> String {
        MemberPath::new(cluster, &Identity::of(key)).to_string()
    }

    /// What delivering these bytes would do: see [`Session::deliver`].
    pub fn compare(
        &self,
        cluster: &str,
        key: &ObjectKey,
        bytes: &[u8],
        overwrite: ConflictResolution,
    ) -> Result<Change, Error> {
        let object = Identity::of(key);
        let ours = self.inventory.lists(&object, cluster);
        self.change(&MemberPath::new(cluster, &object), ours, bytes, overwrite)
    }

    fn change(
        &self,
        path: &MemberPath,
        ours: bool,
        bytes: &[u8],
        overwrite: ConflictResolution,
    ) -> Result<Change, Error> {
        Ok(match self.tree.compare(path, bytes)? {
            There::Nothing => Change::Created,
            There::Same => Change::Unchanged,
            There::Other if ours || overwrite == ConflictResolution::Overwrite => Change::Changed,
            There::Other => Change::Stranger,
        })
    }

    /// Whether a file of ours was edited, replaced or removed by somebody else since it was delivered.
    pub fn drifted(&self, cluster: &str, key: &ObjectKey) -> Result<bool, Error> {
        let object = Identity::of(key);
        let Some(delivered) = self.inventory.entry(&object).and_then(|entry| entry.files.get(cluster)) else {
            return Ok(false);
        };
        let there = self.tree.read(&MemberPath::new(cluster, &object))?;
        Ok(there.is_none_or(|there| sha256(&there) != delivered.sha256))
    }

    /// Whether one of our files that are picked, by their paths relative to `OUT`, was edited, replaced or removed by
    /// somebody else since it was delivered; also where all that was remembered is gone. A file that can't be read counts
    /// as edited.
    pub fn strayed(&self, picked: impl Fn(&Path) -> bool) -> bool {
        if !self.tree.ours().is_ok_and(|ours| ours.is_some()) {
            return true;
        }
        let files = self.entries().flat_map(|entry| entry.files.iter().map(|file| (&entry.key, file)));
        files
            .filter(|(_, (_, delivered))| picked(Path::new(&delivered.path)))
            .any(|(key, (cluster, _))| self.drifted(cluster, key).unwrap_or(true))
    }
}

/// In hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
