//! The targets under libFuzzer, which brings `main` and the command line. `cargo xtask fuzz` builds and runs this; which
//! target it is stands in the environment, because the command line is libFuzzer's.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};
use portolan_fuzz::{Random, Target};

fn target() -> Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    *TARGET.get_or_init(|| {
        let name = std::env::var("PORTOLAN_FUZZ_TARGET").unwrap_or_default();
        Target::named(&name).unwrap_or_else(|| {
            eprintln!(
                "PORTOLAN_FUZZ_TARGET is `{name}`; valid: the name of a directory in tests/fuzz/corpus"
            );
            std::process::exit(2)
        })
    })
}

fuzz_target!(init: { target(); }, |input: &[u8]| (target().run)(input));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = Random::new(seed.into());
    // One in eight is libFuzzer's own: it knows which bytes were compared with what.
    let mutated = if random.below(8) == 0 { None } else { (target().mutate)(&data[..size], &mut random) };
    match mutated {
        Some(mutated) if mutated.len() <= max_size => {
            data[..mutated.len()].copy_from_slice(&mutated);
            mutated.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});

fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    let crossed = (target().cross)(one, other, &mut Random::new(seed.into()));
    // None or too long: half of each, so that there is something new.
    let crossed = crossed
        .filter(|crossed| crossed.len() <= out.len())
        .unwrap_or_else(|| [&one[..one.len() / 2], &other[other.len() / 2..]].concat());
    let size = crossed.len().min(out.len());
    out[..size].copy_from_slice(&crossed[..size]);
    size
});
