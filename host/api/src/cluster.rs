//! Clusters, as the control plane and its plugins see them.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::condition::Condition;

/// A member cluster. It never holds endpoints or credentials: [`Cluster::facts`] is all that anybody may be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Its name: a DNS label of at most 48 characters.
    pub name: String,
    /// `metadata`, `spec` and `status`, without what would let a reader reach the cluster.
    pub facts: Value,
    /// Taints that keep templates away.
    pub taints: Vec<Taint>,
}

/// `spec` of a Cluster, with the fields that the reference has and no others.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "the reference's fields by the reference's names")]
pub struct ClusterSpec {
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub sync_mode: Option<String>,
    #[serde(default)]
    pub api_endpoint: Option<String>,
    #[serde(default)]
    pub secret_ref: Option<Value>,
    #[serde(default)]
    pub impersonator_secret_ref: Option<Value>,
    #[serde(default)]
    pub insecure_skip_tls_verification: Option<bool>,
    #[serde(default, rename = "proxyURL")]
    pub proxy_url: Option<String>,
    #[serde(default)]
    pub proxy_header: Option<Value>,
    #[serde(default)]
    pub provider: Option<String>,
    #[serde(default)]
    pub region: Option<String>,
    #[serde(default)]
    pub zone: Option<String>,
    #[serde(default, deserialize_with = "crate::resource::null_as_default")]
    pub zones: Vec<String>,
    #[serde(default, deserialize_with = "crate::resource::null_as_default")]
    pub taints: Vec<Taint>,
    #[serde(default)]
    pub resource_models: Option<Value>,
}

/// `status` of a Cluster.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterStatus {
    /// The member's version, such as v1.36.2.
    #[serde(default)]
    pub kubernetes_version: Option<String>,
    /// Which kinds it serves.
    #[serde(default)]
    pub api_enablements: Vec<ApiEnablement>,
    /// `Ready` and `CompleteAPIEnablements`.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// How many nodes it has.
    #[serde(default)]
    pub node_summary: Option<NodeSummary>,
    /// How much room it has.
    #[serde(default)]
    pub resource_summary: Option<Value>,
    /// What is being done about its troubles.
    #[serde(default)]
    pub remedy_actions: Option<Vec<String>>,
}

/// The kinds of an API group's version that a member serves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiEnablement {
    /// Such as apps/v1.
    pub group_version: String,
    /// Its kinds.
    #[serde(default)]
    pub resources: Vec<ApiKind>,
}

/// A kind that a member serves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct ApiKind {
    /// Its name in paths, such as deployments.
    pub name: String,
    /// Such as Deployment.
    pub kind: String,
}

/// How many nodes a member has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeSummary {
    /// All of them.
    #[serde(default)]
    pub total_num: i32,
    /// Those that are ready.
    #[serde(default)]
    pub ready_num: i32,
}

/// One taint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "Kubernetes' fields by Kubernetes' names")]
pub struct Taint {
    pub key: String,
    #[serde(default)]
    pub value: Option<String>,
    pub effect: String,
    #[serde(default)]
    pub time_added: Option<String>,
}

impl Cluster {
    /// Takes a Cluster object apart, once its spec was found to fit [`ClusterSpec`].
    pub(crate) fn new(name: String, taints: Vec<Taint>, object: &Value) -> Self {
        let part = |pointer: &str| object.pointer(pointer).filter(|part| !part.is_null()).cloned();
        let mut spec = part("/spec").unwrap_or_else(|| json!({}));
        if let Some(spec) = spec.as_object_mut() {
            for reachable in [
                "apiEndpoint",
                "secretRef",
                "impersonatorSecretRef",
                "insecureSkipTLSVerification",
                "proxyURL",
                "proxyHeader",
            ] {
                spec.remove(reachable);
            }
        }
        // kubectl keeps a copy of the whole object, endpoint included, in an annotation.
        let mut annotations = part("/metadata/annotations").unwrap_or_else(|| json!({}));
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
        let facts = json!({
            "metadata": {
                "name": name,
                "labels": part("/metadata/labels").unwrap_or_else(|| json!({})),
                "annotations": annotations,
            },
            "spec": spec,
            "status": part("/status").unwrap_or_else(|| json!({})),
        });
        Self { name, facts, taints }
    }

    /// Whether some taint keeps away whatever does not tolerate it.
    pub fn is_tainted(&self) -> bool {
        self.taints.iter().any(|taint| ["NoSchedule", "NoExecute"].contains(&taint.effect.as_str()))
    }

    /// Whether it has ever said which kinds of objects it serves.
    pub fn says_what_it_serves(&self) -> bool {
        let enablements = self.facts.pointer("/status/apiEnablements").and_then(Value::as_array);
        enablements.is_some_and(|enablements| !enablements.is_empty())
    }

    /// One label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.facts.get("metadata")?.get("labels")?.get(key)?.as_str()
    }

    /// All labels.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = self.facts.pointer("/metadata/labels").and_then(Value::as_object);
        labels.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }
}
