//! Guests that use up what there is. Each ends as a fault that names the limit.

use std::time::Duration;

use portolan_plan::{Blame, Budget, Fault, Plugin as _};
use portolan_sandbox::{Budgets, LoadError};

use crate::setting::{filter, guest, guest_with, offer, plugin, refused};

const DEFAULT: fn() -> Budgets = Budgets::default;

fn fuel() -> Fault {
    Fault::Budget(Budget::Fuel(DEFAULT().fuel))
}

fn memory() -> Fault {
    Fault::Budget(Budget::Memory(DEFAULT().memory_bytes))
}

#[test]
fn attack_01_tight_loop() {
    let fault = filter("loops", "{}").expect_err("it never ends");
    assert_eq!(fault, fuel());
    assert_eq!(fault.to_string(), "the plugin went over its budget: 1000000000 units of fuel");
    assert_eq!(fault.blame(), Blame::Plugin);
}

#[test]
fn attack_01_tight_loop_on_the_clock() {
    let short = Budgets { wall_clock: Duration::from_millis(30), ..DEFAULT() };
    let (answer, figures) = plugin("loops").narrowed_by(&short).filter_measured("{}", &mut offer(1));
    let fault = answer.expect_err("it never ends");
    assert_eq!(fault, Fault::Budget(Budget::WallClock(30)));
    assert_eq!(fault.to_string(), "the plugin went over its budget: 30 ms on the clock");
    assert!(figures.time >= Duration::from_millis(30), "{figures:?}");
}

#[test]
fn attack_02_loop_at_the_start() {
    let error = refused(&guest("loops-at-start"));
    assert!(matches!(&error, LoadError::Describe(fault) if *fault == fuel()), "{error}");
}

#[test]
fn attack_02_loop_in_realloc() {
    assert_eq!(filter("around-the-call", "1234"), Err(fuel()));
}

#[test]
fn attack_02_loop_after_the_answer() {
    assert_eq!(filter("around-the-call", "{}"), Err(fuel()));
}

#[test]
fn attack_03_stack_of_the_guest() {
    let fault = filter("recurses", "{}").expect_err("the stack ends");
    let text = "its stack overflowed, which endless or very deep recursion does";
    assert_eq!(fault, Fault::Trap(text.into()));
}

#[test]
fn attack_04_bulk_memory() {
    assert_eq!(filter("copies", "{}"), Err(fuel()));
}

#[test]
fn attack_06_time_in_host_calls() {
    let questions = plugin("asks-for-ever").filter("{}", &mut offer(2));
    assert_eq!(questions, Err(Fault::Budget(Budget::Questions(DEFAULT().questions))));
    let few = Budgets { question_bytes: 10_000, ..DEFAULT() };
    let bytes = plugin("asks-for-ever").narrowed_by(&few).filter("{}", &mut offer(2));
    assert_eq!(bytes, Err(Fault::Budget(Budget::QuestionBytes(10_000))));
}

#[test]
fn attack_06_time_in_the_log() {
    let short = Budgets { wall_clock: Duration::from_millis(30), ..DEFAULT() };
    let answer = plugin("logs-for-ever").narrowed_by(&short).filter("{}", &mut offer(1));
    assert_eq!(answer, Err(Fault::Budget(Budget::WallClock(30))));
}

#[test]
fn attack_09_memory_by_and_by() {
    let (answer, figures) = plugin("grows").filter_measured("{}", &mut offer(1));
    let fault = answer.expect_err("there is not so much");
    assert_eq!(fault, memory());
    assert_eq!(fault.to_string(), "the plugin went over its budget: 67108864 bytes of memory");
    assert_eq!(figures.memory_bytes, DEFAULT().memory_bytes, "all of it could be had");
}

#[test]
fn attack_09_memory_at_once() {
    assert_eq!(filter("grows-at-once", "{}"), Err(memory()));
}

#[test]
fn attack_09_memory_from_the_start() {
    let more = "(core module $large (memory 1025)) (core instance (instantiate $large))";
    let error = refused(&guest_with(more));
    assert!(matches!(&error, LoadError::Describe(fault) if *fault == memory()), "{error}");
}

#[test]
fn attack_10_table() {
    let fault = filter("grows-a-table", "{}");
    assert_eq!(fault, Err(Fault::Budget(Budget::Table(DEFAULT().table_elements))));
}

#[test]
fn attack_10_table_from_the_start() {
    let more = "(core module $large (table 100000 funcref)) (core instance (instantiate $large))";
    let error = refused(&guest_with(more));
    assert!(matches!(&error, LoadError::Invalid(_)), "{error}");
}

#[test]
fn attack_11_many_instances() {
    let more = "(core module $small)".to_owned() + &"(core instance (instantiate $small))".repeat(100);
    let error = refused(&guest_with(&more));
    assert!(matches!(&error, LoadError::Describe(Fault::Budget(Budget::Instances(60)))), "{error}");
}

#[test]
fn attack_11_many_memories() {
    let more =
        "(core module $small (memory 1))".to_owned() + &"(core instance (instantiate $small))".repeat(4);
    let error = refused(&guest_with(&more));
    assert!(matches!(&error, LoadError::Describe(Fault::Budget(Budget::Instances(_)))), "{error}");
}

#[test]
fn attack_12_handles() {
    let error = refused(&guest_with(
        r#"(type $thing (resource (rep i32)))
           (core func $new (canon resource.new $thing))
           (core module $bomb
             (import "" "new" (func $new (param i32) (result i32)))
             (func $start (loop $again (drop (call $new (i32.const 1))) (br $again)))
             (start $start))
           (core instance (instantiate $bomb (with "" (instance (export "new" (func $new))))))"#,
    ));
    let LoadError::Describe(Fault::Answer(text)) = error else { panic!("{error}") };
    assert!(
        text.starts_with("it breaks a rule of the component model: ") && text.contains("handle limit"),
        "{text}"
    );
}

#[test]
fn budgets_are_only_ever_narrowed() {
    let wide = Budgets { fuel: u64::MAX, questions: 1, ..DEFAULT() };
    let plugin = plugin("refuses-all").narrowed_by(&wide);
    assert_eq!((plugin.budgets().fuel, plugin.budgets().questions), (DEFAULT().fuel, 1));
}
