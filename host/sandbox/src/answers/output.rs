//! What an answer takes on the host, counted before anything is made of it.

use portolan_plan::{Budget, Fault, Place};

use crate::budgets::Budgets;

/// What the host holds for each refusal, amendment and operation beside its texts and places.
const ITEM_BYTES: u64 = 48;

/// What a JSON value takes on the host.
const VALUE_BYTES: u64 = 32;

/// What a JSON object takes beside that: a node of its tree, eleven keys and values, which is made for the first.
const OBJECT_BYTES: u64 = 640;

/// Counts an answer before anything is made of it.
pub(super) struct Output<'a> {
    budgets: &'a Budgets,
    bytes: u64,
}

impl<'a> Output<'a> {
    pub(super) fn new(budgets: &'a Budgets) -> Self {
        Self { budgets, bytes: 0 }
    }

    /// An item with so many places and bytes of text.
    pub(super) fn item(&mut self, places: usize, text: usize) -> Result<(), Fault> {
        self.bytes(ITEM_BYTES + size_of::<Place>() as u64 * places as u64 + text as u64)
    }

    pub(super) fn bytes(&mut self, bytes: u64) -> Result<(), Fault> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.budgets.output_bytes {
            return Err(Fault::Budget(Budget::Output(self.budgets.output_bytes)));
        }
        Ok(())
    }
}

/// What a JSON text takes once it is parsed, beside its strings: `{"":0}` is 7 bytes as text and 700 as a value. Where
/// the text is no JSON the figure means nothing, and parsing will say so.
pub(crate) fn parsed_bytes(json: &str) -> u64 {
    let (values, objects) = counted(json);
    VALUE_BYTES * values + OBJECT_BYTES * objects
}

/// How many values a JSON text holds, at most.
pub(super) fn values(json: &str) -> u64 {
    counted(json).0
}

/// Values, at most, and objects among them.
fn counted(json: &str) -> (u64, u64) {
    let (mut values, mut objects) = (1, 0);
    let mut within_string = false;
    let mut escaped = false;
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if within_string => escaped = true,
            b'"' => within_string = !within_string,
            _ if within_string => {}
            b'[' | b',' => values += 1,
            b'{' => {
                values += 1;
                objects += 1;
            }
            _ => {}
        }
    }
    (values, objects)
}
