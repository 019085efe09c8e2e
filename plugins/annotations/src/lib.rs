//! The annotations of an object, cluster by cluster: Karmada's `annotationsOverrider`.
//!
//! The config is the array of one rule's entries, `[{operator: add|replace|remove, value: {key: value}}]`.
//! Its meaning is that of [`string_map`], at `/metadata/annotations`.

use std::borrow::Cow;

use portolan_plugin::{Amendment, Config, Fault, Overrider, Questions};
use serde::Deserialize;
use string_map::Edit;

/// The plugin.
#[derive(Debug)]
pub struct Annotations;

impl Overrider for Annotations {
    type Config = Edits;

    fn patch(Edits(edits): Edits, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        Ok(string_map::patch(&edits, "/metadata/annotations", questions))
    }
}

/// The entries of one rule, applied in order.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Edits(pub Vec<Edit>);

impl Config for Edits {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

portolan_plugin::overrider!(Annotations);

#[cfg(test)]
mod tests {
    use super::{Annotations, Edits};
    use portolan_plugin::Config as _;
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
            document(amendments[0].patch.as_deref().expect("a patch")),
            json!([{"op": "replace", "path": "/metadata/annotations/a", "value": "2"}])
        );
    }

    #[test]
    fn the_schema_is_json() {
        let schema: Value = serde_json::from_str(&Edits::schema()).expect("the schema is JSON");
        assert_eq!(schema["items"]["additionalProperties"], false);
    }
}
