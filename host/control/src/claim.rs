//! Claims: a policy's name on a template, so that it stays that policy's.

use portolan_api::{PolicyKind, PolicyRef, metadata};
use portolan_plan::policy_id;
use serde_json::{Map, Value, json};

use crate::ledger::Kept;

/// The labels and the annotations of a claim.
pub fn of(owner: &str, policy: &PolicyRef) -> (Map<String, Value>, Map<String, Value>) {
    let id = Value::String(policy_id(owner, policy));
    let name = Value::String(policy.name.clone());
    let (mut labels, mut annotations) = (Map::new(), Map::new());
    if policy.kind == PolicyKind::PropagationPolicy {
        labels.insert(metadata::POLICY_ID.into(), id);
        let namespace = policy.namespace.clone().unwrap_or_default();
        annotations.insert(metadata::POLICY_NAMESPACE.into(), namespace.into());
        annotations.insert(metadata::POLICY_NAME.into(), name);
    } else {
        labels.insert(metadata::CLUSTER_POLICY_ID.into(), id);
        annotations.insert(metadata::CLUSTER_POLICY_NAME.into(), name);
    }
    (labels, annotations)
}

/// A claim that is to be written.
#[derive(Debug)]
pub struct Claim {
    /// Whose the template is from then on; none: nobody's.
    pub policy: Option<PolicyRef>,
    /// What is applied to it.
    pub apply: Value,
}

/// What is to be applied to a template so that it is this policy's, or nobody's; none where it says so already.
///
/// It is a server-side apply: what an earlier claim wrote and this one does not have goes. The uid keeps it from making a
/// template that was deleted in the meantime.
pub fn to_apply(owner: &str, template: &Kept, policy: Option<&PolicyRef>) -> Option<Claim> {
    let claimed = match (policy, &template.claim) {
        (None, None) => true,
        (Some(policy), Some(claim)) => policy == claim && template.claim_id == policy_id(owner, policy),
        _ => false,
    };
    if claimed {
        return None;
    }
    let (labels, annotations) = policy.map(|policy| of(owner, policy)).unwrap_or_default();
    let mut metadata = json!({"name": template.key.name, "uid": template.uid});
    if let Some(namespace) = &template.key.namespace {
        metadata["namespace"] = namespace.as_str().into();
    }
    for (map, entries) in [("labels", labels), ("annotations", annotations)] {
        if !entries.is_empty() {
            metadata[map] = entries.into();
        }
    }
    let apply =
        json!({"apiVersion": template.key.api_version, "kind": template.key.kind, "metadata": metadata});
    Some(Claim { policy: policy.cloned(), apply })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str) -> PolicyRef {
        let kind = PolicyKind::PropagationPolicy;
        PolicyRef { kind, namespace: Some("shop".into()), name: name.into() }
    }

    #[test]
    fn a_claim_is_written_once_and_given_up_when_nobody_holds_it() {
        let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "web", "namespace": "shop", "uid": "u"}});
        let bare = Kept::new(object.clone()).expect("an object");
        assert!(to_apply("me", &bare, None).is_none());
        let apply = to_apply("me", &bare, Some(&policy("p"))).expect("it has no claim yet").apply;
        assert_eq!(apply["metadata"]["uid"], "u");

        object["metadata"] = apply["metadata"].clone();
        let claimed = Kept::new(object).expect("an object");
        assert!(to_apply("me", &claimed, Some(&policy("p"))).is_none());
        let other = to_apply("me", &claimed, Some(&policy("q"))).expect("another policy's").apply;
        assert_eq!(other["metadata"]["annotations"][metadata::POLICY_NAME], "q");
        let nobody = to_apply("me", &claimed, None).expect("it was claimed").apply;
        assert_eq!(nobody["metadata"], json!({"name": "web", "namespace": "shop", "uid": "u"}));
    }
}
