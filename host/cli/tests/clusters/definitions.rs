//! What the control plane keeps: the definitions, and everybody's manifests.

use portolan_clusters_tests::{Clusters, SOON, until};
use serde_json::json;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[tokio::test(flavor = "multi_thread")]
async fn manifests_apply_as_they_are_and_nothing_of_them_is_lost() {
    let Some(clusters) = Clusters::up(&["control"]).await else { return };
    // Without the definitions the controller says what to do.
    let said = refusal(&clusters).await;
    assert!(said.contains("portolan crds | kubectl apply --server-side -f -"), "{said}");

    let workspace = std::path::Path::new(WORKSPACE);
    clusters.apply_file("control", &workspace.join("deploy/crds.yaml")).await;
    clusters.apply_file("control", &workspace.join("deploy/deletion-protection.yaml")).await;

    // `kubectl get clusters` from the first second.
    let cluster = json!({"apiVersion": "cluster.karmada.io/v1alpha1", "kind": "Cluster",
        "metadata": {"name": "member1"}, "spec": {"syncMode": "Push", "apiEndpoint": "https://127.0.0.1:1"}});
    until("clusters are served", SOON, async || {
        let path = "/apis/cluster.karmada.io/v1alpha1/clusters";
        let request = http::Request::get(path).body(Vec::new()).expect("it is a path");
        let list = clusters.client("control").request::<serde_json::Value>(request).await;
        list.map(drop).map_err(|error| error.to_string())
    })
    .await;
    clusters.apply("control", &cluster).await;
    let table = clusters.kubectl("control", &["get", "clusters"], "").await;
    let words: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0], ["NAME", "VERSION", "MODE", "READY", "AGE"], "{table}");
    assert_eq!(words[1][..3], ["member1", "Push", "Unknown"], "{table}");

    // Null is a value, and so is whatever else an override says.
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "OverridePolicy",
        "metadata": {"name": "values", "namespace": "default"},
        "spec": {"overrideRules": [{"overriders": {"plaintext": [
            {"path": "/a", "operator": "replace", "value": null},
            {"path": "/b", "operator": "add", "value": {"x": [1, null, {"y": 1.5}]}}]}}]}});
    let kept = clusters.apply("control", &policy).await;
    assert_eq!(kept["spec"]["overrideRules"], policy["spec"]["overrideRules"]);

    // Where one of several texts may stand, null is the usual one of them.
    let policy = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "nulls", "namespace": "default"},
        "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap", "name": null}], "placement": null,
            "suspension": null, "preemption": null, "conflictResolution": null, "priority": null}});
    let kept = clusters.apply("control", &policy).await;
    assert_eq!(kept["spec"]["preemption"], "Never");
    assert_eq!(kept["spec"]["conflictResolution"], "Abort");

    // Every policy of the examples, as it stands. Strict: a field that would be dropped is an error.
    let mut tried = 0;
    for example in std::fs::read_dir(workspace.join("examples")).expect("they are there").flatten() {
        tried += policies_apply(&clusters, &example.path()).await;
    }
    assert!(tried >= 8, "{tried} files with policies or clusters");

    // What can't be meant is refused at once, with what would be valid.
    let both = json!({"apiVersion": "policy.karmada.io/v1alpha1", "kind": "PropagationPolicy",
        "metadata": {"name": "both", "namespace": "default"},
        "spec": {"resourceSelectors": [{"apiVersion": "v1", "kind": "ConfigMap"}], "placement": {
            "clusterAffinity": {"clusterNames": ["a"]},
            "clusterAffinities": [{"affinityName": "b", "clusterNames": ["c"]}]}}});
    let path = "/apis/policy.karmada.io/v1alpha1/namespaces/default/propagationpolicies";
    let request = http::Request::post(path).body(both.to_string().into_bytes()).expect("it is a path");
    let refused = clusters
        .client("control")
        .request::<serde_json::Value>(request)
        .await
        .expect_err("it can't be meant");
    assert!(refused.to_string().contains("keep one of the two"), "{refused}");

    a_definition_that_drops_fields_is_refused(&clusters).await;

    // Protected from deletion until the label is taken away.
    let protected = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "precious",
        "namespace": "default", "labels": {"resourcetemplate.karmada.io/deletion-protected": "Always"}}});
    clusters.apply("control", &protected).await;
    until("it can't be deleted", SOON, async || {
        let path = "/api/v1/namespaces/default/configmaps/precious?dryRun=All";
        let request = http::Request::delete(path).body(Vec::new()).expect("it is a path");
        match clusters.client("control").request::<serde_json::Value>(request).await {
            Err(error) if error.to_string().contains("take the label away first") => Ok(()),
            deleted => Err(format!("{deleted:?}")),
        }
    })
    .await;
}

/// As where somebody else's definitions are installed: the controller does not start, and leaves them as they are.
async fn a_definition_that_drops_fields_is_refused(clusters: &Clusters) {
    const NAME: &str = "clusteroverridepolicies.policy.karmada.io";
    let path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/overrideRules/items/properties\
                /overriders/properties/plugins";
    let patch = json!([{"op": "remove", "path": path}]).to_string();
    clusters.kubectl("control", &["patch", "crd", NAME, "--type=json", "-p", &patch], "").await;
    let said = refusal(clusters).await;
    let named = format!("would drop spec.overrideRules[].overriders.plugins of {NAME}");
    assert!(said.contains(&named), "{said}");
    let there = clusters.kubectl("control", &["get", "crd", NAME, "-o", "json"], "").await;
    let there: serde_json::Value = serde_json::from_str(&there).expect("it is JSON");
    assert_eq!(there.pointer(path), None, "it is left as it is");
}

/// What the controller says that does not start there.
async fn refusal(clusters: &Clusters) -> String {
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_portolan"));
    run.args(["run", "--listen", "127.0.0.1:0", "--kubeconfig"]).arg(clusters.server("control").kubeconfig());
    let output =
        tokio::task::spawn_blocking(move || run.output()).await.expect("no panic").expect("it was built");
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Applies the policies and clusters of a folder, on trial. Returns how many files had some.
async fn policies_apply(clusters: &Clusters, folder: &std::path::Path) -> usize {
    let mut tried = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !["expected", "plugins", "target"].iter().any(|name| path.ends_with(name)) {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("it can be read");
            let ours = |document: &&str| {
                let of = |group: &str| {
                    document.lines().any(|line| line.starts_with(&format!("apiVersion: {group}")))
                };
                of("policy.karmada.io/") || of("cluster.karmada.io/")
            };
            let documents: Vec<&str> = text.split("\n---").filter(ours).collect();
            if documents.is_empty() {
                continue;
            }
            let arguments = [
                "apply",
                "--server-side",
                "--force-conflicts",
                "--dry-run=server",
                "--validate=strict",
                "-f",
                "-",
            ];
            clusters.kubectl("control", &arguments, &documents.join("\n---")).await;
            tried += 1;
        }
    }
    tried
}
