//! The labels of an object, cluster by cluster: Karmada's `labelsOverrider`.
//!
//! The config is the array of one rule's entries, `[{operator: add|replace|remove, value: {key: value}}]`. Its meaning is
//! that of [`string_map`], at `/metadata/labels`.

use portolan_plugin::{Amendment, Fault, Manifest, Overrider, Questions};
use string_map::Edit;

/// The plugin.
#[derive(Debug)]
pub struct Labels;

impl Overrider for Labels {
    type Config = Vec<Edit>;

    fn manifest() -> Manifest {
        Manifest {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            summary: env!("CARGO_PKG_DESCRIPTION"),
            config_schema: include_str!("../config.schema.json").into(),
        }
    }

    fn patch(edits: Vec<Edit>, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        string_map::patch(&edits, "/metadata/labels", questions)
    }
}

portolan_plugin::overrider!(Labels);
