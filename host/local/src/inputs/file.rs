//! From a file to the values in it.

use std::sync::Arc;

use portolan_api::Object;
use serde_json::Value;

use super::InputProblem;
use super::origin::Origin;
use super::packed::Packed;
use super::text::{Kept, Text};
use super::walk::File;
use crate::yaml::{Chunk, Document, chunks, compose, copies};

/// What one file holds.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) found: Vec<Found>,
    pub(super) problems: Vec<InputProblem>,
}

/// One object.
pub(super) struct Found {
    pub(super) object: Held,
    pub(super) origin: Origin,
    /// Only where something may still be found wrong with it, because most of what is read are templates.
    pub(super) text: Option<Text>,
}

/// An object while the rest is read.
pub(super) enum Held {
    /// A template that teaches nothing.
    Template(Packed),
    /// Anything else, which is looked into before long.
    Whole(Object),
}

/// Reads all documents of a file; Lists fall apart into what they hold.
pub(super) fn read(file: &File) -> Contents {
    let mut contents = Contents::default();
    let origin = Origin::of(&file.path);
    let bytes = match file.bytes() {
        Ok(bytes) => bytes,
        Err(error) => {
            contents.problems.push(InputProblem::unreadable(origin, format!("can't be read: {error}")));
            return contents;
        }
    };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            contents.problems.push(not_utf8(origin, &bytes, error.valid_up_to()));
            return contents;
        }
    };
    let mut copies = copies();
    for chunk in chunks(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let (documents, malformed) = compose(chunk, &mut copies);
        let mut kept = None;
        for document in documents {
            flatten(document, &origin, chunk, &mut kept, &mut contents);
        }
        if let Some(malformed) = malformed {
            let place =
                Origin { line: Some(malformed.line), column: Some(malformed.column), ..origin.clone() };
            contents.problems.push(InputProblem::unreadable(place, malformed.message));
        }
    }
    contents
}

/// Takes a document for an object, or for the objects that it lists. Lists may hold Lists.
fn flatten(
    document: Document,
    origin: &Origin,
    chunk: Chunk<'_>,
    kept: &mut Option<Arc<Kept>>,
    contents: &mut Contents,
) {
    let Document { value, line, item_lines, index } = document;
    let origin = Origin { line: Some(line), ..origin.clone() };
    let mut left = vec![(value, origin, String::new())];
    while let Some((mut value, origin, path)) = left.pop() {
        let Some(items) = items(&mut value) else {
            let text = || Text {
                first_line: chunk.first_line,
                chunk: Arc::clone(kept.get_or_insert_with(|| Arc::new(Kept::new(chunk)))),
                document: index,
                path,
            };
            match Object::parse(value) {
                Ok(object) => {
                    let text = may_be_wrong(&object).then(text);
                    contents.found.push(Found { object: hold(object), origin, text });
                }
                Err(wrong) => {
                    let line = text().locate(wrong.field, "").or(origin.line);
                    let problem = InputProblem::unreadable(Origin { line, ..origin }, wrong.to_string());
                    contents.problems.push(problem);
                }
            }
            continue;
        };
        let first = left.len();
        for (at, item) in items.into_iter().enumerate() {
            // In a List within a List, the place is that of the inner one in the outer.
            let outermost = path.is_empty();
            let line = item_lines.get(at).copied().filter(|_| outermost).or(origin.line);
            let item_number = if outermost { u32::try_from(at).ok() } else { origin.item };
            let origin = Origin { line, item: item_number, ..origin.clone() };
            let dot = if outermost { "" } else { "." };
            left.push((item, origin, format!("{path}{dot}items[{at}]")));
        }
        // The last is taken first.
        left[first..].reverse();
    }
}

/// The elements of a List: a kind that ends so, with `items`. Those of a `DeploymentList` may leave out what they are.
fn items(value: &mut Value) -> Option<Vec<Value>> {
    let kind = value.get("kind")?.as_str()?.strip_suffix("List")?.to_owned();
    let api_version = value.get("apiVersion").cloned();
    let mut items = match value.get_mut("items")? {
        Value::Array(items) => std::mem::take(items),
        Value::Null if kind.is_empty() => Vec::new(),
        _ => return None,
    };
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        if !kind.is_empty() && !item.contains_key("kind") && !item.contains_key("apiVersion") {
            item.insert("kind".into(), Value::String(kind.clone()));
            item.extend(api_version.clone().map(|api_version| ("apiVersion".into(), api_version)));
        }
    }
    Some(items)
}

fn hold(object: Object) -> Held {
    // A definition says where objects of its kind live.
    if portolan_api::Document::is_template(&object) && object.kind() != "CustomResourceDefinition" {
        Held::Template(Packed::new(object))
    } else {
        Held::Whole(object)
    }
}

/// Whether reading this as a document may find it wrong, as it may Portolan's own kinds. Where this errs, a problem
/// names the object's line instead of the field's.
fn may_be_wrong(object: &Object) -> bool {
    ["karmada.io/", "portolan.dev/"].iter().any(|group| object.api_version().contains(group))
}

fn not_utf8(origin: Origin, bytes: &[u8], valid_up_to: usize) -> InputProblem {
    let before = &bytes[..valid_up_to];
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let line = u32::try_from(lines + 1).ok();
    let message = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        "is UTF-16; save it as UTF-8"
    } else {
        "is no text in UTF-8 from here on"
    };
    InputProblem::unreadable(Origin { line, ..origin }, message)
}
