//! Whether a policy means a template, and how precisely.

use portolan_api::ResourceSelector;

use crate::template::Template;

/// How precisely selectors mean a template. More precise is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Not at all.
    Mismatch,
    /// By API version and kind.
    Kind,
    /// By labels.
    Labels,
    /// By name.
    Name,
}

/// The best rank over a policy's selectors. An empty list means nothing.
pub fn rank(selectors: &[ResourceSelector], template: &Template) -> Rank {
    selectors.iter().map(|selector| rank_of_one(selector, template)).max().unwrap_or(Rank::Mismatch)
}

/// The same for the selectors of an override policy, where an empty list means everything.
pub(crate) fn rank_or_all(selectors: &[ResourceSelector], template: &Template) -> Rank {
    if selectors.is_empty() { Rank::Kind } else { rank(selectors, template) }
}

fn rank_of_one(selector: &ResourceSelector, template: &Template) -> Rank {
    let ResourceSelector { api_version, kind, namespace, name, label_selector } = selector;
    let key = &template.key;
    let namespace_fits = namespace.is_none() || *namespace == key.namespace;
    if *api_version != key.api_version || *kind != key.kind || !namespace_fits {
        return Rank::Mismatch;
    }
    match (name, label_selector) {
        (Some(name), _) if *name == key.name => Rank::Name,
        (Some(_), _) => Rank::Mismatch,
        (None, None) => Rank::Kind,
        (None, Some(selector)) if selector.matches(|key| template.label(key)) => Rank::Labels,
        (None, Some(_)) => Rank::Mismatch,
    }
}
