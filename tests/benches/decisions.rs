//! What one call costs: of a filter and of an overrider, each in a fresh instance with fuel and clock on; beside it, in the
//! same run, the same plugins' Rust functions compiled in. On one core.
//!
//! Both sides parse the config, and both get their answers from a [`Reading`] over the same fleet. What is compared is
//! therefore the sandbox alone: an instance made and dropped, texts and lists that cross its wall, instructions counted.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};
use portolan_plan::{Fleet, Options, Previous, Reading, Request, Targets, Template, World, decide};
use portolan_plugin::{Cluster, Filter, Level, Overrider, Questions};
use portolan_tests::generated::{BY_LABEL, BY_ROOM, ONE_OPERATION, SPREAD_BY_REGION};
use portolan_tests::{cores, default_plugins, figures, generated};
use serde_json::Value;

/// A sample is 2 ms, short beside the scheduler's slices: on a machine that others use too, most samples are undisturbed
/// then, and the median is one of those. Criterion's own samples of 50 ms and more never are.
const SAMPLES: usize = 1_000;
const TIME: Duration = Duration::from_secs(2);

fn main() {
    cores::one();
    let criterion = Criterion::default().sample_size(SAMPLES).measurement_time(TIME);
    let criterion = criterion.warm_up_time(Duration::from_millis(500)).nresamples(1_000);
    let mut bench = Bench { criterion: criterion.configure_from_args() };
    filter(&mut bench);
    overrider(&mut bench);
    spread_and_division(&mut bench);
    further_clusters(&mut bench);
    bench.criterion.final_summary();
}

struct Bench {
    criterion: Criterion,
}

impl Bench {
    /// The median of one act in nanoseconds; none where the command line filters it out.
    fn median(&mut self, name: &str, act: impl Fn()) -> Option<f64> {
        let samples = RefCell::new(Vec::new());
        let mut group = self.criterion.benchmark_group("call");
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let began = Instant::now();
                (0..times).for_each(|_| act());
                let took = began.elapsed();
                samples.borrow_mut().push(took.as_secs_f64() * 1e9 / times as f64);
                took
            });
        });
        group.finish();
        let samples = samples.into_inner();
        // What comes before the last so many is warming up.
        let mut samples: Vec<f64> = samples.into_iter().rev().take(SAMPLES).collect();
        samples.sort_by(f64::total_cmp);
        let at = |share: f64| samples.get((samples.len() as f64 * share) as usize).copied();
        if let (Some(low), Some(median), Some(high)) = (at(0.1), at(0.5), at(0.9)) {
            println!("    median {median:.0} ns; of ten samples eight are between {low:.0} and {high:.0}");
        }
        at(0.5)
    }

    fn record(&mut self, figure: &str, name: &str, act: impl Fn()) {
        if let Some(median) = self.median(name, act) {
            figures::record(figure, median);
        }
    }

    /// What one of `count` things costs that the second act does and the first does not.
    fn record_difference(
        &mut self,
        figure: &str,
        name: &str,
        count: f64,
        without: impl Fn(),
        with: impl Fn(),
    ) {
        let without = self.median(&format!("{name}: without"), without);
        if let (Some(without), Some(with)) = (without, self.median(&format!("{name}: with"), with)) {
            figures::record(figure, (with - without) / count);
        }
    }
}

fn filter(bench: &mut Bench) {
    let plugin = Arc::clone(&default_plugins()["cluster-affinity"]);
    let object = generated::template(0).object;
    let request = Arc::new(Request::default());
    for (size, figure, native) in
        [(100, "filter_100_ns", "filter_native_100_ns"), (1_000, "filter_1000_ns", "filter_native_1000_ns")]
    {
        let fleet = Arc::new(Fleet::new(generated::clusters(size)));
        let reading =
            || Reading::for_placement(Arc::clone(&fleet), Arc::clone(&object), Arc::clone(&request));
        bench.record(figure, &format!("filter, {size} clusters"), || {
            black_box(plugin.filter(BY_LABEL, &mut reading())).expect("an answer");
        });
        bench.record(native, &format!("filter, {size} clusters, compiled in"), || {
            black_box(natively::<cluster_affinity::ClusterAffinity, _>(
                BY_LABEL,
                reading(),
                cluster_affinity::ClusterAffinity::filter,
            ));
        });
    }
    // Through plan's door: a decision with ten filters more, whose answers are all remembered.
    const MORE: usize = 10;
    let template = generated::template(0);
    let [one, more] = [0, MORE].map(|more| generated::by_filters(generated::clusters(100), more));
    let name = "filter, 100 clusters, from memory";
    let ([one, more], count) = ([&one, &more].map(|world| decided(world, &template)), MORE as f64);
    bench.record_difference("filter_memo_ns", name, count, one, more);
}

fn overrider(bench: &mut Bench) {
    let plugin = Arc::clone(&default_plugins()["plaintext"]);
    let fleet = Arc::new(Fleet::new(generated::clusters(3)));
    let object = generated::template(0).object;
    let request = Arc::new(Request::default());
    let targets: Arc<[Targets]> = [Targets { clusters: vec![0], object: Arc::clone(&object) }].into();
    let reading = || {
        let (fleet, object) = (Arc::clone(&fleet), Arc::clone(&object));
        Reading::for_overrider(fleet, object, Arc::clone(&request), Arc::clone(&targets))
    };
    bench.record("plaintext_ns", "plaintext", || {
        black_box(plugin.patch(ONE_OPERATION, &mut reading())).expect("an answer");
    });
    bench.median("plaintext, compiled in", || {
        black_box(natively::<plaintext::Plaintext, _>(ONE_OPERATION, reading(), plaintext::Plaintext::patch));
    });
    let patch = plugin.patch(ONE_OPERATION, &mut reading()).expect("an answer").remove(0).patch;
    bench.median("its patch applied to a 2 kB object", || {
        black_box(patch.as_ref().expect("it patches").apply(&object)).expect("it applies");
    });
    // A cluster whose object differs from all others: it is patched and written by itself.
    bench.record("plaintext_further_ns", "its patch applied, and the object written as JSON", || {
        let object = patch.as_ref().expect("it patches").apply(&object).expect("it applies");
        black_box(serde_json::to_vec(&object)).expect("it is JSON");
    });
}

/// 1,000 replicas by room on 1,000 clusters in 10 regions, none of which is left out: the longest lists that there are.
fn spread_and_division(bench: &mut Bench) {
    const SIZE: u32 = 1_000;
    let plugins = default_plugins();
    let (spread, division) = (&plugins["spread"], &plugins["division"]);
    let object = generated::template(0).object;
    let fleet = Arc::new(Fleet::new(generated::in_regions(SIZE as usize, 10)));
    // Knuth's multiplicative hash: numbers up to 255 that look like chance.
    let differing = |place: u32| place.wrapping_mul(2_654_435_761) >> 24;
    let request = Arc::new(Request {
        replicas: Some(1_000),
        scores: (0..SIZE).map(|place| differing(place) % 2 * 100).collect(),
        available: (0..SIZE).map(|place| Some(differing(place + SIZE))).collect(),
        ..Request::default()
    });
    let reading = || Reading::for_placement(Arc::clone(&fleet), Arc::clone(&object), Arc::clone(&request));
    bench.record("spread_1000_ns", "spread, 1000 clusters in 10 regions", || {
        let choice = black_box(spread.select(SPREAD_BY_REGION, &mut reading())).expect("an answer");
        assert_eq!(choice.chosen.len(), SIZE as usize);
    });
    bench.record("division_1000_ns", "division, 1000 replicas on 1000 clusters", || {
        let replicas = black_box(division.assign(BY_ROOM, &mut reading())).expect("an answer");
        assert_eq!(replicas.iter().sum::<u32>(), 1_000);
    });
}

/// What a thousand clusters more cost that get an object equal to that of the first three, nothing remembered.
fn further_clusters(bench: &mut Bench) {
    const MORE: usize = 1_000;
    let template = generated::template(0);
    let world = |size| generated::everywhere_alike(generated::clusters(size));
    let (few, many) = (world(3), world(3 + MORE));
    let name = "a decision, one object for 3 and for 1,003 clusters";
    let ([few, many], count) = ([&few, &many].map(|world| decided(world, &template)), MORE as f64);
    bench.record_difference("plaintext_alike_ns", name, count, few, many);
    let decision = decide(&world(3), template.clone(), &Previous::default(), Options::default());
    let fleet = Fleet::new(generated::clusters(3));
    bench.median("a Work for one cluster put together", || {
        black_box(decision.deliveries[0].work(&fleet, 0));
    });
}

fn decided<'a>(world: &'a World, template: &'a Template) -> impl Fn() + use<'a> {
    || {
        let decision = decide(world, template.clone(), &Previous::default(), Options::default());
        assert!(decision.hold.is_none(), "{:?}", decision.hold);
        black_box(decision);
    }
}

/// Calls a plugin's own function as its component does: config in, questions, answer out.
fn natively<P: Configured, T>(
    config: &str,
    reading: Reading,
    call: impl FnOnce(P::Config, &dyn Questions) -> Result<T, portolan_plugin::Fault>,
) -> T {
    let config = serde_json::from_str(config).expect("a config");
    call(config, &Native(RefCell::new(reading))).expect("an answer")
}

/// A plugin with a config, whatever its stage.
trait Configured {
    type Config: serde::de::DeserializeOwned;
}

impl Configured for cluster_affinity::ClusterAffinity {
    type Config = <Self as Filter>::Config;
}

impl Configured for plaintext::Plaintext {
    type Config = <Self as Overrider>::Config;
}

/// The questions, answered from what answers a component's.
struct Native(RefCell<Reading>);

impl Native {
    fn ask<T>(&self, question: impl FnOnce(&mut Reading) -> Result<T, portolan_plan::Unanswered>) -> T {
        question(&mut self.0.borrow_mut()).expect("an answer")
    }
}

fn parsed(json: String) -> Value {
    serde_json::from_str(&json).expect("answers are JSON")
}

impl Questions for Native {
    fn template_get(&self, at: &str) -> Option<Value> {
        self.ask(|reading| reading.template(at)).map(parsed)
    }
    fn fleet_size(&self) -> u32 {
        self.ask(Reading::size)
    }
    fn fleet_find(&self, name: &str) -> Option<Cluster> {
        self.ask(|reading| reading.find(name))
    }
    fn fleet_name(&self, of: Cluster) -> String {
        self.ask(|reading| reading.name(of))
    }
    fn fleet_get(&self, of: Cluster, at: &str) -> Option<Value> {
        self.ask(|reading| reading.cluster(of, at)).map(parsed)
    }
    fn fleet_matching(&self, selector: &Value) -> Result<Vec<Cluster>, String> {
        self.ask(|reading| reading.matching(&selector.to_string()))
    }
    fn target_clusters(&self) -> Vec<Cluster> {
        self.ask(Reading::targets)
    }
    fn target_get(&self, on: Cluster, at: &str) -> Option<Value> {
        self.ask(|reading| reading.target(on, at)).map(parsed)
    }
    fn log(&self, _: Level, _: &str) {}
}
