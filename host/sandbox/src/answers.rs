//! Answers, checked and turned into plan's types. What is not allowed is a fault that says what would be.

use portolan_plan::{Amendment, Budget, Fault, Patch, Place, Reading, Refusal, Verb};
use serde_json::Value;

use crate::bindings::exports::portolan::policy::overrider;
use crate::bindings::portolan::policy::types;
use crate::budgets::Budgets;
use crate::text::one_line;

/// What the host holds for each refusal, amendment and operation beside its texts and places.
const ITEM_BYTES: u64 = 48;

/// What a JSON value takes on the host.
const VALUE_BYTES: u64 = 32;

/// What a JSON object takes beside that: a node of its tree, eleven keys and values, which is made for the first.
const OBJECT_BYTES: u64 = 640;

/// A filter's answer: every place on offer and once in its refusal.
pub(crate) fn refusals(
    refusals: Vec<types::Refusal>,
    reading: &Reading,
    budgets: &Budgets,
) -> Result<Vec<Refusal>, Fault> {
    let mut output = Output::new(budgets);
    for refusal in &refusals {
        output.item(refusal.clusters.len(), refusal.reason.len())?;
    }
    let checked = refusals.into_iter().enumerate().map(|(index, types::Refusal { reason, mut clusters })| {
        sort(&mut clusters, reading, || format!("refusal {} (`{}`)", index + 1, one_line(&reason)))?;
        Ok(Refusal { reason: one_line(&reason), clusters })
    });
    checked.collect()
}

/// An overrider's answer: every place is one that the rule targets, and named once in all.
pub(crate) fn amendments(
    amendments: Vec<overrider::Amendment>,
    reading: &Reading,
    budgets: &Budgets,
) -> Result<Vec<Amendment>, Fault> {
    let mut output = Output::new(budgets);
    for amendment in &amendments {
        output.operations(amendment.patch.len())?;
        output.item(amendment.clusters.len(), 0)?;
        amendment.patch.iter().try_for_each(|operation| output.operation(operation))?;
    }
    let targeted = reading.targeted();
    let mut named = Vec::new();
    let checked =
        amendments.into_iter().enumerate().map(|(index, overrider::Amendment { mut clusters, patch })| {
            let amendment = || format!("amendment {}", index + 1);
            sort(&mut clusters, reading, amendment)?;
            if let Some(place) = clusters.iter().find(|place| targeted.binary_search(place).is_err()) {
                return Err(Fault::Answer(format!(
                    "{} names {}, which the rule does not target; valid: {}",
                    amendment(),
                    cluster(*place, reading),
                    some(&targeted, reading)
                )));
            }
            named.extend_from_slice(&clusters);
            Ok(Amendment { clusters, patch: self::patch(patch, amendment)? })
        });
    let checked = checked.collect::<Result<Vec<_>, _>>()?;
    named.sort_unstable();
    if let Some(twice) = named.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Fault::Answer(format!(
            "{} is named by two amendments; valid: one for each cluster",
            cluster(twice[0], reading)
        )));
    }
    Ok(checked)
}

fn patch(operations: Vec<types::Operation>, amendment: impl Fn() -> String) -> Result<Patch, Fault> {
    let mut patch = Patch::default();
    for (index, operation) in operations.into_iter().enumerate() {
        let (verb, at, value) = match operation {
            types::Operation::Add(types::Edit { at, value }) => (Verb::Add, at, Some(value)),
            types::Operation::Replace(types::Edit { at, value }) => (Verb::Replace, at, Some(value)),
            types::Operation::Remove(at) => (Verb::Remove, at, None),
            types::Operation::Test(types::Edit { at, value }) => (Verb::Test, at, Some(value)),
        };
        let wrong = |why: &str| {
            Fault::Answer(format!(
                "operation {} of {} (at `{}`): {}",
                index + 1,
                amendment(),
                one_line(&at),
                one_line(why)
            ))
        };
        // The parser goes 128 levels deep and no deeper, so a value can't overflow the stack of whoever walks it.
        let value = match value {
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                wrong(&format!("its value is no JSON: {error}; valid: one JSON value as text"))
            })?,
            None => Value::Null,
        };
        patch.push(verb, &at, value).map_err(|error| wrong(&error.to_string()))?;
    }
    Ok(patch)
}

/// Sorts places; all must be on offer, and each there once.
fn sort(clusters: &mut [Place], reading: &Reading, list: impl Fn() -> String) -> Result<(), Fault> {
    clusters.sort_unstable();
    // Sorted, so that the last is the greatest.
    let size = reading.on_offer();
    if let Some(last) =
        clusters.last().filter(|last| usize::try_from(**last).map_or(true, |last| last >= size))
    {
        return Err(Fault::Answer(format!(
            "{} names cluster {last}, which is not on offer; valid: {}",
            list(),
            if size == 0 { "none, as there are no clusters".into() } else { format!("0 to {}", size - 1) }
        )));
    }
    if let Some(twice) = clusters.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Fault::Answer(format!(
            "{} names {} twice; valid: each once",
            list(),
            cluster(twice[0], reading)
        )));
    }
    Ok(())
}

fn cluster(place: Place, reading: &Reading) -> String {
    match reading.name(place) {
        Ok(name) => format!("cluster {place} (`{name}`)"),
        Err(_) => format!("cluster {place}"),
    }
}

/// The first few of some places, for a message.
fn some(places: &[Place], reading: &Reading) -> String {
    /// Arbitrary: about a line.
    const SHOWN: usize = 5;
    let mut text: Vec<String> = places.iter().take(SHOWN).map(|place| cluster(*place, reading)).collect();
    if places.len() > SHOWN {
        text.push(format!("{} more", places.len() - SHOWN));
    }
    if text.is_empty() { "none".into() } else { text.join(", ") }
}

/// Counts an answer before anything is made of it.
struct Output<'a> {
    budgets: &'a Budgets,
    bytes: u64,
    operations: u64,
}

impl<'a> Output<'a> {
    fn new(budgets: &'a Budgets) -> Self {
        Self { budgets, bytes: 0, operations: 0 }
    }

    fn item(&mut self, places: usize, text: usize) -> Result<(), Fault> {
        self.bytes(ITEM_BYTES + size_of::<Place>() as u64 * places as u64 + text as u64)
    }

    fn operations(&mut self, operations: usize) -> Result<(), Fault> {
        self.operations = self.operations.saturating_add(operations as u64);
        if self.operations > self.budgets.operations {
            return Err(Fault::Budget(Budget::Operations(self.budgets.operations)));
        }
        Ok(())
    }

    fn operation(&mut self, operation: &types::Operation) -> Result<(), Fault> {
        match operation {
            types::Operation::Add(edit) | types::Operation::Replace(edit) | types::Operation::Test(edit) => {
                self.item(0, edit.at.len() + edit.value.len())?;
                self.bytes(parsed_bytes(&edit.value))
            }
            types::Operation::Remove(at) => self.item(0, at.len()),
        }
    }

    fn bytes(&mut self, bytes: u64) -> Result<(), Fault> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.budgets.output_bytes {
            return Err(Fault::Budget(Budget::Output(self.budgets.output_bytes)));
        }
        Ok(())
    }
}

/// What a JSON text takes once it is parsed, beside its strings: `{"":0}` is 7 bytes as text and 700 as a value. Where
/// the text is no JSON the figure means nothing, and parsing will say so.
pub(crate) fn parsed_bytes(json: &str) -> u64 {
    let mut bytes = VALUE_BYTES;
    let mut within_string = false;
    let mut escaped = false;
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if within_string => escaped = true,
            b'"' => within_string = !within_string,
            _ if within_string => {}
            b'[' | b',' => bytes += VALUE_BYTES,
            b'{' => bytes += VALUE_BYTES + OBJECT_BYTES,
            _ => {}
        }
    }
    bytes
}
