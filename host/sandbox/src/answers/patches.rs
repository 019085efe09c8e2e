//! An overrider's answer: patches for the clusters that its rule targets.

use portolan_plan::{Amendment, Budget, Fault, Patch, Place, Reading, Verb};
use serde_json::Value;

use super::output::{Output, parsed_bytes, values};
use super::places::{cluster, some, sort};
use crate::bindings::exports::portolan::policy::overrider;
use crate::bindings::portolan::policy::types;
use crate::budgets::Budgets;
use crate::call::reported;
use crate::text::one_line;

/// Levels of a pointer that take as long to go down as the rest of a plain operation: 120 of them take 12 µs.
const LEVELS: u64 = 3;

/// Elements of a list that take as long to shift as a plain operation: 700,000, which are as many as an object of 1.4
/// MiB can have, take 0.9 to 1.5 ms.
const SHIFTED: u64 = 150;

/// How many warnings of an amendment are kept; the rest are counted. Arbitrary: who reads more than that?
const WARNINGS: usize = 16;

/// Every place is one that the rule targets, and named once in all.
pub(crate) fn amendments(
    amendments: Vec<overrider::Amendment>,
    reading: &mut Reading,
    budgets: &Budgets,
) -> Result<Vec<Amendment>, Fault> {
    let mut output = Output::new(budgets);
    for amendment in &amendments {
        output.item(amendment.clusters.len(), 0)?;
        operations(amendment).iter().try_for_each(|operation| count(operation, &mut output))?;
        amendment.warnings.iter().try_for_each(|warning| output.item(0, warning.len()))?;
    }
    // Only then does what applying takes depend on the objects.
    if amendments.iter().flat_map(operations).any(shifts) {
        reading.weighs_objects();
    }
    let reading = &*reading;
    let mut applying = Applying { budgets, operations: 0 };
    let mut objects = Objects::new(reading);
    let mut named = Vec::new();
    let checked = amendments.into_iter().enumerate().map(
        |(index, overrider::Amendment { mut clusters, patch, warnings })| {
            let amendment = || format!("amendment {}", index + 1);
            sort(&mut clusters, reading, amendment)?;
            if let Some(place) = clusters.iter().find(|place| objects.at(**place).is_none()) {
                return Err(Fault::Answer(format!(
                    "{} names {}, which the rule does not target; valid: {}",
                    amendment(),
                    cluster(*place, reading),
                    some(&reading.targeted(), reading)
                )));
            }
            let patch = match patch {
                Ok(operations) => {
                    applying.count(&operations, &objects.of(&clusters, &operations))?;
                    Ok(self::patch(operations, amendment)?)
                }
                Err(fault) => Err(reported(fault)),
            };
            named.extend_from_slice(&clusters);
            Ok(Amendment { clusters, patch, warnings: self::warnings(&warnings) })
        },
    );
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

/// What the patch of an amendment does; nothing where there is a fault instead.
fn operations(amendment: &overrider::Amendment) -> &[types::Operation] {
    amendment.patch.as_deref().unwrap_or_default()
}

/// As many as are shown, each on a line of its own, and how many more there were.
fn warnings(said: &[String]) -> Vec<String> {
    let mut warnings: Vec<String> = said.iter().take(WARNINGS).map(|warning| one_line(warning)).collect();
    if said.len() > WARNINGS {
        warnings.push(format!("{} more warnings of the plugin's are not shown", said.len() - WARNINGS));
    }
    warnings
}

/// An interpreter's answer: a patch for the one object that it was asked about.
pub(crate) fn patch_of_object(
    operations: Vec<types::Operation>,
    reading: &mut Reading,
    budgets: &Budgets,
) -> Result<Patch, Fault> {
    let mut output = Output::new(budgets);
    operations.iter().try_for_each(|operation| count(operation, &mut output))?;
    let mut values = 0;
    if operations.iter().any(shifts) {
        reading.weighs_objects();
        values = reading.values_in(0);
    }
    Applying { budgets, operations: 0 }.count(&operations, &[values])?;
    patch(operations, || "the patch".into())
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

fn count(operation: &types::Operation, output: &mut Output<'_>) -> Result<(), Fault> {
    output.item(0, pointer(operation).len())?;
    match value(operation) {
        Some(value) => output.bytes(value.len() as u64 + parsed_bytes(value)),
        None => Ok(()),
    }
}

/// Counts what applying the patches of an answer takes.
struct Applying<'a> {
    budgets: &'a Budgets,
    operations: u64,
}

impl Applying<'_> {
    /// A patch, once for each object that it meets, given by how many values are in it. How
    /// long a list is when its turn comes is not known, but no longer than the object and the patch have values.
    fn count(&mut self, patch: &[types::Operation], objects: &[u64]) -> Result<(), Fault> {
        let levels = patch.iter().map(|operation| pointer(operation).matches('/').count() as u64 / LEVELS);
        let plain = patch.len() as u64 + levels.sum::<u64>();
        let shifting = patch.iter().filter(|operation| shifts(operation)).count() as u64;
        let brought: u64 = patch.iter().filter_map(value).map(values).sum();
        for object in objects {
            let shifted = shifting.saturating_mul((object + brought) / SHIFTED);
            self.operations = self.operations.saturating_add(plain).saturating_add(shifted);
        }
        if self.operations > self.budgets.operations {
            return Err(Fault::Budget(Budget::Operations(self.budgets.operations)));
        }
        Ok(())
    }
}

/// The different objects that an answer may change.
struct Objects<'a> {
    reading: &'a Reading,
    /// Which object stands at each place on offer; none where the rule targets nothing. A list, because looking a
    /// thousand places up in a tree takes as long as three calls.
    places: Vec<Option<usize>>,
    /// How many values are in each, once that was counted.
    values: Vec<Option<u64>>,
}

impl<'a> Objects<'a> {
    fn new(reading: &'a Reading) -> Self {
        let groups = reading.groups();
        let values = vec![None; groups.len()];
        let mut places = vec![None; reading.on_offer()];
        for (index, group) in groups.into_iter().enumerate() {
            for place in group {
                if let Some(at) = places.get_mut(*place as usize) {
                    *at = Some(index);
                }
            }
        }
        Self { reading, places, values }
    }

    /// Which object stands at a place that the rule targets.
    fn at(&self, place: Place) -> Option<usize> {
        self.places.get(place as usize).copied().flatten()
    }

    /// How many values are in each object that a patch meets; 0 where that makes no difference to it.
    fn of(&mut self, clusters: &[Place], patch: &[types::Operation]) -> Vec<u64> {
        let mut met: Vec<usize> = clusters.iter().filter_map(|place| self.at(*place)).collect();
        met.sort_unstable();
        met.dedup();
        if !patch.iter().any(shifts) {
            return vec![0; met.len()];
        }
        let count = |index: usize| *self.values[index].get_or_insert_with(|| self.reading.values_in(index));
        met.into_iter().map(count).collect()
    }
}

fn pointer(operation: &types::Operation) -> &str {
    match operation {
        types::Operation::Add(edit) | types::Operation::Replace(edit) | types::Operation::Test(edit) => {
            &edit.at
        }
        types::Operation::Remove(at) => at,
    }
}

fn value(operation: &types::Operation) -> Option<&str> {
    match operation {
        types::Operation::Add(edit) | types::Operation::Replace(edit) | types::Operation::Test(edit) => {
            Some(&edit.value)
        }
        types::Operation::Remove(_) => None,
    }
}

/// Whether an operation may move the elements of a list: it inserts or removes at what looks like an index.
fn shifts(operation: &types::Operation) -> bool {
    let (types::Operation::Add(types::Edit { at, .. }) | types::Operation::Remove(at)) = operation else {
        return false;
    };
    let last = at.rsplit('/').next().unwrap_or_default();
    !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())
}
