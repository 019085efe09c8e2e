//! Every input that is kept, and a few mutations of each.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use portolan_fuzz::{Random, Target};

/// Mutations of each input: few, because fuzzing is for finding and this for not losing.
const MUTATIONS: u64 = 4;

fn replay(name: &str) {
    let target = Target::named(name).expect("a target");
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", directory.display());
    for path in paths {
        let input = fs::read(&path).expect("it can be read");
        holds(target, &input, &path.display().to_string());
        for seed in 0..MUTATIONS {
            if let Some(mutated) = (target.mutate)(&input, &mut Random::new(seed)) {
                holds(target, &mutated, &format!("mutation {seed} of {}", path.display()));
            }
        }
    }
}

fn holds(target: Target, input: &[u8], what: &str) {
    if let Err(panic) = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        eprintln!("{what}:\n{}", String::from_utf8_lossy(input));
        panic::resume_unwind(panic);
    }
}

#[test]
fn patches() {
    replay("patches");
}

#[test]
fn yaml() {
    replay("yaml");
}

#[test]
fn policies() {
    replay("policies");
}

#[test]
fn answers() {
    replay("answers");
}

#[test]
fn loading() {
    replay("loading");
}
