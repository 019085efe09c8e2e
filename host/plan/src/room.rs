//! Room for what plugins answered, while it is kept for other templates.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::answer::{PerCluster, Refused};
use crate::conversation::{Conversation, Exchange};
use crate::fault::Fault;
use crate::interpretation::{Dependency, Health, Size};
use crate::patch::Patch;
use crate::plugin::{Amendment, Choice, Refusal};

/// Bytes that all answers of a World may take. An answer of the default filter takes four bytes a cluster, so that
/// 1,000 policies over 10,000 clusters fit in; without a limit one plugin with long answers and many configs would fill
/// memory. What finds no room is asked anew, at its own policies' expense.
const BYTES: u64 = 64 << 20;

/// What an answer takes beside its texts and places, and each refusal, amendment and operation in it. Arbitrary: the
/// sizes of these types and of what manages them.
const ITEM_BYTES: u64 = 64;

/// What a JSON value takes on average: a node of a map has room for eleven.
const VALUE_BYTES: u64 = 128;

/// What is left. It only ever shrinks: answers are kept for as long as the World.
#[derive(Debug)]
pub(crate) struct Room(AtomicU64);

impl Room {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(BYTES))
    }

    /// Whether there is room for so many bytes, which is taken then.
    pub(crate) fn take(&self, bytes: u64) -> bool {
        let taken = |left: u64| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }
}

/// What takes room.
pub trait Takes {
    /// How many bytes, about.
    fn bytes(&self) -> u64;
}

impl Takes for Refused {
    fn bytes(&self) -> u64 {
        let refusals = self.refusals.iter().map(refusal_bytes);
        ITEM_BYTES + self.places.len() as u64 / 8 + refusals.sum::<u64>()
    }
}

impl Takes for Choice {
    fn bytes(&self) -> u64 {
        let refused = self.refused.iter().map(refusal_bytes);
        ITEM_BYTES + size_of_val(&self.chosen[..]) as u64 + refused.sum::<u64>()
    }
}

impl<T: Copy> Takes for PerCluster<T> {
    fn bytes(&self) -> u64 {
        ITEM_BYTES + size_of_val(&self.0[..]) as u64
    }
}

impl Takes for Patch {
    fn bytes(&self) -> u64 {
        let parts =
            self.parts().map(|(at, value)| ITEM_BYTES + at.len() as u64 + value.map_or(0, value_bytes));
        ITEM_BYTES + parts.sum::<u64>()
    }
}

impl Takes for Option<Size> {
    fn bytes(&self) -> u64 {
        let requirements = self.as_ref().and_then(|size| size.requirements.as_ref());
        ITEM_BYTES + requirements.map_or(0, value_bytes)
    }
}

impl Takes for Health {
    fn bytes(&self) -> u64 {
        ITEM_BYTES
    }
}

impl Takes for Option<Value> {
    fn bytes(&self) -> u64 {
        self.as_ref().map_or(ITEM_BYTES, value_bytes)
    }
}

impl Takes for Vec<Dependency> {
    fn bytes(&self) -> u64 {
        // A kind, a namespace and a name or a selector: arbitrary, as nobody keeps them yet.
        ITEM_BYTES + self.len() as u64 * 8 * ITEM_BYTES
    }
}

impl Takes for Vec<Amendment> {
    fn bytes(&self) -> u64 {
        let amendments = self.iter().map(|amendment| {
            let patch = amendment.patch.as_ref().map_or(0, Takes::bytes);
            let words = amendment.warnings.iter().map(|warning| ITEM_BYTES + warning.len() as u64);
            let words = words.sum::<u64>() + amendment.patch.as_ref().err().map_or(0, Takes::bytes);
            ITEM_BYTES + size_of_val(&amendment.clusters[..]) as u64 + patch + words
        });
        ITEM_BYTES + amendments.sum::<u64>()
    }
}

impl Takes for Fault {
    fn bytes(&self) -> u64 {
        ITEM_BYTES + self.to_string().len() as u64
    }
}

impl Takes for Conversation {
    /// Without the outcome, which is kept in another form as well and counted there: twice that is little less.
    fn bytes(&self) -> u64 {
        let exchanges = self.exchanges.iter().map(exchange_bytes);
        let targets = self.targets.iter().map(|alike| ITEM_BYTES + size_of_val(&alike.clusters[..]) as u64);
        // The terms are a dozen limits with their names.
        ITEM_BYTES * 16 + self.config.len() as u64 + targets.sum::<u64>() + exchanges.sum::<u64>()
    }
}

fn refusal_bytes(refusal: &Refusal) -> u64 {
    ITEM_BYTES + refusal.reason.len() as u64 + size_of_val(&refusal.clusters[..]) as u64
}

/// What an exchange takes.
pub(crate) fn exchange_bytes(Exchange { question, answer }: &Exchange) -> u64 {
    ITEM_BYTES + question.to_string().len() as u64 + value_bytes(answer)
}

fn value_bytes(value: &Value) -> u64 {
    VALUE_BYTES
        + match value {
            Value::String(text) => text.len() as u64,
            Value::Array(items) => items.iter().map(value_bytes).sum(),
            Value::Object(members) => {
                members.iter().map(|(key, value)| key.len() as u64 + value_bytes(value)).sum()
            }
            _ => 0,
        }
}
