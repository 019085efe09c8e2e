//! On which of the machine's cores a benchmark runs: "one core" means one, not one thread and a bit.

use std::process::{Command, Stdio};
use std::{fs, process};

/// From here on this thread, and what it starts, runs on the last core alone. Says what it did.
pub fn one() {
    let allowed = allowed();
    let last = allowed.rsplit([',', '-']).next().unwrap_or_default();
    run_on(last);
}

/// The cores that this process may use, as the kernel writes them: `0-3,6`.
pub fn allowed() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    list.unwrap_or_default().trim().to_owned()
}

/// The same for a list of cores. `taskset` sets it, because Rust's library can't and a call of the system's own is unsafe
/// code.
pub fn run_on(cores: &str) {
    let pinned = Command::new("taskset")
        .args(["--cpu-list", "--pid", cores, &process::id().to_string()])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if pinned {
        println!("cores: {cores}");
    } else {
        println!("cores: not pinned, because `taskset` can't; the figures may be of more than was wanted");
    }
}
