//! The one form in which values are written as YAML.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;
use serde_saphyr::DoubleQuoted;

/// Why a value can't be written as YAML. It never happens to values that were read by this crate.
#[derive(Debug, thiserror::Error)]
#[error("the value can't be written as YAML")]
pub struct CannotWrite(#[source] serde_saphyr::SerializeError);

/// Writes a value as one YAML document, the same bytes for the same value.
///
/// Keys are sorted. Text that any reader of YAML 1.1 or 1.2 would take for something else (`yes`, `012`, `1:20`, `~`,
/// dates) is quoted; text of several lines is a literal block where it has no character that needs an escape; a long
/// line stays one line, so that diffs show what changed and nothing else.
pub fn to_yaml(value: &Value) -> Result<String, CannotWrite> {
    text(&Sorted(value))
}

/// Writes values that are mostly alike, as one object is on several members: a field of which the text is known from
/// the value before is not written anew. The bytes are those of [`to_yaml`].
#[derive(Debug, Default)]
pub struct Alike {
    fields: BTreeMap<String, (Value, String)>,
}

impl Alike {
    /// Writes the next value, and keeps it.
    pub fn to_yaml(&mut self, value: Value) -> Result<String, CannotWrite> {
        let entries = match value {
            Value::Object(entries) if !entries.is_empty() => entries,
            value => return to_yaml(&value),
        };
        let mut fields = BTreeMap::new();
        for (key, value) in entries {
            let field = match self.fields.remove(&key) {
                Some((before, text)) if before == value => (value, text),
                _ => {
                    let text = text(&Field(&key, &value))?;
                    (value, text)
                }
            };
            fields.insert(key, field);
        }
        self.fields = fields;
        Ok(self.fields.values().map(|(_, text)| text.as_str()).collect())
    }
}

fn text(value: &impl Serialize) -> Result<String, CannotWrite> {
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(value, options).map_err(CannotWrite)
}

/// One field of a map at the root. Those of a map, one after the other, are the map.
struct Field<'a>(&'a str, &'a Value);

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(1))?;
        map.serialize_entry(self.0, &Sorted(self.1))?;
        map.end()
    }
}

/// A value whose keys come out sorted, whatever order `serde_json` was built to keep.
struct Sorted<'a>(&'a Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&Sorted(item))?;
                }
                list.end()
            }
            Value::Object(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                let mut map = to.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, &Sorted(value))?;
                }
                map.end()
            }
            // In a block that begins with white space, its width would have to be told from the indentation's, and
            // go-yaml takes a tab there for an error.
            Value::String(text) if text.contains('\n') && text.starts_with([' ', '\t', '\n']) => {
                DoubleQuoted(text).serialize(to)
            }
            scalar => scalar.serialize(to),
        }
    }
}
