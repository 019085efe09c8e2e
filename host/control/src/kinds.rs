//! The kinds of objects that are watched: those that some policy names, and those that are placed already.

use std::collections::{BTreeMap, BTreeSet};

use kube::Client;
use kube::core::{ApiResource, GroupVersionKind};
use kube::discovery::pinned_kind;
use portolan_api::group_version;
use portolan_plan::Kind;
use tracing::{info, warn};

use portolan_member::Watch;

/// The kinds of objects that are watched.
#[derive(Default)]
pub struct Kinds {
    watched: BTreeMap<Kind, Watched>,
    /// Kinds that the API server does not serve, or has not been asked for yet.
    missing: BTreeSet<Kind>,
}

/// A kind that is watched.
pub struct Watched {
    /// How the API server serves it.
    pub resource: ApiResource,
    /// Whether all that there is of it has been told.
    pub listed: bool,
    _watch: Watch,
}

impl Kinds {
    /// One kind.
    pub fn get(&self, kind: &Kind) -> Option<&Watched> {
        self.watched.get(kind)
    }

    /// Whether a kind is watched, or is to be as soon as it is served.
    pub fn wants(&self, kind: &Kind) -> bool {
        self.watched.contains_key(kind) || self.missing.contains(kind)
    }

    /// Everything of a kind has been told.
    pub fn listed(&mut self, kind: &Kind) {
        if let Some(watched) = self.watched.get_mut(kind) {
            watched.listed = true;
        }
    }

    /// These kinds are to be watched and no others. Returns those that have to be looked for; the templates of those that
    /// nobody needs any more are second.
    pub fn want(&mut self, wanted: &BTreeSet<Kind>) -> (Vec<Kind>, Vec<Kind>) {
        let gone: Vec<Kind> = self.watched.keys().filter(|kind| !wanted.contains(kind)).cloned().collect();
        for kind in &gone {
            self.watched.remove(kind);
            info!(%kind, "no policy names it any more");
        }
        self.missing.retain(|kind| wanted.contains(kind));
        let new = wanted.iter().filter(|kind| !self.watched.contains_key(kind));
        let new: Vec<Kind> = new.filter(|kind| self.missing.insert((*kind).clone())).cloned().collect();
        (new, gone)
    }

    /// The kinds that are still to be found.
    pub fn missing(&self) -> Vec<Kind> {
        self.missing.iter().cloned().collect()
    }

    /// A kind was found.
    pub fn found(&mut self, kind: Kind, resource: ApiResource, watch: Watch) {
        if self.missing.remove(&kind) {
            self.watched.insert(kind, Watched { resource, listed: false, _watch: watch });
        }
    }
}

/// How the API server serves a kind; none: it does not, or can't be asked now.
pub async fn look_for(client: &Client, kind: &Kind) -> Option<ApiResource> {
    let (group, version) = group_version(&kind.api_version);
    let gvk = GroupVersionKind::gvk(group, version, &kind.kind);
    match pinned_kind(client, &gvk).await {
        Ok((resource, _)) => Some(resource),
        Err(error) => {
            warn!(%kind, %error, "the API server does not serve it; it is watched as soon as it does");
            None
        }
    }
}

/// Whether nothing of a kind is ever propagated.
pub fn never(kind: &Kind) -> bool {
    const GROUPS: [&str; 8] =
        ["cluster", "policy", "work", "config", "networking", "autoscaling", "remedy", "apps"];
    let (group, _) = group_version(&kind.api_version);
    let of_karmada = group.strip_suffix(".karmada.io").is_some_and(|name| GROUPS.contains(&name));
    let events = group == "events.k8s.io" || (group.is_empty() && kind.kind == "Event");
    of_karmada
        || events
        || group == "plugins.portolan.dev"
        || (group == "coordination.k8s.io" && kind.kind == "Lease")
}
