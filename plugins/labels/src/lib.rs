//! The labels of an object, cluster by cluster: Karmada's `labelsOverrider`.
//!
//! The config is the array of one rule's entries, `[{operator: add|replace|remove, value: {key: value}}]`.
//! Its meaning is that of [`string_map`], at `/metadata/labels`.

use std::borrow::Cow;

use portolan_plugin::{Amendment, Config, Fault, Overrider, Questions};
use serde::Deserialize;
use string_map::Edit;

/// The plugin.
#[derive(Debug)]
pub struct Labels;

impl Overrider for Labels {
    type Config = Edits;

    fn patch(Edits(edits): Edits, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        Ok(string_map::patch(&edits, "/metadata/labels", questions))
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

portolan_plugin::overrider!(Labels);

#[cfg(test)]
mod tests {
    use super::{Edits, Labels};
    use portolan_plugin::Config as _;
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
            document(amendments[0].patch.as_deref().expect("a patch")),
            json!([{"op": "replace", "path": "/metadata/labels/a", "value": "2"}])
        );
    }

    #[test]
    fn the_schema_is_json() {
        let schema: Value = serde_json::from_str(&Edits::schema()).expect("the schema is JSON");
        assert_eq!(schema["items"]["additionalProperties"], false);
    }
}
