//! What planning many templates costs: with every answer asked for and with answers remembered, on one core and on two; and
//! how it grows with templates and with clusters. A decision is handed on and dropped; nothing is written.
//!
//! Times are taken for so many templates at a time, and the median counts: others work on the machine as well, and a run of
//! a second always contains what they do. The fastest tenth is printed beside it, and how much of the time the process had
//! a core at all.

use std::convert::Infallible;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use std::{fs, iter};

use portolan_plan::{Options, Previous, Template, World, decide, plan_all};
use portolan_tests::{cores, figures, generated};

const TEMPLATES: usize = 10_000;

/// How often all of them are planned. Arbitrary.
const RUNS: usize = 5;

/// How many templates with five overriders are planned. Arbitrary: some seconds.
const OVERRIDDEN: usize = 4_000;

/// Templates that are timed together by one worker: a millisecond, less than what the scheduler gives at a time; and by
/// several, much more than they may be ahead of each other.
const TOGETHER: [usize; 2] = [25, 200];

const ONE: NonZeroUsize = NonZeroUsize::MIN;
const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

fn main() {
    let all_cores = cores::allowed();
    cores::one();
    // The same ones again and again: planning remembers nothing about a template, and 100,000 of them would be a gigabyte.
    let templates: Vec<Template> = (0..1_000).map(generated::template).collect();
    let small = |forget| generated::by_names(generated::clusters(3), 3, forget);
    let (asked, remembered) = (small(true), small(false));
    let off = several(&asked, &templates, ONE, "every answer asked for");
    figures::record("plan_memo_off_per_s", off.median);
    let on = several(&remembered, &templates, ONE, "answers remembered");
    figures::record("plan_memo_on_per_s", on.median);

    println!("\n{:>9} templates, 3 clusters, answers remembered", "");
    for count in [1_000, 10_000, 100_000] {
        let rate = rate(&remembered, &templates, count, ONE);
        println!(
            "{count:>9} {:8.2} µs a template, all in {:.3} s",
            1e6 / rate.median,
            rate.took.as_secs_f64()
        );
    }
    println!("\n{:>9} clusters, each template on all of them, 10 distinct results, answers remembered", "");
    for size in [10, 100, 1_000, 3_000] {
        let world = generated::by_rings(generated::clusters(size), false);
        let median = median(|| decided(&world, &templates[0]));
        println!(
            "{size:>9} {:8.1} µs a template, {:.3} µs a cluster",
            median * 1e6,
            median * 1e6 / size as f64
        );
    }
    let world = generated::by_rings(generated::clusters(1_000), true);
    let first = median(|| decided(&world, &templates[0]));
    println!("\none template to 1,000 clusters with 10 distinct results, every answer asked for");
    figures::record("thousand_clusters_ms", first * 1e3);

    println!("\n1,000 replicas divided by room among 1,000 clusters in 10 regions, every answer asked for");
    let workload = generated::of_replicas(1_000);
    let divide = |world: &World| {
        let decision = decide(world, workload.clone(), &Previous::default(), Options::default());
        assert_eq!(decision.remember.replicas.values().sum::<u32>(), 1_000, "{:?}", decision.hold);
        black_box(decision);
    };
    for size in [100, 300, 1_000, 3_000] {
        let world = generated::by_room(generated::with_room(size, 10), true);
        let took = median(|| divide(&world));
        println!(
            "{size:>9} clusters {:8.2} ms a template, {:.2} µs a cluster",
            took * 1e3,
            took * 1e6 / size as f64
        );
        if size == 1_000 {
            figures::record("divided_1000_clusters_ms", took * 1e3);
        }
    }

    println!("\n100 clusters, five overriders on each, answers remembered");
    let workloads: Vec<Template> = (0..1_000).map(generated::workload).collect();
    for (results, name) in [(10, "overriders_10_results_per_s"), (100, "overriders_100_results_per_s")] {
        let world = generated::by_results(generated::clusters(100), results);
        let decision = decide(&world, workloads[0].clone(), &Previous::default(), Options::default());
        assert_eq!(decision.deliveries.len(), results, "{:?}", decision.hold);
        let rate = rate(&world, &workloads, OVERRIDDEN, ONE);
        println!(
            "{results:>9} distinct results: {:.0} templates/s, the fastest tenth {:.0}/s",
            rate.median, rate.fast
        );
        figures::record(name, rate.median);
    }

    println!();
    cores::run_on(&all_cores);
    let off_on_two = several(&asked, &templates, TWO, "every answer asked for, two workers");
    let on_on_two = several(&remembered, &templates, TWO, "answers remembered, two workers");
    figures::record("plan_memo_on_two_cores_per_s", on_on_two.median);
    for (name, two, one) in [("asked for", &off_on_two, &off), ("remembered", &on_on_two, &on)] {
        let (median, fast) = (two.median / one.median, two.fast / one.fast);
        println!("{name}: {median:.2} times one core, {fast:.2} times by the fastest tenth");
    }
}

/// Templates planned a second.
struct Rate {
    median: f64,
    /// Of the fastest tenth.
    fast: f64,
    took: Duration,
}

fn several(world: &World, templates: &[Template], workers: NonZeroUsize, name: &str) -> Rate {
    rate(world, templates, templates.len(), workers);
    let (began, worked) = (Instant::now(), cpu_seconds());
    let rate = rate(world, templates, RUNS * TEMPLATES, workers);
    let cores = (cpu_seconds() - worked) / began.elapsed().as_secs_f64();
    println!(
        "{name}: {:.0}/s, the fastest tenth {:.0}/s; over all {:.0}/s with {cores:.2} cores' worth of time",
        rate.median,
        rate.fast,
        (RUNS * TEMPLATES) as f64 / rate.took.as_secs_f64(),
    );
    rate
}

fn rate(world: &World, templates: &[Template], count: usize, workers: NonZeroUsize) -> Rate {
    let input = templates.iter().cycle().take(count);
    let input = input.map(|template| move || (template.clone(), Previous::default()));
    let together = TOGETHER[usize::from(workers > ONE)];
    let mut times = Vec::with_capacity(count / together);
    let began = Instant::now();
    let (mut since, mut done) = (began, 0);
    let Ok(()) = plan_all::<Infallible>(world, input, Options::default(), workers, |decision, _| {
        black_box(decision);
        done += 1;
        if done % together == 0 {
            times.push(since.elapsed().as_secs_f64());
            since = Instant::now();
        }
        Ok(())
    });
    let took = began.elapsed();
    times.sort_by(f64::total_cmp);
    let per_second = |share: usize| together as f64 / times[times.len() * share / 100];
    Rate { median: per_second(50), fast: per_second(10), took }
}

fn decided(world: &World, template: &Template) {
    let decision = decide(world, template.clone(), &Previous::default(), Options::default());
    assert_eq!(decision.deliveries.len(), 10, "{:?}", decision.hold);
    black_box(decision);
}

/// The median of an act in seconds, by rounds of about a millisecond.
fn median(act: impl Fn()) -> f64 {
    const ROUNDS: usize = 300;
    let timed = |times: u32| {
        let began = Instant::now();
        (0..times).for_each(|_| act());
        began.elapsed().as_secs_f64() / f64::from(times)
    };
    let times = ((1e-3 / timed(3)) as u32).max(1);
    let mut rounds: Vec<f64> = iter::repeat_with(|| timed(times)).take(ROUNDS).collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

/// How long this process had a core so far.
fn cpu_seconds() -> f64 {
    /// What the kernel counts in, on every architecture that Rust knows.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program comes second and may hold anything; user and system time are the 12th and 13th behind it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}
