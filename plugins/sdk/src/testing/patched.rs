use serde_json::Value;

use crate::Operation;

/// The object with the patch applied, near enough to the host's for tests; the host's is the one that counts.
pub(super) fn patched(object: &Value, patch: &[Operation]) -> Value {
    let mut object = object.clone();
    for operation in patch {
        let (Operation::Add { at, .. }
        | Operation::Replace { at, .. }
        | Operation::Remove { at }
        | Operation::Test { at, .. }) = operation;
        if let Operation::Test { value, .. } = operation {
            assert_eq!(object.pointer(at), Some(value), "{at}");
            continue;
        }
        let Some((parent, key)) = at.rsplit_once('/') else {
            let (Operation::Add { value, .. } | Operation::Replace { value, .. }) = operation else {
                panic!("the whole object can't be taken out");
            };
            object = value.clone();
            continue;
        };
        let key = key.replace("~1", "/").replace("~0", "~");
        let parent = object.pointer_mut(parent).unwrap_or_else(|| panic!("{at}: its parent is not there"));
        match (parent, operation) {
            (Value::Object(members), Operation::Remove { .. }) => {
                assert!(members.remove(&key).is_some(), "{at} is not there");
            }
            (Value::Object(members), Operation::Replace { value, .. }) => {
                assert!(members.insert(key, value.clone()).is_some(), "{at} is not there");
            }
            (Value::Object(members), Operation::Add { value, .. }) => {
                drop(members.insert(key, value.clone()))
            }
            (Value::Array(items), operation) => {
                let index = if key == "-" { items.len() } else { key.parse().expect("an index") };
                match operation {
                    Operation::Add { value, .. } => items.insert(index, value.clone()),
                    Operation::Replace { value, .. } => items[index] = value.clone(),
                    _ => drop(items.remove(index)),
                }
            }
            _ => panic!("{at}: its parent is neither a map nor a list"),
        }
    }
    object
}
