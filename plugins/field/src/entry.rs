use std::borrow::Cow;

use patch_path::{Operator, Path};
use portolan_plugin::{Config, Fault};
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
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Entry {
    /// Where the string stands, as an RFC 6901 pointer.
    pub field_path: String,
    /// Edits to the JSON in it.
    #[serde(default)]
    pub json: Option<Vec<Edit>>,
    /// Edits to the YAML in it. They count where both are there, as in the reference.
    #[serde(default)]
    pub yaml: Option<Vec<Edit>>,
}

/// One edit as policies write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Edit {
    /// A pointer into what stands in the string, taken as leniently as the reference takes it.
    pub sub_path: String,
    /// What is done there.
    pub operator: Operator,
    /// With what. Left out, it is null.
    #[serde(default)]
    pub value: Value,
}

/// An entry that can't be wrong any more, unless the object makes it so.
#[derive(Debug)]
pub(crate) struct Edits {
    pub(crate) at: String,
    pub(crate) format: Format,
    pub(crate) steps: Vec<Step>,
}

/// What stands in the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Yaml,
    /// Nothing is asked for: the reference empties the string then.
    Nothing,
}

#[derive(Debug)]
pub(crate) struct Step {
    /// The edit as its message calls it, such as `[0].json[1]`.
    pub(crate) name: String,
    pub(crate) path: Path,
    pub(crate) written: String,
    pub(crate) operator: Operator,
    pub(crate) value: Value,
}

/// Reads the entries, or says which one can't be right for any object.
pub(crate) fn read(entries: Vec<Entry>) -> Result<Vec<Edits>, Fault> {
    entries.into_iter().enumerate().map(|(place, entry)| edits(place, entry)).collect()
}

fn edits(place: usize, Entry { field_path, json, yaml }: Entry) -> Result<Edits, Fault> {
    if !field_path.starts_with('/') {
        return Err(Fault::Config(format!(
            "at [{place}].fieldPath: {field_path:?} is no pointer to a string; one starts with a slash, such as \"/data/config\""
        )));
    }
    let some = |edits: Option<Vec<Edit>>| edits.filter(|edits| !edits.is_empty());
    let (format, list, edits) = match (some(yaml), some(json)) {
        (Some(edits), _) => (Format::Yaml, "yaml", edits),
        (None, Some(edits)) => (Format::Json, "json", edits),
        (None, None) => (Format::Nothing, "", Vec::new()),
    };
    let steps = edits.into_iter().enumerate();
    let steps = steps.map(|(index, edit)| step(format!("[{place}].{list}[{index}]"), edit));
    Ok(Edits { at: field_path, format, steps: steps.collect::<Result<_, _>>()? })
}

fn step(name: String, Edit { sub_path, operator, value }: Edit) -> Result<Step, Fault> {
    let wrong = |what: &str| Err(Fault::Config(format!("at {name}.{what}")));
    let Some(path) = Path::read(&sub_path) else {
        return wrong(&format!(
            "subPath: {sub_path:?} is no pointer; one starts with a slash, such as \"/{sub_path}\""
        ));
    };
    match operator {
        Operator::Remove if path.is_whole() => {
            return wrong("subPath: \"\" is the whole document, which can't be removed");
        }
        Operator::Add | Operator::Replace if path.is_whole() && !value.is_object() && !value.is_array() => {
            return wrong(
                "value: the path \"\" is the whole document, which only an object or a list can replace",
            );
        }
        _ => {}
    }
    Ok(Step { name, path, written: sub_path, operator, value })
}
