//! What whole processes cost: the real binary, from YAML files to members' files.
//!
//! ```text
//!  apply    10,000 templates for 3 clusters, first and second time, and what of it is YAML and what files
//!  curve    memory and time from 1,000 to 100,000 templates, and by how they are spread over files
//!  members  time from 10 to 3,000 clusters
//!  plan     `portolan plan` on the documents' examples, with and without compiled plugins
//! ```
//!
//! A part runs where one of the arguments is in its name, or there are none. Everything is generated in a temporary
//! directory, which takes some 2 GB for a while: what one run wrote stays until the end, because some file systems are
//! slow where much was removed just before.

mod input;
mod parts;
mod process;

use std::path::Path;

use portolan_tests::figures::record;
use tempfile::TempDir;

use crate::input::{Input, Spread};
use crate::process::{Binary, Cost};

/// A part of the bench, in a directory of its own.
type Part = fn(&Binary, &Path);

/// What the figures are about.
const TEMPLATES: usize = 10_000;
const CLUSTERS: usize = 3;

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|text| part.contains(text.as_str()));
    let place = TempDir::new().expect("a temporary directory");
    let parts: [(&str, Part); 4] = [("apply", apply), ("curve", curve), ("members", members), ("plan", plan)];
    let binary = Binary::find(place.path());
    // Plugins are compiled now, so that no run which counts does it.
    let one = Input::generate(&place.path().join("one"), 1, 1, Spread::OneFile);
    binary.apply(&one, &place.path().join("one-out"));
    for (name, part) in parts {
        if wants(name) {
            let directory = place.path().join(name);
            std::fs::create_dir(&directory).expect("the temporary directory can be written to");
            println!("\n{name}");
            part(&binary, &directory);
        }
    }
}

fn apply(binary: &Binary, place: &Path) {
    const RUNS: usize = 3;
    let input = Input::generate(&place.join("in"), TEMPLATES, CLUSTERS, Spread::OneAFile);
    let out = |run: usize| place.join(format!("out{run}"));
    let again = |run: usize| binary.apply(&input, &out(run));
    let first: Vec<Cost> = (0..RUNS).map(again).collect();
    let second: Vec<Cost> = (0..RUNS).map(again).collect();
    println!(
        "{TEMPLATES} templates of {} bytes for {CLUSTERS} clusters, one a file",
        input.bytes / TEMPLATES
    );
    let (first, second) = (process::median(first), process::median(second));
    println!("  first apply   {first}");
    println!("  second apply  {second}");
    parts::print(&input, &out(0), &place.join("parts"), &first);
    record("apply_per_s", TEMPLATES as f64 / first.processor.as_secs_f64());
}

fn curve(binary: &Binary, place: &Path) {
    let run = |templates: usize, spread: Spread| {
        let name = format!("{templates}-{spread:?}");
        let input = Input::generate(&place.join(format!("in-{name}")), templates, CLUSTERS, spread);
        let cost = binary.apply(&input, &place.join(format!("out-{name}")));
        let each = cost.processor.as_secs_f64() * 1e6 / templates as f64;
        println!("  {templates:>7} {:34} {each:>5.0} µs each, {cost}", spread.to_string());
        cost
    };
    run(1_000, Spread::OneAFile);
    let [few, many] = [2_000, 20_000].map(|templates| (templates, run(templates, Spread::OneAFile)));
    run(100_000, Spread::OneAFile);
    for spread in [Spread::ManyDocuments, Spread::Lists, Spread::OneFile] {
        run(TEMPLATES, spread);
    }
    let more = many.1.peak.saturating_sub(few.1.peak) as f64;
    record("apply_template_bytes", more / (many.0 - few.0) as f64);
}

fn members(binary: &Binary, place: &Path) {
    /// Few, because each comes to thousands of files.
    const TEMPLATES: usize = 20;
    for clusters in [10, 100, 1_000, 3_000] {
        let input =
            Input::generate(&place.join(format!("in{clusters}")), TEMPLATES, clusters, Spread::OneAFile);
        let cost = binary.apply(&input, &place.join(format!("out{clusters}")));
        let each = cost.processor.as_secs_f64() * 1e6 / (TEMPLATES * clusters) as f64;
        println!("  {TEMPLATES} templates for {clusters:>5} clusters: {each:>4.0} µs a file, {cost}");
    }
}

fn plan(binary: &Binary, place: &Path) {
    let examples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/flux/manifests"));
    binary.plan(examples, &place.join("warm"));
    let warm = process::median((0..31).map(|_| binary.plan(examples, &place.join("warm"))).collect());
    let first = process::median(
        (0..7).map(|run| binary.plan(examples, &place.join(format!("first{run}")))).collect(),
    );
    println!("  warm          {warm}");
    println!("  first         {first}");
    record("plan_warm_ms", warm.wall.as_secs_f64() * 1e3);
    record("plan_first_ms", first.wall.as_secs_f64() * 1e3);
}
