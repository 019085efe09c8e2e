//! From text. A sign, digits with at most one point among them, and one of
//!
//! | behind it | times |
//! |---|---|
//! | `n` `u` `m` nothing `k` `M` `G` `T` `P` `E` | a power of 1,000 |
//! | `Ki` `Mi` `Gi` `Ti` `Pi` `Ei` | a power of 1,024 |
//! | `e` or `E` with a whole number, signed or not | that power of 10 |

use std::fmt;
use std::str::FromStr;

use crate::{NANOS, Quantity};

/// What was read instead of an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAQuantity(pub String);

impl fmt::Display for NotAQuantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let valid = "valid is a number, alone or with one of n u m k M G T P E Ki Mi Gi Ti Pi Ei or an exponent behind it";
        write!(f, "{:?} is no quantity; {valid}, such as 2, 100m, 1.5Gi, 2e3", self.0)
    }
}

impl std::error::Error for NotAQuantity {}

/// The digits of a number, before and behind its point.
struct Digits<'a> {
    whole: &'a [u8],
    fraction: &'a [u8],
}

/// What a number is multiplied by: billionths of a unit, and a power of 10.
struct Scale {
    nanos: u128,
    exponent: i64,
}

impl FromStr for Quantity {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        read(text.as_bytes()).ok_or_else(|| NotAQuantity(text.to_owned()))
    }
}

fn read(text: &[u8]) -> Option<Quantity> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let (whole, rest) = digits(text);
    let (fraction, suffix) = match rest {
        [b'.', rest @ ..] => digits(rest),
        all => (&[][..], all),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = Digits { whole, fraction };
    let amount = match digits.plain(suffix) {
        Some(amount) => amount,
        None => digits.times(&Scale::of(suffix)?),
    };
    Some(if negative { Quantity::default() - amount } else { amount })
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

impl Digits<'_> {
    /// Nearly every amount: a whole number of units, kibibytes and the like, or thousandths. In 64 bits, because a component has
    /// to put together what is wider; none where that is too narrow, or the amount is written otherwise.
    fn plain(&self, suffix: &[u8]) -> Option<Quantity> {
        // 18 digits are less than 2^63.
        if !self.fraction.is_empty() || self.whole.len() > 18 {
            return None;
        }
        let number = self.whole.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        // Patterns of bytes, not texts: those would be compared by calls.
        let shift = match suffix {
            [] => 0,
            [b'K', b'i'] => 10,
            [b'M', b'i'] => 20,
            [b'G', b'i'] => 30,
            [b'm'] => {
                let milli = u32::try_from(number % 1_000).expect("it is less than 1,000");
                return Some(Quantity { units: number / 1_000, nanos: milli * (NANOS / 1_000) });
            }
            _ => return None,
        };
        (number.leading_zeros() > shift).then(|| Quantity::of(number << shift))
    }

    /// Multiplied, and rounded up to billionths.
    fn times(&self, scale: &Scale) -> Quantity {
        const MAX: u128 = i64::MAX as u128 * NANOS as u128;
        let Self { whole, fraction } = self;
        let total = whole.len() + fraction.len();
        let digit = |at: usize| match whole.get(at).or_else(|| fraction.get(at.checked_sub(whole.len())?)) {
            Some(digit) => u128::from(digit - b'0'),
            None => 0,
        };
        // The exponent moves the point.
        let point = i64::try_from(whole.len()).unwrap_or(i64::MAX).saturating_add(scale.exponent);
        let before = usize::try_from(point.max(0)).unwrap_or(usize::MAX);
        let mut number = 0u128;
        for at in 0..before {
            if number > MAX || (number == 0 && at >= total) {
                break;
            }
            number = number * 10 + digit(at);
        }
        // From the last digit to the point: rounding down at each step is rounding down once, and it was exact where nothing was
        // left at any step.
        let (mut behind, mut left) = (0u128, false);
        let mut step = |digit: u128| {
            let sum = digit * scale.nanos + behind;
            left |= !sum.is_multiple_of(10);
            behind = sum / 10;
        };
        (before..total).rev().for_each(|at| step(digit(at)));
        // The largest scale has 28 digits, so that nothing is left after as many zeros.
        (0..point.min(0).unsigned_abs().min(28)).for_each(|_| step(0));
        let nanos = number.saturating_mul(scale.nanos).saturating_add(behind + u128::from(left)).min(MAX);
        let split = |part: u128| i64::try_from(part).expect("it is at most MAX");
        let billion = u128::from(NANOS);
        let beyond = u32::try_from(nanos % billion).expect("it is less than a unit");
        Quantity { units: split(nanos / billion), nanos: beyond }
    }
}

impl Scale {
    fn of(suffix: &[u8]) -> Option<Self> {
        let decimal = |power: u32| Some(Self { nanos: 10u128.pow(power), exponent: 0 });
        let binary = |power: u32| Some(Self { nanos: u128::from(NANOS) << power, exponent: 0 });
        match suffix {
            b"n" => decimal(0),
            b"u" => decimal(3),
            b"m" => decimal(6),
            b"" => decimal(9),
            b"k" => decimal(12),
            b"M" => decimal(15),
            b"G" => decimal(18),
            b"T" => decimal(21),
            b"P" => decimal(24),
            b"E" => decimal(27),
            b"Ki" => binary(10),
            b"Mi" => binary(20),
            b"Gi" => binary(30),
            b"Ti" => binary(40),
            b"Pi" => binary(50),
            b"Ei" => binary(60),
            [b'e' | b'E', exponent @ ..] => {
                Some(Self { nanos: u128::from(NANOS), exponent: whole_number(exponent)? })
            }
            _ => None,
        }
    }
}

/// Signed or not; what is too large for 64 bits is the largest.
fn whole_number(text: &[u8]) -> Option<i64> {
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        all => (1, all),
    };
    let (number, rest) = digits(text);
    let add = |number: i64, digit: &u8| number.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    (rest.is_empty() && !number.is_empty()).then(|| sign * number.iter().fold(0, add))
}
