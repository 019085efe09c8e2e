//! Patches: any operations on any object.
//!
//! The input is `{"object": ..., "patch": [{"op": ..., "path": ..., "value": ...}]}`. Promised:
//!
//! - an operation is taken in when its pointer is one by RFC 6901 and it can't go deeper than 128 levels, and else not;
//! - a patch does what its operations do one after the other, whole or not at all, and an error names the first that
//!   does not apply alone;
//! - after an operation the value at its pointer is the one that it set, which `Value::pointer` tells, code that has
//!   nothing to do with the patching; `test` holds exactly where that finds an equal value;
//! - what is added is taken away again by `remove`, and nothing else with it;
//! - no object gets deeper than 128, but for one that was;
//! - what is shown without values does not depend on values.
//!
//! It can't find an operation that changes something else than its place and still can be taken back.

use portolan_plan::{Patch, Verb};
use serde_json::{Value, json};

use crate::json::{self, Words};
use crate::random::Random;

const WORDS: Words = Words {
    keys: &["object", "patch", "op", "path", "value", "a", "b", "0", "", "~", "/", "-", "01"],
    texts: &[
        "add",
        "replace",
        "remove",
        "test",
        "",
        "/",
        "/a",
        "/a/b",
        "/a/0",
        "/a/-",
        "/a/1",
        "/0",
        "/~0",
        "/~1",
        "/~2",
        "/a/01",
        "/a/+1",
        "/a/4294967296",
        "/-",
        "//",
        "a",
        "~",
    ],
};

const MAX_DEPTH: usize = 128;

/// Another input.
pub fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    json::mutate(input, WORDS, random)
}

/// Holds what is promised against one input.
pub fn run(input: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Value>(input) else { return };
    let object = &input["object"];
    let operations: Vec<Operation> =
        input["patch"].as_array().into_iter().flatten().filter_map(Operation::read).collect();
    let mut whole = Patch::default();
    let mut without_values = Patch::default();
    let mut taken = Vec::new();
    for operation in operations {
        let pushed = whole.push(operation.verb, operation.path, operation.value.clone());
        assert_eq!(pushed.is_ok(), operation.is_allowed(), "{pushed:?}: {operation:?}");
        if pushed.is_ok() {
            without_values
                .push(operation.verb, operation.path, Value::Null)
                .expect("a shallower value goes no deeper");
            taken.push(operation);
        }
    }
    assert_eq!(whole.len(), taken.len());
    assert_eq!(whole.shown(false), without_values.shown(false));

    let together = whole.apply(object);
    assert_eq!(together, whole.apply(object), "twice the same");
    let mut step_by_step = object.clone();
    for (index, operation) in taken.iter().enumerate() {
        match operation.alone().apply(&step_by_step) {
            Ok(next) => {
                operation.holds(&step_by_step, &next);
                step_by_step = next;
            }
            Err(error) => {
                let whole = together.expect_err("one of its operations does not apply").to_string();
                assert!(whole.starts_with(&format!("operation {} (", index + 1)), "{whole}: {error}");
                return;
            }
        }
    }
    let together = together.expect("each of its operations applies");
    assert_eq!(together, step_by_step);
    assert!(depth(&together) <= depth(object).max(MAX_DEPTH));
}

#[derive(Debug)]
struct Operation<'a> {
    verb: Verb,
    path: &'a str,
    value: &'a Value,
}

impl<'a> Operation<'a> {
    fn read(from: &'a Value) -> Option<Self> {
        let verb = match from["op"].as_str()? {
            "add" => Verb::Add,
            "replace" => Verb::Replace,
            "remove" => Verb::Remove,
            "test" => Verb::Test,
            _ => return None,
        };
        Some(Self { verb, path: from["path"].as_str()?, value: &from["value"] })
    }

    fn is_allowed(&self) -> bool {
        let escapes = self.path.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        let is_pointer = escapes && (self.path.is_empty() || self.path.starts_with('/'));
        is_pointer && self.path.matches('/').count() + depth(self.value) <= MAX_DEPTH
    }

    fn alone(&self) -> Patch {
        let mut patch = Patch::default();
        patch.push(self.verb, self.path, self.value.clone()).expect("it was taken in before");
        patch
    }

    /// What must be so once this alone made one object of another.
    fn holds(&self, before: &Value, after: &Value) {
        let (parent, last) = self.path.rsplit_once('/').unwrap_or_default();
        let into_list = !self.path.is_empty() && before.pointer(parent).is_some_and(Value::is_array);
        match self.verb {
            Verb::Test => {
                assert_eq!(before, after, "a test changes nothing");
                assert_eq!(after.pointer(self.path), Some(self.value), "{self:?}");
            }
            Verb::Replace => {
                assert!(before.pointer(self.path).is_some(), "{self:?}");
                assert_eq!(after.pointer(self.path), Some(self.value), "{self:?}");
                self.undone(after, before, Verb::Replace, self.path, before.pointer(self.path));
            }
            Verb::Remove => {
                let removed = before.pointer(self.path);
                assert!(removed.is_some(), "{self:?}");
                if !self.path.is_empty() {
                    self.undone(after, before, Verb::Add, self.path, removed);
                }
            }
            Verb::Add => {
                let end = format!(
                    "{parent}/{}",
                    before.pointer(parent).and_then(Value::as_array).map_or(0, Vec::len)
                );
                let path = if into_list && last == "-" { &end } else { self.path };
                assert_eq!(after.pointer(path), Some(self.value), "{self:?}");
                let replaced = before.pointer(path).filter(|_| !into_list);
                let verb = if replaced.is_some() { Verb::Replace } else { Verb::Remove };
                self.undone(after, before, verb, path, replaced);
            }
        }
    }

    fn undone(&self, after: &Value, before: &Value, verb: Verb, path: &str, value: Option<&Value>) {
        let value = value.cloned().unwrap_or_default();
        // What was deeper than allowed can't be put back.
        if path.matches('/').count() + depth(&value) > MAX_DEPTH {
            return;
        }
        let mut patch = Patch::default();
        patch.push(verb, path, value).expect("it is a pointer and not too deep");
        assert_eq!(patch.apply(after).as_ref(), Ok(before), "{self:?} is undone by {patch}");
        let equal = json!({"a": before}) == json!({"a": after});
        let mut test = Patch::default();
        if test.push(Verb::Test, "", before.clone()).is_ok() {
            assert_eq!(test.apply(after).is_ok(), equal, "a test tells whether they are equal");
        }
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
