//! `inventory.json` as it stands in the file.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use portolan_api::ObjectKey;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Error;
use super::inventory::{Delivered, Entry};
use crate::identity::{ByIdentity, Identity};

const VERSION: u64 = 1;

/// Writes all entries, one after the other, in the order of their identities.
pub(super) fn write(entries: &ByIdentity<Entry>, to: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *to, &Written { version: VERSION, templates: AllOf(entries) })?;
    to.write_all(b"\n")
}

/// Reads what [`write()`] wrote.
pub(super) fn entries(text: &str, path: PathBuf) -> Result<ByIdentity<Entry>, Error> {
    let wrong =
        |source: serde_json::Error| Error::Inventory { path: path.clone(), line: source.line(), source };
    // By itself and first, because another version may look different in all else.
    let Version { version } = serde_json::from_str(text).map_err(wrong)?;
    if version != VERSION {
        return Err(Error::Version { path, found: version, known: VERSION });
    }
    let Read { templates, .. } = serde_json::from_str(text).map_err(wrong)?;
    Ok(templates.0)
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    templates: AllOf<'a>,
}

struct AllOf<'a>(&'a ByIdentity<Entry>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenEntry<'a> {
    api_version: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Value::is_null")]
    decision: &'a Value,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    files: &'a BTreeMap<String, Delivered>,
}

impl Serialize for AllOf<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.values().map(|Entry { key, decision, files }| {
            let ObjectKey { api_version, kind, namespace, name } = key;
            WrittenEntry { api_version, kind, namespace: namespace.as_deref(), name, decision, files }
        }))
    }
}

#[derive(Deserialize)]
struct Read {
    #[serde(rename = "version")]
    _version: u64,
    templates: Entries,
}

struct Entries(ByIdentity<Entry>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadEntry {
    api_version: String,
    kind: String,
    #[serde(default)]
    namespace: Option<String>,
    name: String,
    #[serde(default)]
    decision: Value,
    #[serde(default)]
    files: BTreeMap<String, Delivered>,
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(OneByOne)
    }
}

/// Takes entry by entry in, so that of a decision which many templates share only one is ever in memory.
struct OneByOne;

impl<'de> Visitor<'de> for OneByOne {
    type Value = Entries;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a list of templates")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Entries, A::Error> {
        let mut entries = ByIdentity::default();
        let mut last = Arc::default();
        while let Some(read) = list.next_element()? {
            let ReadEntry { api_version, kind, namespace, name, decision, files } = read;
            if *last != decision {
                last = Arc::new(decision);
            }
            let key = ObjectKey { api_version, kind, namespace, name };
            entries.insert(Identity::of(&key), Entry { key, decision: Arc::clone(&last), files });
        }
        Ok(Entries(entries))
    }
}
