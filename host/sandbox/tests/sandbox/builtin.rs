//! The default plugins, which are components like any other.

use std::sync::Arc;

use portolan_api::Cluster;
use portolan_plan::{Fleet, Plugin as _, Reading, Refusal, Request};
use serde_json::{Value, json};

use crate::setting::{offer, sandbox, target};

fn builtin(name: &str) -> portolan_sandbox::LoadedPlugin {
    let builtin = portolan_builtin::ALL.iter().find(|builtin| builtin.name == name).expect("it is built in");
    sandbox().load(builtin.component).expect("it loads")
}

#[test]
fn all_of_them_load() {
    for builtin in portolan_builtin::ALL {
        let plugin = sandbox().load(builtin.component).expect(builtin.name);
        assert_eq!(plugin.manifest().name, builtin.name);
        assert!(plugin.imports().iter().all(|import| import.starts_with("portolan:policy/")));
    }
}

#[test]
fn cluster_affinity_refuses_by_label() {
    let plugin = builtin("cluster-affinity");
    let config = r#"{"labelSelector":{"matchLabels":{"region":"eu"}}}"#;
    plugin.check(&serde_json::from_str(config).expect("JSON")).expect("it fits");
    let refusals = plugin.filter(config, &mut offer(4)).expect("an answer");
    assert_eq!(refusals.iter().flat_map(|refusal| &refusal.clusters).collect::<Vec<_>>(), [&1, &3]);
}

#[test]
fn labels_patches_its_targets() {
    let plugin = builtin("labels");
    let config = r#"[{"operator":"add","value":{"team":"a"}}]"#;
    let amendments = plugin.patch(config, &mut target(&[0, 2])).expect("an answer");
    assert_eq!(amendments.len(), 1);
    assert_eq!(amendments[0].clusters, [0, 2]);
    assert!(!amendments[0].patch.as_ref().expect("a patch").is_empty());
}

/// A call about a Deployment, with clusters `a`, `b` and so on.
fn about(clusters: &[Value], request: Request) -> Reading {
    let cluster = |(index, parts): (u8, &Value)| {
        let name = char::from(b'a' + index).to_string();
        let mut facts = parts.clone();
        facts["metadata"] = json!({"name": name});
        Cluster { name, facts, taints: Vec::new() }
    };
    let fleet = Fleet::new((0..).zip(clusters).map(cluster).collect());
    let template = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "it"}});
    Reading::for_placement(Arc::new(fleet), Arc::new(template), request)
}

fn refusal(reason: &str, clusters: &[u32]) -> Refusal {
    Refusal { reason: reason.into(), clusters: clusters.into() }
}

#[test]
fn taint_toleration_refuses_by_taint() {
    let plugin = builtin("taint-toleration");
    let tainted = |key: &str| json!({"spec": {"taints": [{"key": key, "effect": "NoSchedule"}]}});
    let clusters = [tainted("gpu"), tainted("old"), json!({"spec": {}}), tainted("gpu")];
    let request = || Request { previous: [(3, 1)].into(), ..Request::default() };
    let config =
        json!([{"key": "old", "operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 60}]);
    plugin.check(&config).expect("it fits");
    let answer = plugin.filter(&config.to_string(), &mut about(&clusters, request()));
    assert_eq!(answer, Ok(vec![refusal("untolerated taint {gpu:NoSchedule}", &[0])]));
    for wrong in
        [json!([{"operator": "Gt"}]), json!([{"effect": "Never"}]), json!([{"keys": "a"}]), json!({})]
    {
        assert!(plugin.check(&wrong).is_err(), "{wrong}");
    }
    // What is said where everything is tolerated holds for every template.
    let mut reading = about(&clusters, request());
    assert_eq!(plugin.filter(r#"[{"operator":"Exists"}]"#, &mut reading), Ok(vec![]));
    assert!(reading.asked() == portolan_plan::Asked::default());
}

#[test]
fn api_enablement_refuses_by_what_a_server_has() {
    let plugin = builtin("api-enablement");
    let lists = |kind: &str, complete: &str| {
        let resources = json!([{"name": "them", "kind": kind}]);
        json!({"status": {
            "apiEnablements": [{"groupVersion": "apps/v1", "resources": resources}],
            "conditions": [{"type": "CompleteAPIEnablements", "status": complete}],
        }})
    };
    let clusters = [
        lists("Deployment", "False"),
        lists("StatefulSet", "True"),
        lists("StatefulSet", "False"),
        json!({"status": {}}),
        lists("StatefulSet", "True"),
    ];
    let request = Request { previous: [(4, 0)].into(), ..Request::default() };
    let mut reading = about(&clusters, request);
    let unlisted =
        "its server is not known to have apps/v1 Deployment: the list of its APIs may be incomplete";
    let expected = vec![refusal("its server has no apps/v1 Deployment", &[1]), refusal(unlisted, &[2])];
    assert_eq!(plugin.filter("{}", &mut reading), Ok(expected));
    assert!(reading.asked().kind && !reading.asked().template);
}

#[test]
fn cluster_eviction_and_locality_go_by_where_the_template_is() {
    let clusters = vec![json!({}); 3];
    let request = || Request { previous: [(2, 0)].into(), evicting: vec![1], ..Request::default() };
    let refusals = builtin("cluster-eviction").filter("{}", &mut about(&clusters, request()));
    assert_eq!(refusals, Ok(vec![refusal("its eviction from there is not over", &[1])]));
    let scores = builtin("cluster-locality").score("{}", &mut about(&clusters, request()));
    assert_eq!(scores, Ok(vec![0, 0, 100]));
}

#[test]
fn capacity_estimates_by_nodes_and_by_summary() {
    let summary = json!({"allocatable": {"pods": "110", "cpu": "16"}, "allocated": {"cpu": "1500m"}});
    let plain = json!({"status": {"resourceSummary": summary}});
    let mut modelled = plain.clone();
    modelled["spec"]["resourceModels"] = json!([
        {"grade": 0, "ranges": [{"name": "cpu", "min": "0", "max": "4"}]},
        {"grade": 1, "ranges": [{"name": "cpu", "min": "4", "max": "9E"}]},
    ]);
    modelled["status"]["resourceSummary"]["allocatableModelings"] =
        json!([{"grade": 0, "count": 9}, {"grade": 1, "count": 2}]);
    let clusters = [plain, modelled, json!({"status": {}})];
    let requirements = Some(json!({"resourceRequest": {"cpu": "2"}}));
    let request = Request { replicas: Some(5), requirements, ..Request::default() };
    let estimates = builtin("capacity").estimate("{}", &mut about(&clusters, request));
    assert_eq!(estimates, Ok(vec![Some(7), Some(4), None]));
}
