//! What a plain scalar means: the rules of go-yaml v2, by which kubectl reads.

use serde_json::{Number, Value};

/// Reads text that stands in YAML without quotes.
///
/// The error says what is wrong with it; it is only ever about numbers that JSON can't hold.
pub fn plain(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Ok(Value::Bool(true));
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Ok(Value::Bool(false));
        }
        _ => {}
    }
    match text.as_bytes()[0] {
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => Ok(Value::String(text.into())),
    }
}

/// Whether text that [`plain`] takes for a number says an integer, and not `1.0` or `1e3`.
pub(crate) fn says_integer(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    integer(&unsigned.replace('_', "")).is_some()
}

/// Reads what begins like a number and may still be a string.
fn number(text: &str) -> Result<Value, String> {
    let (negative, unsigned) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(format!("`{text}` is a number that JSON does not have; quote it if it is meant as text"));
    }
    // Underscores are allowed between digits, but not in what begins with a dot.
    let digits = if text.starts_with('.') { unsigned.to_owned() } else { unsigned.replace('_', "") };
    match integer(&digits).map(|magnitude| magnitude.and_then(|magnitude| signed(magnitude, negative))) {
        Some(Some(number)) => return Ok(Value::Number(number)),
        Some(None) if !is_decimal(&digits) => {
            return Err(format!("`{text}` does not fit into 64 bits; quote it if it is meant as text"));
        }
        // A decimal that is too large becomes a float, as it does for kubectl.
        Some(None) | None => {}
    }
    if !is_decimal(&digits) {
        return Ok(Value::String(text.into()));
    }
    let magnitude: f64 = digits.parse().unwrap_or(f64::INFINITY);
    let value = if negative { -magnitude } else { magnitude };
    Ok(float(value).map_or_else(|| Value::String(text.into()), Value::Number))
}

/// Reads an integer without sign and underscores: `0x` hexadecimal, `0b` binary, `0o` or a leading `0` octal. The
/// inner option is none where it does not fit.
fn integer(digits: &str) -> Option<Option<u64>> {
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    Some(u64::from_str_radix(digits, radix).ok())
}

fn signed(magnitude: u64, negative: bool) -> Option<Number> {
    if negative { 0_i64.checked_sub_unsigned(magnitude).map(Number::from) } else { Some(magnitude.into()) }
}

/// Whether text without sign is `12`, `1.5`, `.5`, `1.` or one of these with an exponent.
fn is_decimal(text: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    exponent_fits && all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

/// A finite number as JSON holds it. One without a fraction becomes an integer, because that is how Go writes it to
/// JSON and therefore what an API server is sent.
fn float(value: f64) -> Option<Number> {
    // 2^63, the first float above all of i64.
    const BEYOND_I64: f64 = 9_223_372_036_854_775_808.0;
    if value.fract() == 0.0 && (-BEYOND_I64..BEYOND_I64).contains(&value) {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a whole number within i64's range, as was just checked"
        )]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}
