//! Amounts as Kubernetes writes them: `100m`, `1.5Gi`, `2e3`.
//!
//! Exact, in integers, down to a billionth: what is finer is rounded away from zero, and what is beyond 2^63 - 1 units counts as
//! that many. Both are Kubernetes' own rules.
//!
//! Of our own, because what there is carries the whole of Kubernetes' types along, or a decimal library, into components that
//! each user's machine compiles.

mod parse;

use std::ops::{Add, Sub};

pub use parse::NotAQuantity;

/// One amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    /// Whole units, rounded down.
    units: i64,
    /// Billionths of a unit beyond them, less than one unit.
    nanos: u32,
}

const NANOS: u32 = 1_000_000_000;

impl Quantity {
    /// The most that can be said.
    pub const MAX: Self = Self { units: i64::MAX, nanos: 0 };

    /// So many units.
    pub const fn of(units: i64) -> Self {
        Self { units, nanos: 0 }
    }

    /// In units, rounded away from zero. `nanos` goes upwards from the unit below, so that a negative amount is at its unit already.
    pub fn units(self) -> i64 {
        if self.units < 0 || self.nanos == 0 { self.units } else { self.units + 1 }
    }

    /// In thousandths, rounded away from zero; no more than 2^63 - 1 and no less than -2^63.
    pub fn milli(self) -> i64 {
        const ONE: u32 = NANOS / 1_000;
        let beyond = if self.units < 0 { self.nanos / ONE } else { self.nanos.div_ceil(ONE) };
        match self.units {
            units if units >= i64::MAX / 1_000 => i64::MAX,
            units if units <= i64::MIN / 1_000 => i64::MIN,
            units => units * 1_000 + i64::from(beyond),
        }
    }

    /// So many units and billionths, cut off at the ends of what 64 bits hold.
    fn cut(units: i128, nanos: u32) -> Self {
        match i64::try_from(units) {
            Ok(i64::MAX) => Self::MAX,
            Ok(units) => Self { units, nanos },
            Err(_) if units > 0 => Self::MAX,
            Err(_) => Self::of(i64::MIN),
        }
    }

    /// Whether it is more than nothing.
    pub fn is_positive(self) -> bool {
        self > Self::default()
    }
}

impl Add for Quantity {
    type Output = Self;

    /// What is beyond either end is cut off there.
    fn add(self, other: Self) -> Self {
        let nanos = self.nanos + other.nanos;
        let (carry, nanos) = if nanos < NANOS { (0, nanos) } else { (1, nanos - NANOS) };
        Self::cut(i128::from(self.units) + i128::from(other.units) + carry, nanos)
    }
}

impl Sub for Quantity {
    type Output = Self;

    /// What is beyond either end is cut off there.
    fn sub(self, other: Self) -> Self {
        let (borrow, nanos) = match self.nanos.checked_sub(other.nanos) {
            Some(nanos) => (0, nanos),
            None => (1, self.nanos + NANOS - other.nanos),
        };
        Self::cut(i128::from(self.units) - i128::from(other.units) - borrow, nanos)
    }
}
