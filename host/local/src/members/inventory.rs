//! Which files are ours, and what was decided about each template.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::PathBuf;

use cap_std::fs::Dir;
use portolan_api::ObjectKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::tree::{Durable, OURS, Tree, replace};
use super::{Error, MemberPath};
use crate::identity::Identity;

/// What is remembered about one template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The template, with the API version it last had.
    #[serde(flatten)]
    pub key: ObjectKey,
    /// What was recorded about it last: whatever the deciding side stored. Null where nothing was.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub decision: Value,
    /// Its files, by the names of the clusters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
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
    entries: BTreeMap<Identity, Entry>,
    /// The directories that files have left since the last [`fold`](Self::fold), and may have left empty.
    left: BTreeSet<MemberPath>,
}

/// One line of the journal. Each says how things are from then on, so a journal may be replayed over an inventory that
/// has it in already.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "camelCase")]
pub(super) enum Act {
    /// A file is about to be written.
    Write { key: ObjectKey, cluster: String, sha256: String },
    /// A file was removed, or is ours no longer.
    Forget { key: ObjectKey, cluster: String },
    /// Something was decided about a template.
    Decide { key: ObjectKey, decision: Value },
}

/// `inventory.json` as it stands in the file.
#[derive(Serialize, Deserialize)]
struct Stored<Entries> {
    version: u64,
    templates: Entries,
}

#[derive(Deserialize)]
struct StoredVersion {
    version: u64,
}

const VERSION: u64 = 1;
const INVENTORY: &str = "inventory.json";
pub(super) const JOURNAL: &str = "journal.jsonl";

impl Inventory {
    /// The inventory with what the journal adds. Both may be missing.
    pub(super) fn load(tree: &Tree) -> Result<Self, Error> {
        let mut inventory = Self::default();
        let Some(ours) = tree.ours()? else { return Ok(inventory) };
        let path = |name: &str| tree.out().join(OURS).join(name);
        if let Some(text) = read(&ours, INVENTORY, path(INVENTORY))? {
            inventory.entries = stored(&text, path(INVENTORY))?;
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
        for directory in std::mem::take(&mut self.left) {
            tree.sweep(&directory)?;
        }
        let path = tree.out().join(OURS).join(INVENTORY);
        let stored = Stored { version: VERSION, templates: self.entries.values().collect::<Vec<_>>() };
        let mut text = serde_json::to_string_pretty(&stored).map_err(|source| Error::Inventory {
            path: path.clone(),
            line: 1,
            source,
        })?;
        text.push('\n');
        // Synced, because without the inventory our own files would be strangers'.
        replace(ours, INVENTORY, text.as_bytes(), Durable::Yes).map_err(|source| Error::Io {
            act: "write",
            path,
            source,
        })?;
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
    pub(super) fn act(&mut self, act: Act) {
        match act {
            Act::Write { key, cluster, sha256 } => {
                let object = Identity::of(&key);
                let path = MemberPath::new(&cluster, &object).to_string();
                let entry = self.entries.entry(object).or_insert_with(|| Entry::new(&key));
                entry.key = key;
                entry.files.insert(cluster, Delivered { path, sha256 });
            }
            Act::Forget { key, cluster } => {
                let object = Identity::of(&key);
                self.left.insert(MemberPath::new(&cluster, &object).directory());
                if let Some(entry) = self.entries.get_mut(&object) {
                    entry.files.remove(&cluster);
                }
                self.drop_if_empty(&object);
            }
            Act::Decide { key, decision } => {
                let object = Identity::of(&key);
                let entry = self.entries.entry(object.clone()).or_insert_with(|| Entry::new(&key));
                entry.key = key;
                entry.decision = decision;
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
        Self { key: key.clone(), decision: Value::Null, files: BTreeMap::new() }
    }
}

fn stored(text: &str, path: PathBuf) -> Result<BTreeMap<Identity, Entry>, Error> {
    let wrong =
        |source: serde_json::Error| Error::Inventory { path: path.clone(), line: source.line(), source };
    let StoredVersion { version } = serde_json::from_str(text).map_err(wrong)?;
    if version != VERSION {
        return Err(Error::Version { path, found: version, known: VERSION });
    }
    let Stored::<Vec<Entry>> { templates, .. } = serde_json::from_str(text).map_err(wrong)?;
    Ok(templates.into_iter().map(|entry| (Identity::of(&entry.key), entry)).collect())
}

fn read(ours: &Dir, name: &str, path: PathBuf) -> Result<Option<String>, Error> {
    let mut text = String::new();
    match ours.open(name).and_then(|mut file| file.read_to_string(&mut text)) {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io { act: "read", path, source }),
    }
}
