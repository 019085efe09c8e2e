//! What is to be done at which moment, each thing once.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant as Moment;

/// What is to be done, in the order of the moments at which it is. Each thing stands in it once, and the costs of all that is
/// asked of it grow with the logarithm of their number.
#[derive(Clone, Debug)]
pub struct Agenda<K> {
    moments: BTreeMap<K, Moment>,
    order: BTreeSet<(Moment, K)>,
}

impl<K: Clone + Ord> Agenda<K> {
    /// At this moment, whatever was said before.
    pub fn set(&mut self, key: &K, moment: Moment) {
        self.remove(key);
        self.moments.insert(key.clone(), moment);
        self.order.insert((moment, key.clone()));
    }

    /// At this moment, unless one stands in it already.
    pub fn add(&mut self, key: &K, moment: Moment) {
        if !self.moments.contains_key(key) {
            self.set(key, moment);
        }
    }

    /// It is not to be done, or it is being done.
    pub fn remove(&mut self, key: &K) {
        if let Some((key, moment)) = self.moments.remove_entry(key) {
            self.order.remove(&(moment, key));
        }
    }

    /// Whether it stands in it.
    pub fn contains(&self, key: &K) -> bool {
        self.moments.contains_key(key)
    }

    /// Whether nothing does.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The first moment.
    pub fn first(&self) -> Option<Moment> {
        self.order.first().map(|(moment, _)| *moment)
    }

    /// Takes out the first, whenever it is.
    pub fn take_first(&mut self) -> Option<K> {
        let (_, key) = self.order.pop_first()?;
        self.moments.remove(&key);
        Some(key)
    }

    /// Takes out the first whose moment has come.
    pub fn take_ripe(&mut self, now: Moment) -> Option<K> {
        if self.first()? > now { None } else { self.take_first() }
    }
}

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Self { moments: BTreeMap::new(), order: BTreeSet::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_thing_comes_once_at_the_moment_that_holds() {
        let now = Moment::now();
        let at = |seconds| now + Duration::from_secs(seconds);
        let mut agenda = Agenda::default();
        agenda.set(&"a", at(5));
        agenda.add(&"a", at(1));
        agenda.set(&"b", at(3));
        agenda.set(&"b", at(2));
        agenda.set(&"c", at(9));
        agenda.remove(&"c");
        assert_eq!(agenda.first(), Some(at(2)));
        assert_eq!(agenda.take_ripe(at(1)), None);
        assert_eq!(agenda.take_ripe(at(2)), Some("b"));
        assert!(agenda.contains(&"a") && !agenda.contains(&"b"));
        assert_eq!(agenda.take_first(), Some("a"));
        assert!(agenda.is_empty());
    }
}
