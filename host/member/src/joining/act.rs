//! What is done to single objects, and what is said of it.

use std::fmt::{self, Display};
use std::time::Duration;

use kube::api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, ResourceExt};
use serde_json::Value;

use super::{AGAIN, JoinError, Lasting, Side};

/// Who writes these objects, and the label on them that says so.
pub(super) const MADE_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "portolan");
const WRITER: &str = "portolan-join";
/// What is on its way out is gone within so long, or something holds it. Arbitrary: a namespace takes about five seconds.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Where.
    pub side: Side,
    /// To what, as in `Secret karmada-cluster/member1`.
    pub object: String,
    /// What.
    pub deed: Deed,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It was not there.
    Created,
    /// It was there and said something else.
    Changed,
    /// It was there as it should be.
    Unchanged,
    /// It is gone, or will be once the server has seen to what is in it.
    Deleted,
    /// It is gone, or nobody's where it is preserved, and its Work with it.
    Withdrawn,
    /// It stays, and why.
    Left(String),
    /// It was given out.
    Token(Lasting),
    /// It answered.
    Reached,
}

/// Kinds that join and unjoin deal with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Namespace,
    ServiceAccount,
    Secret,
    ClusterRole,
    ClusterRoleBinding,
    Cluster,
    Work,
}

/// A hand on one API server.
pub(super) struct Hand {
    pub side: Side,
    pub client: kube::Client,
}

impl Hand {
    /// Sees to it that the object says this, by server-side apply: what others say of it stays.
    pub async fn apply(&self, object: Value) -> Result<Act, JoinError> {
        let text = |pointer| object.pointer(pointer).and_then(Value::as_str);
        let name = text("/metadata/name").unwrap_or_default().to_owned();
        let namespace = text("/metadata/namespace").map(str::to_owned);
        let kind = Kind::named(text("/kind").unwrap_or_default());
        let before = self.settled(kind, namespace.as_deref(), &name).await?;
        let asked = PatchParams::apply(WRITER).force();
        let after = self.api(kind, namespace.as_deref()).patch(&name, &asked, &Patch::Apply(&object)).await;
        let object = shown(kind, namespace.as_deref(), &name);
        let after = after.map_err(|source| self.failed(format!("apply {object}"), source))?;
        let deed = match before {
            None => Deed::Created,
            Some(before) if before.resource_version() == after.resource_version() => Deed::Unchanged,
            Some(_) => Deed::Changed,
        };
        Ok(Act { side: self.side, object, deed })
    }

    /// What is there, once it is not on its way out any more.
    async fn settled(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<DynamicObject>, JoinError> {
        let mut left = GONE_WITHIN;
        loop {
            let there = self.get(kind, namespace, name).await?;
            let leaving = there.as_ref().is_some_and(|there| there.metadata.deletion_timestamp.is_some());
            if !leaving {
                return Ok(there);
            }
            if left.is_zero() {
                return Err(JoinError::Leaving { side: self.side, object: shown(kind, namespace, name) });
            }
            tokio::time::sleep(AGAIN).await;
            left = left.saturating_sub(AGAIN);
        }
    }

    /// Sees to it that the object is not there; none: it was not.
    pub async fn delete(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Act>, JoinError> {
        let object = shown(kind, namespace, name);
        match self.api(kind, namespace).delete(name, &DeleteParams::background()).await {
            Ok(_) => Ok(Some(Act { side: self.side, object, deed: Deed::Deleted })),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
            Err(source) => Err(self.failed(format!("delete {object}"), source)),
        }
    }

    pub async fn get(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<DynamicObject>, JoinError> {
        let read = self.api(kind, namespace).get_opt(name).await;
        read.map_err(|source| self.failed(format!("read {}", shown(kind, namespace, name)), source))
    }

    pub async fn list(&self, kind: Kind, namespace: Option<&str>) -> Result<Vec<DynamicObject>, JoinError> {
        let read = self.api(kind, namespace).list(&ListParams::default()).await;
        let read = read.map_err(|source| self.failed(format!("list {kind:?}s"), source))?;
        Ok(read.items)
    }

    /// The Clusters that a control plane has.
    pub async fn clusters(&self) -> Result<Vec<DynamicObject>, JoinError> {
        match self.api(Kind::Cluster, None).list(&ListParams::default()).await {
            Ok(read) => Ok(read.items),
            Err(kube::Error::Api(status)) if status.code == 404 => Err(JoinError::NoCrds),
            Err(source) => Err(self.failed("list Clusters".into(), source)),
        }
    }

    /// What makes this server a different one from all others, as the reference has it.
    pub async fn identity(&self) -> Result<String, JoinError> {
        let namespace = self.get(Kind::Namespace, None, "kube-system").await?;
        let uid = namespace.and_then(|namespace| namespace.uid());
        uid.ok_or(JoinError::Answer { side: self.side, problem: "it has no namespace kube-system yet" })
    }

    pub fn api(&self, kind: Kind, namespace: Option<&str>) -> Api<DynamicObject> {
        let resource = kind.resource();
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        }
    }

    pub fn failed(&self, doing: String, source: kube::Error) -> JoinError {
        JoinError::Request { side: self.side, doing, source: source.into() }
    }
}

impl Kind {
    fn resource(self) -> ApiResource {
        let (group, version) = match self {
            Self::Namespace | Self::ServiceAccount | Self::Secret => ("", "v1"),
            Self::ClusterRole | Self::ClusterRoleBinding => ("rbac.authorization.k8s.io", "v1"),
            Self::Cluster => ("cluster.karmada.io", "v1alpha1"),
            Self::Work => ("work.karmada.io", "v1alpha1"),
        };
        // Each of them has the plural that the rule gives.
        ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &format!("{self:?}")))
    }

    fn named(name: &str) -> Self {
        let all = [
            Self::Namespace,
            Self::ServiceAccount,
            Self::Secret,
            Self::ClusterRole,
            Self::ClusterRoleBinding,
            Self::Cluster,
            Self::Work,
        ];
        all.into_iter().find(|kind| format!("{kind:?}") == name).expect("join applies no other kind")
    }
}

fn shown(kind: Kind, namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{kind:?} {namespace}/{name}"),
        None => format!("{kind:?} {name}"),
    }
}

impl Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { side, object, deed } = self;
        match deed {
            Deed::Created => write!(f, "{side}: {object} created"),
            Deed::Changed => write!(f, "{side}: {object} changed"),
            Deed::Unchanged => write!(f, "{side}: {object} unchanged"),
            Deed::Deleted => write!(f, "{side}: {object} deleted"),
            Deed::Withdrawn => write!(f, "{side}: {object} withdrawn"),
            Deed::Left(why) => write!(f, "{side}: {object} stays: {why}"),
            Deed::Token(Lasting::Secret) => write!(f, "{side}: {object}, which does not expire"),
            Deed::Token(Lasting::Until(until)) => write!(
                f,
                "{side}: {object}, which expires at {until}: no controller there fills the Secrets of tokens. To join again \
                 renews it"
            ),
            Deed::Reached => write!(f, "{side}: {object}: reached"),
        }
    }
}
