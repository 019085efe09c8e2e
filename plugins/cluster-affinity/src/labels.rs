//! `labelSelector`: the host knows how labels match; this asks requirement by requirement, to say which one
//! failed.

use portolan_plugin::{Questions, Refusal};
use serde_json::{Value, json};

use crate::LabelSelector;
use crate::selection::Selection;

/// A selector that can't be used matches no cluster, as in the reference, but says what is wrong with it.
pub(crate) fn refusals(selector: &LabelSelector, size: u32, questions: &dyn Questions) -> Vec<Refusal> {
    let refusal = |(words, selector): (String, Value)| match questions.fleet_matching(&selector) {
        Ok(matching) => Refusal::unless_empty(
            format!("labels do not match {words}"),
            Selection::of(matching, size).others(),
        ),
        Err(wrong) => {
            let reason = format!("labels can't match {words}: {wrong}");
            Refusal::unless_empty(reason, (0..size).collect())
        }
    };
    requirements(selector).filter_map(refusal).collect()
}

/// The selector, one requirement at a time, each in words and as a selector of its own. They are and-ed, so a
/// cluster matches the whole where it matches each of them.
fn requirements(selector: &LabelSelector) -> impl Iterator<Item = (String, Value)> {
    let LabelSelector { match_labels, match_expressions } = selector;
    let labels = match_labels.iter().flatten();
    let labels = labels.map(|(key, value)| (format!("{key}={value}"), json!({"matchLabels": {key: value}})));
    let expressions = match_expressions.iter().flatten();
    let expressions = expressions.map(|one| (one.to_string(), json!({"matchExpressions": [one.to_json()]})));
    labels.chain(expressions)
}
