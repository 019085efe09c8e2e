//! What the README promises, tried on the binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::place::{CLUSTER, Place, config_map, policy, text};

/// Everything below a directory but the inventory's own, by path.
fn tree(directory: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![directory.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a readable directory");
            left.extend(entries.map(|entry| entry.expect("a readable directory").path()));
        } else if !path.components().any(|part| part.as_os_str() == ".portolan") {
            let name = path.strip_prefix(directory).expect("below").to_owned();
            found.insert(name, fs::read_to_string(&path).expect("a readable file"));
        }
    }
    found
}

fn labelled(cluster: &str, env: &str) -> String {
    format!(
        "---\n{{apiVersion: cluster.karmada.io/v1alpha1, kind: Cluster, metadata: {{name: {cluster}, labels: {{env: {env}}}}}}}\n"
    )
}

const IN_PRODUCTION: &str = "---\napiVersion: policy.karmada.io/v1alpha1\nkind: PropagationPolicy\nmetadata: {name: p}\nspec:\n  \
    resourceSelectors: [{apiVersion: v1, kind: ConfigMap}]\n  placement:\n    clusterAffinity: {labelSelector: {matchLabels: {env: prod}}}\n";

#[test]
fn neither_the_order_of_inputs_nor_the_number_of_workers_changes_a_byte() {
    let place = Place::new();
    let templates: String = (0..100).map(|n| config_map(&format!("c{n}"))).collect();
    let backwards: String = (0..100).rev().map(|n| config_map(&format!("c{n}"))).collect();
    place.write("clusters.yaml", [labelled("member1", "prod"), labelled("member2", "prod")].concat());
    place.write(
        "clusters-backwards.yaml",
        [labelled("member2", "prod"), labelled("member1", "prod")].concat(),
    );
    place.write("templates.yaml", templates);
    place.write("templates-backwards.yaml", backwards);
    place.write("policy.yaml", IN_PRODUCTION);
    let runs = [
        ["clusters.yaml", "templates.yaml", "policy.yaml", "1"],
        ["policy.yaml", "templates-backwards.yaml", "clusters-backwards.yaml", "1"],
        ["templates-backwards.yaml", "policy.yaml", "clusters.yaml", "8"],
    ];
    let outcomes: Vec<(String, BTreeMap<PathBuf, String>)> = (runs.iter().enumerate())
        .map(|(run, [first, second, third, workers])| {
            let out = format!("out{run}");
            let arguments =
                ["apply", "-f", first, "-f", second, "-f", third, "--workers", workers, "--members", &out];
            let done = place.portolan(&arguments);
            assert!(done.status.success(), "{}", text(&done.stderr));
            (text(&done.stdout), tree(&place.path().join(out)))
        })
        .collect();
    assert_eq!(outcomes[0].1.len(), 200);
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
}

#[test]
fn an_apply_that_was_killed_before_it_remembered_its_decision_takes_nothing_away_later() {
    let place = Place::new();
    place.write("clusters.yaml", labelled("member1", "prod"));
    place.write("input.yaml", [config_map("a"), IN_PRODUCTION.to_owned()].concat());
    place.write("changed.yaml", labelled("member1", "dev"));
    place.portolan(&["apply", "-f", "clusters.yaml", "-f", "input.yaml", "--members", "out"]);
    let inventory = place.read("out/.portolan/inventory.json").expect("an inventory");
    let mut inventory: serde_json::Value = serde_json::from_str(&inventory).expect("JSON");
    let entry = inventory.pointer_mut("/templates/0/decision").expect("a decision");
    *entry = serde_json::Value::Null;
    place.write("out/.portolan/inventory.json", inventory.to_string());
    let done = place.portolan(&["apply", "-f", "changed.yaml", "-f", "input.yaml", "--members", "out"]);
    assert!(text(&done.stdout).contains("1 held as before"), "{}", text(&done.stdout));
    assert!(place.read("out/member1/default/ConfigMap/a.yaml").is_some());
}

#[test]
fn a_file_in_the_way_stops_its_own_object_and_no_other() {
    let place = Place::new();
    place.write(
        "input.yaml",
        [CLUSTER, &config_map("a"), &config_map("b"), &policy("p", "a", "[]"), &policy("q", "b", "[]")]
            .concat(),
    );
    fs::create_dir_all(place.path().join("out/member1/default/ConfigMap/a.yaml"))
        .expect("a directory in the way");
    let done = place.portolan(&["apply", "-f", "input.yaml", "--members", "out"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        text(&done.stderr).starts_with("error: ConfigMap default/a: member1: "),
        "{}",
        text(&done.stderr)
    );
    assert!(place.read("out/member1/default/ConfigMap/b.yaml").is_some());
}

#[test]
fn attack_25_a_secrets_content_is_shown_to_nobody() {
    let place = Place::new();
    let secret = |value: &str| {
        format!(
            "---\n{{apiVersion: v1, kind: Secret, metadata: {{name: s}}, stringData: {{password: {value}}}}}\n"
        )
    };
    let policies = "---\napiVersion: policy.karmada.io/v1alpha1\nkind: PropagationPolicy\nmetadata: {name: p}\nspec: {resourceSelectors: \
        [{apiVersion: v1, kind: Secret}]}\n---\napiVersion: policy.karmada.io/v1alpha1\nkind: OverridePolicy\nmetadata: {name: o}\n\
        spec:\n  overrideRules:\n  - overriders:\n      plaintext: [{path: /stringData/other, operator: add, value: hunter4}]\n";
    place.write("before.yaml", [CLUSTER, &secret("hunter2"), policies].concat());
    place.write("after.yaml", [CLUSTER, &secret("hunter3"), policies].concat());
    place.portolan(&["apply", "-f", "before.yaml", "--members", "out"]);
    for command in [&["plan", "-o", "table"][..], &["plan", "-o", "json"], &["explain", "Secret/s"]] {
        let done = place.portolan(&[command, &["-f", "after.yaml", "--members", "out"]].concat());
        let said = [text(&done.stdout), text(&done.stderr)].concat();
        assert!(done.status.success() && !said.contains("hunter"), "{said}");
    }
}
