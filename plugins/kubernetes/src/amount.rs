//! Amounts as Kubernetes writes them: with the largest suffix that leaves no fraction.

use quantity::Quantity;
use serde_json::Value;

/// None for what is no amount.
pub(crate) fn read(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

/// For CPU: thousandths where it is not whole.
pub(crate) fn milli(amount: Quantity) -> String {
    let thousandths = amount.milli();
    if thousandths % 1000 == 0 { decimal(amount) } else { format!("{thousandths}m") }
}

/// Whole, with the largest suffix of thousands.
pub(crate) fn decimal(amount: Quantity) -> String {
    suffixed(amount.units(), 1000, &["", "k", "M", "G", "T", "P", "E"])
}

/// The same with suffixes of 1,024; what is smaller than the first of them is written in decimal.
pub(crate) fn binary(amount: Quantity) -> String {
    let whole = amount.units();
    if (-1023..1024).contains(&whole) {
        return decimal(amount);
    }
    suffixed(whole, 1024, &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
}

fn suffixed(mut number: i64, base: i64, suffixes: &[&str]) -> String {
    let mut index = 0;
    while number != 0 && number % base == 0 && index + 1 < suffixes.len() {
        number /= base;
        index += 1;
    }
    format!("{number}{}", suffixes[index])
}

#[cfg(test)]
mod tests {
    use quantity::Quantity;

    use super::{binary, decimal, milli};

    fn read(text: &str) -> Quantity {
        text.parse().unwrap_or_else(|_| panic!("{text} is an amount"))
    }

    #[test]
    fn the_largest_suffix_without_a_fraction_is_written() {
        assert_eq!(milli(read("0.25")), "250m");
        assert_eq!(milli(read("1500m")), "1500m");
        assert_eq!(milli(read("3")), "3");
        assert_eq!(milli(read("3000")), "3k");
        assert_eq!(binary(read("1.5Gi")), "1536Mi");
        assert_eq!(binary(read("1G")), "1000000000");
        assert_eq!(binary(read("1000")), "1k");
        assert_eq!(decimal(read("2e3")), "2k");
    }

    #[test]
    fn what_is_finer_than_a_thousandth_is_rounded_up() {
        assert_eq!(milli(read("1n")), "1m");
        assert_eq!(milli(read("100u")), "1m");
        assert_eq!(binary(read("1m")), "1");
    }
}
