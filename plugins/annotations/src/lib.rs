//! The annotations of an object, cluster by cluster: Karmada's `annotationsOverrider`.
//!
//! The config is the array of one rule's entries, `[{operator: add|replace|remove, value: {key: value}}]`.
//! Its meaning is that of [`string_map`], at `/metadata/annotations`.

use portolan_plugin::{Amendment, Fault, Overrider, Questions};
use string_map::Edits;

/// The plugin.
#[derive(Debug)]
pub struct Annotations;

impl Overrider for Annotations {
    type Config = Edits;

    fn patch(Edits(edits): Edits, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        Ok(string_map::patch(&edits, "/metadata/annotations", questions))
    }
}

portolan_plugin::overrider!(Annotations);

#[cfg(test)]
mod tests {
    use super::Annotations;
    use portolan_plugin::testing::{Answers, document};
    use serde_json::json;

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
}
