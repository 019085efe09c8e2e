//! The record of what was overridden, as the reference writes it on a Work.

use std::sync::Arc;

use portolan_api::Overriders;
use portolan_api::metadata::{APPLIED_CLUSTER_OVERRIDES, APPLIED_OVERRIDES};
use serde::Serialize;

use crate::digest::Digest;
use crate::policy::Overriding;

/// Kubernetes allows 256 KiB of annotations an object. Past a quarter of that the record of one class names digest
/// and policies only.
const MAX_RECORD_BYTES: usize = 64 * 1024;

/// A rule that applied somewhere.
#[derive(Clone)]
pub struct Applied {
    /// The policy.
    pub policy: Arc<Overriding>,
    /// Which of its rules.
    pub rule: usize,
}

/// One entry of the record. The order of the fields is the reference's.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    policy_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    overriders: Option<&'a Overriders>,
    /// Stands for the overriders where their text would be too long.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// The annotations that record rules, keys ascending: one for each class of policy that had any.
pub(crate) fn annotations(applied: &[Applied]) -> Vec<(&'static str, String)> {
    [(APPLIED_CLUSTER_OVERRIDES, false), (APPLIED_OVERRIDES, true)]
        .into_iter()
        .filter_map(|(key, namespaced)| {
            let mut entries: Vec<Entry<'_>> = applied
                .iter()
                .filter(|applied| applied.policy.reference.kind.namespaced() == namespaced)
                .map(|Applied { policy, rule }| Entry {
                    policy_name: &policy.reference.name,
                    overriders: Some(&policy.rules[*rule].written.overriders),
                    digest: None,
                })
                .collect();
            entries.sort_by_key(|entry| entry.policy_name);
            (!entries.is_empty()).then(|| (key, record(entries)))
        })
        .collect()
}

fn record(mut entries: Vec<Entry<'_>>) -> String {
    let text = to_text(&entries);
    if text.len() <= MAX_RECORD_BYTES {
        return text;
    }
    for entry in &mut entries {
        let overriders = entry.overriders.take();
        entry.digest = overriders.map(|overriders| Digest::of(to_text(overriders).as_bytes()).to_string());
    }
    to_text(&entries)
}

/// JSON as Go's encoder writes it: what could end a script in a web page is escaped.
fn to_text<T: Serialize + ?Sized>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(c)))
            }
            c => escaped.push(c),
        }
    }
    escaped
}
