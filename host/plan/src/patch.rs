//! RFC 6902 patches, less move and copy: the one way in which a plugin changes an object.

use std::fmt;

use json_patch::jsonptr::PointerBuf;
use json_patch::{
    AddOperation, PatchErrorKind, PatchOperation, RemoveOperation, ReplaceOperation, TestOperation,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How deep an object may be after a patch. `serde_json` and the API server read no deeper than 128 and 10,000; a
/// deeper one could overflow the stack of whatever walks it.
const MAX_DEPTH: usize = 128;

/// Operations that apply in order, whole or not at all. Their pointers are well formed, and no operation can make an
/// object deeper than 128.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "Vec<Written>", try_from = "Vec<Written>")]
pub struct Patch {
    operations: Vec<PatchOperation>,
}

/// An operation as RFC 6902 writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    op: Verb,
    path: String,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "some")]
    value: Option<Value>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Sets a member or inserts an element.
    Add,
    /// Sets what is there.
    Replace,
    /// Takes away what is there.
    Remove,
    /// Fails unless the value there is equal.
    Test,
}

/// Why a patch could not be made or applied; a sentence without the object's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PatchError(String);

impl Patch {
    /// Adds an operation at the end. The value of a `Remove` does not count.
    pub fn push(&mut self, verb: Verb, at: &str, value: Value) -> Result<(), PatchError> {
        let path = PointerBuf::parse(at).map_err(|_| {
            PatchError(format!(
                "`{at}` is no RFC 6901 pointer; valid: \"\" or one that begins with /, such as /spec/replicas"
            ))
        })?;
        if path.count() + depth(&value) > MAX_DEPTH {
            return Err(PatchError(format!(
                "an operation would make the object deeper than {MAX_DEPTH} levels"
            )));
        }
        self.operations.push(match verb {
            Verb::Add => PatchOperation::Add(AddOperation { path, value }),
            Verb::Replace => PatchOperation::Replace(ReplaceOperation { path, value }),
            Verb::Remove => PatchOperation::Remove(RemoveOperation { path }),
            Verb::Test => PatchOperation::Test(TestOperation { path, value }),
        });
        Ok(())
    }

    /// Where each operation acts, and its value if it has one.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, Option<&Value>)> {
        self.operations.iter().map(|operation| {
            let value = match operation {
                PatchOperation::Add(AddOperation { value, .. })
                | PatchOperation::Replace(ReplaceOperation { value, .. })
                | PatchOperation::Test(TestOperation { value, .. }) => Some(value),
                _ => None,
            };
            (operation.path().as_str(), value)
        })
    }

    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The object with the patch applied; the error names the operation that failed and why.
    pub fn apply(&self, object: &Value) -> Result<Value, PatchError> {
        let mut object = object.clone();
        // The unsafe in the name is about leaving a half-patched document behind, which is dropped here.
        json_patch::patch_unsafe(&mut object, &self.operations).map_err(|error| {
            let failed = &self.operations[error.operation];
            let why = match (&error.kind, failed) {
                (PatchErrorKind::TestFailed, _) => "the value there is another",
                (PatchErrorKind::InvalidFromPointer | PatchErrorKind::CannotMoveInsideItself, _) => {
                    "it is no operation of ours"
                }
                (PatchErrorKind::InvalidPointer, PatchOperation::Add(_)) => {
                    "its parent is not there, or is a list without that index; valid: a place in a map or list that \
                     exists, or an operation before it that adds the parent"
                }
                (PatchErrorKind::InvalidPointer, PatchOperation::Replace(_)) => {
                    "nothing is there; valid: a path that exists, or `add`"
                }
                (PatchErrorKind::InvalidPointer, _) => "nothing is there; valid: a path that exists",
                _ => "it does not apply",
            };
            let verb = verb(failed);
            PatchError(format!("operation {} (`{verb} {}`): {why}", error.operation + 1, failed.path()))
        })?;
        Ok(object)
    }
}

impl Patch {
    /// As [`Display`](fmt::Display) writes it, with values or without: a Secret's are not for every eye.
    pub fn shown(&self, values: bool) -> String {
        if values {
            return self.to_string();
        }
        let operations =
            self.operations.iter().map(|operation| format!("{} {}", verb(operation), operation.path()));
        operations.collect::<Vec<_>>().join(", ")
    }
}

impl From<Patch> for Vec<Written> {
    fn from(patch: Patch) -> Self {
        let written = |operation| match operation {
            PatchOperation::Add(AddOperation { path, value }) => (Verb::Add, path, Some(value)),
            PatchOperation::Replace(ReplaceOperation { path, value }) => (Verb::Replace, path, Some(value)),
            PatchOperation::Test(TestOperation { path, value }) => (Verb::Test, path, Some(value)),
            PatchOperation::Remove(RemoveOperation { path }) => (Verb::Remove, path, None),
            PatchOperation::Move(_) | PatchOperation::Copy(_) => unreachable!("push makes none"),
        };
        let operations = patch.operations.into_iter().map(written);
        operations.map(|(op, path, value)| Written { op, path: path.to_string(), value }).collect()
    }
}

impl TryFrom<Vec<Written>> for Patch {
    type Error = PatchError;

    fn try_from(written: Vec<Written>) -> Result<Self, PatchError> {
        let mut patch = Self::default();
        for Written { op, path, value } in written {
            patch.push(op, &path, value.unwrap_or_default())?;
        }
        Ok(patch)
    }
}

/// A value that is null is there all the same.
fn some<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

/// `replace /spec/replicas = 2, remove /spec/paused`, values as compact JSON.
impl fmt::Display for Patch {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, operation) in self.operations.iter().enumerate() {
            if index > 0 {
                to.write_str(", ")?;
            }
            write!(to, "{} {}", verb(operation), operation.path())?;
            match operation {
                PatchOperation::Add(AddOperation { value, .. })
                | PatchOperation::Replace(ReplaceOperation { value, .. })
                | PatchOperation::Test(TestOperation { value, .. }) => write!(to, " = {value}")?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn verb(operation: &PatchOperation) -> &'static str {
    match operation {
        PatchOperation::Add(_) => "add",
        PatchOperation::Replace(_) => "replace",
        PatchOperation::Remove(_) => "remove",
        PatchOperation::Test(_) => "test",
        PatchOperation::Move(_) | PatchOperation::Copy(_) => "move or copy",
    }
}

/// Levels of nesting: 0 for a scalar. Values come from a parser that stops at 128, so recursion is bounded.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
