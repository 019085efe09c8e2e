//! Which strings of an object are meant, and what becomes of them.

use std::collections::BTreeMap;

use portolan_plugin::{Amendment, Cluster, Fault, Operation, Questions};
use serde_json::Value;

use crate::entry::{Edits, Format};
use crate::{json, yaml};

/// The patches that apply the edits on every cluster that the rule targets.
pub(crate) fn patch(entries: &[Edits], questions: &dyn Questions) -> Vec<Amendment> {
    if entries.is_empty() {
        return Vec::new();
    }
    let mut amendments = Vec::new();
    for clusters in questions.target_alike() {
        let Some(&on) = clusters.first() else { continue };
        let mut strings = Strings { on, questions, strings: BTreeMap::new(), warnings: Vec::new() };
        let edited = entries.iter().enumerate().try_for_each(|(place, edits)| strings.edit(place, edits));
        let Strings { strings, warnings, .. } = strings;
        match edited {
            Err(fault) => amendments.push(Amendment::fault(clusters, fault)),
            Ok(()) => {
                let changed = strings.into_iter().filter(|(_, (before, after))| before != after);
                let replace = |(at, (_, after)): (&str, (String, String))| Operation::Replace {
                    at: at.to_owned(),
                    value: after.into(),
                };
                let patch: Vec<Operation> = changed.map(replace).collect();
                if !patch.is_empty() || !warnings.is_empty() {
                    amendments.push(Amendment { clusters, patch: Ok(patch), warnings });
                }
            }
        }
    }
    amendments
}

/// The strings of one object that were looked at so far.
struct Strings<'a> {
    on: Cluster,
    questions: &'a dyn Questions,
    /// Before and after, by pointer.
    strings: BTreeMap<&'a str, (String, String)>,
    warnings: Vec<String>,
}

impl<'a> Strings<'a> {
    fn edit(&mut self, place: usize, Edits { at, format, steps }: &'a Edits) -> Result<(), Fault> {
        if !self.strings.contains_key(at.as_str()) {
            let string = self.string(place, at)?;
            self.strings.insert(at, (string.clone(), string));
        }
        let Some((_, text)) = self.strings.get_mut(at.as_str()) else { return Ok(()) };
        let edited = match format {
            Format::Json if text.is_empty() => {
                self.warnings.push(format!(
                    "[{place}].fieldPath: the string at {at} is empty, so nothing changes; valid: the text of a JSON object or list"
                ));
                return Ok(());
            }
            Format::Json => json::edited(text, steps),
            Format::Yaml => yaml::edited(text, steps),
            Format::Nothing => {
                self.warnings.push(format!(
                    "[{place}]: the string at {at} is emptied, because neither `json` nor `yaml` says what is to change in it"
                ));
                Ok(String::new())
            }
        };
        match edited {
            Ok(edited) => *text = edited,
            Err(wrong) => {
                let secret = self.questions.target_get(self.on, "/kind") == Some("Secret".into());
                let why = wrong.said(secret);
                return Err(Fault::Template(format!("[{place}]: in the string at {at}: {why}")));
            }
        }
        Ok(())
    }

    fn string(&self, place: usize, at: &str) -> Result<String, Fault> {
        let found = match self.questions.target_get(self.on, at) {
            Some(Value::String(string)) => return Ok(string),
            Some(Value::Null) => "there is null",
            Some(Value::Bool(_)) => "there is true or false",
            Some(Value::Number(_)) => "there is a number",
            Some(Value::Array(_)) => "there is a list",
            Some(Value::Object(_)) => "there is an object",
            None => "nothing is there",
        };
        Err(Fault::Template(format!(
            "[{place}].fieldPath: {at}: {found}; valid: the path of a string that holds JSON or YAML"
        )))
    }
}

/// Why a string can't be edited.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// Where what stands in the string is malformed, and how; the latter may tell what it is.
    Text(String, String),
    /// What the policy asks for can't be done.
    Edit(String),
}

impl Wrong {
    fn said(self, secret: bool) -> String {
        match self {
            Self::Text(place, _) if secret => format!("{place}; what it is stands in a Secret"),
            Self::Text(place, why) => format!("{place}: {why}"),
            Self::Edit(why) => why,
        }
    }
}
