//! Nothing is left between calls, and nothing of one call harms another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, RwLock, Weak};
use std::thread;

use portolan_plan::{Budget, Fault, Plugin as _};
use portolan_sandbox::{Budgets, LoadedPlugin, Sandbox, Settings};

use crate::setting::{guest, guest_text, offer, plugin};

#[test]
fn attack_44_state_between_calls() {
    let plugin = plugin("remembers");
    for _ in 0..20 {
        let refusals = plugin.filter("{}", &mut offer(1)).expect("an answer");
        assert_eq!(refusals[0].clusters, [0], "something was left");
    }
}

#[test]
fn attack_45_call_after_a_trap() {
    let plugin = plugin("remembers");
    for _ in 0..20 {
        let trap = plugin.filter("x", &mut offer(1));
        assert_eq!(trap, Err(Fault::Trap("it gave up without a word (`unreachable`)".into())));
        let refusals = plugin.filter("{}", &mut offer(1)).expect("an answer");
        assert_eq!(refusals[0].clusters, [0], "something was left");
    }
}

#[test]
fn attack_44_memory_that_another_plugin_wrote() {
    // A sandbox with two places for memory, so that they are shared.
    let sandbox = Sandbox::new(Settings::new(1)).expect("a sandbox");
    let writes = sandbox.load(&guest("remembers")).expect("it loads");
    // Another component, so that the place was another's memory and is made this one's.
    let other =
        guest_text("remembers").replace("(global $asked", "(data (i32.const 40) \"other\") (global $asked");
    let reads = sandbox.load(&wat::parse_str(other).expect("a component")).expect("it loads");
    assert_ne!(writes.manifest().digest, reads.manifest().digest);
    for _ in 0..20 {
        assert!(writes.filter("x", &mut offer(1)).is_err());
        assert_eq!(reads.filter("{}", &mut offer(1)).expect("an answer")[0].clusters, [0]);
    }
}

#[test]
fn attack_17_more_calls_at_once_than_there_is_room_for() {
    // Each takes all the memory that it may, at the same time as 31 others; there is room for four.
    let sandbox = Sandbox::new(Settings::new(2)).expect("a sandbox");
    let grows = sandbox.load(&guest("grows")).expect("it loads");
    let honest = sandbox.load(&guest("refuses-all")).expect("it loads");
    let start = Barrier::new(32);
    let faults: Vec<Fault> = thread::scope(|scope| {
        let call = || {
            start.wait();
            grows.filter("{}", &mut offer(1)).expect_err("there is not so much")
        };
        let calls: Vec<_> = (0..32).map(|_| scope.spawn(call)).collect();
        calls.into_iter().map(|call| call.join().expect("it ends")).collect()
    });
    for fault in &faults {
        let limit = Budgets::default().memory_bytes;
        let expected = match fault {
            Fault::World(text) => text.starts_with("all rooms for plugins are taken"),
            fault => *fault == Fault::Budget(Budget::Memory(limit)),
        };
        assert!(expected, "{fault}");
    }
    assert!(honest.filter("{}", &mut offer(1)).is_ok(), "there is room again");
}

#[test]
fn attack_17_more_workers_than_there_are_addresses_for() {
    for workers in [100_000, u32::MAX] {
        let error = Sandbox::new(Settings::new(workers)).expect_err("it is far too much");
        let text = error.to_string();
        assert!(text.contains("valid: fewer, with --workers"), "{text}");
    }
}

#[test]
fn attack_54_hot_swap_with_calls_in_flight() {
    let sandbox = Sandbox::new(Settings::new(4)).expect("a sandbox");
    let load = |name: &str| Arc::new(sandbox.load(&guest(name)).expect("it loads"));
    // What the two answer for three clusters and the config `0`.
    let (all, one) = (vec![0, 1, 2], vec![0]);
    let current = RwLock::new(load("refuses-all"));
    let over = AtomicBool::new(false);
    let retired: Vec<Weak<LoadedPlugin>> = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let plugin = Arc::clone(&current.read().expect("nobody panicked"));
                    let refusals = plugin.filter("0", &mut offer(3)).expect("an answer");
                    // The old one's or the new one's, whole.
                    let expected = if refusals[0].reason == "no" { &all } else { &one };
                    assert_eq!(refusals[0].clusters, *expected);
                }
            });
        }
        let swap = |number: usize| {
            let next = load(if number.is_multiple_of(2) { "refuses-the-digits" } else { "refuses-all" });
            let old = std::mem::replace(&mut *current.write().expect("nobody panicked"), next);
            Arc::downgrade(&old)
        };
        let retired = (0..20).map(swap).collect();
        over.store(true, Ordering::Relaxed);
        retired
    });
    assert!(retired.iter().all(|old| old.upgrade().is_none()), "an old one is still held");
    // One that is called while the sandbox itself goes lives on until it has answered.
    let last = Arc::clone(&current.read().expect("nobody panicked"));
    drop(sandbox);
    assert_eq!(last.filter("0", &mut offer(3)).expect("an answer")[0].clusters, all);
}

#[test]
fn a_full_pool_is_nobodys_fault() {
    let sandbox = Sandbox::new(Settings::new(1)).expect("a sandbox");
    let loops = sandbox.load(&guest("loops")).expect("it loads");
    let honest = sandbox.load(&guest("refuses-all")).expect("it loads");
    let done = AtomicBool::new(false);
    let world = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let _ = loops.filter("{}", &mut offer(1));
                }
            });
        }
        // Both are busy nearly all of the time, so this ends at once.
        let world = (0..1_000_000).find_map(|_| honest.filter("{}", &mut offer(1)).err());
        done.store(true, Ordering::Relaxed);
        world
    });
    let fault = world.expect("there is no third place");
    assert!(
        matches!(&fault, Fault::World(text) if text.starts_with("all rooms for plugins are taken")),
        "{fault}"
    );
    assert!(!fault.lasts());
}

#[test]
fn a_plugin_is_called_from_many_threads() {
    let plugin = plugin("refuses-all");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert_eq!(plugin.filter("{}", &mut offer(5)).expect("an answer")[0].clusters.len(), 5);
                }
            });
        }
    });
}
