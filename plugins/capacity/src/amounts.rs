//! Amounts as they stand in JSON.

use portolan_plugin::column::{Entry, entries};
use portolan_plugin::{Level, Questions};
use quantity::{NotAQuantity, Quantity};
use serde_json::Value;

/// A text, or a number, as people write it who think of YAML.
pub(crate) fn read(value: &Value) -> Result<Quantity, NotAQuantity> {
    match value {
        Value::String(text) => text.parse(),
        Value::Number(number) => match number.as_i64() {
            Some(units) => Ok(Quantity::of(units)),
            None => number.to_string().parse(),
        },
        _ => Err(NotAQuantity(value.to_string())),
    }
}

/// The same field of every cluster, and what is so where it is missing; none where it is no amount, which is logged.
pub(crate) fn column(
    at: &str,
    missing: Option<Quantity>,
    questions: &dyn Questions,
    mut each: impl FnMut(usize, Option<Quantity>),
) {
    for (cluster, entry) in entries(&questions.fleet_column_json(at)).enumerate() {
        let amount = match entry {
            Entry::Null => Ok(missing),
            Entry::Text(text) => text.parse().map(Some),
            Entry::Other(value) => read(&value).map(Some),
        };
        each(cluster, amount.unwrap_or_else(|wrong| said(cluster, at, &wrong, questions)));
    }
}

fn said(cluster: usize, at: &str, wrong: &NotAQuantity, questions: &dyn Questions) -> Option<Quantity> {
    let cluster = questions.fleet_names().swap_remove(cluster);
    questions.log(Level::Warn, &format!("cluster {cluster} can't be told: {at}: {wrong}"));
    None
}
