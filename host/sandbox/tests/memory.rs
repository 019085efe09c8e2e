//! What hostile calls cost the host in memory. A process of its own, because it is measured from outside.
#![cfg(target_os = "linux")]

#[path = "sandbox/setting.rs"]
#[allow(dead_code, reason = "this test needs only some of it")]
mod setting;

use std::sync::{Mutex, PoisonError};

use portolan_plan::Plugin as _;
use portolan_sandbox::Budgets;

use crate::setting::{guest_text, guest_with, offer, plugin, sandbox, target};

/// Bytes of this process by a line of `/proc/self/status`: `VmHWM` is the most that there ever was, `VmRSS` what is now.
fn bytes(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line =
        status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':')).expect("it is there");
    line.trim().strip_suffix(" kB").expect("kilobytes").parse::<u64>().expect("a number") << 10
}

/// One test at a time, so that no other one's memory is measured.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn attack_13_14_16_memory_of_the_host() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let budget = Budgets::default();
    let filters = ["answers-many", "answers-long", "grows", "logs-a-lot", "remembers"].map(plugin);
    let overriders = ["adds-its-config", "operates-a-lot"].map(plugin);
    let selector = plugin("chooses-a-lot");
    let objects = format!("[{}]", vec![r#"{"":0}"#; 20_000].join(","));
    let round = || {
        for plugin in &filters {
            let _ = plugin.filter(&"x".repeat(60), &mut offer(4));
            let _ = plugin.filter(&"x".repeat(20), &mut offer(4));
        }
        for plugin in &overriders {
            let _ = plugin.patch(&objects, &mut target(&[0]));
        }
        let _ = selector.select("{}", &mut offer(4));
    };
    let before = bytes("VmRSS");
    (0..10).for_each(|_| round());
    let (most, left) = (bytes("VmHWM").saturating_sub(before), bytes("VmRSS").saturating_sub(before));
    // A call's own memory, as much again while its answer is taken over, and the answer.
    let allowed = 2 * budget.memory_bytes + 2 * budget.output_bytes;
    assert!(most < allowed, "{most} bytes at the worst moment, {allowed} allowed");
    // 2 MiB a slot of those that were in use, which is one for each of eight plugins, and what the allocator keeps.
    assert!(left < 48 << 20, "{left} bytes are still there");
    // What is there after 10 rounds is there after 30: a leak of a hundredth of a call would be 10 MiB by then.
    let settled = bytes("VmRSS");
    (0..20).for_each(|_| round());
    let more = bytes("VmRSS").saturating_sub(settled);
    assert!(more < 8 << 20, "{more} bytes more");
}

#[test]
fn attack_16_plugins_that_come_and_go() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // Each a component of its own, loaded, asked, dropped; and each that is refused after it was compiled.
    let load = |number: usize| {
        let text = guest_text("refuses-all").replace("\"no\"", &format!("\"no\" \"{number:08}\""));
        let plugin = sandbox().load(&wat::parse_str(text).expect("a component")).expect("it loads");
        assert!(plugin.filter("{}", &mut offer(4)).is_ok());
        assert!(
            sandbox()
                .load(&guest_with("(core module $m (memory 1025)) (core instance (instantiate $m))"))
                .is_err()
        );
    };
    (0..30).for_each(load);
    let (resident, mapped) = (bytes("VmRSS"), bytes("VmSize"));
    (30..90).for_each(load);
    let resident = bytes("VmRSS").saturating_sub(resident);
    let mapped = bytes("VmSize").saturating_sub(mapped);
    // 120 components of 30 kB of machine code and as much about it would be 7 MiB, and 120 mappings.
    assert!(resident < 4 << 20, "{resident} bytes are still there");
    assert!(mapped < 64 << 20, "{mapped} bytes of addresses are still taken");
}

#[test]
fn attack_17_addresses_are_taken_once() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let grows = plugin("grows");
    let _ = grows.filter("{}", &mut offer(1));
    let mapped = bytes("VmSize");
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| drop(grows.filter("{}", &mut offer(1))));
        }
    });
    let more = bytes("VmSize").saturating_sub(mapped);
    // The threads' stacks and the allocator's arenas, which stay; a memory's 4 GiB would be more than all of them.
    assert!(more < 4 << 30, "{more} bytes of addresses more");
}

#[test]
fn attack_31_columns_without_end() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // 1,000 clusters, of which each column is 5,000 bytes: 5,000 of them would be 25 MB.
    let asks = plugin("asks-for-columns");
    let mut reading = offer(1_000);
    let before = bytes("VmRSS");
    let answer = asks.filter("{}", &mut reading);
    let left = bytes("VmRSS").saturating_sub(before);
    assert_eq!(answer, Ok(Vec::new()));
    // 64 columns are kept, which are 320 kB, and the 2 MiB that a slot keeps.
    assert!(left < 8 << 20, "{left} bytes are kept");
    drop(reading);
}
