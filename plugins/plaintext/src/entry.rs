use std::borrow::Cow;

use patch_path::{Operator, Path};
use portolan_plugin::{Config, Fault, Operation};
use serde::Deserialize;
use serde_json::Value;

/// The entries of one rule, applied in order.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Entries(pub Vec<Entry>);

impl Config for Entries {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

/// One entry as policies write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// A pointer, taken as leniently as the reference takes it.
    pub path: String,
    /// What is done there.
    pub operator: Operator,
    /// With what. Left out, it is null, as in the reference.
    #[serde(default)]
    pub value: Value,
}

/// An entry that can't be wrong any more, unless the object makes it so.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) operator: Operator,
    pub(crate) path: Path,
    pub(crate) value: Value,
}

/// Reads the entries, or says which one can't be right for any object.
pub(crate) fn steps(entries: Vec<Entry>) -> Result<Vec<Step>, Fault> {
    (0..).zip(entries).map(|(place, entry)| step(place, entry)).collect()
}

fn step(place: usize, entry: Entry) -> Result<Step, Fault> {
    let Entry { path: written, operator, value } = entry;
    let wrong = |what: &str| Err(Fault::Config(format!("at [{place}].{what}")));
    let Some(path) = Path::read(&written) else {
        return wrong(&format!(
            "path: {written:?} is no pointer; one starts with a slash, such as \"/{written}\""
        ));
    };
    match operator {
        Operator::Remove if path.is_whole() => {
            return wrong("path: \"\" is the whole object, which can't be removed");
        }
        Operator::Add | Operator::Replace if path.is_whole() && !value.is_object() => {
            return wrong("value: the path \"\" is the whole object, which only an object can replace");
        }
        _ => {}
    }
    Ok(Step { operator, path, value })
}

impl Step {
    /// The step for an object that has no say in what the path means.
    pub(crate) fn into_operation(self) -> Operation {
        let at = self.path.pointer();
        operation(self.operator, at, self.value)
    }
}

/// The operation of the contract.
pub(crate) fn operation(operator: Operator, at: String, value: Value) -> Operation {
    match operator {
        Operator::Add => Operation::Add { at, value },
        Operator::Replace => Operation::Replace { at, value },
        Operator::Remove => Operation::Remove { at },
        Operator::Test => Operation::Test { at, value },
    }
}
