//! Moments as API servers write them: whole seconds, in UTC.

use std::fmt;

use k8s_openapi::jiff::Timestamp;

/// A moment, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i64);

impl Instant {
    /// This moment.
    pub fn now() -> Self {
        Self(Timestamp::now().as_second())
    }

    /// Reads RFC 3339.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(text.parse::<Timestamp>().ok()?.as_second()))
    }

    /// So many seconds later.
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// How many seconds have passed since an earlier one.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// `2026-01-31T12:00:00Z`
impl fmt::Display for Instant {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(timestamp) => write!(to, "{timestamp}"),
            // Out of all calendars, where no clock gets.
            Err(_) => to.write_str("1970-01-01T00:00:00Z"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_they_are_read() {
        let noon = Instant::parse("2026-01-31T12:00:00Z").expect("RFC 3339");
        assert_eq!(noon.plus(60).to_string(), "2026-01-31T12:01:00Z");
        assert_eq!(noon.plus(60).since(noon), 60);
        assert_eq!(Instant::parse("yesterday"), None);
    }
}
