//! `labelSelector`: the host knows how labels match; this only asks requirement by requirement, to say which one failed.

use portolan_plugin::{Questions, Refusal};
use serde_json::{Value, json};

use crate::{LabelSelector, complement};

/// A selector that can't be used matches no cluster, as in the reference, but says what is wrong with it.
pub(crate) fn refusals(selector: &LabelSelector, questions: &dyn Questions) -> Vec<Refusal> {
    let size = questions.fleet_size();
    let refusal = |(words, selector): (String, Value)| match questions.fleet_matching(&selector) {
        Ok(matching) => {
            Refusal::unless_empty(format!("labels do not match {words}"), complement(&matching, size))
        }
        Err(wrong) => {
            let reason = format!("labelSelector can't be used, so it matches no cluster: {words}: {wrong}");
            Refusal::unless_empty(reason, (0..size).collect())
        }
    };
    requirements(selector).filter_map(refusal).collect()
}

/// The selector, one requirement at a time, each in words and as a selector of its own. They are and-ed, so a cluster
/// matches the whole where it matches each of them.
fn requirements(selector: &LabelSelector) -> impl Iterator<Item = (String, Value)> {
    let LabelSelector { match_labels, match_expressions } = selector;
    let labels = match_labels.iter().flatten();
    let labels = labels.map(|(key, value)| (format!("{key}={value}"), json!({"matchLabels": {key: value}})));
    let expressions = match_expressions.iter().flatten();
    let expressions = expressions.map(|one| (one.to_string(), json!({"matchExpressions": [one]})));
    labels.chain(expressions)
}
