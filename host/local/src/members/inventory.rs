//! Which files are ours, and what was decided about each template.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use cap_std::fs::Dir;
use portolan_api::ObjectKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::tree::{OURS, Tree, replace_durably};
use super::{Error, MemberPath, stored};
use crate::identity::{ByIdentity, Identity};

/// What is remembered about one template.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The template, with the API version it last had.
    pub key: ObjectKey,
    /// What was recorded about it last: whatever the deciding side stored. Null where nothing was. Templates of which the
    /// same was recorded share it.
    pub decision: Arc<Value>,
    /// Its files, by the names of the clusters.
    pub files: BTreeMap<String, Delivered>,
}

/// One file of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivered {
    /// Where it is, relative to `OUT`.
    pub path: String,
    /// The digest, in hexadecimal, of the bytes that we wrote there or were about to write when we were killed.
    pub sha256: String,
}

/// All entries, and nothing else of the files.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    entries: ByIdentity<Entry>,
    /// The decision that was recorded last, because the next one is mostly the same.
    recorded: Arc<Value>,
    /// The directories that files have left since the last [`fold`](Self::fold), and may have left empty.
    left: BTreeSet<MemberPath>,
}

/// One line of the journal. Each says how things are from then on, so a journal may be replayed over an inventory that
/// has it in already.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "camelCase")]
pub(super) enum Act<'a> {
    /// A file is about to be written.
    Write { key: Cow<'a, ObjectKey>, cluster: Cow<'a, str>, sha256: String },
    /// A file was removed, or is ours no longer.
    Forget { key: Cow<'a, ObjectKey>, cluster: Cow<'a, str> },
    /// Something was decided about a template.
    Decide { key: Cow<'a, ObjectKey>, decision: Value },
}

const INVENTORY: &str = "inventory.json";
pub(super) const JOURNAL: &str = "journal.jsonl";

impl Inventory {
    /// The inventory with what the journal adds. Both may be missing.
    pub(super) fn load(tree: &Tree) -> Result<Self, Error> {
        let mut inventory = Self::default();
        let Some(ours) = tree.ours()? else { return Ok(inventory) };
        let path = |name: &str| tree.out().join(OURS).join(name);
        if let Some(text) = read(&ours, INVENTORY, path(INVENTORY))? {
            inventory.entries = stored::entries(&text, path(INVENTORY))?;
        }
        if let Some(text) = read(&ours, JOURNAL, path(JOURNAL))? {
            inventory.replay(&text, path(JOURNAL))?;
        }
        Ok(inventory)
    }

    /// Removes the directories that are empty now, writes `inventory.json`, and removes the journal, in this order:
    /// killed between any two, the next fold does it all again, over what has the journal in already.
    ///
    /// (Directories wait for this because looking whether one is empty takes longer the more was removed from it.)
    pub(super) fn fold(&mut self, tree: &Tree, ours: &Dir) -> Result<(), Error> {
        // Where a directory can't be removed while it is open.
        tree.look_again();
        for directory in std::mem::take(&mut self.left) {
            tree.sweep(&directory)?;
        }
        let path = tree.out().join(OURS).join(INVENTORY);
        // Synced, because without the inventory our own files would be strangers'.
        replace_durably(ours, INVENTORY, |file| stored::write(&self.entries, file))
            .map_err(|source| Error::Io { act: "write", path, source })?;
        match ours.remove_file(JOURNAL) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::Io { act: "remove", path: tree.out().join(OURS).join(JOURNAL), source })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn entry(&self, object: &Identity) -> Option<&Entry> {
        self.entries.get(object)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(super) fn lists(&self, object: &Identity, cluster: &str) -> bool {
        self.entry(object).is_some_and(|entry| entry.files.contains_key(cluster))
    }

    /// Does what a line of the journal says.
    pub(super) fn act(&mut self, act: Act<'_>) {
        match act {
            Act::Write { key, cluster, sha256 } => {
                let object = Identity::of(&key);
                let path = MemberPath::new(&cluster, &object).to_string();
                let entry = self.entries.get_or_insert_with(object, || Entry::new(&key));
                entry.named(&key);
                entry.files.insert(cluster.into_owned(), Delivered { path, sha256 });
            }
            Act::Forget { key, cluster } => {
                let object = Identity::of(&key);
                self.left.insert(MemberPath::new(&cluster, &object).directory());
                if let Some(entry) = self.entries.get_mut(&object) {
                    entry.files.remove(&*cluster);
                }
                self.drop_if_empty(&object);
            }
            Act::Decide { key, decision } => {
                let object = Identity::of(&key);
                if *self.recorded != decision {
                    self.recorded = Arc::new(decision);
                }
                let entry = self.entries.get_or_insert_with(object.clone(), || Entry::new(&key));
                entry.named(&key);
                entry.decision = Arc::clone(&self.recorded);
                self.drop_if_empty(&object);
            }
        }
    }

    fn drop_if_empty(&mut self, object: &Identity) {
        if self.entry(object).is_some_and(|entry| entry.files.is_empty() && entry.decision.is_null()) {
            self.entries.remove(object);
        }
    }

    fn replay(&mut self, journal: &str, path: PathBuf) -> Result<(), Error> {
        for (line, number) in journal.split_inclusive('\n').zip(1..) {
            // A line without an end was being written when the process was killed, so its act never happened.
            let Some(line) = line.strip_suffix('\n') else { break };
            let act = serde_json::from_str(line).map_err(|source| Error::Inventory {
                path: path.clone(),
                line: number,
                source,
            })?;
            if let Act::Write { key, cluster, .. } = &act {
                // It may have been killed there, and have left half a file.
                self.left.insert(MemberPath::new(cluster, &Identity::of(key)).directory());
            }
            self.act(act);
        }
        Ok(())
    }
}

impl Entry {
    fn new(key: &ObjectKey) -> Self {
        Self { key: key.clone(), decision: Arc::default(), files: BTreeMap::new() }
    }

    /// Of the names, only the API version may differ.
    fn named(&mut self, key: &ObjectKey) {
        if self.key != *key {
            self.key = key.clone();
        }
    }
}

fn read(ours: &Dir, name: &str, path: PathBuf) -> Result<Option<String>, Error> {
    let mut text = String::new();
    match ours.open(name).and_then(|mut file| file.read_to_string(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io { act: "read", path, source }),
    }
}
