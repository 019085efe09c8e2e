//! One plan, two shells: members receive the same, byte by byte, from directories and from API servers.

use std::collections::BTreeMap;
use std::path::Path;

use portolan_clusters_tests::{SOON, until};
use serde_json::{Value, json};

use crate::plane::Plane;

const MEMBERS: [&str; 2] = ["member1", "member2"];

const INPUT: &str = r#"
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop, labels: {app: web}, annotations: {note: kept}}
data: {k: plain, file: '{"replicas": 1}'}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "registry.example/shop/web:1.0", args: ["--quiet"]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}], clusterIP: None}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: shop-reader, labels: {app: web}}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
"#;

const POLICIES: &str = r#"
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: shop, namespace: shop}
spec:
  resourceSelectors:
    - {apiVersion: v1, kind: ConfigMap, name: settings}
    - {apiVersion: v1, kind: Service}
  placement: {clusterAffinity: {clusterNames: [member1, member2]}}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: divided, namespace: shop}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment}]
  placement:
    clusterAffinity: {clusterNames: [member1, member2]}
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: Weighted
      weightPreference:
        staticWeightList:
          - {targetCluster: {clusterNames: [member1]}, weight: 3}
          - {targetCluster: {clusterNames: [member2]}, weight: 2}
---
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterPropagationPolicy
metadata: {name: roles}
spec:
  resourceSelectors: [{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: shop-reader}]
  placement: {clusterAffinity: {clusterNames: [member2]}}
---
apiVersion: policy.karmada.io/v1alpha1
kind: OverridePolicy
metadata: {name: there, namespace: shop}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: web}, {apiVersion: v1, kind: ConfigMap, name: settings}]
  overrideRules:
    - targetCluster: {clusterNames: [member2]}
      overriders:
        imageOverrider: [{component: Registry, operator: replace, value: mirror.example}]
        argsOverrider: [{containerName: web, operator: add, value: ["--far"]}]
        labelsOverrider: [{operator: add, value: {tier: far}}]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn directories_and_api_servers_receive_the_same() {
    let Some(plane) = Plane::up(2).await else { return };
    plane.clusters.apply_yaml("control", POLICIES).await;
    plane.clusters.apply_yaml("control", INPUT).await;
    let paths = [
        ("v1 ConfigMap shop/settings", "/api/v1/namespaces/shop/configmaps/settings"),
        ("apps/v1 Deployment shop/web", "/apis/apps/v1/namespaces/shop/deployments/web"),
        ("v1 Service shop/web", "/api/v1/namespaces/shop/services/web"),
        ("ClusterRole shop-reader", "/apis/rbac.authorization.k8s.io/v1/clusterroles/shop-reader"),
    ];
    let mut arriving = Vec::new();
    for member in MEMBERS {
        for (name, path) in paths {
            if member == "member2" || !name.starts_with("ClusterRole") {
                arriving.push((member, name, path));
            }
        }
    }
    for (member, name, path) in &arriving {
        until(&format!("{name} arrives on {member}"), SOON, async || plane.get(member, path).await).await;
    }

    // The same input for the other shell: what the control plane has, clusters too.
    let mut input: Vec<Value> = Vec::new();
    for (_, path) in paths {
        input.push(plane.get("control", path).await.expect("it was applied"));
    }
    for list in [
        "/apis/cluster.karmada.io/v1alpha1/clusters",
        "/apis/policy.karmada.io/v1alpha1/propagationpolicies",
        "/apis/policy.karmada.io/v1alpha1/clusterpropagationpolicies",
        "/apis/policy.karmada.io/v1alpha1/overridepolicies",
    ] {
        let list = plane.get("control", list).await.expect("it is served");
        input.extend(list["items"].as_array().cloned().unwrap_or_default());
    }
    let folder = plane.clusters.directory().join("local");
    std::fs::create_dir_all(&folder).expect("there is room");
    let text: Vec<String> = input.iter().map(Value::to_string).collect();
    std::fs::write(folder.join("input.yaml"), text.join("\n---\n")).expect("there is room");
    let out = folder.join("out");
    let mut apply = plane.portolan(&["apply", "-f"]);
    apply.arg(folder.join("input.yaml")).arg("--members").arg(&out);
    let output = apply.output().expect("it was built");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut written = BTreeMap::new();
    for member in MEMBERS {
        read(&out.join(member), member, &mut written);
    }
    for (member, name, path) in arriving {
        let file = file(member, name);
        let here =
            written.remove(&file).unwrap_or_else(|| panic!("{file} is not in the directory")).to_string();
        // What an override changes may arrive without it first: the control plane tells of each kind by itself.
        until(&format!("{file} is the same on the member"), SOON, async || {
            let there = own(plane.get(member, path).await?).to_string();
            if there == here { Ok(()) } else { Err(format!("{there}\nin the directory: {here}")) }
        })
        .await;
    }
    assert_eq!(written, BTreeMap::new(), "nothing else is in the directory");
}

/// Member, kind and name, as both name it.
fn file(member: &str, name: &str) -> String {
    let name = name.rsplit_once("/v1 ").map_or(name, |(_, name)| name);
    let name = name.strip_prefix("v1 ").unwrap_or(name);
    format!("{member} {name}")
}

fn read(folder: &Path, member: &str, into: &mut BTreeMap<String, Value>) {
    for entry in std::fs::read_dir(folder).expect("it was written").flatten() {
        if entry.path().is_dir() {
            read(&entry.path(), member, into);
            continue;
        }
        let object = portolan_local::read_document(&entry.path()).expect("it is YAML").value;
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
        let kind = object["kind"].as_str().unwrap_or_default();
        let name = match text("namespace") {
            namespace if namespace.is_empty() => format!("{kind} {}", text("name")),
            namespace => format!("{kind} {namespace}/{}", text("name")),
        };
        into.insert(format!("{member} {name}"), own(object));
    }
}

/// Without what the member's server adds, and without the ids that name the control plane: a directory has none.
fn own(mut object: Value) -> Value {
    let members = object.as_object_mut().expect("an object");
    members.remove("status");
    let metadata = members["metadata"].as_object_mut().expect("metadata");
    for field in ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"] {
        metadata.remove(field);
    }
    for (key, value) in metadata["labels"].as_object_mut().expect("labels").iter_mut() {
        if key.ends_with("/permanent-id") {
            *value = json!("ID");
        }
    }
    object
}
