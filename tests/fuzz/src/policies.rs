//! Policies: any documents, read and decided with.
//!
//! The input is a JSON list of documents. Promised:
//!
//! - reading one gives a document or problems, at least one and none without words, and the same each time;
//! - a World is made of whatever was read, and every template is decided on, reported on and turned into acts;
//! - the order of the documents makes no difference, and what is where it belongs already is decided on as before, but that
//!   no group of clusters is passed over a second time;
//! - what is delivered has the template's identity and goes to clusters that are there, each once;
//! - an object that is on some cluster is never taken away from all of them but by a change of the policy that put it
//!   there.
//!
//! The plugins are natively written here, and are simpler than the default ones: this can't find what those do wrong.

mod plugins;

use std::collections::BTreeSet;

use portolan_api::{Context, Document, ObjectKey, Scopes};
use portolan_plan::{Act, Ingredients, Options, Previous, Tally, Template, World, decide};
use serde_json::Value;

use crate::json::{self, Words};
use crate::random::Random;

const WORDS: Words = Words {
    keys: &[
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "namespace",
        "labels",
        "annotations",
        "spec",
        "status",
        "uid",
        "generation",
        "deletionTimestamp",
        "resourceSelectors",
        "labelSelector",
        "matchLabels",
        "matchExpressions",
        "key",
        "operator",
        "values",
        "placement",
        "clusterAffinity",
        "clusterAffinities",
        "clusterNames",
        "exclude",
        "fieldSelector",
        "plugins",
        "config",
        "priority",
        "conflictResolution",
        "dependentOverrides",
        "suspension",
        "dispatching",
        "dispatchingOnClusters",
        "preemption",
        "activationPreference",
        "propagateDeps",
        "affinityName",
        "overflowAffinities",
        "clusterTolerations",
        "spreadConstraints",
        "spreadByField",
        "spreadByLabel",
        "minGroups",
        "maxGroups",
        "replicaScheduling",
        "replicaSchedulingType",
        "replicaDivisionPreference",
        "weightPreference",
        "staticWeightList",
        "weight",
        "dynamicWeight",
        "overrideRules",
        "targetCluster",
        "overriders",
        "plaintext",
        "path",
        "value",
        "labelsOverrider",
        "annotationsOverrider",
        "imageOverrider",
        "fieldOverrider",
        "taints",
        "effect",
        "region",
        "zones",
        "provider",
        "source",
        "file",
        "digest",
        "budget",
        "fuel",
        "data",
        "replicas",
        "items",
        "scope",
        "group",
        "names",
    ],
    texts: &[
        "",
        "v1",
        "apps/v1",
        "policy.karmada.io/v1alpha1",
        "policy.karmada.io/v1beta1",
        "cluster.karmada.io/v1alpha1",
        "plugins.portolan.dev/v1alpha1",
        "apiextensions.k8s.io/v1",
        "work.karmada.io/v1alpha2",
        "PropagationPolicy",
        "ClusterPropagationPolicy",
        "OverridePolicy",
        "ClusterOverridePolicy",
        "Cluster",
        "ClusterPlugin",
        "ConfigMap",
        "Secret",
        "Deployment",
        "CustomResourceDefinition",
        "shop",
        "web",
        "member1",
        "member2",
        "member3",
        "In",
        "NotIn",
        "Exists",
        "DoesNotExist",
        "Gt",
        "add",
        "replace",
        "remove",
        "/data/key",
        "/metadata/name",
        "/spec",
        "Abort",
        "Overwrite",
        "Always",
        "Never",
        "Lazy",
        "Divided",
        "Duplicated",
        "Weighted",
        "Aggregated",
        "AvailableReplicas",
        "cluster",
        "zone",
        "group1",
        "group2",
        "NoSchedule",
        "NoExecute",
        "PreferNoSchedule",
        "custom",
        "selects",
        "assigns",
        "cluster-affinity",
        "plaintext",
        "labels",
        "env",
        "prod",
        "region",
        "eu",
        "karmada.io/managed",
        "propagation.karmada.io/instruction",
        "2026-01-01T00:00:00Z",
    ],
};

/// Another input.
pub fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    json::mutate(input, WORDS, random)
}

/// Holds what is promised against one input.
pub fn run(input: &[u8]) {
    let Ok(Value::Array(values)) = serde_json::from_slice::<Value>(input) else { return };
    let documents = read(&values);
    let first = decisions(&documents, &[]);
    let turned: Vec<Document> = documents.iter().rev().cloned().collect();
    assert_eq!(decisions(&turned, &[]), first, "order makes no difference");
    assert_eq!(
        decisions(&documents, &first),
        first,
        "nor does it that everything is where it belongs already"
    );
    // Later a document is gone, any of them, and everything is where it went.
    if !documents.is_empty() {
        let mut fewer = documents.clone();
        fewer.remove(input.len() % documents.len());
        let _ = decisions(&fewer, &first);
    }
}

fn read(values: &[Value]) -> Vec<Document> {
    let mut scopes = Scopes::default();
    values.iter().for_each(|value| scopes.learn(value));
    let context = Context { default_namespace: "default", scopes: &scopes };
    let mut documents = Vec::new();
    let mut known = BTreeSet::new();
    for value in values {
        let document = Document::read(value.clone(), &context);
        assert_eq!(document, Document::read(value.clone(), &context), "read twice");
        match document {
            // Of two with one identity, shells hand over the first.
            Ok(document) => {
                if known.insert(identity(&document)) {
                    documents.push(document);
                }
            }
            Err(invalid) => {
                assert!(!invalid.problems.is_empty(), "{value}");
                assert!(invalid.problems.iter().all(|problem| !problem.message.is_empty()), "{invalid:?}");
            }
        }
    }
    documents
}

fn identity(document: &Document) -> (String, String, String, String) {
    let key = |key: ObjectKey| {
        (key.group().to_owned(), key.kind.clone(), key.namespace.clone().unwrap_or_default(), key.name)
    };
    match document {
        Document::Template(object) | Document::Ignored(object) => key(object.key()),
        Document::Propagation(policy) => policy_identity(&policy.reference),
        Document::Override(policy) => policy_identity(&policy.reference),
        Document::Cluster(cluster) => ("cluster".into(), String::new(), String::new(), cluster.name.clone()),
        Document::Plugin(plugin) => ("plugin".into(), String::new(), String::new(), plugin.name.clone()),
    }
}

fn policy_identity(policy: &portolan_api::PolicyRef) -> (String, String, String, String) {
    let namespace = policy.namespace.clone().unwrap_or_default();
    ("policy".into(), policy.kind.to_string(), namespace, policy.name.clone())
}

/// What was decided about a template, as far as it can be seen from outside.
#[derive(Debug, PartialEq)]
struct Outcome {
    template: ObjectKey,
    report: Value,
    troubles: String,
    delivered: Vec<(String, Value)>,
    previous: Previous,
}

fn decisions(documents: &[Document], before: &[Outcome]) -> Vec<Outcome> {
    let mut ingredients = Ingredients { plugins: plugins::all(), ..Ingredients::default() };
    let mut templates = Vec::new();
    for document in documents {
        match document.clone() {
            Document::Template(object) => templates.push(Template::new(object)),
            Document::Propagation(policy) => ingredients.propagation.push(*policy),
            Document::Override(policy) => ingredients.overrides.push(*policy),
            Document::Cluster(cluster) => ingredients.clusters.push(*cluster),
            Document::Plugin(_) | Document::Ignored(_) => {}
        }
    }
    templates.sort_by(|one, other| one.key.cmp(&other.key));
    let (world, problems) = World::new(ingredients);
    assert!(problems.iter().all(|problem| !problem.problem.message.is_empty()), "{problems:?}");
    let mut tally = Tally::default();
    let outcomes: Vec<Outcome> = templates
        .into_iter()
        .map(|template| {
            let previous = before.iter().find(|outcome| outcome.template == template.key);
            let previous = previous.map(|outcome| outcome.previous.clone()).unwrap_or_default();
            outcome(&world, template, &previous, &mut tally)
        })
        .collect();
    for notice in tally.notices(&world) {
        assert!(!notice.text.is_empty());
    }
    outcomes
}

fn outcome(world: &World, template: Template, previous: &Previous, tally: &mut Tally) -> Outcome {
    let key = template.key.clone();
    let decision = decide(world, template, previous, Options::default());
    tally.note(world, &decision);
    let fleet = world.fleet();
    let mut report = decision.report(fleet);
    // A template stays with the group that it found, so that the next time none is passed over on the way.
    report.passed_over.clear();
    let report = serde_json::to_value(report).expect("a report is JSON");
    let acts = decision.acts(world, previous);
    let mut delivered = Vec::new();
    let mut remains = false;
    for (cluster, act) in &acts {
        match act {
            Act::Deliver(delivery, place) => {
                assert_eq!(fleet.find(cluster), Some(*place));
                let work = delivery.work(fleet, *place);
                for (field, expected) in [
                    ("/apiVersion", Some(&*key.api_version)),
                    ("/kind", Some(&*key.kind)),
                    ("/metadata/name", Some(&*key.name)),
                    ("/metadata/namespace", key.namespace.as_deref()),
                ] {
                    assert_eq!(work.manifest.pointer(field).and_then(Value::as_str), expected, "{field}");
                }
                delivered.push(((*cluster).to_owned(), work.manifest));
            }
            Act::Keep => remains = true,
            Act::Remove => {}
        }
    }
    let clusters: BTreeSet<&str> = acts.iter().map(|(cluster, _)| *cluster).collect();
    assert_eq!(clusters.len(), acts.len(), "each cluster once");
    if !acts.is_empty() && delivered.is_empty() && !remains {
        let policy = decision.policy.as_ref().expect("without a policy nothing is taken away");
        assert_eq!(previous.policy.as_ref(), Some(&policy.reference), "by whom it was placed");
        assert_ne!(previous.policy_digest, Some(policy.digest.to_string()), "which changed");
    }
    let troubles = format!("{:?}", decision.troubles(fleet));
    // Where all stays as it was, the shell remembers what it did.
    let remember = if decision.hold.is_some() { previous.clone() } else { decision.remember.clone() };
    let clusters =
        acts.iter().filter(|(_, act)| !matches!(act, Act::Remove)).map(|(name, _)| name.to_string());
    let held_back = previous.clusters.clone();
    let delivered_to: BTreeSet<String> = delivered.iter().map(|(name, _)| name.clone()).collect();
    let clusters = clusters.filter(|name| delivered_to.contains(name) || held_back.contains(name)).collect();
    Outcome { template: key, report, troubles, delivered, previous: Previous { clusters, ..remember } }
}
