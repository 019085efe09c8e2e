//! What a workload gets on clusters of different regions and sizes.

use portolan_plugin::testing::{Answers, document};
use portolan_plugin::{Amendment, Fault};
use regional_values::RegionalValues;
use serde_json::{Value, json};

fn answers(object: &Value) -> Answers {
    let cluster = |name: &str, region: &str, nodes: u32| {
        json!({
            "metadata": {"name": name},
            "spec": {"region": region},
            "status": {"nodeSummary": {"readyNum": nodes}},
        })
    };
    let clusters = [
        cluster("a", "eu", 40),
        cluster("b", "eu", 41),
        cluster("c", "us", 2),
        json!({"metadata": {"name": "d"}}),
    ];
    let answers = Answers::default().clusters(clusters);
    ["a", "b", "c", "d"].into_iter().fold(answers, |answers, name| answers.target(name, object.clone()))
}

fn deployment() -> Value {
    let container = |image: &str| json!({"name": "x", "image": image});
    let containers = [container("registry.example.com/shop:1"), container("proxy:2")];
    json!({"spec": {"replicas": 3, "template": {"spec": {"containers": containers}}}})
}

#[test]
fn clusters_with_equal_values_share_a_patch() {
    let config = json!({"mirrors": {"eu": "eu.example.com"}, "nodesPerReplica": 10});
    let answers = answers(&deployment());
    let amendments = answers.patch::<RegionalValues>(config).expect("all is well");
    let shown: Vec<_> = amendments
        .iter()
        .map(|amendment| (&*amendment.clusters, document(amendment.patch.as_deref().expect("a patch"))))
        .collect();
    let replicas = |replicas: u32| json!({"op": "add", "path": "/spec/replicas", "value": replicas});
    let image = |place: u32, image: &str| {
        let path = format!("/spec/template/spec/containers/{place}/image");
        json!({"op": "replace", "path": path, "value": image})
    };
    assert_eq!(
        shown,
        [
            (&[2][..], json!([replicas(1)])),
            (
                &[0, 1][..],
                json!([image(0, "eu.example.com/shop:1"), image(1, "eu.example.com/proxy:2"), replicas(4)])
            ),
        ]
    );
    let looked = answers.asked().iter().filter(|asked| asked.starts_with("target.get")).count();
    assert_eq!(looked, 1, "all objects are equal");
}

#[test]
fn what_is_no_workload_is_the_template_s_fault() {
    let config = json!({"mirrors": {"eu": "eu.example.com"}});
    let amendments = answers(&json!({"data": {}})).patch::<RegionalValues>(config).expect("all is well");
    let [Amendment { clusters, patch: Err(Fault::Template(_)), .. }] = &*amendments else {
        panic!("{amendments:?}")
    };
    assert_eq!(*clusters, [0, 1], "c and d are in no region with a mirror, so they need no containers");
}

#[test]
fn nothing_asked_for_is_nothing_changed() {
    assert_eq!(answers(&deployment()).patch::<RegionalValues>(json!({})), Ok(Vec::new()));
}
