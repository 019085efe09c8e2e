//! One apply: the only way in which members' directories change.

use std::borrow::Cow;
use std::fs::TryLockError;
use std::io::{self, Write};
use std::path::Path;

use cap_std::fs::{Dir, File, OpenOptions};
use portolan_api::{ConflictResolution, ObjectKey};
use serde_json::Value;

use super::inventory::{Act, JOURNAL};
use super::tree::{OURS, Tree};
use super::{Change, Error, Inventory, MemberPath, Members, sha256};
use crate::identity::Identity;

const LOCK: &str = "lock";

/// One apply on `OUT`, which nobody else may write to meanwhile. It holds the inventory and no object.
///
/// Each act is done when its call returns. [`finish`](Self::finish) only tidies up, so a session that is dropped, or
/// killed, loses nothing.
#[derive(Debug)]
pub struct Session {
    members: Members,
    ours: Dir,
    /// None until something changes, so that an apply that changes nothing writes nothing.
    journal: Option<File>,
    journal_length: u64,
    /// Held until the session is dropped; the file system frees it when the process ends, however it does.
    _lock: std::fs::File,
}

/// What removing a file did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Removal {
    /// The file is gone now.
    Removed,
    /// It was gone already.
    Absent,
    /// It is not in the inventory, and was left alone if it exists.
    NotOurs,
}

/// A file that is to hold these bytes.
struct Due<'a> {
    cluster: &'a str,
    key: &'a ObjectKey,
    object: Identity,
    path: MemberPath,
    /// Whether the inventory listed it when this was asked for.
    ours: bool,
    bytes: &'a [u8],
    overwrite: ConflictResolution,
}

impl Session {
    /// Opens `OUT` for writing, and creates it where it does not exist. Fails at once where another session is open.
    pub fn begin(out: &Path) -> Result<Self, Error> {
        let tree = Tree::create(out)?;
        let ours = tree.create_ours()?;
        let lock = lock(&tree, &ours)?;
        let mut inventory = Inventory::load(&tree)?;
        // What a killed apply left is folded in first. It may end in half a line, to which nothing must be added.
        if ours.exists(JOURNAL) {
            inventory.fold(&tree, &ours)?;
        }
        Ok(Self { members: Members { inventory, tree }, ours, journal: None, journal_length: 0, _lock: lock })
    }

    /// The members as this session has left them so far.
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// Makes an object's file in a member hold exactly these bytes.
    ///
    /// A file of ours that somebody edited is put right. A file that is not ours is left alone, unless `overwrite`
    /// says otherwise; one that has these very bytes becomes ours, so that a lost inventory is made up again.
    pub fn deliver(
        &mut self,
        cluster: &str,
        key: &ObjectKey,
        bytes: &[u8],
        overwrite: ConflictResolution,
    ) -> Result<Change, Error> {
        let object = Identity::of(key);
        let path = MemberPath::new(cluster, &object);
        let ours = self.members.inventory.lists(&object, cluster);
        let due = Due { cluster, key, object, path, ours, bytes, overwrite };
        match self.put(&due) {
            // Somebody removed the directory since it was opened. What stands there now was not looked at yet.
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                self.members.tree.look_again();
                let change = self.put(&due)?;
                if change == Change::Stranger {
                    // The journal says already that it is ours.
                    self.release(cluster, key)?;
                }
                Ok(change)
            }
            done => done,
        }
    }

    fn put(&mut self, due: &Due<'_>) -> Result<Change, Error> {
        let &Due { cluster, key, ref object, ref path, ours, bytes, overwrite } = due;
        let entry = self.members.inventory.entry(object);
        let delivered = entry.and_then(|entry| entry.files.get(cluster));
        let change = self.members.change(path, ours, bytes, overwrite)?;
        if change == Change::Stranger {
            return Ok(change);
        }
        let sha256 = sha256(bytes);
        let known = entry.is_some_and(|entry| entry.key == *key)
            && delivered.is_some_and(|delivered| delivered.sha256 == sha256);
        if !known {
            self.note(Act::Write { key: Cow::Borrowed(key), cluster: cluster.into(), sha256 })?;
        }
        if change != Change::Unchanged {
            self.members.tree.write(path, bytes)?;
        }
        Ok(change)
    }

    /// Removes an object's file from a member, edited or not, if the inventory lists it. Directories that are empty
    /// without it stay until the session is finished.
    pub fn remove(&mut self, cluster: &str, key: &ObjectKey) -> Result<Removal, Error> {
        let object = Identity::of(key);
        if !self.members.inventory.lists(&object, cluster) {
            return Ok(Removal::NotOurs);
        }
        let removed = self.members.tree.remove(&MemberPath::new(cluster, &object))?;
        self.note(Act::Forget { key: Cow::Borrowed(key), cluster: cluster.into() })?;
        Ok(if removed { Removal::Removed } else { Removal::Absent })
    }

    /// Leaves an object's file where it is and takes it off the inventory: from now on it is a stranger's.
    pub fn release(&mut self, cluster: &str, key: &ObjectKey) -> Result<(), Error> {
        if self.members.inventory.lists(&Identity::of(key), cluster) {
            self.note(Act::Forget { key: Cow::Borrowed(key), cluster: cluster.into() })?;
        }
        Ok(())
    }

    /// Remembers what was decided about a template, for [`Members::previous`] of the next run, and the API version that
    /// the key names. Null forgets the decision; a template without files and decision is forgotten altogether.
    pub fn record(&mut self, key: &ObjectKey, decision: Value) -> Result<(), Error> {
        let known = match self.members.previous(key) {
            Some(entry) => entry.key == *key && *entry.decision == decision,
            None => decision.is_null(),
        };
        if known {
            return Ok(());
        }
        self.note(Act::Decide { key: Cow::Borrowed(key), decision })
    }

    /// Removes the directories that are empty now, and folds the journal into the inventory, which is written once
    /// however much was done.
    pub fn finish(mut self) -> Result<(), Error> {
        if self.journal.is_none() {
            return Ok(());
        }
        self.members.inventory.fold(&self.members.tree, &self.ours)
    }

    /// Adds a line to the journal, then does what it says to the inventory in memory.
    fn note(&mut self, act: Act<'_>) -> Result<(), Error> {
        let path = || self.members.tree.out().join(OURS).join(JOURNAL);
        let io = |source| Error::Io { act: "write", path: path(), source };
        let mut line = serde_json::to_string(&act).map_err(|source| io(source.into()))?;
        line.push('\n');
        let journal = match &mut self.journal {
            Some(journal) => journal,
            none => {
                let mut options = OpenOptions::new();
                options.append(true).create_new(true);
                none.insert(self.ours.open_with(JOURNAL, &options).map_err(io)?)
            }
        };
        // In one piece, so that killing leaves at most one line without its end.
        if let Err(error) = journal.write_all(line.as_bytes()) {
            // A full disk may have taken half of it, to which the next line must not be added.
            let whole = self.journal_length;
            return Err(io(journal.set_len(whole).err().unwrap_or(error)));
        }
        self.journal_length += line.len() as u64;
        self.members.inventory.act(act);
        Ok(())
    }
}

fn lock(tree: &Tree, ours: &Dir) -> Result<std::fs::File, Error> {
    let path = tree.out().join(OURS).join(LOCK);
    let io = |source| Error::Io { act: "lock", path: path.clone(), source };
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    let file = ours.open_with(LOCK, &options).map_err(io)?.into_std();
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { out: tree.out().into() }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}
