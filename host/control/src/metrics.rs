//! What a controller counts, for whoever watches over it: Prometheus' text format.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What a controller counts. Clones count the same.
#[derive(Clone)]
pub struct Metrics {
    /// Decisions about templates, by what came of them: `Placed`, or the reason in the binding's condition.
    pub decisions: Family<Outcome, Counter>,
    /// What was written on the control plane, by what it was.
    pub writes: Family<Write, Counter>,
    /// What could not be written, and is tried again.
    pub failures: Counter,
    /// How long a template took from being due to being handed on, in seconds.
    pub dispatch_seconds: Histogram,
    /// How many templates are due.
    pub due: Gauge<i64, AtomicI64>,
    /// How many templates are known.
    pub templates: Gauge<i64, AtomicI64>,
    /// How many members are carried to.
    pub members: Gauge<i64, AtomicI64>,
    ready: Arc<AtomicBool>,
    registry: Arc<Registry>,
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// `Placed`, or why not.
    pub outcome: &'static str,
}

/// Something that was written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Write {
    /// What: `claim`, `binding`, `work`, `status`.
    pub what: &'static str,
}

impl Metrics {
    /// Nothing was counted yet.
    pub fn new() -> Self {
        // From a millisecond to half a minute.
        let dispatch_seconds = Histogram::new(exponential_buckets(0.001, 2.0, 16));
        let mut registry = Registry::with_prefix("portolan");
        let (decisions, writes, failures) = (Family::default(), Family::default(), Counter::default());
        let (due, templates, members) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("decisions", "Decisions about templates", Family::clone(&decisions));
        registry.register("writes", "What was written on the control plane", Family::clone(&writes));
        registry.register(
            "write_failures",
            "What could not be written, and is tried again",
            Counter::clone(&failures),
        );
        let what = "From a template being due to its being handed on, in seconds";
        registry.register("dispatch_seconds", what, Histogram::clone(&dispatch_seconds));
        registry.register("due", "Templates that are due", Gauge::clone(&due));
        registry.register("templates", "Templates that are known", Gauge::clone(&templates));
        registry.register("members", "Members that are carried to", Gauge::clone(&members));
        let (ready, registry) = (Arc::default(), Arc::new(registry));
        Self { decisions, writes, failures, dispatch_seconds, due, templates, members, ready, registry }
    }

    /// So many things were written.
    pub fn count(&self, what: &'static str, many: usize) {
        if many > 0 {
            self.writes.get_or_create(&Write { what }).inc_by(many as u64);
        }
    }

    /// A decision was made, and this came of it.
    pub fn decided(&self, outcome: &'static str) {
        self.decisions.get_or_create(&Outcome { outcome }).inc();
    }

    /// From now on everything is known that decisions rest on.
    pub fn is_ready(&self) {
        self.ready.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Whether everything is known that decisions rest on.
    pub fn ready(&self) -> bool {
        self.ready.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// All of it as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string never fails.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_said_by_its_labels() {
        let metrics = Metrics::new();
        metrics.decisions.get_or_create(&Outcome { outcome: "Placed" }).inc();
        metrics.writes.get_or_create(&Write { what: "work" }).inc_by(3);
        metrics.due.set(2);
        let text = metrics.text();
        for line in [
            "portolan_decisions_total{outcome=\"Placed\"} 1",
            "portolan_writes_total{what=\"work\"} 3",
            "portolan_due 2",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }
}
