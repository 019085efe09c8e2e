//! The annotations of an object, cluster by cluster: Karmada's `annotationsOverrider`.
//!
//! The config is the array of one rule's entries, `[{operator: add|replace|remove, value: {key: value}}]`.
//! Its meaning is that of [`string_map`], at `/metadata/annotations`.

use portolan_plugin::{Amendment, Fault, Manifest, Overrider, Questions};
use string_map::Edit;

/// The plugin.
#[derive(Debug)]
pub struct Annotations;

impl Overrider for Annotations {
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
        string_map::patch(&edits, "/metadata/annotations", questions)
    }
}

portolan_plugin::overrider!(Annotations);

#[cfg(test)]
mod tests {
    use super::Annotations;
    use portolan_plugin::Overrider;
    use portolan_plugin::testing::{Answers, document};
    use serde_json::{Value, json};

    #[test]
    fn it_edits_the_annotations_and_nothing_else() {
        let object = json!({"metadata": {"annotations": {"a": "1"}, "other": {"a": "1"}}});
        let answers =
            Answers::default().clusters([json!({"metadata": {"name": "one"}})]).target("one", object);
        let amendments = answers.patch::<Annotations>(json!([{"operator": "replace", "value": {"a": "2"}}]));
        let amendments = amendments.expect("the config is right");
        assert_eq!(
            document(&amendments[0].patch),
            json!([{"op": "replace", "path": "/metadata/annotations/a", "value": "2"}])
        );
    }

    #[test]
    fn the_schema_of_the_manifest_is_json() {
        let manifest = Annotations::manifest();
        assert_eq!(manifest.name, "annotations");
        let schema: Value = serde_json::from_str(&manifest.config_schema).expect("the schema is JSON");
        assert_eq!(schema["items"]["additionalProperties"], false);
    }
}
