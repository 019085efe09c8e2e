//! JSON and YAML that stand within a string of an object, cluster by cluster: Karmada's `fieldOverrider`.
//!
//! ```text
//!  entries ──► the string at fieldPath ──► json: members, order and numbers as they were written ──┐
//!                                     └──► yaml: read as kubectl reads it ──► JSON ───────────────┤ patched
//!                                                                                                  ▼
//!                  one patch a group of equal objects ◄── a string ◄── as go-yaml writes it ◄── the text
//! ```
//!
//! The config is the array of one rule's entries, `[{fieldPath, json|yaml: [{subPath, operator: add|replace|remove,
//! value}]}]`. Entries apply in order, each to what the one before left.
//!
//! JSON keeps what is not touched as it was written, but for white space, which is dropped, and `<`, `>`, `&`, U+2028 and
//! U+2029, which are escaped. YAML comes out as the reference writes it: the first document alone, anchors written out,
//! comments gone, keys sorted.
//!
//! What stands in the string is told to nobody where the object is a Secret.

mod entry;
mod fields;
mod json;
mod yaml;

use portolan_plugin::{Amendment, Fault, Overrider, Questions};

pub use crate::entry::{Edit, Entries, Entry};

/// The plugin.
#[derive(Debug)]
pub struct Field;

impl Overrider for Field {
    type Config = Entries;

    fn patch(Entries(entries): Entries, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        let edits = entry::read(entries)?;
        Ok(fields::patch(&edits, questions))
    }
}

portolan_plugin::overrider!(Field);
