//! What a benchmark found out, by name, so that figures of several benchmarks come together in one place.

use std::path::PathBuf;
use std::{env, fs};

/// Every figure there is: a name, spaces, what it says. `cargo xtask bench --json` reads the same list.
const FIGURES: &str = include_str!("../figures.txt");

/// Names the directory in which each figure is left as a file of its own. `cargo xtask bench` sets it.
const DIRECTORY: &str = "PORTOLAN_FIGURES";

/// Prints a figure, and leaves it for whoever collects them.
///
/// # Panics
/// Where no such figure is listed in `tests/figures.txt`, where it is no number, or where it can't be left.
pub fn record(name: &str, value: f64) {
    let about = about(name).unwrap_or_else(|| panic!("{name} is not listed in tests/figures.txt"));
    assert!(value.is_finite(), "{name} is {value}");
    // Nothing here is measured to more than four digits.
    let value = if value.abs() < 1_000.0 { format!("{value:.3}") } else { format!("{value:.0}") };
    println!("{name:28} {value:>12}  {about}");
    if let Some(directory) = env::var_os(DIRECTORY).map(PathBuf::from) {
        let file = directory.join(name);
        fs::write(&file, value).unwrap_or_else(|error| panic!("can't write {}: {error}", file.display()));
    }
}

fn about(name: &str) -> Option<&'static str> {
    let lines = FIGURES.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .find(|(listed, _)| *listed == name)
        .map(|(_, about)| about.trim())
}
