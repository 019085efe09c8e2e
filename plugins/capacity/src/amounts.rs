//! Amounts as they stand in JSON.

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
) -> impl Iterator<Item = Option<Quantity>> {
    questions.fleet_column(at).into_iter().zip(0..).map(move |(value, cluster)| {
        if value.is_null() {
            return missing;
        }
        let amount = read(&value);
        if let Err(wrong) = &amount {
            let name = questions.fleet_name(cluster);
            questions.log(Level::Warn, &format!("cluster {name} can't be told: {at}: {wrong}"));
        }
        amount.ok()
    })
}
