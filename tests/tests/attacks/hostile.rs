//! Hostile plugins in policies: the last good stays, the message says who did what, and no other template notices.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::thread;

use portolan_plan::{Previous, World};
use portolan_tests::default_plugins;
use serde_json::{Value, json};

use crate::setting::{cluster, config_map, decided, outcome, overriding, placing, was_on, with_guest, world};

/// A filter, the config that makes it hostile, and what its fault says.
fn filters() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("answers-beyond-memory", json!({}), "it breaks a rule of the component model"),
        ("answers-long", json!({}), "16777216 bytes in an answer"),
        ("answers-many", json!("12345678901234567890"), "16777216 bytes in an answer"),
        ("around-the-call", json!(1234), "50000000 units of fuel"),
        ("around-the-call", json!(123_456), "cannot leave component instance"),
        ("asks-at-every-depth", json!({}), "its stack overflowed"),
        ("asks-beyond-the-fleet", json!({}), "it asked about what it was not offered"),
        ("asks-for-ever", json!({}), "100000 questions"),
        ("asks-in-no-text", json!({}), "it breaks a rule of the component model"),
        ("grows", json!({}), "67108864 bytes of memory"),
        ("grows-a-table", json!({}), "65536 elements in a table"),
        ("grows-at-once", json!({}), "67108864 bytes of memory"),
        ("loops", json!({}), "50000000 units of fuel"),
        ("panics", json!({}), "panicked at src/lib.rs:7:9"),
        ("recurses", json!({}), "its stack overflowed"),
        ("refuses-for-no-text", json!({}), "it breaks a rule of the component model"),
        ("refuses-the-digits", json!(9), "names cluster 9, which is not on offer"),
        ("works-in-bulk", json!(12), "50000000 units of fuel"),
    ]
}

fn overriders() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("copies-an-operation", json!({}), "it breaks a rule of the component model"),
        ("names-the-digits", json!(11), "is named by two amendments"),
        ("operates-a-lot", json!({}), "100000 patch operations in an answer"),
        ("removes-at-its-config", json!(5), "is no RFC 6901 pointer"),
    ]
}

/// What becomes of a template that has nothing to do with the hostile plugin.
fn good(world: &World, template: &portolan_plan::Template) -> (Vec<(String, String)>, Value) {
    let previous = was_on(&["member2"]);
    let decision = decided(world, template, &previous);
    let report = serde_json::to_value(decision.report(world.fleet())).expect("a report is JSON");
    (outcome(world, &decision, &previous), report)
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[track_caller]
fn keeps_the_last_good(plugin: &str, documents: Vec<Value>, names: &str, says: &str) {
    let honest = [
        config_map("good"),
        placing("good", json!({"clusterAffinity": {"clusterNames": ["member1"]}})),
        overriding("good", "labels", &json!([{"operator": "add", "value": {"team": "a"}}])),
    ];
    let clusters = ["member1", "member2"].map(cluster);
    let documents = clusters.into_iter().chain(honest).chain([config_map("bad")]).chain(documents);
    let (world, templates) = world(with_guest(plugin), documents);
    let of = |name: &str| templates.iter().find(|template| template.key.name == name).expect("it is there");
    let before = good(&world, of("good"));
    assert_eq!(before.0.len(), 2, "it arrives at member1 and leaves member2: {before:?}");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let during = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                assert_eq!(good(&world, of("good")), before, "while {plugin} was at work");
            }
        });
        {
            let _over = Over(&over);
            // It is on member1; on member2, where it is due as well, it never was.
            let previous = was_on(&["member1"]);
            let decision = decided(&world, of("bad"), &previous);
            assert_eq!(outcome(&world, &decision, &previous)[0], ("member1".into(), "=".into()), "{plugin}");
            assert!(decision.deliveries.is_empty(), "{plugin}");
            let text = &decision.troubles(world.fleet())[0].text;
            assert!(text.starts_with("ConfigMap shop/bad: ") && text.contains(names), "{text}");
            assert!(text.contains(says) && text.contains("; it stays as it was"), "{text}");
        }
        during.join().expect("the other template is decided as ever");
    });
    assert_eq!(good(&world, of("good")), before, "after {plugin}");
}

#[test]
fn attack_01_to_55_a_hostile_filter_keeps_what_is_there_and_harms_nobody() {
    for (plugin, config, says) in filters() {
        let policy = placing("bad", json!({"plugins": [{"name": plugin, "config": config}]}));
        let names = format!(
            "PropagationPolicy shop/place-bad spec.placement.plugins[0]: filter `{plugin}`: the plugin"
        );
        keeps_the_last_good(plugin, vec![policy], &names, says);
    }
}

#[test]
fn attack_01_to_55_a_hostile_overrider_keeps_what_is_there_and_harms_nobody() {
    for (plugin, config, says) in overriders() {
        let documents = vec![placing("bad", json!({})), overriding("bad", plugin, &config)];
        let names = format!(
            "OverridePolicy shop/override-bad spec.overrideRules[0].overriders.plugins[0]: overrider `{plugin}`: the plugin"
        );
        keeps_the_last_good(plugin, documents, &names, says);
    }
}

#[test]
fn attack_54_a_world_is_swapped_while_decisions_are_made() {
    // Two versions of a plugin under one name: the first refuses everybody, the second the first cluster.
    let version = |guest: &str| {
        let mut plugins = default_plugins();
        plugins.insert("it".into(), crate::setting::guest(guest));
        let placement = json!({"plugins": [{"name": "it", "config": 0}]});
        let clusters = ["member1", "member2"].map(cluster);
        world(plugins, clusters.into_iter().chain([config_map("a"), placing("a", placement)]))
    };
    let ((first, templates), (second, _)) = (version("refuses-all"), version("refuses-the-digits"));
    let (first, second) = (Arc::new(first), Arc::new(second));
    let selected = |world: &World| decided(world, &templates[0], &Previous::default()).selected;
    assert_eq!((selected(&first), selected(&second)), (vec![], vec![1]));
    let current = RwLock::new(Arc::clone(&first));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let world = Arc::clone(&current.read().expect("nobody panicked"));
                    let expected: &[u32] = if Arc::ptr_eq(&world, &first) { &[] } else { &[1] };
                    assert_eq!(selected(&world), expected, "one version or the other, whole");
                }
            });
        }
        let _over = Over(&over);
        for number in 0..500 {
            let next = if number % 2 == 0 { &second } else { &first };
            *current.write().expect("nobody panicked") = Arc::clone(next);
            thread::yield_now();
        }
    });
}
