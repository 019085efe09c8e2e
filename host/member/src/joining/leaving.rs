//! A member leaves its control plane.
//!
//! The Cluster goes first, so that nothing more is carried there; then what was carried, by its Works; then the account on
//! the member; and the credentials last, so that whoever was interrupted can begin again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use kube::api::{DynamicObject, Patch, PatchParams};
use portolan_api::{Object, names};
use portolan_plan::{Digest, Interpreters};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use super::act::{Act, Deed, Hand, Kind, MADE_BY};
use super::{CLUSTER, JoinError, NAMESPACE, Place, Side, account_name, check_name};
use crate::access::{Access, AccessError};
use crate::carrier::{Event, Member, Setting};
use crate::cause::Cause;
use crate::quiet::Quiet;
use crate::told::Told;
use crate::work::Work;

/// A member that says nothing for so long does not answer. Arbitrary.
const ANSWERS: Duration = Duration::from_secs(10);

/// Who leaves whom.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// What the control plane knows the member as.
    pub name: String,
    /// The control plane.
    pub control: Place,
    /// The member; none: it is reached as the control plane reaches it.
    pub member: Option<Place>,
    /// Whether the member is gone for ever: nothing is asked of it, and nothing is taken away there.
    pub forced: bool,
    /// How long the member may take to let go of what was carried to it.
    pub patience: Duration,
}

/// Leaves, and says each act when it is done. What is gone already is passed over, so that it can be called again.
pub async fn unjoin(leaving: &Leaving, said: &mut dyn FnMut(Act)) -> Result<(), JoinError> {
    let Leaving { name, forced, .. } = leaving;
    check_name(name)?;
    let control = Hand { side: Side::Control, client: leaving.control.client().await? };
    let mut known = Known::read(name, &control).await?;
    // Before anything is taken away: what can't be done is not begun.
    let member = match forced {
        true => None,
        false => Some(known.member(leaving).await?),
    };

    if let Some(cluster) = &known.cluster {
        if known.secret.is_some() {
            remember(&control, name, &cluster.data["spec"]).await?;
        }
        known_gone(control.delete(Kind::Cluster, None, name).await?, said);
        // Those that were written meanwhile; a controller that runs takes away what it has no cluster for, so that the ones
        // from before count too.
        for work in control.list(Kind::Work, Some(&known.namespace)).await? {
            if known.works.iter().all(|known| known.name_any() != work.name_any()) {
                known.works.push(work);
            }
        }
    }
    if let Some(member) = member {
        if !known.works.is_empty() {
            withdraw(leaving, &known, &control, &member, said).await?;
        }
        let account = account_name(name, &control.identity().await?);
        close(&account, &member, leaving.member.is_some(), said).await?;
    } else {
        forget(&known, &control, said).await?;
    }
    known_gone(control.delete(Kind::Secret, Some(NAMESPACE), name).await?, said);
    clear(&known.namespace, None, &control, said).await
}

/// What a control plane has of a member.
struct Known {
    name: String,
    /// The namespace of its Works.
    namespace: String,
    cluster: Option<DynamicObject>,
    secret: Option<DynamicObject>,
    works: Vec<DynamicObject>,
}

impl Known {
    async fn read(name: &str, control: &Hand) -> Result<Self, JoinError> {
        let clusters = control.clusters().await?;
        let names = clusters.iter().map(ResourceExt::name_any).collect();
        let cluster = clusters.into_iter().find(|cluster| cluster.name_any() == name);
        let namespace = names::execution_namespace(name);
        let secret = control.get(Kind::Secret, Some(NAMESPACE), name).await?;
        let works = control.list(Kind::Work, Some(&namespace)).await?;
        if cluster.is_none() && secret.is_none() && works.is_empty() {
            return Err(JoinError::Unknown { name: name.to_owned(), clusters: names });
        }
        Ok(Self { name: name.to_owned(), namespace, cluster, secret, works })
    }

    /// The member, as it was given or as the control plane reaches it.
    async fn member(&self, leaving: &Leaving) -> Result<Hand, JoinError> {
        let client = match &leaving.member {
            Some(place) => place.client().await?,
            None => self
                .reached()
                .await
                .map_err(|source| JoinError::Unreached { name: self.name.clone(), source })?,
        };
        let asked = tokio::time::timeout(ANSWERS, client.apiserver_version()).await;
        let silent = |source| JoinError::Silent { name: self.name.clone(), source };
        asked.map_err(|_| silent(Cause::new("it takes too long")))?.map_err(|error| silent(error.into()))?;
        Ok(Hand { side: Side::Member, client })
    }

    async fn reached(&self) -> Result<kube::Client, AccessError> {
        let annotated = self.secret.as_ref().and_then(|secret| secret.annotations().get(CLUSTER));
        let spec = match &self.cluster {
            Some(cluster) => cluster.data["spec"].clone(),
            None => annotated.and_then(|spec| serde_json::from_str(spec).ok()).unwrap_or(Value::Null),
        };
        let access = Access::read(&json!({"metadata": {"name": self.name}, "spec": spec}))?;
        let secret = self.secret.as_ref().map_or(json!({}), |secret| secret.data.clone());
        let data = json!({"data": secret.get("data").cloned().unwrap_or(json!({}))});
        // What a server hands out as a Secret is one.
        access.client(&serde_json::from_value(data).unwrap_or_default()).await
    }
}

/// Writes down on the Secret how the member was reached.
async fn remember(control: &Hand, name: &str, spec: &Value) -> Result<(), JoinError> {
    let patch = json!({"metadata": {"annotations": {CLUSTER: spec.to_string()}}});
    let secrets = control.api(Kind::Secret, Some(NAMESPACE));
    let written = secrets.patch(name, &PatchParams::default(), &Patch::Merge(&patch)).await;
    written.map_err(|source| control.failed(format!("annotate Secret {NAMESPACE}/{name}"), source))?;
    Ok(())
}

/// The member is gone for ever: the Works go as they are.
async fn forget(known: &Known, control: &Hand, said: &mut dyn FnMut(Act)) -> Result<(), JoinError> {
    for work in &known.works {
        known_gone(control.delete(Kind::Work, Some(&known.namespace), &work.name_any()).await?, said);
    }
    let object = "what was carried there, with the account of the control plane,".to_owned();
    let why = "the member was not asked; should it ever come back, join it and unjoin it";
    said(Act { side: Side::Member, object, deed: Deed::Left(why.into()) });
    Ok(())
}

/// Each Work goes once its object is gone from the member, or is nobody's where it is preserved.
async fn withdraw(
    leaving: &Leaving,
    known: &Known,
    control: &Hand,
    member: &Hand,
    said: &mut dyn FnMut(Act),
) -> Result<(), JoinError> {
    let (events, mut heard) = mpsc::unbounded_channel();
    let (_interpreters, interpreters) = watch::channel(Arc::new(Interpreters::default()));
    let carrier = Member::start(Setting {
        cluster: known.name.clone(),
        member: member.client.clone(),
        control: control.client.clone(),
        interpreters,
        quiet: Quiet::default(),
        events,
        owner: control.identity().await?,
    });
    let mut left = BTreeMap::new();
    for object in &known.works {
        let Some(work) = work(object) else {
            // It carries nothing.
            known_gone(control.delete(Kind::Work, Some(&known.namespace), &object.name_any()).await?, said);
            continue;
        };
        left.insert(Arc::clone(&work.name), "the member has not let go of it".to_owned());
        let name = Arc::clone(&work.name);
        carrier.put(work);
        carrier.withdraw(&name);
    }
    let all = async {
        while !left.is_empty() {
            match heard.recv().await {
                Some((_, Event::Withdrawn { work })) => {
                    if left.remove(&work).is_some() {
                        let object = format!("what Work {}/{work} carried", known.namespace);
                        said(Act { side: Side::Member, object, deed: Deed::Withdrawn });
                    }
                }
                Some((_, Event::Stays { work, why })) => {
                    left.entry(work).and_modify(|known| *known = why);
                }
                Some(_) => {}
                None => break,
            }
        }
    };
    // Either way it is told by what is left.
    let _ = tokio::time::timeout(leaving.patience, all).await;
    let name = known.name.clone();
    match left.first_key_value() {
        None => Ok(()),
        Some((first, why)) => {
            Err(JoinError::Left { name, left: left.len(), first: first.to_string(), why: why.clone() })
        }
    }
}

/// A Work as its carrier takes it: for nothing to be written any more. None: it carries nothing.
fn work(work: &DynamicObject) -> Option<Work> {
    let manifest = work.data.pointer("/spec/workload/manifests/0")?.clone();
    let delivered = work.data.pointer("/status/delivered").cloned();
    Some(Work {
        name: work.name_any().into(),
        resource_version: work.resource_version().unwrap_or_default(),
        object: Object::parse(manifest.clone()).ok()?.key(),
        digest: Digest::of_value(&manifest),
        manifest: Some(Arc::new(manifest)),
        suspended: true,
        preserved: work.data.pointer("/spec/preserveResourcesOnDeletion") == Some(&json!(true)),
        delivered: delivered.and_then(|delivered| serde_json::from_value(delivered).ok()),
        told: work.data.get("status").and_then(Told::read),
        busy: None,
    })
}

/// Takes away the account on the member. The rights go last: it may be the account itself that asks.
async fn close(
    account: &str,
    member: &Hand,
    given: bool,
    said: &mut dyn FnMut(Act),
) -> Result<(), JoinError> {
    clear(NAMESPACE, Some(account), member, said).await?;
    for (kind, namespace) in [
        (Kind::ServiceAccount, Some(NAMESPACE)),
        (Kind::Secret, Some(NAMESPACE)),
        (Kind::ClusterRole, None),
        (Kind::ClusterRoleBinding, None),
    ] {
        match member.delete(kind, namespace, account).await {
            Err(JoinError::Request { doing, source, .. })
                if !given && matches!(source.code, Some(401 | 403)) =>
            {
                let why =
                    format!("the account that was to {doing} has no rights any more; it gives nobody any");
                said(Act {
                    side: Side::Member,
                    object: format!("{kind:?} {account}"),
                    deed: Deed::Left(why),
                });
            }
            done => known_gone(done?, said),
        }
    }
    Ok(())
}

/// Takes a namespace away that was made here, where nobody else uses it, and somebody sees to what is in it.
async fn clear(
    namespace: &str,
    account: Option<&str>,
    hand: &Hand,
    said: &mut dyn FnMut(Act),
) -> Result<(), JoinError> {
    let Some(there) = hand.get(Kind::Namespace, None, namespace).await? else { return Ok(()) };
    let ours = there.labels().get(MADE_BY.0).is_some_and(|by| by == MADE_BY.1);
    let accounts = hand.list(Kind::ServiceAccount, Some(namespace)).await?;
    let accounts: Vec<_> = accounts.iter().map(ResourceExt::name_any).collect();
    let others = accounts.iter().any(|name| name != "default" && Some(name.as_str()) != account);
    let why = if !ours || others {
        "others use it"
    } else if !accounts.iter().any(|name| name == "default") {
        // Whoever makes that account finishes namespaces too; without, one that is deleted stays for ever, and no other can
        // have its name.
        "no controller there would finish it"
    } else {
        known_gone(hand.delete(Kind::Namespace, None, namespace).await?, said);
        return Ok(());
    };
    let object = format!("Namespace {namespace}");
    said(Act { side: hand.side, object, deed: Deed::Left(why.into()) });
    Ok(())
}

fn known_gone(act: Option<Act>, said: &mut dyn FnMut(Act)) {
    if let Some(act) = act {
        said(act);
    }
}
