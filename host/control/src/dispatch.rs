//! What a decision makes necessary: what is to be written, where, and what has to wait for what. Values only.

use std::collections::BTreeSet;
use std::sync::Arc;

use portolan_api::{metadata, names};
use portolan_plan::{Act, Decision, Digest, Hold, Previous, World};
use serde_json::{Map, Value, json};

use crate::binding::{self, Eviction, PRODUCER};
use crate::claim::{self, Claim};
use crate::ledger::{self, Entry, Kept, Key};
use portolan_member::Instant;

/// How long a cluster keeps what moves away where the clusters it moves to don't take it. The reference's default.
pub const EVICTION_SECONDS: i64 = 600;

/// No policy selects the template any more.
pub const NO_POLICY: &str = "NoPolicy";

/// Its policy names override policies that are not there yet.
pub const WAITS_FOR_OVERRIDES: &str = "WaitsForOverrides";

/// What a decision makes necessary.
#[derive(Debug, Default)]
pub struct Dispatch {
    /// What is to be applied to the template.
    pub claim: Option<Claim>,
    /// The binding as it is to be, where it is not.
    pub binding: Option<Value>,
    /// The Works that are to be, one a cluster.
    pub works: Vec<DueWork>,
    /// The clusters that it leaves now, with its Works there or without.
    pub leaves: Vec<Arc<str>>,
    /// When to look again, whatever happens: the first eviction is over then.
    pub again: Option<Instant>,
    /// What to say of the decision.
    pub verdict: Verdict,
}

/// A Work that is to be.
#[derive(Debug)]
pub struct DueWork {
    /// The cluster.
    pub cluster: Arc<str>,
    /// The whole Work; none where it is there already, as it is to be.
    pub write: Option<Value>,
    /// The digest of what is written of it.
    pub content: Digest,
    /// The object that it carries.
    pub manifest: Arc<Value>,
    /// The digest of that.
    pub digest: Digest,
    /// Whether nothing is written on the member.
    pub suspended: bool,
    /// Whether the object stays when the Work goes.
    pub preserved: bool,
}

/// What to say of a decision, on the binding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Why the template is not placed as its policy says, in one word; none: it is.
    pub reason: Option<&'static str>,
    /// The same in a sentence.
    pub message: String,
    /// The group of clusters that was taken.
    pub group: Option<String>,
}

/// Finds out what a decision makes necessary.
pub fn dispatch(
    world: &World,
    owner: &str,
    (key, entry, template): (&Key, &Entry, &Kept),
    previous: &Previous,
    decision: &Decision,
    now: Instant,
) -> Dispatch {
    let policy = decision.policy.as_deref();
    let claim = match decision.hold {
        Some(Hold::ClaimedBy(_)) => None,
        _ => claim::to_apply(owner, template, policy.map(|policy| &policy.reference)),
    };
    let verdict = verdict(decision);
    if let Some(hold) = &decision.hold {
        // Whoever looks for the reason looks at the binding, so there is to be one.
        let nothing_yet = entry.binding.is_none() && policy.is_some();
        let is_held = !matches!(hold, Hold::Unclaimed | Hold::ClaimedBy(_));
        let binding =
            (nothing_yet && is_held).then(|| binding::of(world, owner, key, template, decision, &[], false));
        return Dispatch { claim, binding, verdict, ..Dispatch::default() };
    }
    let works = due_works(world, key, entry, template, decision);
    let going: BTreeSet<&str> = (decision.acts(world, previous).iter())
        .filter_map(|(name, act)| matches!(act, Act::Remove).then_some(*name))
        .collect();
    let arrived = works.iter().all(|work| {
        // Any version will do: it was a copy, and it stays one while it is replaced. What is suspended never arrives, and
        // nobody waits for it.
        work.suspended || entry.applied.contains_key(&work.cluster)
    });
    let policy_says_now = policy.is_some_and(|policy| {
        let mode = policy.spec.failover.as_ref().and_then(|failover| failover.pointer("/cluster/purgeMode"));
        mode.and_then(Value::as_str).is_some_and(|mode| mode == "Directly" || mode == "Immediately")
    });

    let told = entry.binding.as_deref().map(|binding| &binding.evicting[..]).unwrap_or_default();
    let at_once = works.is_empty() || arrived || policy_says_now;
    let (mut evicting, mut leaves, mut again) = (Vec::new(), Vec::new(), None::<Instant>);
    for cluster in going {
        let task = told.iter().find(|task| task.from_cluster == cluster);
        let began = task.and_then(|task| task.creation_timestamp.as_deref()).and_then(Instant::parse);
        let until = began.unwrap_or(now).plus(EVICTION_SECONDS);
        if at_once || until <= now {
            leaves.push(Arc::from(cluster));
            continue;
        }
        again = Some(again.map_or(until, |again| again.min(until)));
        evicting.push(task.cloned().unwrap_or_else(|| Eviction {
            from_cluster: cluster.into(),
            creation_timestamp: Some(now.to_string()),
            producer: PRODUCER.into(),
            rest: Map::from_iter([
                ("reason".to_owned(), "Moved".into()),
                ("purgeMode".to_owned(), "Gracefully".into()),
            ]),
        }));
    }
    evicting.extend(told.iter().filter(|task| task.producer != PRODUCER).cloned());
    let lazy = policy.is_some_and(|policy| policy.spec.activation_preference.as_deref() == Some("Lazy"));
    let wanted = binding::of(world, owner, key, template, decision, &evicting, lazy);
    let there = entry.binding.as_ref().is_some_and(|there| there.content == binding::content(&wanted));
    let binding = (!there).then_some(wanted);
    Dispatch { claim, binding, works, leaves, again, verdict }
}

fn due_works(world: &World, key: &Key, entry: &Entry, template: &Kept, decision: &Decision) -> Vec<DueWork> {
    let fleet = world.fleet();
    let spec = decision.policy.as_deref().map(|policy| &policy.spec);
    let preserved = spec.is_some_and(|spec| spec.preserve_resources_on_deletion);
    let suspension = spec.and_then(|spec| spec.suspension.as_ref());
    let suspended = |cluster: &str| {
        suspension.is_some_and(|suspension| {
            let some = suspension.dispatching_on_clusters.iter().flat_map(|some| &some.cluster_names);
            suspension.dispatching == Some(true) || some.clone().any(|name| name == cluster)
        })
    };
    let mut works = Vec::new();
    for delivery in &decision.deliveries {
        for place in &delivery.clusters {
            let portolan_plan::Work { cluster, namespace, name, annotations, manifest } =
                delivery.work(fleet, *place);
            let suspended = suspended(&cluster);
            let manifest = Arc::new(manifest);
            let work = work(key, template, &namespace, &name, &annotations, &manifest, suspended, preserved);
            let content = ledger::Work::content(&work);
            let digest = Digest::of_value(&manifest);
            let there = entry.works.get(&*cluster).is_some_and(|there| there.content == content);
            let write = (!there).then_some(work);
            let cluster = cluster.into();
            works.push(DueWork { cluster, write, content, manifest, digest, suspended, preserved });
        }
    }
    works
}

#[allow(
    clippy::too_many_arguments,
    reason = "each is one field of the Work, and nothing else takes them together"
)]
fn work(
    key: &Key,
    template: &Kept,
    namespace: &str,
    name: &str,
    annotations: &std::collections::BTreeMap<&'static str, String>,
    manifest: &Value,
    suspended: bool,
    preserved: bool,
) -> Value {
    let of_manifest = |map: &str, key: &str| manifest.get("metadata")?.get(map)?.get(key).cloned();
    let mut ours: Map<String, Value> =
        annotations.iter().map(|(key, value)| ((*key).to_owned(), value.as_str().into())).collect();
    for key in [
        metadata::BINDING_NAMESPACE,
        metadata::BINDING_NAME,
        metadata::CLUSTER_BINDING_NAME,
        metadata::CONFLICT_RESOLUTION,
    ] {
        ours.extend(of_manifest("annotations", key).map(|value| (key.to_owned(), value)));
    }
    let labels: Map<String, Value> = [metadata::BINDING_ID, metadata::CLUSTER_BINDING_ID, metadata::WORK_ID]
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), of_manifest("labels", key)?)))
        .collect();
    debug_assert_eq!(Key::of(&template.key), *key);
    debug_assert!(namespace.starts_with(&names::execution_namespace("")));
    let mut spec = json!({"workload": {"manifests": [manifest]}});
    if suspended {
        spec["suspendDispatching"] = true.into();
    }
    if preserved {
        spec["preserveResourcesOnDeletion"] = true.into();
    }
    json!({
        "apiVersion": "work.karmada.io/v1alpha1",
        "kind": "Work",
        "metadata": {"name": name, "namespace": namespace, "labels": labels, "annotations": ours},
        "spec": spec,
    })
}

/// What to say of a decision. The reasons are the reference's, where it has one.
fn verdict(decision: &Decision) -> Verdict {
    let group = decision.remember.group.clone();
    let said = |reason: &'static str, message: String| Verdict { reason: Some(reason), message, group: None };
    let list = |names: &[String]| names.join(", ");
    match &decision.hold {
        None if decision.selected.is_empty() => {
            let message = "no cluster passes every filter; `portolan explain` says which filter refused each";
            said("NoClusterFit", message.into())
        }
        None => Verdict { reason: None, message: String::new(), group },
        Some(Hold::Unclaimed) => {
            said(NO_POLICY, "no policy selects the template any more; it stays where it is".into())
        }
        Some(Hold::ClaimedBy(who)) => said("ClaimedByAnother", format!("`{who}` looks after the template")),
        Some(Hold::BrokenPolicies(policies) | Hold::UnreadPolicies(policies)) => {
            let policies: Vec<String> = policies.iter().map(ToString::to_string).collect();
            said("PolicyUnusable", format!("{} can't be used; everything stays as it is", list(&policies)))
        }
        Some(Hold::WaitsFor(wanted)) => {
            said(WAITS_FOR_OVERRIDES, format!("dependentOverrides: {} are not there yet", list(wanted)))
        }
        Some(Hold::Suspended) => said("Suspended", "the policy suspends it".into()),
        Some(Hold::Fault) => {
            let message =
                "a plugin gave no answer; everything stays as it is, and `portolan explain` says why";
            said("PluginFault", message.into())
        }
        Some(Hold::Unschedulable { plugin, field, why }) => {
            said("Unschedulable", format!("{field}: {why} (plugin `{plugin}`)"))
        }
        Some(Hold::WouldVanish) => {
            let message = "it would be on no cluster any more although nobody changed its policy; everything stays as it is";
            said("WouldVanish", message.into())
        }
        Some(Hold::TooLarge(bytes)) => said("TooLarge", format!("it is too large to travel: {bytes} bytes")),
        Some(Hold::Defect(what)) => said("Defect", format!("a defect of Portolan's own: {what}")),
    }
}
