//! What memory does over a million calls, and what a thousand plugins take. Figures are anonymous memory that is there, as
//! the kernel counts it (`RssAnon`): what is mapped from a file can go at any time, and is left out.

use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use portolan_plan::{Fleet, Plugin, Reading, Request, Targets};
use portolan_sandbox::{Sandbox, Settings};
use portolan_tests::{cores, default_plugins, figures, generated};

const FEW: u32 = 10_000;
const MANY: u32 = 1_000_000;
const PLUGINS: u32 = 1_000;

fn main() {
    println!("cores: {}", cores::allowed());
    million_calls();
    thousand_plugins();
}

/// Calls in turn of the filter and of the overrider that are measured elsewhere, each in an instance of its own.
fn million_calls() {
    let filter = Arc::clone(&default_plugins()["cluster-affinity"]);
    let overrider = Arc::clone(&default_plugins()["plaintext"]);
    let fleet = Arc::new(Fleet::new(generated::clusters(100)));
    let object = generated::template(0).object;
    let targets: Arc<[Targets]> = [Targets { clusters: vec![0], object: Arc::clone(&object) }].into();
    let request = Arc::new(Request::default());
    let call = |number: u32| {
        let (fleet, object, request) = (Arc::clone(&fleet), Arc::clone(&object), Arc::clone(&request));
        if number.is_multiple_of(2) {
            let mut reading = Reading::for_placement(fleet, object, request);
            black_box(filter.filter(generated::BY_LABEL, &mut reading)).expect("an answer");
        } else {
            let mut reading = Reading::for_overrider(fleet, object, request, Arc::clone(&targets));
            black_box(overrider.patch(generated::ONE_OPERATION, &mut reading)).expect("an answer");
        }
    };
    (0..FEW).for_each(call);
    let few = anonymous_bytes();
    let began = Instant::now();
    (FEW..MANY).for_each(call);
    let many = anonymous_bytes();
    println!("after {FEW} calls {few} B, after {MANY} {many} B; {:.0} s", began.elapsed().as_secs_f64());
    figures::record("million_calls_growth_percent", (many / few - 1.0) * 100.0);
}

/// The smallest default plugin, a thousand times with another number in a section of its own: different digests, so each
/// is compiled and held by itself. They stay loaded until all are counted.
fn thousand_plugins() {
    let builtin = portolan_builtin::ALL.iter().min_by_key(|builtin| builtin.component.len());
    let builtin = builtin.expect("there are default plugins");
    // As the command line loads them: the compiled ones are kept in a directory, and mapped from there.
    let cache = tempfile::tempdir().expect("a temporary directory");
    let settings = Settings { cache: Some(cache.path().join("plugins")), ..Settings::new(2) };
    let sandbox = Sandbox::new(settings).expect("a sandbox");
    let before = anonymous_bytes();
    let began = Instant::now();
    let mut plugins = Vec::new();
    for number in 0..PLUGINS {
        // It takes minutes, and whoever waits wants to see something; the steps also show that it grows evenly.
        if number.is_multiple_of(PLUGINS / 10) {
            println!("{number:>5} plugins: {} B", anonymous_bytes() - before);
        }
        plugins.push(sandbox.load(&numbered(builtin.component, number)).expect("it loads"));
    }
    let took = began.elapsed().as_secs_f64() * 1e3 / f64::from(PLUGINS);
    let size = builtin.component.len();
    println!("{} of {size} B, compiled one by one, {took:.0} ms each", builtin.name);
    let mut digests: Vec<_> = plugins.iter().map(|plugin| plugin.manifest().digest).collect();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), plugins.len(), "they are different");
    figures::record("thousand_plugins_bytes", anonymous_bytes() - before);
}

/// A component with a custom section at its end, which is for tools and means nothing.
fn numbered(component: &[u8], number: u32) -> Vec<u8> {
    const CUSTOM: u8 = 0;
    // The length of the name, the name, and what the section holds.
    let mut content = b"\x06number".to_vec();
    content.extend(number.to_le_bytes());
    let length = u8::try_from(content.len()).expect("it is short");
    [component, &[CUSTOM, length], &content].concat()
}

fn anonymous_bytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says what memory there is");
    let line =
        status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("it counts anonymous memory");
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("in kB");
    kilobytes * 1024.0
}
