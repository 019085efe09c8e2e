//! A member joins a control plane: what is made on either, so that the one can carry to the other.
//!
//! ```text
//!  the member                             the control plane
//!  namespace karmada-cluster              namespaces karmada-cluster, karmada-es-NAME
//!  ServiceAccount, ClusterRole, binding   Secret karmada-cluster/NAME: token, caBundle
//!  Secret with the account's token  ────► Cluster NAME: apiEndpoint, secretRef, id
//! ```
//!
//! Each object is applied and none is taken over by chance: to join again repairs what is missing or was changed.

mod act;
mod error;
mod leaving;
mod place;
mod token;

use std::time::Duration;

use kube::ResourceExt;
use portolan_api::names;
use portolan_plan::Digest;
use serde_json::{Value, json};

pub use act::{Act, Deed};
pub use error::JoinError;
pub use leaving::{Leaving, unjoin};
pub use place::{Place, Side};
pub use token::Lasting;

use self::act::{Hand, Kind};
use crate::access::Access;

/// Where credentials lie on a control plane, and what gives them on a member. The reference's name.
pub const NAMESPACE: &str = "karmada-cluster";
/// On the Secret: what the Cluster says about how to reach the member. So that `unjoin` can be called again when it was
/// interrupted after the Cluster was gone.
const CLUSTER: &str = "portolan.dev/cluster";
/// On the Cluster: the digest of the Secret's data, so that whoever watches Clusters sees that it has changed.
const CREDENTIALS: &str = "portolan.dev/credentials";
/// The new account's first request is tried for so long: its rights take a moment to be known. Arbitrary, a thousand times
/// what it takes where nothing else goes on.
const KNOWN_WITHIN: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_millis(200);

/// Who joins whom.
#[derive(Clone, Debug)]
pub struct Joining {
    /// What the control plane will know the member as.
    pub name: String,
    /// The member.
    pub member: Place,
    /// The control plane.
    pub control: Place,
}

/// Joins, and says each act when it is done. Whatever fails leaves what was made before it: to join again goes on from there.
pub async fn join(joining: &Joining, said: &mut dyn FnMut(Act)) -> Result<(), JoinError> {
    let Joining { name, member, control } = joining;
    check_name(name)?;
    let endpoint = member.endpoint()?;
    let member = Hand { side: Side::Member, client: member.client().await? };
    let control = Hand { side: Side::Control, client: control.client().await? };
    let (id, ours) = acquaint(name, &member, &control).await?;

    for object in account(&ours) {
        said(member.apply(object).await?);
    }
    let role = member.get(Kind::ClusterRole, None, &ours).await?.and_then(|role| role.uid());
    let role =
        role.ok_or(JoinError::Answer { side: Side::Member, problem: "the ClusterRole is gone again" })?;
    said(member.apply(binding(&ours, &role)).await?);
    let (token, lasting) = token::token(&member, &ours).await?;
    said(Act { side: Side::Member, object: format!("a token for {ours}"), deed: Deed::Token(lasting) });

    let mut spec = json!({
        "id": id,
        "syncMode": "Push",
        "apiEndpoint": endpoint.server,
        "secretRef": {"namespace": NAMESPACE, "name": name},
    });
    if endpoint.insecure {
        spec["insecureSkipTLSVerification"] = json!(true);
    }
    if let Some(proxy) = &endpoint.proxy {
        spec["proxyURL"] = json!(proxy);
    }
    let secret = secret(name, token, endpoint.authority.as_deref(), &spec);
    let cluster = json!({
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": {"name": name, "annotations": {CREDENTIALS: Digest::of_value(&secret["data"]).to_string()}},
        "spec": spec,
    });
    // Before anybody relies on it.
    try_out(&cluster, &secret).await?;
    said(Act {
        side: Side::Member,
        object: format!("the API server, by {ours}'s token"),
        deed: Deed::Reached,
    });

    for object in [namespace(NAMESPACE), namespace(&names::execution_namespace(name)), secret, cluster] {
        said(control.apply(object).await?);
    }
    Ok(())
}

/// A cluster's name is that of a namespace but for its prefix, and the reference's limit.
fn check_name(name: &str) -> Result<(), JoinError> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let outer = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let valid = (1..=48).contains(&name.len())
        && name.bytes().all(inner)
        && outer(name.as_bytes().first())
        && outer(name.as_bytes().last());
    if valid { Ok(()) } else { Err(JoinError::Name { name: name.to_owned() }) }
}

/// Who the two are to each other: the member's id, and what our account is called there. Nothing is written.
async fn acquaint(name: &str, member: &Hand, control: &Hand) -> Result<(String, String), JoinError> {
    let clusters = control.clusters().await?;
    let id = member.identity().await?;
    let control_id = control.identity().await?;
    if id == control_id {
        return Err(JoinError::Itself);
    }
    for cluster in clusters {
        let known = cluster.data.pointer("/spec/id").and_then(Value::as_str);
        match (cluster.name_any(), known) {
            (other, Some(known)) if other != name && known == id => {
                return Err(JoinError::Known { name: name.to_owned(), other });
            }
            (other, Some(known)) if other == name && known != id => {
                return Err(JoinError::Another { name: name.to_owned(), id: known.to_owned() });
            }
            _ => {}
        }
    }
    Ok((id, account_name(name, &control_id)))
}

/// What our account is called on a member: two control planes that know it by the same name have an account each.
fn account_name(cluster: &str, control_id: &str) -> String {
    // Eight of a random uid's digits: told apart from the handful that a member may ever be joined to.
    let control = control_id.get(..8).unwrap_or(control_id);
    format!("portolan-{cluster}-{control}")
}

/// The account on the member, with every right there: what templates carry may be of any kind.
fn account(ours: &str) -> [Value; 3] {
    let every = json!(["*"]);
    [
        namespace(NAMESPACE),
        json!({
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": ours, "namespace": NAMESPACE, "labels": mark()},
        }),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": ours, "labels": mark()},
            "rules": [
                {"apiGroups": every, "resources": every, "verbs": every},
                {"nonResourceURLs": every, "verbs": every},
            ],
        }),
    ]
}

/// It goes with the role: an account that takes itself away loses its rights with whichever of the two goes first.
fn binding(ours: &str, role: &str) -> Value {
    let group = "rbac.authorization.k8s.io";
    let api_version = format!("{group}/v1");
    json!({
        "apiVersion": api_version, "kind": "ClusterRoleBinding",
        "metadata": {
            "name": ours, "labels": mark(),
            "ownerReferences": [{"apiVersion": api_version, "kind": "ClusterRole", "name": ours, "uid": role}],
        },
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": ours},
        "subjects": [{"kind": "ServiceAccount", "name": ours, "namespace": NAMESPACE}],
    })
}

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": mark()}})
}

fn secret(name: &str, token: String, authority: Option<&str>, spec: &Value) -> Value {
    let mut secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": name, "namespace": NAMESPACE, "labels": mark(),
            "annotations": {CLUSTER: spec.to_string()},
        },
        "data": {"token": k8s_openapi::ByteString(token.into_bytes())},
    });
    if let Some(authority) = authority {
        secret["data"]["caBundle"] = json!(k8s_openapi::ByteString(authority.as_bytes().to_vec()));
    }
    secret
}

/// Tells what join made from what was there.
fn mark() -> Value {
    json!({act::MADE_BY.0: act::MADE_BY.1})
}

/// Asks the member something as the control plane will, by what it will know.
async fn try_out(cluster: &Value, secret: &Value) -> Result<(), JoinError> {
    let secret = serde_json::from_value(secret.clone()).expect("a Secret is made of these fields");
    let client = Access::read(cluster)?.client(&secret).await?;
    let hand = Hand { side: Side::Member, client };
    let mut left = KNOWN_WITHIN;
    loop {
        match hand.get(Kind::Namespace, None, "kube-system").await {
            Ok(_) => return Ok(()),
            Err(error) if left.is_zero() => return Err(error),
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
        left = left.saturating_sub(AGAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_label_of_at_most_48_characters() {
        for name in ["a", "member1", "eu-west-1", "7", &"a".repeat(48)] {
            check_name(name).expect(name);
        }
        for name in ["", "-a", "a-", "A", "a.b", "a_b", "karmada/es", &"a".repeat(49)] {
            let error = check_name(name).expect_err(name).to_string();
            assert!(error.contains("valid: up to 48 of a-z 0-9 and -"), "{error}");
        }
    }

    #[test]
    fn each_control_plane_has_an_account_of_its_own() {
        assert_eq!(account_name("eu", "1a2b3c4d-0000-4000-8000-000000000000"), "portolan-eu-1a2b3c4d");
        assert_ne!(account_name("eu", "1a2b3c4d"), account_name("eu", "1a2b3c4e"));
    }
}
