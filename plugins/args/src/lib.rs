//! What containers are started with, cluster by cluster: Karmada's `argsOverrider`.
//!
//! The config is the array of one rule's entries, `[{containerName, operator: add|remove, value: [string]}]`. Its meaning
//! is that of [`containers`], for the list `args` of each container.

use containers::Edits;
use portolan_plugin::{Amendment, Fault, Overrider, Questions};

/// The plugin.
#[derive(Debug)]
pub struct Args;

impl Overrider for Args {
    type Config = Edits;

    fn patch(Edits(edits): Edits, questions: &dyn Questions) -> Result<Vec<Amendment>, Fault> {
        Ok(containers::patch(&edits, "args", questions))
    }
}

portolan_plugin::overrider!(Args);

#[cfg(test)]
mod tests {
    use super::Args;
    use portolan_plugin::testing::{Answers, document};
    use serde_json::json;

    #[test]
    fn it_edits_that_list_and_no_other() {
        let container = json!({"name": "web", "command": ["a"], "args": ["a"]});
        let object = json!({"kind": "Pod", "spec": {"containers": [container]}});
        let answers =
            Answers::default().clusters([json!({"metadata": {"name": "one"}})]).target("one", object);
        let edits = json!([{"containerName": "web", "operator": "add", "value": ["b"]}]);
        let amendments = answers.patch::<Args>(edits).expect("the config is right");
        assert_eq!(
            document(amendments[0].patch.as_deref().expect("a patch")),
            json!([{"op": "add", "path": "/spec/containers/0/args", "value": ["a", "b"]}])
        );
    }
}
