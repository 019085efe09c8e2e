//! What plugins say.

use std::sync::{Arc, Mutex};

use portolan_plan::{Fault, Plugin as _, Reading, Request};
use portolan_sandbox::{Budgets, Level, Log, Sandbox, Settings};

use serde_json::json;

use crate::setting::{filter, fleet, guest, offer, plugin};

#[test]
fn attack_15_flood() {
    let (answer, figures) = plugin("logs-a-lot").filter_measured("{}", &mut offer(1));
    assert_eq!(answer, Ok(Vec::new()), "it is never a fault");
    let Log { lines, cut } = figures.log;
    assert_eq!(lines.len() as u64 + cut, 10_002, "one of 10,001 was shortened, and counts as both");
    assert_eq!(lines[0].level, Level::Debug);
    assert_eq!(lines[0].text, r"line\nwith \u{1b}[31mcolour");
    let bytes: usize = lines.iter().map(|line| line.text.len() + 32).sum();
    assert!(bytes as u64 <= Budgets::default().log_bytes + 32, "{bytes}");
}

#[test]
fn attack_25_secrets_in_the_log() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    let sink = Arc::new(move |_: &str, log: &Log| told.lock().expect("nobody panicked").push(log.clone()));
    let sandbox = Sandbox::new(Settings { log: Some(sink), ..Settings::new(1) }).expect("a sandbox");
    let tells = sandbox.load(&guest("tells-the-template")).expect("it loads");
    for kind in ["ConfigMap", "Secret"] {
        let template = json!({"apiVersion": "v1", "kind": kind, "data": {"password": "aHVudGVyMg=="}});
        let mut reading = Reading::for_placement(fleet(1), Arc::new(template), Request::default());
        assert!(tells.filter("4", &mut reading).is_err());
    }
    let heard = heard.lock().expect("nobody panicked");
    assert_eq!(heard[0].lines[0].text, r#"{"password":"aHVudGVyMg=="}"#, "of a ConfigMap");
    assert_eq!(heard[1], Log { lines: Vec::new(), cut: 1 }, "of a Secret");
}

#[test]
fn a_panic_is_told_in_the_plugins_own_words() {
    let fault = filter("panics", "{}").expect_err("it panics");
    assert_eq!(fault, Fault::Trap(r"panicked at src/lib.rs:7:9:\nno such thing".into()));
    let silent = Budgets { log_bytes: 0, ..Budgets::default() };
    let fault = plugin("panics").narrowed_by(&silent).filter("{}", &mut offer(1));
    assert_eq!(
        fault,
        Err(Fault::Trap(r"panicked at src/lib.rs:7:9:\nno such thing".into())),
        "without a log too"
    );
}

#[test]
fn whoever_listens_is_told() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    let sink = Arc::new(move |plugin: &str, log: &Log| {
        told.lock()
            .expect("nobody panicked")
            .push(format!("{plugin} {}: {}", log.lines[0].level, log.lines[0].text));
    });
    let sandbox = Sandbox::new(Settings { log: Some(sink), ..Settings::new(1) }).expect("a sandbox");
    let _ = sandbox.load(&guest("panics")).expect("it loads").filter("{}", &mut offer(1));
    let _ = sandbox.load(&guest("refuses-all")).expect("it loads").filter("{}", &mut offer(1));
    assert_eq!(
        *heard.lock().expect("nobody panicked"),
        [r"guest warn: panicked at src/lib.rs:7:9:\nno such thing"]
    );
}
