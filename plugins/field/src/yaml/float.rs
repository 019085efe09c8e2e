//! Numbers as Go writes them: the shortest digits that read back the same, with an exponent from a million on.

/// A finite number that is no integer in JSON.
pub(super) fn text(number: f64) -> String {
    // Rust's form has the shortest digits as well: `1.5e-7`.
    let shortest = format!("{number:e}");
    let Some((mantissa, exponent)) = shortest.split_once('e') else { return shortest };
    let Ok(exponent) = exponent.parse::<i32>() else { return shortest };
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    // Within these bounds Rust writes plain digits too.
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn numbers_read_as_go_writes_them() {
        for (number, expected) in [
            (1.5, "1.5"),
            (-0.25, "-0.25"),
            (1000.0, "1000"),
            (123_456.5, "123456.5"),
            (1_234_567.5, "1.2345675e+06"),
            (1e6, "1e+06"),
            (1e21, "1e+21"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (-1.5e-100, "-1.5e-100"),
            (0.0, "0"),
        ] {
            assert_eq!(text(number), expected);
        }
    }
}
