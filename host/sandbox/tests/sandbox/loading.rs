//! What is no plugin, and what only looks like one.

use std::time::Duration;

use portolan_plan::{Digest, Plugin as _};
use portolan_sandbox::{LoadError, Loading, Sandbox, Settings};

use crate::setting::{chain, guest, guest_text, guest_with, refused, refused_text, sandbox};

fn importing(import: &str) -> String {
    refused_text(&format!(r#"(component (import "{import}" (instance)))"#))
}

#[test]
fn attack_37_and_47_imports_beyond_the_contract() {
    for import in [
        "wasi:clocks/monotonic-clock@0.2.3",
        "wasi:random/random@0.2.0",
        "wasi:cli/environment@0.2.0",
        "wasi:sockets/tcp@0.2.0",
        "wasi:filesystem/types@0.3.0",
    ] {
        let error = importing(import);
        assert!(
            error.starts_with(&format!("it imports `{import}`: plugins have no clock, randomness, files")),
            "{error}"
        );
        for flag in ["wasm32-unknown-unknown", "disableFeatures", "--stub-wasi"] {
            assert!(error.contains(flag), "{error}");
        }
    }
    assert_eq!(
        importing("evil:thing/door@1.0.0"),
        "it imports `evil:thing/door@1.0.0`, which no plugin is given; \
         valid: template, fleet, request, target, observed, log, types of `portolan:policy@0.1.0`"
    );
    let error = importing("portolan:policy/clock@0.1.0");
    assert!(
        error.starts_with("it imports `portolan:policy/clock@0.1.0`, which the contract does not have"),
        "{error}"
    );
}

#[test]
fn attack_37_function_that_an_interface_does_not_have() {
    let text = guest_text("refuses-all").replace(
        r#"(export "size" (func (result u32)))"#,
        r#"(export "size" (func (result u32))) (export "delete-all" (func))"#,
    );
    let error = refused_text(&text);
    assert!(error.contains("portolan:policy/fleet@0.1.0") && error.contains("delete-all"), "{error}");
}

#[test]
fn attack_38_versions() {
    assert_eq!(
        importing("portolan:policy/fleet@0.2.0"),
        "it imports `portolan:policy/fleet@0.2.0`: it was built for 0.2.0 of the contract, \
         and this host serves 0.1.0 and later 0.1.x"
    );
    for version in ["0.2.0", "1.0.0", "0.1.0-rc.1", "0.10.0"] {
        let text =
            guest_text("refuses-all").replace("policy/filter@0.1.0", &format!("policy/filter@{version}"));
        let error = refused_text(&text);
        assert!(error.contains(&format!("it was built for {version} of the contract")), "{error}");
    }
    let later = guest_text("refuses-all").replace("@0.1.0", "@0.1.7");
    let plugin = sandbox().load(&wat::parse_str(later).expect("a component")).expect("0.1.x fits");
    assert_eq!(plugin.filter("{}", &mut crate::setting::offer(2)).expect("an answer")[0].clusters, [0, 1]);
}

#[test]
fn exports_that_are_missing_or_of_another_type() {
    let text = guest_text("refuses-all");
    let error = refused_text(&text.replace("portolan:policy/info@0.1.0", "some:other/info@0.1.0"));
    assert_eq!(
        error,
        "it does not export `portolan:policy/info@0.1.0`, which says who it is; every plugin must"
    );
    let error = refused_text(&text.replace("portolan:policy/filter@0.1.0", "some:other/filter@0.1.0"));
    assert!(
        error.starts_with("it exports no stage; valid: at least one of filter, scorer, estimator"),
        "{error}"
    );
    let error = refused_text(&text.replace("portolan:policy/filter@0.1.0", "portolan:policy/filters@0.1.0"));
    assert!(
        error.starts_with("it exports `portolan:policy/filters@0.1.0`, which the contract does not have"),
        "{error}"
    );
    let error = refused_text(&text.replace("portolan:policy/filter@0.1.0", "portolan:policy/scorer@0.1.0"));
    assert!(error.starts_with("its `portolan:policy/scorer@0.1.0` is not as the contract says: "), "{error}");
    let error = refused_text(
        &text.replace(r#"(export "filter" (func $filter))"#, r#"(export "sieve" (func $filter))"#),
    );
    assert!(error.contains("does not have export `filter`"), "{error}");
    let error = refused_text(&text.replace(
        "(result (result (list $refusal) (error $fault)))",
        "(result (result (list $kind) (error $fault)))",
    ));
    assert!(error.starts_with("its `portolan:policy/filter@0.1.0` is not as the contract says: "), "{error}");
}

#[test]
fn attack_39_what_is_no_component() {
    let error = |bytes: &[u8]| refused(bytes).to_string();
    let component = guest("refuses-all");
    assert_eq!(error(b""), "it is empty; valid: a WebAssembly component in binary");
    assert_eq!(error(&component[..6]), "it is cut short; valid: a WebAssembly component in binary");
    assert_eq!(error(b"#!/bin/sh"), "it is a text; valid: a WebAssembly component in binary");
    assert_eq!(error(b"\x7fELF\xff"), "it is no WebAssembly; valid: a WebAssembly component in binary");
    assert!(error(b" (component)").starts_with("it is WebAssembly as text"));
    assert!(error(b"\0asm\x01\0\0\0").starts_with("it is a core module"));
    for length in (8..component.len()).step_by(7) {
        assert!(!error(&component[..length]).is_empty());
    }
    for at in (8..component.len()).step_by(3) {
        let mut changed = component.clone();
        changed[at] ^= 0x55;
        // Some still load; none may do anything but load or be refused.
        let _ = sandbox().load(&changed).map_err(|error| chain(&error));
    }
}

#[test]
fn attack_39_size_and_time() {
    let loading = Loading { max_bytes: 1000, compile_time: Duration::from_secs(60) };
    let small = Sandbox::new(Settings { loading, ..Settings::new(1) }).expect("a sandbox");
    let error = small.load(&guest("refuses-all")).expect_err("it is larger");
    assert!(matches!(error, LoadError::TooLarge { max: 1000, .. }), "{error}");
    let loading = Loading { compile_time: Duration::from_millis(300), ..Loading::default() };
    let hasty = Sandbox::new(Settings { loading, ..Settings::new(1) }).expect("a sandbox");
    hasty.load(&guest("refuses-all")).expect("this one is small");
    // One function, so that more cores don't help; its calls keep values alive, which is what registers are short of.
    let steps = "(local.set 0 (call $bomb (i32.add (local.get 0) (i32.const 1))))".repeat(200_000);
    let bomb =
        guest_with(&format!("(core module (func $bomb (param i32) (result i32) {steps} (local.get 0)))"));
    let error = hasty.load(&bomb).expect_err("nobody is so fast");
    assert!(matches!(error, LoadError::CompileTime(_)), "{error}");
    let error = hasty.load(&bomb).expect_err("the first is still being compiled");
    assert!(matches!(error, LoadError::Busy), "{error}");
}

#[test]
fn attack_48_what_differs_between_machines() {
    for fields in [
        "(memory 1 1 shared)",
        "(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))",
        "(memory i64 1)",
        "(tag)",
    ] {
        let error = refused(&guest_with(&format!("(core module {fields})")));
        assert!(matches!(error, LoadError::Invalid(_)), "{fields}: {error}");
    }
}

#[test]
fn attack_55_names_that_act_on_a_terminal() {
    let text = guest_text("refuses-all");
    let error = refused_text(&text.replace(r#""guest" "0.1.0""#, r#""gu\1b[m" "0.1.0""#));
    assert!(
        error.contains(r"its manifest can't be used: name: `gu\u{1b}[m` has characters that can't be seen"),
        "{error}"
    );
    let error = refused_text(&text.replace(r#""guest" "0.1.0""#, r#""guest" "0.1\n0""#));
    assert!(error.contains(r"version: `0.1\n0` has characters that can't be seen"), "{error}");
    let error = refused_text(&text.replace(r"\60\ea\00\00\05\00\00\00", r"\60\ea\00\00\00\00\00\00"));
    assert!(error.contains("name: it is empty"), "{error}");
}

#[test]
fn what_is_told_of_a_component() {
    let bytes = guest("refuses-all");
    let plugin = sandbox().load(&bytes).expect("it loads");
    assert_eq!(plugin.size(), bytes.len());
    assert_eq!(plugin.manifest().digest, Digest::of(&bytes));
    assert!(plugin.imports().contains(&"portolan:policy/fleet@0.1.0".to_owned()));
    assert!(plugin.exports().contains(&"portolan:policy/filter@0.1.0".to_owned()));
    assert!(plugin.compiled().is_some(), "there is no cache");
    let fault = plugin.patch("{}", &mut crate::setting::target(&[0])).expect_err("it is a filter");
    assert_eq!(
        fault.to_string(),
        "the config can't be used: `guest` is no overrider; it can stand as: filter"
    );
}
