//! Nothing is left between calls, and nothing of one call harms another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use portolan_plan::{Fault, Plugin as _};
use portolan_sandbox::{Sandbox, Settings};

use crate::setting::{guest, offer, plugin};

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
    let (writes, reads) = (guest("remembers"), guest("remembers"));
    let writes = sandbox.load(&writes).expect("it loads");
    let reads = sandbox.load(&reads).expect("it loads");
    for _ in 0..20 {
        assert!(writes.filter("x", &mut offer(1)).is_err());
        assert_eq!(reads.filter("{}", &mut offer(1)).expect("an answer")[0].clusters, [0]);
    }
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
