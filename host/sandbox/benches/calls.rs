//! What a call costs: a fresh instance for each, on one thread. `cargo bench -p portolan-sandbox` prints microseconds.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use portolan_api::Cluster;
use portolan_plan::{Fleet, Plugin as _, Reading, Request, Targets};
use portolan_sandbox::{Figures, LoadedPlugin, Sandbox, Settings};
use serde_json::{Value, json};

/// Calls in a round, and rounds of which the median counts. Rounds are short, less than what the scheduler gives at a time:
/// others work on the machine too.
const CALLS: u32 = 50;
const ROUNDS: usize = 500;

fn main() {
    let sandbox = Sandbox::new(Settings::new(2)).expect("a sandbox");
    println!("pagemap scan: {}", sandbox.pagemap_scan());
    let load = |name| {
        let builtin =
            portolan_builtin::ALL.iter().find(|builtin| builtin.name == name).expect("it is built in");
        sandbox.load(builtin.component).expect("it loads")
    };
    let (affinity, labels) = (load("cluster-affinity"), load("labels"));
    println!("compiling cluster-affinity: {:?}", affinity.compiled().unwrap_or_default());
    for size in [10, 100, 1_000] {
        let filter = filter_call(size);
        let config = r#"{"labelSelector":{"matchLabels":{"region":"eu"}}}"#;
        bench(&format!("filter, {size} clusters, by label"), &affinity, |plugin| {
            let (answer, figures) = plugin.filter_measured(config, &mut filter.clone());
            black_box(answer.expect("an answer"));
            figures
        });
        let config = r#"{"clusterNames":["c0001","c0003"]}"#;
        bench(&format!("filter, {size} clusters, two names"), &affinity, |plugin| {
            let (answer, figures) = plugin.filter_measured(config, &mut filter.clone());
            black_box(answer.expect("an answer"));
            figures
        });
    }
    for size in [10, 1_000] {
        let overrider = overrider_call(size);
        let config = r#"[{"operator":"add","value":{"team":"a"}}]"#;
        bench(&format!("overrider, {size} alike clusters, a label"), &labels, |plugin| {
            let (answer, figures) = plugin.patch_measured(config, &mut overrider.clone());
            black_box(answer.expect("an answer"));
            figures
        });
    }
    // What each placement asks beside its affinity, and what dynamic weights ask.
    let whole = real_call(1_000);
    for (name, what, config) in [
        ("taint-toleration", "no taints", "[]"),
        ("api-enablement", "100 groups of 10 kinds each", "{}"),
        ("cluster-eviction", "nothing leaves", "{}"),
    ] {
        bench(&format!("{name}, 1000 clusters, {what}"), &load(name), |plugin| {
            let (answer, figures) = plugin.filter_measured(config, &mut whole.clone());
            black_box(answer.expect("an answer"));
            figures
        });
    }
    bench("cluster-locality, 1000 clusters", &load("cluster-locality"), |plugin| {
        let (answer, figures) = plugin.score_measured("{}", &mut whole.clone());
        black_box(answer.expect("an answer"));
        figures
    });
    let capacity = load("capacity");
    for (what, call) in
        [("summaries", capacity_call(1_000, false)), ("models of 9 grades", capacity_call(1_000, true))]
    {
        bench(&format!("capacity, 1000 clusters, {what}"), &capacity, |plugin| {
            let (answer, figures) = plugin.estimate_measured("{}", &mut call.clone());
            black_box(answer.expect("an answer"));
            figures
        });
    }
    let (spread, division) = (load("spread"), load("division"));
    let call = divided_call(1_000);
    let bounds = json!([{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 1_000},
        {"spreadByField": "region", "minGroups": 3, "maxGroups": 10}]);
    let scheduling = json!({"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted",
        "weightPreference": {"dynamicWeight": "AvailableReplicas"}});
    let config = json!({"spreadConstraints": bounds, "replicaScheduling": scheduling}).to_string();
    bench("spread, 1000 clusters in 10 regions", &spread, |plugin| {
        let (answer, figures) = plugin.select_measured(&config, &mut call.clone());
        black_box(answer.expect("an answer"));
        figures
    });
    // The longest search that there may be is not met in practice: many groups, and a number of clusters that takes most.
    let config = json!({"spreadConstraints": [
        {"spreadByField": "cluster", "minGroups": 940, "maxGroups": 1_000}, {"spreadByLabel": "rack", "minGroups": 1, "maxGroups": 150}]});
    bench("spread, 1000 clusters in 160 racks, 940 at least", &spread, |plugin| {
        let (answer, figures) = plugin.select_measured(&config.to_string(), &mut call.clone());
        black_box(answer.err());
        figures
    });
    bench("division, 1000 replicas by room on 1000 clusters", &division, |plugin| {
        let (answer, figures) = plugin.assign_measured(&scheduling.to_string(), &mut call.clone());
        black_box(answer.expect("an answer"));
        figures
    });
    let config = json!({"clusterNames": ["c0001"]});
    let began = Instant::now();
    for _ in 0..CALLS {
        black_box(affinity.check(&config)).expect("it fits");
    }
    println!("check of a config: {:.1} µs", began.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS));
}

fn bench(what: &str, plugin: &LoadedPlugin, call: impl Fn(&LoadedPlugin) -> Figures) {
    let round = |_| {
        let began = Instant::now();
        for _ in 0..CALLS {
            black_box(call(plugin));
        }
        began.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
    };
    let mut rounds: Vec<f64> = (0..ROUNDS).map(round).collect();
    rounds.sort_by(f64::total_cmp);
    let median = rounds[ROUNDS / 2];
    let Figures { fuel, questions, question_bytes, memory_bytes, .. } = call(plugin);
    println!(
        "{what}: {median:.1} µs; fuel {fuel}, questions {questions} ({question_bytes} B), memory {memory_bytes} B"
    );
}

fn fleet(size: usize) -> Arc<Fleet> {
    let clusters = (0..size).map(|index| {
        let name = format!("c{index:04}");
        let region = if index % 2 == 0 { "eu" } else { "us" };
        let labels =
            json!({"region": region, "tier": "gold", "team": "a", "zone": format!("z{}", index % 3)});
        let facts = json!({"metadata": {"name": name, "labels": labels}, "spec": {"region": region}});
        Cluster { name, facts, taints: Vec::new() }
    });
    Arc::new(Fleet::new(clusters.collect()))
}

fn template() -> Arc<Value> {
    Arc::new(
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it", "labels": {"a": "b"}}}),
    )
}

fn filter_call(size: usize) -> Reading {
    Reading::for_placement(fleet(size), template(), Request::default())
}

fn overrider_call(size: u32) -> Reading {
    let targets = vec![Targets { clusters: (0..size).collect(), object: template() }];
    Reading::for_overrider(fleet(size as usize), template(), Request::default(), targets)
}

/// Clusters whose status is as long as that of real ones.
fn real_call(size: usize) -> Reading {
    let resources: Vec<Value> =
        (0..10).map(|kind| json!({"name": format!("kind{kind}s"), "kind": format!("Kind{kind}")})).collect();
    let mut groups: Vec<Value> = (0..100)
        .map(|group| json!({"groupVersion": format!("group{group}.example.com/v1"), "resources": resources}))
        .collect();
    groups.push(json!({"groupVersion": "v1", "resources": [{"name": "configmaps", "kind": "ConfigMap"}]}));
    let status = json!({"apiEnablements": groups, "conditions": [{"type": "CompleteAPIEnablements", "status": "True"}]});
    Reading::for_placement(with(size, &json!({}), &status), template(), Request::default())
}

/// Clusters in ten regions and many racks, with room and scores that differ, for 1,000 replicas.
fn divided_call(size: usize) -> Reading {
    let clusters = (0..size).map(|index| {
        let name = format!("c{index:04}");
        let labels = json!({"rack": format!("rack-{:03}", index * index % 331)});
        let facts = json!({"metadata": {"name": name, "labels": labels}, "spec": {"region": format!("region-{}", index % 10)}});
        Cluster { name, facts, taints: Vec::new() }
    });
    let differing = |index: u32| index.wrapping_mul(2_654_435_761) >> 24;
    let size = u32::try_from(size).expect("a bench has few clusters");
    let request = Request {
        replicas: Some(1_000),
        scores: (0..size).map(|index| differing(index) % 2 * 100).collect(),
        available: (0..size).map(|index| Some(differing(index + size))).collect(),
        ..Request::default()
    };
    Reading::for_placement(Arc::new(Fleet::new(clusters.collect())), template(), request)
}

/// Clusters that are half full, for a replica of half a processor.
fn capacity_call(size: usize, modelled: bool) -> Reading {
    let mut summary = json!({
        "allocatable": {"cpu": "64", "memory": "263929560Ki", "pods": "1100"},
        "allocated": {"cpu": "31850m", "memory": "117604352Ki", "pods": "512"},
        "allocating": {"cpu": "250m", "memory": "512Mi", "pods": "2"},
    });
    let mut spec = json!({});
    if modelled {
        let grade = |grade: u32| {
            let range = |name, unit: &str| json!({"name": name, "min": format!("{}{unit}", (1 << grade) - 1), "max": format!("{}{unit}", (2 << grade) - 1)});
            json!({"grade": grade, "ranges": [range("cpu", ""), range("memory", "Gi")]})
        };
        spec["resourceModels"] = (0..9).map(grade).collect();
        summary["allocatableModelings"] = (0..9).map(|grade| json!({"grade": grade, "count": 10})).collect();
    }
    let requirements = json!({"resourceRequest": {"cpu": "500m", "memory": "1Gi"}});
    let request = Request { replicas: Some(1_000), requirements: Some(requirements), ..Request::default() };
    Reading::for_placement(with(size, &spec, &json!({"resourceSummary": summary})), template(), request)
}

/// So many clusters with the same spec and status.
fn with(size: usize, spec: &Value, status: &Value) -> Arc<Fleet> {
    let clusters = (0..size).map(|index| {
        let name = format!("c{index:04}");
        let facts = json!({"metadata": {"name": name}, "spec": spec, "status": status});
        Cluster { name, facts, taints: Vec::new() }
    });
    Arc::new(Fleet::new(clusters.collect()))
}
