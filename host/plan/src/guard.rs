//! What no override may change, whoever asks for it.

use portolan_api::metadata::{OUR_ANNOTATIONS, OUR_LABELS};
use serde_json::{Map, Value};

use crate::patch::{Patch, PatchError};
use crate::strip::SERVER_METADATA;
use crate::template::is_secret;

/// Kubernetes takes 1.5 MiB an object; the Work around it and its status need the rest.
pub(crate) const MAX_OBJECT_BYTES: usize = 1_400 * 1024;

/// What Kubernetes takes of annotations, keys and values together.
const MAX_ANNOTATION_BYTES: usize = 256 * 1024;

/// What is left of that for our own, less the lists of keys among them: names of at most 253 bytes and ids, of which
/// there are fewer than ten.
const OUR_ANNOTATION_BYTES: usize = 4 * 1024;

/// Fields that say which object it is.
const IDENTITY: &[&[&str]] = &[&["apiVersion"], &["kind"], &["metadata", "name"], &["metadata", "namespace"]];

/// The object after a patch, as far as the patch applies and may do what it does. A custom plugin's may do less than that
/// of a policy's own field.
pub fn amended(object: &Value, patch: &Patch, custom: bool) -> Result<Value, NotAmended> {
    let amended = patch.apply(object).map_err(NotAmended::DoesNotApply)?;
    permits(object, &amended, custom).map_err(NotAmended::NotAllowed)?;
    Ok(amended)
}

/// Why a patch changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAmended {
    /// It does not apply. The text has the patch's own words in it.
    #[error("{0}")]
    DoesNotApply(PatchError),
    /// What it would do is not allowed. The text is Portolan's own.
    #[error("{0}")]
    NotAllowed(String),
}

/// Whether an object may follow from another by one overrider. The error is a sentence that says what is not allowed.
fn permits(before: &Value, after: &Value, custom: bool) -> Result<(), String> {
    if let Some(path) = IDENTITY.iter().find(|path| at(before, path) != at(after, path)) {
        return Err(format!(
            "{} would change; an override may never make another object of it",
            path.join(".")
        ));
    }
    for (map, ours) in [("labels", OUR_LABELS), ("annotations", OUR_ANNOTATIONS)] {
        let changed = |key: &&&str| at(before, &["metadata", map, key]) != at(after, &["metadata", map, key]);
        if let Some(key) = ours.iter().find(changed) {
            return Err(format!("metadata.{map} would change `{key}`, which says whose the object is"));
        }
        let of_strings = match after.get("metadata").and_then(|metadata| metadata.get(map)) {
            None | Some(Value::Null) => true,
            Some(Value::Object(map)) => map.values().all(Value::is_string),
            Some(_) => false,
        };
        if !of_strings {
            return Err(format!("metadata.{map} would be no map from strings to strings"));
        }
    }
    if custom {
        custom_permits(before, after)?;
    }
    let annotation_bytes = annotation_bytes(after);
    if annotation_bytes > MAX_ANNOTATION_BYTES - OUR_ANNOTATION_BYTES
        && in_metadata(before, "annotations") != in_metadata(after, "annotations")
    {
        return Err(format!(
            "metadata.annotations would take {annotation_bytes} bytes with the lists of keys that go with them; at most {} travel",
            MAX_ANNOTATION_BYTES - OUR_ANNOTATION_BYTES
        ));
    }
    if let Some(bytes) = oversize(after) {
        return Err(format!("the object would have {bytes} bytes; at most {MAX_OBJECT_BYTES} travel"));
    }
    Ok(())
}

/// What a custom plugin may not change beside that: whoever holds these fields decides over an object's life, or speaks
/// for a server; and what is in a Secret must not come to stand where more people read it.
fn custom_permits(before: &Value, after: &Value) -> Result<(), String> {
    let changes = |field: &str| in_metadata(before, field) != in_metadata(after, field);
    if before.get("status") != after.get("status") {
        return Err("status would change, which a custom plugin may not".into());
    }
    if let Some(field) = SERVER_METADATA.iter().chain(&["generateName"]).find(|field| changes(field)) {
        return Err(format!("metadata.{field} would change, which a custom plugin may not"));
    }
    let is_secret = is_secret(before);
    if let Some(map) = ["labels", "annotations"].iter().find(|map| is_secret && changes(map)) {
        return Err(format!(
            "metadata.{map} of a Secret would change, which a custom plugin may not: more people read them than what \
             is in it"
        ));
    }
    Ok(())
}

fn in_metadata<'a>(object: &'a Value, field: &str) -> Option<&'a Value> {
    object.get("metadata")?.get(field)
}

/// How many bytes an object's annotations take at the member: keys and values, and the lists of the keys of annotations
/// and labels that are put beside them.
fn annotation_bytes(object: &Value) -> usize {
    let entries = |map: &str| in_metadata(object, map)?.as_object();
    let keys = |map: &Map<String, Value>| map.keys().map(|key| key.len() + 1).sum::<usize>();
    let annotations = entries("annotations").map_or(0, |annotations| {
        let values = annotations.iter().map(|(key, value)| key.len() + value.as_str().map_or(0, str::len));
        values.sum::<usize>() + keys(annotations)
    });
    annotations + entries("labels").map_or(0, keys)
}

/// How many bytes an object has as compact JSON, give or take the digits of its numbers, where they are too many.
pub(crate) fn oversize(object: &Value) -> Option<usize> {
    // Nearly every object is so small that it would fit even if each of its bytes were escaped. That is told ten times
    // faster than what it has.
    let at_most = weight(object, &|text| 6 * text.len());
    if at_most <= MAX_OBJECT_BYTES {
        return None;
    }
    let bytes = weight(object, &|text| text.bytes().map(escaped).sum());
    (bytes > MAX_OBJECT_BYTES).then_some(bytes)
}

/// The sum over all that is in a value.
fn weight(value: &Value, of: &impl Fn(&str) -> usize) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => 2 + of(text),
        Value::Array(items) => 2 + items.iter().map(|item| 1 + weight(item, of)).sum::<usize>(),
        Value::Object(members) => {
            2 + members.iter().map(|(key, value)| key.len() + 4 + weight(value, of)).sum::<usize>()
        }
    }
}

/// How many bytes JSON writes for one.
fn escaped(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

/// What is under these keys. Not a JSON pointer, which is taken apart into texts of its own each time it is followed.
pub(crate) fn at<'a>(object: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(object, |value, key| value.get(*key))
}
