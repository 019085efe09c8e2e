//! An answer as the component model lays it out in a plugin's memory.
//!
//! A text or a list is its place and its length; a record is its fields; a variant is the number of its case, and what
//! belongs to it four bytes later.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::Value;

use super::items;

/// What fits below the plugin's own data.
const MOST_BYTES: usize = 32 << 10;

/// Memory from address 0 on, as hexadecimal digits; and whether bytes of it were changed, or left out for want of room.
pub(super) fn image(input: &Value) -> (String, bool) {
    let mut image = Image { bytes: vec![0; 4], changed: false };
    let answer = if let Some((kind, said)) = fault(input) {
        let said = image.text(said);
        image.put(&[&[1, case(kind)], &said[..]].concat())
    } else if let Some(words) = image.of_stage(input) {
        image.put(&words)
    } else if let Some(amendments) = input.get("overrider") {
        let amendments: Vec<Vec<u32>> =
            items(amendments).map(|amendment| image.amendment(amendment)).collect();
        let list = image.list(&amendments);
        image.put(&[&[0], &list[..]].concat())
    } else {
        let refusals: Vec<Vec<u32>> = items(&input["filter"]).map(|refusal| image.refusal(refusal)).collect();
        let list = image.list(&refusals);
        image.put(&[&[0], &list[..]].concat())
    };
    image.bytes[..4].copy_from_slice(&answer.to_le_bytes());
    for change in items(&input["bytes"]) {
        let number = |at: usize| {
            change.get(at).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
        };
        if let (Some(place), Some(byte)) = (number(0), number(1)) {
            let end = image.bytes.len();
            image.bytes[place % end] = byte.to_le_bytes()[0];
            image.changed = true;
        }
    }
    let mut digits = String::with_capacity(image.bytes.len() * 2);
    for byte in &image.bytes {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    (digits, image.changed)
}

/// The fault that is answered, where one is: its kind and its text.
pub(super) fn fault(input: &Value) -> Option<(&str, &str)> {
    let fault = input.get("fault")?;
    let kind = ["config", "template", "unschedulable"].into_iter().find(|kind| text(&fault[0]) == *kind);
    Some((kind.unwrap_or("internal"), text(&fault[1])))
}

/// The number of a kind of fault.
fn case(kind: &str) -> u32 {
    let case = ["config", "template", "unschedulable", "internal"].iter().position(|known| *known == kind);
    case.map_or(3, number32)
}

/// The text of an operation's value.
pub(super) fn value(operation: &Value) -> Cow<'_, str> {
    match operation["text"].as_str() {
        Some(text) => text.into(),
        None => operation["value"].to_string().into(),
    }
}

/// The text that a value is, or none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

struct Image {
    bytes: Vec<u8>,
    changed: bool,
}

impl Image {
    /// The answer of a later stage of placement, or of an interpreter, where the input has one.
    fn of_stage(&mut self, input: &Value) -> Option<Vec<u32>> {
        let numbers = |list: &Value| items(list).map(number_of).collect::<Vec<u32>>();
        if let Some(scores) = input.get("scorer") {
            let scores: Vec<u8> = numbers(scores).into_iter().map(|score| score.to_le_bytes()[0]).collect();
            return Some(vec![0, self.bytes(&scores), number32(scores.len())]);
        }
        if let Some(estimates) = input.get("estimator") {
            let estimate = |value: &Value| vec![u32::from(!value.is_null()), number_of(value)];
            let estimates: Vec<Vec<u32>> = items(estimates).map(estimate).collect();
            return Some([&[0], &self.list(&estimates)[..]].concat());
        }
        if let Some(choice) = input.get("selector") {
            let chosen = self.places(&choice["chosen"]);
            let refused: Vec<Vec<u32>> =
                items(&choice["refused"]).map(|refusal| self.refusal(refusal)).collect();
            return Some([&[0], &chosen[..], &self.list(&refused)].concat());
        }
        if let Some(replicas) = input.get("assigner") {
            let replicas = numbers(replicas);
            return Some(vec![0, self.put(&replicas), number32(replicas.len())]);
        }
        if let Some(size) = input.get("size") {
            let completions = &size["completions"];
            let some = |value: &Value| u32::from(!value.is_null());
            let requirements = self.text(text(&size["requirements"]));
            return Some(
                [
                    &[0, 1, number_of(&size["replicas"]), some(&size["requirements"])],
                    &requirements[..],
                    &[some(completions), number_of(completions)],
                ]
                .concat(),
            );
        }
        if let Some(state) = input.get("health") {
            return Some(vec![0, number_of(state)]);
        }
        if let Some(status) = input.get("status") {
            return Some([&[0, 1], &self.text(text(status))[..]].concat());
        }
        let dependencies: Vec<Vec<u32>> =
            items(input.get("dependencies")?).map(|dependency| self.dependency(dependency)).collect();
        Some([&[0], &self.list(&dependencies)[..]].concat())
    }

    fn dependency(&mut self, dependency: &Value) -> Vec<u32> {
        let mut put = |field: &str| self.text(text(&dependency[field]));
        let labelled = dependency["labels"].is_string();
        [
            &put("apiVersion")[..],
            &put("kind"),
            &[u32::from(dependency["namespace"].is_string())],
            &put("namespace"),
            &[u32::from(labelled)],
            &put(if labelled { "labels" } else { "name" }),
        ]
        .concat()
    }

    fn refusal(&mut self, refusal: &Value) -> Vec<u32> {
        [self.text(text(&refusal["reason"])), self.places(&refusal["clusters"])].concat()
    }

    fn amendment(&mut self, amendment: &Value) -> Vec<u32> {
        let operations: Vec<Vec<u32>> = items(&amendment["patch"])
            .map(|operation| {
                let path = self.text(text(&operation["path"]));
                let case = match operation["op"].as_str() {
                    Some("replace") => 1,
                    Some("remove") => return [&[2], &path[..], &[0, 0]].concat(),
                    Some("test") => 3,
                    _ => 0,
                };
                let value = self.text(&value(operation));
                [&[case], &path[..], &value].concat()
            })
            .collect();
        let patch = match fault(amendment) {
            Some((kind, said)) => [&[1, case(kind)], &self.text(said)[..]].concat(),
            None => [&[0], &self.list(&operations)[..], &[0]].concat(),
        };
        let warnings: Vec<Vec<u32>> =
            items(&amendment["warnings"]).map(|warning| self.text(text(warning)).to_vec()).collect();
        [&self.places(&amendment["clusters"])[..], &patch, &self.list(&warnings)].concat()
    }

    fn places(&mut self, clusters: &Value) -> [u32; 2] {
        let places = super::places(clusters);
        [self.put(&places), number32(places.len())]
    }

    fn list(&mut self, items: &[Vec<u32>]) -> [u32; 2] {
        [self.put(&items.concat()), number32(items.len())]
    }

    fn text(&mut self, text: &str) -> [u32; 2] {
        let place = self.bytes(text.as_bytes());
        [place, number32(text.len())]
    }

    fn put(&mut self, words: &[u32]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.bytes(&bytes)
    }

    fn bytes(&mut self, bytes: &[u8]) -> u32 {
        if self.bytes.len() + bytes.len() > MOST_BYTES {
            self.changed = true;
            return 0;
        }
        let place = number32(self.bytes.len());
        self.bytes.extend_from_slice(bytes);
        place
    }
}

/// The number that a value is, or 0.
pub(super) fn number_of(value: &Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

fn number32(number: usize) -> u32 {
    u32::try_from(number).expect("an image is small")
}
