use std::fmt;

use serde_json::Value;

/// One taint of a cluster. What is missing is empty.
pub(crate) struct Taint<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
    pub(crate) effect: &'a str,
}

impl<'a> Taint<'a> {
    pub(crate) fn of(taint: &'a Value) -> Self {
        let text = |field| taint.get(field).and_then(Value::as_str).unwrap_or_default();
        Self { key: text("key"), value: text("value"), effect: text("effect") }
    }

    /// Whether it keeps away what does not tolerate it; `PreferNoSchedule` is a wish.
    pub(crate) fn keeps_away(&self) -> bool {
        matches!(self.effect, "NoSchedule" | "NoExecute")
    }
}

/// `key=value:effect`, or `key:effect` where there is no value, as kubectl has it.
impl fmt::Display for Taint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, effect } = self;
        let equals = if value.is_empty() { "" } else { "=" };
        write!(f, "{key}{equals}{value}:{effect}")
    }
}
