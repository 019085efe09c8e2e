//! Edits to one list of strings of containers, given as Karmada's `commandOverrider` and `argsOverrider` are.

use std::borrow::Cow;
use std::collections::BTreeMap;

use portolan_plugin::{Amendment, Config, Fault, Operation, Questions};
use serde::Deserialize;
use serde_json::Value;

use crate::{described, everywhere, kind, of_kind, unknown_kind};

/// The entries of one rule, applied in order.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Edits(pub Vec<Edit>);

impl Config for Edits {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

/// One entry of an overrider. Entries apply in order, each to what the one before left.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Edit {
    /// Every container of this name.
    pub container_name: String,
    /// `add` appends, `remove` takes out whatever equals one of the values; another one changes nothing. Either makes
    /// the list where there is none.
    pub operator: String,
    /// The strings.
    #[serde(default)]
    pub value: Option<Vec<String>>,
}

/// The patches that apply the edits to the list under that key, such as `command`, on every cluster that the rule
/// targets. A cluster whose containers can't be read gets a [`Fault::Template`].
pub fn patch(edits: &[Edit], list: &str, questions: &dyn Questions) -> Vec<Amendment> {
    if edits.is_empty() {
        return Vec::new();
    }
    let groups = questions.target_alike();
    let Some(kind) = kind(&groups, questions) else { return Vec::new() };
    let Some(at) = of_kind(&kind) else {
        return everywhere(unknown_kind(&kind, "`plaintext` changes a list wherever it is"), groups);
    };
    let mut amendments = Vec::new();
    for clusters in groups {
        let Some(&first) = clusters.first() else { continue };
        let containers = questions.target_get(first, at).unwrap_or_default();
        match edited(edits, list, at, &containers) {
            Ok((patch, warnings)) if patch.is_empty() && warnings.is_empty() => {}
            Ok((patch, warnings)) => amendments.push(Amendment { clusters, patch: Ok(patch), warnings }),
            Err(fault) => amendments.push(Amendment::fault(clusters, fault)),
        }
    }
    amendments
}

fn edited(
    edits: &[Edit],
    list: &str,
    at: &str,
    containers: &Value,
) -> Result<(Vec<Operation>, Vec<String>), Fault> {
    let containers = match containers {
        Value::Null => &[][..],
        Value::Array(containers) => containers,
        other => return Err(no(at, "a list of containers", other)),
    };
    let mut names = Vec::new();
    for (place, container) in containers.iter().enumerate() {
        let Value::Object(container) = container else {
            return Err(no(&format!("{at}/{place}"), "a container", container));
        };
        names.push(container.get("name").and_then(Value::as_str).unwrap_or_default());
    }
    let mut warnings = Vec::new();
    let mut lists: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (index, Edit { container_name, operator, value }) in edits.iter().enumerate() {
        if !matches!(operator.as_str(), "add" | "remove") {
            warnings.push(format!("[{index}].operator: `{operator}` does nothing here; valid: add, remove"));
        }
        let meant = |place: &usize| names[*place] == container_name;
        if !(0..names.len()).any(|place| meant(&place)) {
            let valid = if names.is_empty() {
                "it has no containers".to_owned()
            } else {
                format!("valid: {}", names.join(", "))
            };
            warnings.push(format!(
                "[{index}].containerName: no container is called `{container_name}`, so nothing changes; {valid}"
            ));
        }
        for place in (0..names.len()).filter(meant) {
            let edited = match lists.entry(place) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(new) => {
                    new.insert(strings(&containers[place][list], &format!("{at}/{place}/{list}"))?)
                }
            };
            let values = value.as_deref().unwrap_or_default();
            match operator.as_str() {
                "add" => edited.extend_from_slice(values),
                "remove" => edited.retain(|string| !values.contains(string)),
                _ => {}
            }
        }
    }
    let changed = |(place, after): (usize, Vec<String>)| {
        let before = &containers[place][list];
        let same = before.as_array().is_some_and(|before| *before == after);
        let value = after.into_iter().map(Value::String).collect::<Vec<_>>().into();
        (!same).then(|| Operation::Add { at: format!("{at}/{place}/{list}"), value })
    };
    Ok((lists.into_iter().filter_map(changed).collect(), warnings))
}

fn strings(list: &Value, at: &str) -> Result<Vec<String>, Fault> {
    let items = match list {
        Value::Null => &[][..],
        Value::Array(items) => items,
        other => return Err(no(at, "a list of strings", other)),
    };
    let string = |(place, item): (usize, &Value)| match item {
        Value::String(string) => Ok(string.clone()),
        other => Err(no(&format!("{at}/{place}"), "a string", other)),
    };
    items.iter().enumerate().map(string).collect()
}

fn no(at: &str, wanted: &str, found: &Value) -> Fault {
    Fault::Template(format!("{at} is {}; it must be {wanted}", described(found)))
}
