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
