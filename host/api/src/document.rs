//! The door: a JSON value comes in, and leaves as what it is or with all that is wrong with it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cluster::{Cluster, ClusterSpec};
use crate::invalid::{Invalid, Problem, Reach, Unread};
use crate::object::Object;
use crate::overriding::OverrideSpec;
use crate::plugin::{ClusterPlugin, PluginSpec};
use crate::propagation::{PropagationSpec, ResourceSelector, default_namespaces};
use crate::resource::{ObjectMeta, Policy, PolicyKind, PolicyRef};
use crate::scope::Scopes;

/// One object, as what it is to Portolan.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// Anything that Portolan may carry to members.
    Template(Object),
    /// A PropagationPolicy or a ClusterPropagationPolicy.
    Propagation(Box<Policy<PropagationSpec>>),
    /// An OverridePolicy or a ClusterOverridePolicy.
    Override(Box<Policy<OverrideSpec>>),
    /// A member cluster.
    Cluster(Box<Cluster>),
    /// A plugin for every policy.
    Plugin(Box<ClusterPlugin>),
    /// An object of the control plane itself, which this version has no use for. It is never carried to members.
    Ignored(Object),
}

/// What the reader of a document needs to know beside it.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// Where objects live that need a namespace and name none.
    pub default_namespace: &'a str,
    /// Which kinds need one.
    pub scopes: &'a Scopes,
}

impl Document {
    /// Whether [`read`](Self::read) takes this object for a [`Template`](Self::Template), whatever the context.
    pub fn is_template(object: &Object) -> bool {
        let key = object.key();
        let group = key.group();
        policy_kind(&key.kind).is_none() && group != "plugins.portolan.dev" && !group.ends_with(".karmada.io")
    }

    /// Reads one object. Defaults of admission are filled in, and what admission would refuse is refused.
    pub fn read(value: Value, context: &Context<'_>) -> Result<Self, Invalid> {
        let object = Object::parse(value).map_err(|wrong| Invalid {
            object: String::new(),
            problems: vec![Problem::new("", wrong.to_string())],
            unread: None,
        })?;
        let object = context.scopes.settle(object, context.default_namespace);
        if object.kind() == "ClusterPlugin" && object.key().group() == "plugins.portolan.dev" {
            return read_plugin(&object).map_err(|problems| Invalid {
                unread: Some(Box::new(Unread::Plugin(object.name().into()))),
                ..invalid(&object, problems)
            });
        }
        if object.key().group() == "plugins.portolan.dev" {
            let problem =
                Problem::new("kind", format!("`{}` is not known; valid: ClusterPlugin", object.kind()));
            return Err(invalid(&object, vec![problem]));
        }
        if Self::is_template(&object) {
            return Ok(Self::Template(object));
        }
        match (object.key().group(), policy_kind(object.kind())) {
            ("policy.karmada.io", Some(kind)) => read_policy(&object, kind),
            ("cluster.karmada.io", None) if object.kind() == "Cluster" => {
                read_cluster(&object).map_err(|problems| Invalid {
                    unread: Some(Box::new(Unread::Cluster(object.name().into()))),
                    ..invalid(&object, problems)
                })
            }
            ("policy.karmada.io", None) if !OTHER_POLICIES.contains(&object.kind()) => {
                let valid =
                    "PropagationPolicy, ClusterPropagationPolicy, OverridePolicy, ClusterOverridePolicy";
                Err(misspelt(&object, "kind", object.kind(), valid))
            }
            ("cluster.karmada.io", None) => Err(misspelt(&object, "kind", object.kind(), "Cluster")),
            (_, Some(_)) => {
                Err(misspelt(&object, "apiVersion", object.api_version(), "policy.karmada.io/v1alpha1"))
            }
            _ => Ok(Self::Ignored(object)),
        }
    }
}

fn policy_kind(kind: &str) -> Option<PolicyKind> {
    match kind {
        "PropagationPolicy" => Some(PolicyKind::PropagationPolicy),
        "ClusterPropagationPolicy" => Some(PolicyKind::ClusterPropagationPolicy),
        "OverridePolicy" => Some(PolicyKind::OverridePolicy),
        "ClusterOverridePolicy" => Some(PolicyKind::ClusterOverridePolicy),
        _ => None,
    }
}

/// Kinds of the policies' group that this version has no use for.
const OTHER_POLICIES: &[&str] = &["FederatedResourceQuota", "ClusterTaintPolicy"];

/// The parts of a typed object. `status` is whatever the server wrote there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parts<Spec> {
    api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    metadata: ObjectMeta,
    spec: Spec,
    #[serde(default, rename = "status")]
    _status: Option<Value>,
}

fn read_policy(object: &Object, kind: PolicyKind) -> Result<Document, Invalid> {
    // On its way out, a policy says nothing any more.
    if object.value().pointer("/metadata/deletionTimestamp").is_some_and(|deleted| !deleted.is_null()) {
        return Ok(Document::Ignored(object.clone()));
    }
    let reference =
        PolicyRef { kind, namespace: object.namespace().map(Into::into), name: object.name().into() };
    let namespace = reference.namespace.as_deref();
    let written = || object.value().get("spec").cloned().unwrap_or_default();
    let document = match kind {
        PolicyKind::PropagationPolicy | PolicyKind::ClusterPropagationPolicy => {
            parts::<PropagationSpec>(object, "policy.karmada.io/v1alpha1").and_then(|parts| {
                let mut spec = parts.spec;
                spec.default_for(namespace);
                none_wrong(spec.problems(namespace))?;
                Ok(Document::Propagation(Box::new(Policy {
                    reference: reference.clone(),
                    spec,
                    written: written(),
                })))
            })
        }
        PolicyKind::OverridePolicy | PolicyKind::ClusterOverridePolicy => {
            parts::<OverrideSpec>(object, "policy.karmada.io/v1alpha1").and_then(|parts| {
                let mut spec = parts.spec;
                spec.default_for(namespace);
                none_wrong(spec.problems(namespace))?;
                Ok(Document::Override(Box::new(Policy {
                    reference: reference.clone(),
                    spec,
                    written: written(),
                })))
            })
        }
    };
    document.map_err(|problems| Invalid {
        unread: Some(Box::new(Unread::Policy(Reach {
            selectors: selectors_alone(object, namespace),
            policy: reference.clone(),
        }))),
        ..invalid(object, problems)
    })
}

/// The selectors of a policy of which something else is wrong, so that only what it means is left alone. What is wrong
/// with a selector itself restricts nothing: it is better to leave too much alone than too little.
fn selectors_alone(object: &Object, namespace: Option<&str>) -> Option<Vec<ResourceSelector>> {
    let value = object.value().pointer("/spec/resourceSelectors")?;
    let mut selectors = Vec::<ResourceSelector>::deserialize(value).ok()?;
    default_namespaces(&mut selectors, namespace);
    for selector in &mut selectors {
        if namespace.is_some() {
            selector.namespace = namespace.map(Into::into);
        }
        selector.label_selector.take_if(|labels| labels.check().is_err());
    }
    (!selectors.is_empty()).then_some(selectors)
}

fn read_cluster(object: &Object) -> Result<Document, Vec<Problem>> {
    let parts = parts::<Option<ClusterSpec>>(object, "cluster.karmada.io/v1alpha1")?;
    let name = parts.metadata.name;
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() > 48 || !name.chars().all(inner) || name.starts_with('-') || name.ends_with('-') {
        let message = format!(
            "`{name}` is no name for a cluster; valid: up to 48 of a-z 0-9 and -, beginning and ending with a \
             letter or digit"
        );
        return Err(vec![Problem::new("metadata.name", message)]);
    }
    Ok(Document::Cluster(Box::new(Cluster::new(name, parts.spec.unwrap_or_default().taints, object.value()))))
}

fn read_plugin(object: &Object) -> Result<Document, Vec<Problem>> {
    let parts = parts::<PluginSpec>(object, "plugins.portolan.dev/v1alpha1")?;
    if let Some(digest) = &parts.spec.digest {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
            let message = format!("`{digest}` is no digest; valid: sha256: and 64 of 0-9 a-f");
            return Err(vec![Problem::new("spec.digest", message)]);
        }
    }
    Ok(Document::Plugin(Box::new(ClusterPlugin { name: parts.metadata.name, spec: parts.spec })))
}

fn parts<Spec: DeserializeOwned>(object: &Object, api_version: &str) -> Result<Parts<Spec>, Vec<Problem>> {
    let parts: Parts<Spec> = serde_path_to_error::deserialize(object.value()).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        vec![Problem::new(path, error.inner().to_string())]
    })?;
    if parts.api_version != api_version {
        let message = format!("`{}` is not served; valid: {api_version}", parts.api_version);
        return Err(vec![Problem::new("apiVersion", message)]);
    }
    Ok(parts)
}

fn none_wrong(problems: Vec<Problem>) -> Result<(), Vec<Problem>> {
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Something of ours by its looks, which can't be what was meant. As a template or left out it would do harm.
fn misspelt(object: &Object, at: &str, said: &str, valid: &str) -> Invalid {
    let problem = Problem::new(at, format!("`{said}` is not known; valid: {valid}"));
    Invalid { unread: Some(Box::new(Unread::Anything)), ..invalid(object, vec![problem]) }
}

fn invalid(object: &Object, problems: Vec<Problem>) -> Invalid {
    Invalid { object: object.key().to_string(), problems, unread: None }
}
