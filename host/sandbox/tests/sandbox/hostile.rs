//! Every guest beside an honest one in the same sandbox: whatever it does, the other is told the same, and uses as much.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use portolan_plan::{Fault, Plugin as _};
use portolan_sandbox::{Budgets, LoadedPlugin, Sandbox};

use crate::setting::{chain, guest, offer, sandbox_for, target};

/// Guests that do what they should, whatever their config is; and the parts that others are made of.
const HONEST: [&str; 3] = ["refuses-all", "guest.frame", "remembers"];

/// What a guest does, its config, and how that ends: the beginning of the error at its loading, or of the fault. `ok`
/// where nothing about it is wrong but what it costs.
const HOSTILE: &[(&str, &str, &str)] = &[
    ("adds-its-config", "{", "the plugin's answer is not allowed: operation 1 of amendment 1 (at `/data`)"),
    ("answers-beyond-memory", "{}", "the plugin's answer is not allowed: it breaks a rule of the component"),
    ("answers-long", "{}", "the plugin went over its budget: 16777216 bytes in an answer"),
    ("answers-many", "12345678901234567890", "the plugin went over its budget: 16777216 bytes in an answer"),
    ("around-the-call", "1234", "the plugin went over its budget: 50000000 units of fuel"),
    ("around-the-call", "123456", "the plugin broke down: wasm trap: cannot leave component instance"),
    ("around-the-call", "12345678", "the plugin broke down: wasm trap: cannot leave component instance"),
    ("around-the-call", "{}", "the plugin went over its budget: 50000000 units of fuel"),
    ("asks-at-every-depth", "{}", "the plugin broke down: its stack overflowed"),
    ("asks-beyond-the-fleet", "{}", "the plugin's answer is not allowed: it asked about what it was not"),
    ("asks-for-columns", "{}", "ok"),
    ("asks-for-ever", "{}", "the plugin went over its budget: 100000 questions"),
    ("asks-in-no-text", "{}", "the plugin's answer is not allowed: it breaks a rule of the component"),
    ("asks-its-config", "\u{0}", "the plugin reports a defect of its own: \\u{0}"),
    ("assigns-its-config", "GG00", "the plugin's answer is not allowed: all clusters together are given"),
    ("chooses-a-lot", "{}", "the plugin went over its budget: 16777216 bytes in an answer"),
    ("copies-an-operation", "{}", "the plugin's answer is not allowed: it breaks a rule of the component"),
    (
        "estimates-its-config",
        "****",
        "the plugin's answer is not allowed: cluster 0 (`c0000`) is said to take",
    ),
    ("grows", "{}", "the plugin went over its budget: 67108864 bytes of memory"),
    ("grows-a-table", "{}", "the plugin went over its budget: 65536 elements in a table"),
    ("grows-at-once", "{}", "the plugin went over its budget: 67108864 bytes of memory"),
    ("logs-a-lot", "{}", "ok"),
    ("logs-for-ever", "{}", "the plugin went over its budget: "),
    ("loops", "{}", "the plugin went over its budget: 50000000 units of fuel"),
    ("loops-at-start", "{}", "asked who it is: the plugin went over its budget: 50000000 units of fuel"),
    ("makes-nans", "{}", "ok"),
    ("moves-the-template", "\"\"", "the plugin's answer is not allowed: operation 1 of amendment 1 (at ``)"),
    ("names-the-digits", "00", "the plugin's answer is not allowed: cluster 0 (`c0000`) is named by two"),
    ("operates-a-lot", "{}", "the plugin went over its budget: 100000 patch operations in an answer"),
    ("panics", "{}", "the plugin broke down: panicked at src/lib.rs:7:9:"),
    ("recurses", "{}", "the plugin broke down: its stack overflowed"),
    ("refuses-for-its-config", "\u{1b}[2J", "ok"),
    ("refuses-for-no-text", "{}", "the plugin's answer is not allowed: it breaks a rule of the component"),
    ("refuses-the-digits", "9", "the plugin's answer is not allowed: refusal 1 (`digits`) names cluster 9"),
    ("refuses-where-it-was", "{}", "ok"),
    ("remembers", "x", "the plugin broke down: it gave up without a word"),
    ("removes-at-its-config", "no pointer", "the plugin's answer is not allowed: operation 1 of amendment 1"),
    ("removes-from-a-list", "{}", "ok"),
    ("scores-its-config", "2e2!", "the plugin's answer is not allowed: cluster 1 (`c0001`) is given 101"),
    (
        "selects-its-config",
        "11",
        "the plugin's answer is not allowed: the choice names cluster 1 (`c0001`) twice",
    ),
    ("tells-the-template", "4", "the plugin broke down: "),
    ("warns-of-its-config", "\u{1b}[2J", "ok"),
    ("works-in-bulk", "1", "the plugin went over its budget: 50000000 units of fuel"),
];

/// What is the same in every call of the neighbour: its answer, and what it used. The time is its own affair.
type Told = (Result<Vec<portolan_plan::Refusal>, Fault>, u64, u64, u64);

fn ask(neighbour: &LoadedPlugin) -> Told {
    let (answer, figures) = neighbour.filter_measured("201", &mut offer(4));
    (answer, figures.fuel, figures.questions, figures.memory_bytes)
}

/// Loads a guest and asks it in whatever stage it stands.
fn try_it(sandbox: &Sandbox, name: &str, config: &str) -> String {
    let plugin = match sandbox.load(&guest(name)) {
        Ok(plugin) => plugin,
        Err(error) => return chain(&error),
    };
    let faults = [
        plugin.filter(config, &mut offer(4)).err(),
        plugin.score(config, &mut offer(4)).err(),
        plugin.estimate(config, &mut offer(4)).err(),
        plugin.select(config, &mut offer(4)).err(),
        plugin.assign(config, &mut offer(4)).err(),
        plugin.patch(config, &mut target(&[0, 2])).err(),
    ];
    let elsewhere = |fault: &Fault| matches!(fault, Fault::Config(text) if text.contains("it can stand as"));
    let mut faults: Vec<Fault> = faults.into_iter().flatten().filter(|fault| !elsewhere(fault)).collect();
    assert!(faults.len() <= 1, "{name} stands in one stage: {faults:?}");
    faults.pop().map_or("ok".into(), |fault| fault.to_string())
}

/// Says that it is over when it is dropped, also by a panic: nobody must wait for ever.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn attack_01_to_55_whatever_a_guest_does_its_neighbour_is_told_the_same() {
    // Room for the two that call, and twice that. A twentieth of the fuel is enough to be hostile, and sooner at its end.
    let sandbox = sandbox_for(2, Budgets { fuel: 50_000_000, ..Budgets::default() });
    let neighbour = sandbox.load(&guest("refuses-the-digits")).expect("it loads");
    let before = ask(&neighbour);
    assert_eq!(before.0.as_ref().map(|refusals| refusals[0].clusters.clone()), Ok(vec![0, 1, 2]));
    for (name, config, ends) in HOSTILE {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            let during = scope.spawn(|| {
                let mut calls = 0_u64;
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(ask(&neighbour), before, "while {name} was at work");
                    calls += 1;
                }
                calls
            });
            let ended = {
                let _over = Over(&over);
                try_it(&sandbox, name, config)
            };
            assert!(ended.starts_with(ends), "{name}: {ended}");
            during.join().expect("the neighbour was told the same");
        });
        assert_eq!(ask(&neighbour), before, "after {name}");
    }
}

#[test]
fn every_guest_is_known_to_be_hostile_or_honest() {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let names: BTreeSet<String> = std::fs::read_dir(guests)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").file_name().into_string().expect("ASCII"))
        .map(|name| name.trim_end_matches(".wat").to_owned())
        .filter(|name| !name.ends_with(".stage"))
        .collect();
    let known: BTreeSet<String> =
        HOSTILE.iter().map(|(name, _, _)| *name).chain(HONEST).map(str::to_owned).collect();
    assert_eq!(names, known);
}
