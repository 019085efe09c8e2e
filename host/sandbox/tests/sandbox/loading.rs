//! What is no plugin, and what only looks like one.

use std::time::Duration;

use portolan_plan::{Digest, Plugin as _};
use portolan_sandbox::{LoadError, Loading, Sandbox, Settings};

use crate::setting::{chain, guest, guest_text, guest_with, offer, plugin, refused, refused_text, sandbox};

fn importing(import: &str) -> String {
    refused_text(&format!(r#"(component (import "{import}" (instance)))"#))
}

#[test]
fn attack_29_37_46_and_47_imports_beyond_the_contract() {
    for import in [
        "wasi:http/outgoing-handler@0.2.0",
        "wasi:sockets/udp@0.2.0",
        "wasi:clocks/monotonic-clock@0.2.3",
        "wasi:clocks/wall-clock@0.2.0",
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
fn attack_37_other_things_than_interfaces() {
    // What has a question's name and is another thing, in a plugin that is fine without it.
    let question = "portolan:policy/log@0.1.1";
    for (thing, why) in [
        ("(func)", question),
        (r#"(core module (export "log" (func)))"#, question),
        (r#"(component (export "log" (func)))"#, "root-level component imports are not supported"),
        (r#"(instance (export "log" (func)))"#, question),
    ] {
        let error = refused(&guest_with(&format!("(import \"{question}\" {thing})")));
        assert!(matches!(error, LoadError::Import(_) | LoadError::Invalid(_)), "{thing}: {error}");
        assert!(chain(&error).contains(why), "{thing}: {}", chain(&error));
    }
    // And what has no interface's name at all.
    for thing in ["(func)", "(core module)", "(type (sub resource))"] {
        let error = refused(&guest_with(&format!("(import \"delete-all\" {thing})"))).to_string();
        assert!(error.starts_with("it imports `delete-all`, which no plugin is given; valid: "), "{error}");
    }
}

#[test]
fn attack_38_versions_that_are_numbers_in_some_eyes() {
    for version in ["0.1", "0.1.", "0.1.+1", "0.1.0+build", "0.1.4294967296", "00.1.0", "0.1.-1", "0.1.0 "] {
        let text =
            guest_text("refuses-all").replace("policy/filter@0.1.0", &format!("policy/filter@{version}"));
        let error = refused_text(&text);
        assert!(error.contains(&format!("it was built for {version} of the contract")), "{error}");
    }
}

#[test]
fn attack_38_two_versions_of_one_stage() {
    let twice = guest_text("refuses-all").replace(
        r#"(export "portolan:policy/filter@0.1.0" (instance $stage))"#,
        r#"(export "portolan:policy/filter@0.1.0" (instance $stage))
           (export "portolan:policy/filter@0.1.7" (instance $stage))"#,
    );
    assert_eq!(
        refused_text(&twice),
        "it exports `portolan:policy/filter` in two versions, and nobody can tell which is meant; valid: one"
    );
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
    let steps = "(local.set 0 (call $bomb (i32.add (local.get 0) (i32.const 1))))".repeat(100_000);
    let bomb =
        guest_with(&format!("(core module (func $bomb (param i32) (result i32) {steps} (local.get 0)))"));
    let error = hasty.load(&bomb).expect_err("nobody is so fast");
    assert!(matches!(error, LoadError::CompileTime(_)), "{error}");
    let error = hasty.load(&bomb).expect_err("the first is still being compiled");
    assert!(matches!(error, LoadError::Busy), "{error}");
}

#[test]
fn attack_39_component_of_100_mb() {
    // A section that means nothing and is skipped by whoever reads it.
    let mut component = guest("refuses-all");
    let bytes = 100_000_000_u32;
    // A section's length, as LEB128.
    component.extend([0, (bytes & 0x7f) as u8 | 0x80, (bytes >> 7 & 0x7f) as u8 | 0x80]);
    component.extend([(bytes >> 14 & 0x7f) as u8 | 0x80, (bytes >> 21) as u8]);
    component.resize(component.len() + bytes as usize, 0);
    let size = component.len();
    assert_eq!(
        refused(&component).to_string(),
        format!("it is {size} bytes; valid: up to {}", Loading::default().max_bytes)
    );
}

#[test]
fn attack_39_function_that_takes_all_memory_to_compile() {
    // Nine bytes a step: 900 kB are compiled, 1.8 MB would take gigabytes and are not begun.
    let steps = "(local.set 0 (call $bomb (i32.add (local.get 0) (i32.const 1))))".repeat(200_000);
    let bomb =
        guest_with(&format!("(core module (func $bomb (param i32) (result i32) {steps} (local.get 0)))"));
    let error = chain(&refused(&bomb));
    assert!(
        error.starts_with("it is no valid component: one of its functions has 180000")
            && error.ends_with("valid: up to 1048576"),
        "{error}"
    );
}

#[test]
fn attack_39_lengths_that_are_lies() {
    let whole = guest("refuses-all");
    // Sections and strings of which the length says 4 GiB, at every place where one may stand.
    for at in (8..whole.len()).step_by(11) {
        let mut lies = whole.clone();
        lies.splice(at..at + 1, [0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert!(sandbox().load(&lies).is_err(), "at {at}");
    }
}

#[test]
fn attack_46_nothing_that_runs_beside_the_plugin() {
    // A thread that counts is a clock; so is whatever tells how far another task has come. None of it is served.
    for more in [
        "(core module (memory 1 1 shared))",
        "(core module (memory 1) (func (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 1)))))",
        "(core func (canon task.cancel))",
        "(core func (canon thread.yield))",
        "(core func (canon backpressure.inc))",
        "(core func (canon waitable-set.new))",
        "(core func (canon subtask.drop))",
        "(core func (canon context.get i32 0))",
    ] {
        let component =
            wat::parse_str(format!("(component {more})")).unwrap_or_else(|error| panic!("{more}: {error}"));
        // Into a whole plugin: sections of a component may come in any order.
        let component = [&guest("refuses-all")[..], &component[8..]].concat();
        let error = sandbox().load(&component).expect_err(more);
        assert!(matches!(error, LoadError::Invalid(_)), "{more}: {error}");
    }
}

#[test]
fn attack_46_and_47_the_same_call_is_the_same_to_the_last_unit() {
    // Nothing of the machine, its load or the time shows in what a plugin can observe: it takes the same path.
    let call = |sandbox: &Sandbox| {
        let plugin = sandbox.load(&guest("asks-for-columns")).expect("it loads");
        let (answer, figures) = plugin.filter_measured("{}", &mut crate::setting::offer(4));
        (answer, figures.fuel, figures.questions, figures.question_bytes, figures.memory_bytes)
    };
    let first = call(sandbox());
    assert!(first.0.is_ok());
    let other = Sandbox::new(Settings::new(1)).expect("a sandbox");
    for _ in 0..3 {
        assert_eq!(call(sandbox()), first);
        assert_eq!(call(&other), first);
    }
}

#[test]
fn attack_48_nan() {
    let answer = plugin("makes-nans").filter("{}", &mut crate::setting::offer(10)).expect("an answer");
    assert_eq!(answer[0].clusters, [0_u32; 0], "calculations that gave another NaN");
}

#[test]
fn attack_48_what_differs_between_machines() {
    for fields in [
        "(memory 1 1 shared)",
        "(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))",
        "(func (drop (f32x4.relaxed_madd (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0))))",
        "(func (drop (f64x2.relaxed_min (v128.const i64x2 0 0) (v128.const i64x2 0 0))))",
        "(func (drop (i32x4.relaxed_trunc_f32x4_s (v128.const i64x2 0 0))))",
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

/// As `wasm-tools compose` makes them: one component calls another, and a text passes from memory to memory.
#[test]
fn a_component_made_of_several_is_loaded_and_called() {
    let more = r#"
      (component $says
        (core module $m
          (memory (export "memory") 1)
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 16)
          (func (export "take") (param i32 i32)))
        (core instance $i (instantiate $m))
        (func (export "take") (param "text" string)
          (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
      (component $asks
        (import "take" (func $take (param "text" string)))
        (core module $holds (memory (export "memory") 1) (data (i32.const 0) "a text"))
        (core instance $holds (instantiate $holds))
        (core func $lowered (canon lower (func $take) (memory (core memory $holds "memory"))))
        (core module $main
          (import "" "take" (func $take (param i32 i32)))
          (func $start (call $take (i32.const 0) (i32.const 6)))
          (start $start))
        (core instance (instantiate $main (with "" (instance (export "take" (func $lowered)))))))
      (instance $saying (instantiate $says))
      (instance (instantiate $asks (with "take" (func $saying "take"))))"#;
    let plugin = sandbox().load(&guest_with(more)).unwrap_or_else(|error| panic!("{}", chain(&error)));
    let (answer, figures) = plugin.filter_measured("{}", &mut offer(2));
    assert_eq!(answer.expect("an answer")[0].clusters, [0, 1]);
    assert!(figures.memory_bytes >= 2 * 65_536, "both memories count: {}", figures.memory_bytes);
}
