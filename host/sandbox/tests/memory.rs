//! What hostile calls cost the host in memory. A process of its own, because it is measured from outside.
#![cfg(target_os = "linux")]

#[path = "sandbox/setting.rs"]
#[allow(dead_code, reason = "this test needs only some of it")]
mod setting;

use portolan_plan::Plugin as _;
use portolan_sandbox::Budgets;

use crate::setting::{offer, plugin, target};

/// Bytes of this process by a line of `/proc/self/status`: `VmHWM` is the most that there ever was, `VmRSS` what is now.
fn bytes(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line =
        status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':')).expect("it is there");
    line.trim().strip_suffix(" kB").expect("kilobytes").parse::<u64>().expect("a number") << 10
}

// One test, so that no other one's memory is measured.
#[test]
fn attack_13_14_16_memory_of_the_host() {
    let budget = Budgets::default();
    let filters = ["answers-many", "answers-long", "grows", "logs-a-lot", "remembers"].map(plugin);
    let overriders = ["adds-its-config", "operates-a-lot"].map(plugin);
    let objects = format!("[{}]", vec![r#"{"":0}"#; 20_000].join(","));
    let before = bytes("VmRSS");
    for _ in 0..20 {
        for plugin in &filters {
            let _ = plugin.filter(&"x".repeat(60), &mut offer(4));
            let _ = plugin.filter(&"x".repeat(20), &mut offer(4));
        }
        for plugin in &overriders {
            let _ = plugin.patch(&objects, &mut target(&[0]));
        }
    }
    let (most, left) = (bytes("VmHWM") - before, bytes("VmRSS").saturating_sub(before));
    // A call's own memory, as much again while its answer is taken over, and the answer.
    let allowed = 2 * budget.memory_bytes + 2 * budget.output_bytes;
    assert!(most < allowed, "{most} bytes at the worst moment, {allowed} allowed");
    // 2 MiB a slot of those that were in use, which is one for each of seven plugins, and what the allocator keeps.
    assert!(left < 48 << 20, "{left} bytes are still there");
}
