//! What is due, in a fair order: namespaces take turns, so that one tenant's thousand templates don't keep another's one
//! waiting.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::ledger::Key;

/// Keys that are due, each once.
#[derive(Default)]
pub struct Due {
    waiting: BTreeMap<Option<String>, VecDeque<Key>>,
    turns: VecDeque<Option<String>>,
    present: BTreeSet<Key>,
}

impl Due {
    /// Something is due; false: it was already.
    pub fn add(&mut self, key: &Key) -> bool {
        if !self.present.insert(key.clone()) {
            return false;
        }
        let waiting = self.waiting.entry(key.namespace.clone()).or_default();
        if waiting.is_empty() {
            self.turns.push_back(key.namespace.clone());
        }
        waiting.push_back(key.clone());
        true
    }

    /// The next one.
    pub fn take(&mut self) -> Option<Key> {
        let namespace = self.turns.pop_front()?;
        let waiting = self.waiting.get_mut(&namespace)?;
        let key = waiting.pop_front()?;
        if waiting.is_empty() {
            self.waiting.remove(&namespace);
        } else {
            self.turns.push_back(namespace);
        }
        self.present.remove(&key);
        Some(key)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.present.len()
    }

    /// Whether nothing is due.
    pub fn is_empty(&self) -> bool {
        self.present.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(namespace: &str, name: &str) -> Key {
        Key { namespace: Some(namespace.into()), name: name.into() }
    }

    #[test]
    fn namespaces_take_turns_and_nothing_is_due_twice() {
        let mut due = Due::default();
        for name in ["1", "2", "3"] {
            assert!(due.add(&key("crowded", name)));
        }
        assert!(!due.add(&key("crowded", "2")));
        due.add(&key("small", "1"));
        let order: Vec<String> = std::iter::from_fn(|| due.take()).map(|key| key.to_string()).collect();
        assert_eq!(order, ["crowded/1", "small/1", "crowded/2", "crowded/3"]);
        assert!(due.is_empty());
    }
}
