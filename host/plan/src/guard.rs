//! What no override may change, whoever asks for it.

use portolan_api::metadata::{OUR_ANNOTATIONS, OUR_LABELS};
use serde_json::Value;

/// Kubernetes takes 1.5 MiB an object; the Work around it and its status need the rest.
pub(crate) const MAX_OBJECT_BYTES: usize = 1_400 * 1024;

/// Fields that a custom plugin may not set: whoever holds them decides over an object's life, or speaks for a server.
const NOT_FOR_CUSTOM_PLUGINS: &[&str] = &["/metadata/ownerReferences", "/metadata/finalizers", "/status"];

/// Whether an object may follow from another by one overrider. The error is a sentence that says what is not allowed.
pub(crate) fn permits(before: &Value, after: &Value, custom: bool) -> Result<(), String> {
    for (pointer, field) in [
        ("/apiVersion", "apiVersion"),
        ("/kind", "kind"),
        ("/metadata/name", "metadata.name"),
        ("/metadata/namespace", "metadata.namespace"),
    ] {
        if before.pointer(pointer) != after.pointer(pointer) {
            return Err(format!("{field} would change; an override may never make another object of it"));
        }
    }
    for (map, ours) in [("labels", OUR_LABELS), ("annotations", OUR_ANNOTATIONS)] {
        let of = |object: &'_ Value, key: &str| object.get("metadata")?.get(map)?.get(key).cloned();
        if let Some(key) = ours.iter().find(|key| of(before, key) != of(after, key)) {
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
        let changed = |pointer: &&&str| before.pointer(pointer) != after.pointer(pointer);
        if let Some(pointer) = NOT_FOR_CUSTOM_PLUGINS.iter().find(changed) {
            return Err(format!("{} would change, which a custom plugin may not", field(pointer)));
        }
    }
    let bytes = weight(after);
    if bytes > MAX_OBJECT_BYTES {
        return Err(format!("the object would have {bytes} bytes; at most {MAX_OBJECT_BYTES} travel"));
    }
    Ok(())
}

/// How many bytes a value has as compact JSON, give or take the digits of its numbers.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => 2 + text.bytes().map(escaped).sum::<usize>(),
        Value::Array(items) => 2 + items.iter().map(|item| 1 + weight(item)).sum::<usize>(),
        Value::Object(members) => {
            2 + members.iter().map(|(key, value)| key.len() + 4 + weight(value)).sum::<usize>()
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

fn field(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
