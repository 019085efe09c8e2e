//! Whether a cluster counts as ready: what is seen of it, and for how long it has been seen.
//!
//! ```text
//!  Answer, moment ──► Health ──► condition Ready, taints
//! ```

mod keeping;

use std::time::Duration;

use portolan_member::Instant;
use portolan_member::probe::Answer;
use serde_json::{Value, json};

pub use keeping::keep;

/// Kept off what is new while a cluster answers that it is not ready, or does not answer.
const NOT_READY: &str = "cluster.karmada.io/not-ready";
/// The reference's, for clusters of which nobody knows. Taken away with the other.
const UNREACHABLE: &str = "cluster.karmada.io/unreachable";

/// How often a cluster is asked, and how long an answer has to hold before it counts. The defaults are the reference's.
#[derive(Clone, Copy, Debug)]
pub struct Thresholds {
    /// The time between two questions.
    pub period: Duration,
    /// How long a cluster that was ready has to be seen not to be.
    pub failure: Duration,
    /// How long a cluster that was not ready has to be seen to be.
    pub success: Duration,
}

impl Default for Thresholds {
    fn default() -> Self {
        let held = Duration::from_secs(30);
        Self { period: Duration::from_secs(10), failure: held, success: held }
    }
}

/// Whether a cluster counts as ready.
#[derive(Clone, Debug)]
pub struct Health {
    thresholds: Thresholds,
    /// As the Cluster says; none: nothing yet.
    ready: Option<Ready>,
    /// Since when the answers have been otherwise than that.
    otherwise: Option<Instant>,
}

/// The condition Ready of a Cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Whether it is.
    pub is: bool,
    /// Why, in a word.
    pub reason: String,
    /// Why, in a line.
    pub message: String,
    /// Since when.
    pub since: Instant,
}

impl Health {
    /// Begins with what the Cluster says: whoever ran before has seen it for long enough.
    pub fn new(thresholds: Thresholds, cluster: &Value) -> Self {
        Self { thresholds, ready: Ready::read(cluster), otherwise: None }
    }

    /// Takes an answer into account. The first one counts at once, and what changes nothing but the reason; all others once
    /// they have held.
    pub fn observe(&mut self, answer: &Answer, now: Instant) {
        let (is, reason, message) = match answer {
            Answer::Ready => (true, "ClusterReady", "the cluster is ready".to_owned()),
            Answer::NotReady(why) => (false, "ClusterNotReady", why.clone()),
            Answer::Unreachable(why) => (false, "ClusterNotReachable", why.clone()),
        };
        let Some(ready) = &mut self.ready else {
            self.ready = Some(Ready { is, reason: reason.to_owned(), message, since: now });
            return;
        };
        if ready.is == is {
            self.otherwise = None;
            // The words of one reason may change with each answer, and are not worth a write each.
            if ready.reason != reason {
                *ready = Ready { is, reason: reason.to_owned(), message, since: ready.since };
            }
            return;
        }
        let since = *self.otherwise.get_or_insert(now);
        let threshold = if is { self.thresholds.success } else { self.thresholds.failure };
        if now.since(since) >= i64::try_from(threshold.as_secs()).unwrap_or(i64::MAX) {
            self.otherwise = None;
            *ready = Ready { is, reason: reason.to_owned(), message, since: now };
        }
    }

    /// What the Cluster is to say.
    pub fn ready(&self) -> Option<&Ready> {
        self.ready.as_ref()
    }

    /// What becomes of a Cluster's taints; none: they are as they are to be.
    pub fn taints(&self, taints: &[Value]) -> Option<Vec<Value>> {
        let ready = self.ready.as_ref()?;
        let ours = |taint: &&Value| {
            [Some(NOT_READY), Some(UNREACHABLE)].contains(&taint["key"].as_str())
                && taint["effect"].as_str() == Some("NoSchedule")
        };
        let mut now: Vec<Value> = taints.iter().filter(|taint| !ours(taint)).cloned().collect();
        if !ready.is {
            let there = taints.iter().filter(ours).find(|taint| taint["key"].as_str() == Some(NOT_READY));
            now.push(there.cloned().unwrap_or_else(|| json!({"key": NOT_READY, "effect": "NoSchedule"})));
        }
        let same = now.len() == taints.len() && now.iter().all(|taint| taints.contains(taint));
        (!same).then_some(now)
    }
}

impl Ready {
    /// The condition, as a Cluster's status has it.
    pub fn condition(&self) -> Value {
        json!({
            "type": "Ready",
            "status": if self.is { "True" } else { "False" },
            "reason": self.reason,
            "message": self.message,
            "lastTransitionTime": self.since.to_string(),
        })
    }

    /// Reads it back. One that is neither true nor false says nothing.
    fn read(cluster: &Value) -> Option<Self> {
        let condition = condition(cluster, "Ready")?;
        let text = |field: &str| condition[field].as_str().unwrap_or_default();
        let is = match text("status") {
            "True" => true,
            "False" => false,
            _ => return None,
        };
        Some(Self {
            is,
            reason: text("reason").to_owned(),
            message: text("message").to_owned(),
            since: Instant::parse(text("lastTransitionTime"))?,
        })
    }
}

/// A condition of a Cluster, by its type.
fn condition<'a>(cluster: &'a Value, of_type: &str) -> Option<&'a Value> {
    let conditions = cluster.pointer("/status/conditions")?.as_array()?;
    conditions.iter().find(|condition| condition["type"].as_str() == Some(of_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Instant {
        Instant::parse("2026-01-31T12:00:00Z").expect("RFC 3339")
    }

    fn frozen() -> Answer {
        Answer::Unreachable("no answer within 5 seconds".into())
    }

    fn seen(health: &mut Health, answer: Answer, second: i64) -> (bool, String) {
        health.observe(&answer, noon().plus(second));
        let ready = health.ready().expect("something was seen");
        (ready.is, ready.reason.clone())
    }

    fn ready() -> (bool, String) {
        (true, "ClusterReady".into())
    }

    fn unreachable() -> (bool, String) {
        (false, "ClusterNotReachable".into())
    }

    #[test]
    fn the_first_answer_counts_at_once_and_others_once_they_have_held() {
        let mut health = Health::new(Thresholds::default(), &json!({}));
        assert_eq!(health.ready(), None);
        assert_eq!(seen(&mut health, Answer::Ready, 0), ready());
        assert_eq!(seen(&mut health, frozen(), 10), ready());
        assert_eq!(seen(&mut health, frozen(), 39), ready());
        assert_eq!(seen(&mut health, frozen(), 40), unreachable());
        assert_eq!(seen(&mut health, Answer::Ready, 50), unreachable());
        assert_eq!(seen(&mut health, Answer::Ready, 80), ready());
        assert_eq!(health.ready().expect("it was seen").since, noon().plus(80));
    }

    #[test]
    fn what_does_not_hold_does_not_count() {
        let mut health = Health::new(Thresholds::default(), &json!({}));
        assert_eq!(seen(&mut health, Answer::Ready, 0), ready());
        assert_eq!(seen(&mut health, frozen(), 10), ready());
        assert_eq!(seen(&mut health, Answer::Ready, 20), ready());
        assert_eq!(seen(&mut health, frozen(), 30), ready());
        assert_eq!(seen(&mut health, frozen(), 50), ready());
        assert_eq!(seen(&mut health, frozen(), 60), unreachable());
    }

    #[test]
    fn another_reason_counts_at_once_and_other_words_do_not() {
        let mut health = Health::new(Thresholds::default(), &json!({}));
        health.observe(&frozen(), noon());
        let before = health.ready().cloned();
        health.observe(&Answer::Unreachable("connection refused".into()), noon().plus(10));
        assert_eq!(health.ready().cloned(), before);
        health.observe(&Answer::NotReady("/readyz answers 500: etcd failed".into()), noon().plus(20));
        let ready = health.ready().expect("it was seen");
        assert_eq!((ready.reason.as_str(), ready.since), ("ClusterNotReady", noon()));
    }

    #[test]
    fn whoever_begins_again_goes_on_from_what_the_cluster_says() {
        let mut before = Health::new(Thresholds::default(), &json!({}));
        before.observe(&Answer::Ready, noon());
        let condition = before.ready().expect("it was seen").condition();
        let cluster = json!({"status": {"conditions": [condition]}});
        let mut health = Health::new(Thresholds::default(), &cluster);
        assert_eq!(health.ready(), before.ready());
        assert_eq!(seen(&mut health, frozen(), 10), ready());
    }

    #[test]
    fn taints_follow_and_those_of_others_stay() {
        let others = json!({"key": "dedicated", "value": "gpu", "effect": "NoSchedule"});
        let evicting = json!({"key": NOT_READY, "effect": "NoExecute"});
        let ours = json!({"key": NOT_READY, "effect": "NoSchedule"});
        let stale = json!({"key": UNREACHABLE, "effect": "NoSchedule"});
        let mut health = Health::new(Thresholds::default(), &json!({}));
        assert_eq!(health.taints(std::slice::from_ref(&ours)), None, "nothing was seen");
        health.observe(&frozen(), noon());
        let kept = [others.clone(), evicting.clone()];
        assert_eq!(health.taints(&kept), Some(vec![others.clone(), evicting.clone(), ours.clone()]));
        assert_eq!(health.taints(&[ours.clone(), others.clone()]), None);
        let mut health = Health::new(Thresholds::default(), &json!({}));
        health.observe(&Answer::Ready, noon());
        assert_eq!(health.taints(&[ours, others.clone(), stale]), Some(vec![others.clone()]));
        assert_eq!(health.taints(&[others]), None);
    }
}
