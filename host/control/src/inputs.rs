//! What Worlds are made of, as far as it has been seen: policies, clusters and plugins, each read once.

use std::collections::{BTreeMap, BTreeSet};

use portolan_api::{
    Cluster, ClusterPlugin, Context, Document, Invalid, OverrideSpec, Policy, PolicyKind, PropagationSpec,
    Reach, Scopes, Unread,
};
use portolan_plan::{Ingredients, Kind, Plugins};
use serde_json::Value;
use tracing::warn;

use crate::concerns::Concerns;

/// An object that Worlds are made of: its kind, its namespace and its name.
type Name = (&'static str, Option<String>, String);

/// What Worlds are made of.
#[derive(Clone, Default)]
pub struct Inputs {
    documents: BTreeMap<Name, Read>,
    scopes: Scopes,
}

/// An object, as far as it could be read.
#[derive(Clone)]
enum Read {
    Propagation(Box<Policy<PropagationSpec>>),
    Override(Box<Policy<OverrideSpec>>),
    Cluster(Box<Cluster>),
    Plugin(Box<ClusterPlugin>),
    Unread(Unread),
}

/// What a change makes necessary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matters {
    /// Nothing.
    No,
    /// Later decisions are to know of it; nobody decides anew because of it.
    Later,
    /// These templates may come to stand elsewhere or to be different.
    Now(Concerns),
}

impl Read {
    /// Which templates it makes a difference to that this is there.
    fn concerns(&self) -> Concerns {
        match self {
            Self::Propagation(policy) => Concerns::placed_by(policy),
            Self::Override(policy) => Concerns::overridden_by(policy),
            Self::Unread(Unread::Policy(Reach { policy, selectors: Some(selectors) })) => {
                Concerns::reached_by(policy, selectors)
            }
            Self::Cluster(_) | Self::Plugin(_) | Self::Unread(_) => Concerns::all(),
        }
    }
}

impl Inputs {
    /// There is such an object, and this is what it says.
    pub fn applied(&mut self, kind: &'static str, object: Value) -> Matters {
        let name = (kind, text(&object, "namespace"), text(&object, "name").unwrap_or_default());
        let context = Context { default_namespace: "default", scopes: &self.scopes };
        let read = match Document::read(object, &context) {
            Ok(Document::Propagation(policy)) => Read::Propagation(policy),
            Ok(Document::Override(policy)) => Read::Override(policy),
            Ok(Document::Cluster(cluster)) => Read::Cluster(cluster),
            Ok(Document::Plugin(plugin)) => Read::Plugin(plugin),
            // A policy on its way out says nothing any more.
            Ok(Document::Ignored(_) | Document::Template(_)) => return self.gone(kind, name.1, name.2),
            Err(invalid) => {
                for problem in &invalid.problems {
                    warn!(object = %invalid.object, %problem, "it can't be used, and what it concerns stays as it is");
                }
                let Invalid { unread: Some(unread), .. } = invalid else { return Matters::No };
                Read::Unread(*unread)
            }
        };
        let before = self.documents.get(&name);
        let matters = match (before, &read) {
            (Some(Read::Propagation(before)), Read::Propagation(now)) if before.written == now.written => {
                Matters::No
            }
            (Some(Read::Override(before)), Read::Override(now)) if before.written == now.written => {
                Matters::No
            }
            (Some(Read::Cluster(before)), Read::Cluster(now)) => changed(before, now),
            (Some(Read::Plugin(before)), Read::Plugin(now)) if before == now => Matters::No,
            (Some(Read::Unread(before)), Read::Unread(now)) if before == now => Matters::No,
            (before, now) => {
                let mut concerns = now.concerns();
                if let Some(before) = before {
                    concerns.add(before.concerns());
                }
                Matters::Now(concerns)
            }
        };
        if matters != Matters::No {
            self.documents.insert(name, read);
        }
        matters
    }

    /// The object is gone.
    pub fn gone(&mut self, kind: &'static str, namespace: Option<String>, name: String) -> Matters {
        let gone = self.documents.remove(&(kind, namespace, name));
        gone.map_or(Matters::No, |gone| Matters::Now(gone.concerns()))
    }

    /// The policies that place.
    pub fn propagation(&self) -> impl Iterator<Item = &Policy<PropagationSpec>> {
        self.documents.values().filter_map(|read| match read {
            Read::Propagation(policy) => Some(policy.as_ref()),
            _ => None,
        })
    }

    /// The policies that override.
    pub fn overrides(&self) -> impl Iterator<Item = &Policy<OverrideSpec>> {
        self.documents.values().filter_map(|read| match read {
            Read::Override(policy) => Some(policy.as_ref()),
            _ => None,
        })
    }

    /// The clusters.
    pub fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.documents.values().filter_map(|read| match read {
            Read::Cluster(cluster) => Some(cluster.as_ref()),
            _ => None,
        })
    }

    /// The plugins.
    pub fn plugins(&self) -> impl Iterator<Item = &ClusterPlugin> {
        self.documents.values().filter_map(|read| match read {
            Read::Plugin(plugin) => Some(plugin.as_ref()),
            _ => None,
        })
    }

    /// What is there and can't be read.
    pub fn unread(&self) -> impl Iterator<Item = &Unread> {
        self.documents.values().filter_map(|read| match read {
            Read::Unread(unread) => Some(unread),
            _ => None,
        })
    }

    /// What a World is made of.
    pub fn ingredients(&self, plugins: Plugins, owner: &str) -> Ingredients {
        Ingredients {
            clusters: self.clusters().cloned().collect(),
            propagation: self.propagation().cloned().collect(),
            overrides: self.overrides().cloned().collect(),
            plugins,
            unread: self.unread().cloned().collect(),
            owner: owner.into(),
            ..Ingredients::default()
        }
    }

    /// The kinds that some policy names.
    pub fn kinds(&self) -> BTreeSet<Kind> {
        let named = self.propagation().flat_map(|policy| &policy.spec.resource_selectors);
        let unread = self.unread().filter_map(|unread| match unread {
            Unread::Policy(reach)
                if matches!(
                    reach.policy.kind,
                    PolicyKind::PropagationPolicy | PolicyKind::ClusterPropagationPolicy
                ) =>
            {
                reach.selectors.as_ref()
            }
            _ => None,
        });
        named
            .chain(unread.flatten())
            .map(|selector| Kind { api_version: selector.api_version.clone(), kind: selector.kind.clone() })
            .collect()
    }
}

/// What a cluster's change makes necessary. How much room it has is asked for when something is placed, and is no reason to
/// place anything anew.
fn changed(before: &Cluster, now: &Cluster) -> Matters {
    if before == now {
        return Matters::No;
    }
    let but_for_room = |cluster: &Cluster| {
        let mut facts = cluster.facts.clone();
        if let Some(Value::Object(status)) = facts.get_mut("status") {
            for room in ["resourceSummary", "nodeSummary"] {
                status.remove(room);
            }
        }
        facts
    };
    let same = before.taints == now.taints && but_for_room(before) == but_for_room(now);
    if same { Matters::Later } else { Matters::Now(Concerns::all()) }
}

fn text(object: &Value, field: &str) -> Option<String> {
    Some(portolan_member::body::text(object, field).to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cluster(status: Value) -> Value {
        json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster",
            "metadata": {"name": "member1", "resourceVersion": "7"}, "spec": {}, "status": status})
    }

    #[test]
    fn room_matters_later_and_labels_now() {
        let mut inputs = Inputs::default();
        assert_eq!(inputs.applied("Cluster", cluster(json!({}))), Matters::Now(Concerns::all()));
        assert_eq!(inputs.applied("Cluster", cluster(json!({}))), Matters::No);
        let room = json!({"nodeSummary": {"totalNum": 3}});
        assert_eq!(inputs.applied("Cluster", cluster(room)), Matters::Later);
        let mut labelled = cluster(json!({}));
        labelled["metadata"]["labels"] = json!({"zone": "a"});
        assert_eq!(inputs.applied("Cluster", labelled), Matters::Now(Concerns::all()));
        assert_eq!(inputs.gone("Cluster", None, "member1".into()), Matters::Now(Concerns::all()));
        assert_eq!(inputs.gone("Cluster", None, "member1".into()), Matters::No);
    }

    #[test]
    fn the_kinds_of_a_policy_that_cannot_be_used_are_watched_all_the_same() {
        let mut inputs = Inputs::default();
        let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
            "metadata": {"name": "p", "namespace": "shop"},
            "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}], "preemption": "Sometimes"}});
        inputs.applied("PropagationPolicy", policy);
        assert_eq!(inputs.unread().count(), 1);
        let kind = Kind { api_version: "v1".into(), kind: "ConfigMap".into() };
        assert_eq!(inputs.kinds(), BTreeSet::from([kind]));
    }
}
