//! Parts of image references, cluster by cluster: Karmada's `imageOverrider`.
//!
//! ```text
//!  entries ──► each image of each group of equal objects ──read, edited, written──► one patch a group, and warnings
//!                  │ predicate: the one at its path
//!                  └ none: every container's, of the kinds that have some
//! ```
//!
//! The config is the array of one rule's entries, `[{predicate: {path}, component: Registry|Repository|Tag, operator:
//! add|replace|remove, value, preserveDigest}]`. Each sees what the one before left, which must still be a reference.
//!
//! An image with a tag and a digest is written with its tag alone, as in Karmada, and a warning says that its digest is lost;
//! `preserveDigest: true` writes both. An edit of the tag takes the digest away all the same: another tag is another image,
//! and its digest is not known.
//!
//! It will never know whether an image exists.

mod entry;
mod images;
mod reference;

use portolan_plugin::{Amendment, Fault, Overrider, Questions};

pub use crate::entry::{Entries, Entry, Predicate};

/// The plugin.
#[derive(Debug)]
pub struct Image;

impl Overrider for Image {
    type Config = Entries;

    fn patch(Entries(entries): Entries, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        Ok(images::patch(&entries, questions))
    }
}

portolan_plugin::overrider!(Image);
