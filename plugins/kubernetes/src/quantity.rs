//! Kubernetes' quantities, such as `250m`, `64Mi` and `1e3`.

use serde_json::Value;

/// An amount in thousandths. What is finer than that is rounded up, as the API server does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity(i128);

/// How far a quantity goes: beyond what an API server takes, and far from where `i128` ends.
const MOST: i128 = 1 << 100;

impl Quantity {
    /// None for what is no quantity.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (digits, suffix) = text.split_at(end);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && part.is_empty()) || part.contains('.') || whole.len() + part.len() > 24 {
            return None;
        }
        let mut number: i128 = format!("0{whole}{part}").parse().ok()?;
        let mut divisor = 10_i128.checked_pow(u32::try_from(part.len()).ok()?)?;
        // In thousandths.
        let (times, through) = scale(suffix)?;
        number = number.checked_mul(times)?.checked_mul(1000)?;
        divisor = divisor.checked_mul(through)?;
        let thousandths = number.checked_add(divisor - 1)? / divisor;
        let thousandths = thousandths.min(MOST);
        Some(Self(if negative { -thousandths } else { thousandths }))
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self((self.0 + other.0).clamp(-MOST, MOST))
    }

    /// For CPU: thousandths where it is not whole.
    pub(crate) fn milli(self) -> String {
        if self.0 % 1000 == 0 { self.decimal() } else { format!("{}m", self.0) }
    }

    /// Whole, with the largest suffix of thousands that leaves no fraction.
    pub(crate) fn decimal(self) -> String {
        suffixed(self.whole(), 1000, &["", "k", "M", "G", "T", "P", "E"])
    }

    /// The same with suffixes of 1,024; what is smaller than the first of them is written in decimal.
    pub(crate) fn binary(self) -> String {
        let whole = self.whole();
        if whole.abs() < 1024 {
            return self.decimal();
        }
        suffixed(whole, 1024, &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
    }

    fn whole(self) -> i128 {
        self.0.div_euclid(1000) + i128::from(self.0.rem_euclid(1000) != 0)
    }
}

fn suffixed(mut number: i128, base: i128, suffixes: &[&str]) -> String {
    let mut index = 0;
    while number != 0 && number % base == 0 && index + 1 < suffixes.len() {
        number /= base;
        index += 1;
    }
    format!("{number}{}", suffixes[index])
}

/// What a suffix multiplies by, and divides by.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    let decimal = |power: u32| Some((10_i128.checked_pow(power)?, 1));
    let small = |power: u32| Some((1, 10_i128.checked_pow(power)?));
    let binary = |power: u32| Some((1024_i128.checked_pow(power)?, 1));
    match suffix {
        "" => Some((1, 1)),
        "n" => small(9),
        "u" => small(6),
        "m" => small(3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => {
            let power: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let size = power.unsigned_abs();
            if size > 18 {
                return None;
            }
            if power < 0 { small(size) } else { decimal(size) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    fn read(text: &str) -> Quantity {
        Quantity::parse(text).unwrap_or_else(|| panic!("{text} is a quantity"))
    }

    #[test]
    fn the_largest_suffix_without_a_fraction_is_written() {
        assert_eq!(read("0.25").milli(), "250m");
        assert_eq!(read("1500m").milli(), "1500m");
        assert_eq!(read("3").milli(), "3");
        assert_eq!(read("3000").milli(), "3k");
        assert_eq!(read("1.5Gi").binary(), "1536Mi");
        assert_eq!(read("1G").binary(), "1000000000");
        assert_eq!(read("1000").binary(), "1k");
        assert_eq!(read("2e3").decimal(), "2k");
    }

    #[test]
    fn what_is_finer_than_a_thousandth_is_rounded_up() {
        assert_eq!(read("1n").milli(), "1m");
        assert_eq!(read("100u").milli(), "1m");
        assert_eq!(read("1m").binary(), "1");
    }

    #[test]
    fn what_is_no_quantity_is_none() {
        for text in ["", "x", "1x", "1.2.3", "Mi", "1e99", "--1"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }
}
