//! The labels of an object, cluster by cluster: Karmada's `labelsOverrider`.
//!
//! The config is the array of one rule's entries, `[{operator: add|replace|remove, value: {key: value}}]`.
//! Its meaning is that of [`string_map`], at `/metadata/labels`.

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

#[cfg(test)]
mod tests {
    use super::Labels;
    use portolan_plugin::Overrider;
    use portolan_plugin::testing::{Answers, document};
    use serde_json::{Value, json};

    #[test]
    fn it_edits_the_labels_and_nothing_else() {
        let object = json!({"metadata": {"labels": {"a": "1"}, "other": {"a": "1"}}});
        let answers =
            Answers::default().clusters([json!({"metadata": {"name": "one"}})]).target("one", object);
        let amendments = answers.patch::<Labels>(json!([{"operator": "replace", "value": {"a": "2"}}]));
        let amendments = amendments.expect("the config is right");
        assert_eq!(
            document(&amendments[0].patch),
            json!([{"op": "replace", "path": "/metadata/labels/a", "value": "2"}])
        );
    }

    #[test]
    fn the_schema_of_the_manifest_is_json() {
        let manifest = Labels::manifest();
        assert_eq!(manifest.name, "labels");
        let schema: Value = serde_json::from_str(&manifest.config_schema).expect("the schema is JSON");
        assert_eq!(schema["items"]["additionalProperties"], false);
    }
}
