//! The CustomResourceDefinitions of all kinds that Portolan reads or writes: the reference's by the reference's names, with
//! Portolan's own fields beside its.

use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::binding::{BindingSpec, BindingStatus};
use crate::cluster::{ClusterSpec, ClusterStatus};
use crate::overriding::OverrideSpec;
use crate::plugin::PluginSpec;
use crate::propagation::PropagationSpec;
use crate::structural::structural;
use crate::work::{WorkSpec, WorkStatus};

/// One kind.
struct Kind {
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    group: &'static str,
    version: &'static str,
    namespaced: bool,
    spec: fn() -> Value,
    status: Option<fn() -> Value>,
    /// A condition that is Unknown until somebody says more, and so is shown from the first second.
    unknown: Option<&'static str>,
    /// What is shown of it: a title, a type, a path, and whether only on a wide screen.
    columns: &'static [(&'static str, &'static str, &'static str, bool)],
    /// What a field of the spec is where nobody says it: so that it is shown, and reads as it is meant.
    defaults: &'static [(&'static str, &'static str)],
    /// Rules of the whole object: what must hold, and what to say where it does not.
    rules: &'static [(&'static str, &'static str)],
}

const POLICY: &str = "policy.karmada.io";
const WORK: &str = "work.karmada.io";

const PLACES: &[(&str, &str, &str, bool)] = &[
    ("Conflict-Resolution", "string", ".spec.conflictResolution", false),
    ("Priority", "integer", ".spec.priority", false),
    ("Age", "date", ".metadata.creationTimestamp", false),
];

/// What is meant by a policy that leaves it open, as the reference has it.
const OPEN: &[(&str, &str)] =
    &[("conflictResolution", "\"Abort\""), ("preemption", "\"Never\""), ("priority", "0")];

const AGE: &[(&str, &str, &str, bool)] = &[("Age", "date", ".metadata.creationTimestamp", false)];

const BINDS: &[(&str, &str, &str, bool)] = &[
    ("Scheduled", "string", ".status.conditions[?(@.type==\"Scheduled\")].status", false),
    ("FullyApplied", "string", ".status.conditions[?(@.type==\"FullyApplied\")].status", false),
    ("Age", "date", ".metadata.creationTimestamp", false),
];

const ONE_AFFINITY: (&str, &str) = (
    "!(has(self.spec.placement) && has(self.spec.placement.clusterAffinity) \
     && has(self.spec.placement.clusterAffinities) && self.spec.placement.clusterAffinities.size() > 0)",
    "spec.placement: clusterAffinity and clusterAffinities can't stand side by side; keep one of the two",
);

const ONE_SUSPENSION: (&str, &str) = (
    "!(has(self.spec.suspension) && has(self.spec.suspension.dispatching) && self.spec.suspension.dispatching \
     && has(self.spec.suspension.dispatchingOnClusters))",
    "spec.suspension: dispatchingOnClusters can't stand beside dispatching: true, which suspends all clusters",
);

const SELECTS: (&str, &str) = (
    "self.spec.resourceSelectors.size() > 0",
    "spec.resourceSelectors: needs at least one, with apiVersion and kind",
);

const OVERRIDES_ONCE: (&str, &str) = (
    "!(has(self.spec) && has(self.spec.overrideRules) && self.spec.overrideRules.size() > 0 \
     && (has(self.spec.overriders) || has(self.spec.targetCluster)))",
    "spec: overrideRules can't stand beside targetCluster or overriders, the old form; keep one of the two",
);

const CLUSTER_NAME: (&str, &str) = (
    "self.metadata.name.size() <= 48 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
    "metadata.name: valid: a DNS label of at most 48 characters",
);

/// In the order of their names, as they are printed.
const KINDS: &[Kind] = &[
    Kind {
        kind: "Cluster",
        plural: "clusters",
        short: &[],
        group: "cluster.karmada.io",
        version: "v1alpha1",
        namespaced: false,
        spec: schema_of::<ClusterSpec>,
        status: Some(schema_of::<ClusterStatus>),
        unknown: Some("Ready"),
        columns: &[
            ("Version", "string", ".status.kubernetesVersion", false),
            ("Mode", "string", ".spec.syncMode", false),
            ("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status", false),
            ("Age", "date", ".metadata.creationTimestamp", false),
            ("Zones", "string", ".spec.zones", true),
            ("Region", "string", ".spec.region", true),
            ("Provider", "string", ".spec.provider", true),
            ("API-Endpoint", "string", ".spec.apiEndpoint", true),
            ("Proxy-URL", "string", ".spec.proxyURL", true),
        ],
        defaults: &[],
        rules: &[CLUSTER_NAME],
    },
    Kind {
        kind: "ClusterOverridePolicy",
        plural: "clusteroverridepolicies",
        short: &["cop"],
        group: POLICY,
        version: "v1alpha1",
        namespaced: false,
        spec: schema_of::<OverrideSpec>,
        status: None,
        unknown: None,
        columns: AGE,
        defaults: &[],
        rules: &[OVERRIDES_ONCE],
    },
    Kind {
        kind: "ClusterPlugin",
        plural: "clusterplugins",
        short: &[],
        group: "plugins.portolan.dev",
        version: "v1alpha1",
        namespaced: false,
        spec: schema_of::<PluginSpec>,
        status: None,
        unknown: None,
        columns: &[
            ("File", "string", ".spec.source.file", false),
            ("Digest", "string", ".spec.digest", false),
            ("Age", "date", ".metadata.creationTimestamp", false),
        ],
        defaults: &[],
        rules: &[],
    },
    Kind {
        kind: "ClusterPropagationPolicy",
        plural: "clusterpropagationpolicies",
        short: &["cpp"],
        group: POLICY,
        version: "v1alpha1",
        namespaced: false,
        spec: schema_of::<PropagationSpec>,
        status: None,
        unknown: None,
        columns: PLACES,
        defaults: OPEN,
        rules: &[SELECTS, ONE_AFFINITY, ONE_SUSPENSION],
    },
    Kind {
        kind: "ClusterResourceBinding",
        plural: "clusterresourcebindings",
        short: &["crb"],
        group: WORK,
        version: "v1alpha2",
        namespaced: false,
        spec: schema_of::<BindingSpec>,
        status: Some(schema_of::<BindingStatus>),
        unknown: None,
        columns: BINDS,
        defaults: &[],
        rules: &[],
    },
    Kind {
        kind: "OverridePolicy",
        plural: "overridepolicies",
        short: &["op"],
        group: POLICY,
        version: "v1alpha1",
        namespaced: true,
        spec: schema_of::<OverrideSpec>,
        status: None,
        unknown: None,
        columns: AGE,
        defaults: &[],
        rules: &[OVERRIDES_ONCE],
    },
    Kind {
        kind: "PropagationPolicy",
        plural: "propagationpolicies",
        short: &["pp"],
        group: POLICY,
        version: "v1alpha1",
        namespaced: true,
        spec: schema_of::<PropagationSpec>,
        status: None,
        unknown: None,
        columns: PLACES,
        defaults: OPEN,
        rules: &[SELECTS, ONE_AFFINITY, ONE_SUSPENSION],
    },
    Kind {
        kind: "ResourceBinding",
        plural: "resourcebindings",
        short: &["rb"],
        group: WORK,
        version: "v1alpha2",
        namespaced: true,
        spec: schema_of::<BindingSpec>,
        status: Some(schema_of::<BindingStatus>),
        unknown: None,
        columns: BINDS,
        defaults: &[],
        rules: &[],
    },
    Kind {
        kind: "Work",
        plural: "works",
        short: &["wk"],
        group: WORK,
        version: "v1alpha1",
        namespaced: true,
        spec: schema_of::<WorkSpec>,
        status: Some(schema_of::<WorkStatus>),
        unknown: None,
        columns: &[
            ("Workload-Kind", "string", ".spec.workload.manifests[*].kind", false),
            ("Applied", "string", ".status.conditions[?(@.type==\"Applied\")].status", false),
            ("Age", "date", ".metadata.creationTimestamp", false),
        ],
        defaults: &[],
        rules: &[],
    },
];

/// All CustomResourceDefinitions, in the order of their kinds.
pub fn definitions() -> Vec<Value> {
    KINDS.iter().map(Kind::definition).collect()
}

impl Kind {
    fn definition(&self) -> Value {
        let Self {
            kind,
            plural,
            short,
            group,
            version,
            namespaced,
            spec,
            status,
            unknown,
            columns,
            defaults,
            rules,
        } = self;
        let columns = columns.iter().map(|(name, kind, path, wide)| {
            let mut column = json!({"name": name, "type": kind, "jsonPath": path});
            if *wide {
                column["priority"] = 1.into();
            }
            column
        });
        let mut spec = spec();
        for (field, value) in *defaults {
            let field = &mut spec["properties"][field];
            field["default"] = serde_json::from_str(value).expect("it is JSON");
            // Null then means the default, too.
            field["nullable"] = false.into();
        }
        let mut schema = json!({
            "type": "object",
            "properties": {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": {"type": "object"},
                "spec": spec,
            },
        });
        if spec.get("required").is_some() {
            schema["required"] = json!(["spec"]);
        }
        if !rules.is_empty() {
            let rules = rules.iter().map(|(rule, message)| json!({"rule": rule, "message": message}));
            schema["x-kubernetes-validations"] = rules.collect();
        }
        let mut of_version = json!({
            "name": version,
            "served": true,
            "storage": true,
            "additionalPrinterColumns": columns.collect::<Vec<_>>(),
        });
        if let Some(status) = status {
            schema["properties"]["status"] = status();
            if let Some(condition) = unknown {
                schema["properties"]["status"]["default"] = json!({"conditions": [{"type": condition,
                    "status": "Unknown", "reason": "NeverUpdated", "message": "nobody has looked yet"}]});
            }
            of_version["subresources"] = json!({"status": {}});
        }
        of_version["schema"] = json!({"openAPIV3Schema": schema});
        let mut names = json!({"kind": kind, "listKind": format!("{kind}List"), "plural": plural,
            "singular": kind.to_lowercase(), "categories": ["karmada-io"]});
        if !short.is_empty() {
            names["shortNames"] = json!(short);
        }
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": format!("{plural}.{group}")},
            "spec": {
                "group": group,
                "names": names,
                "scope": if *namespaced { "Namespaced" } else { "Cluster" },
                "versions": [of_version],
            },
        })
    }
}

fn schema_of<T: JsonSchema>() -> Value {
    let schema: Schema =
        schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    structural(schema.to_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_override_says_is_kept_whatever_it_is() {
        let all = definitions();
        let policy =
            all.iter().find(|all| all["spec"]["names"]["kind"] == "OverridePolicy").expect("it is there");
        let at = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/overrideRules/items/properties/\
                  overriders/properties/plaintext/items/properties/value";
        let value = policy.pointer(at).expect("a plaintext overrider has a value");
        assert_eq!(value["x-kubernetes-preserve-unknown-fields"], true);
        assert_eq!(value["nullable"], true);
    }

    #[test]
    fn kinds_stand_in_the_order_of_their_names() {
        let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.kind).collect();
        let mut sorted = kinds.clone();
        sorted.sort_unstable();
        assert_eq!(kinds, sorted);
    }
}
