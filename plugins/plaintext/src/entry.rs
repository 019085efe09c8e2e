use std::borrow::Cow;

use patch_path::Path;
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

/// What is done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    /// Sets a member, or inserts into a list.
    Add,
    /// Sets what is there already.
    Replace,
    /// Takes out what is there; the value is not looked at.
    Remove,
    /// Voids the whole patch unless the value is there. Karmada's admission does not let it in, its code
    /// obeys it.
    Test,
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
        self.operator.at(at, self.value)
    }
}

impl Operator {
    /// The operation of the contract.
    pub(crate) fn at(self, at: String, value: Value) -> Operation {
        match self {
            Self::Add => Operation::Add { at, value },
            Self::Replace => Operation::Replace { at, value },
            Self::Remove => Operation::Remove { at },
            Self::Test => Operation::Test { at, value },
        }
    }
}
