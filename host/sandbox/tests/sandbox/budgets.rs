//! Guests that use up what there is. Each ends as a fault that names the limit.

use std::time::Duration;

use portolan_plan::{Blame, Budget, Fault, Plugin as _};
use portolan_sandbox::{Budgets, LoadError, Sandbox, Settings};

use crate::setting::{
    chain, filter, guest, guest_text, guest_with, offer, plugin, refused, refused_text, sandbox,
};

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
fn attack_02_loop_in_an_initialiser() {
    // As an initialiser is called: by another instance, when the one that it prepares is already made.
    let error = refused(&guest_with(
        r#"(core module $main (func (export "initialise") (loop $for-ever (br $for-ever))))
           (core instance $main (instantiate $main))
           (core module $caller
             (import "main" "initialise" (func $initialise))
             (start $initialise))
           (core instance (instantiate $caller (with "main" (instance $main))))"#,
    ));
    assert!(matches!(&error, LoadError::Describe(fault) if *fault == fuel()), "{error}");
}

#[test]
fn attack_02_loop_while_it_says_who_it_is() {
    let text = guest_text("refuses-all");
    let loops = text.replace(
        r#"(func (export "describe") (result i32) (i32.const 59900))"#,
        r#"(func (export "describe") (result i32) (loop $for-ever (br $for-ever)) (i32.const 59900))"#,
    );
    assert_ne!(loops, text);
    let error = refused_text(&loops);
    assert_eq!(error, format!("asked who it is: {}", fuel()));
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
fn attack_03_questions_from_the_end_of_the_stack() {
    // As deep as a selector is read. The host's functions run on the same thread, which has as much as it must have.
    let selector = format!("{}{}", r#"{"matchLabels":"#.repeat(126), "}".repeat(126));
    let asks = plugin("asks-at-every-depth");
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let fault = thread.spawn(move || asks.filter(&selector, &mut offer(4))).expect("a thread");
    let text = "its stack overflowed, which endless or very deep recursion does";
    assert_eq!(fault.join().expect("the host's stack holds"), Err(Fault::Trap(text.into())));
}

#[test]
fn attack_04_bulk_operations() {
    // They look at the clock only when they begin, so each must cost what it does. None does more than fill all the
    // memory or all the table that there is: more than that is refused before it begins.
    let operations = ["memory.copy", "memory.fill", "memory.init", "table.copy", "table.fill", "table.init"];
    let fuel = 60_000_000;
    let works = plugin("works-in-bulk").narrowed_by(&Budgets { fuel, ..DEFAULT() });
    for (operation, config) in operations.iter().zip(["1", "12", "123", "1234", "12345", "123456"]) {
        let (answer, figures) = works.filter_measured(config, &mut offer(1));
        assert_eq!(answer, Err(Fault::Budget(Budget::Fuel(fuel))), "{operation}");
        assert_eq!(figures.fuel, fuel, "{operation}");
    }
}

#[test]
fn attack_05_time_that_only_the_host_spends() {
    // Nothing but the clock is left to end it, and the guest's own code takes next to none of the time.
    let budgets = Budgets {
        fuel: u64::MAX,
        questions: u64::MAX,
        question_bytes: u64::MAX,
        wall_clock: Duration::from_millis(30),
        ..DEFAULT()
    };
    let sandbox = Sandbox::new(Settings { budgets, ..Settings::new(1) }).expect("a sandbox");
    for name in ["asks-for-ever", "logs-for-ever"] {
        let plugin = sandbox.load(&guest(name)).expect("it loads");
        let (answer, figures) = plugin.filter_measured("{}", &mut offer(3000));
        assert_eq!(answer, Err(Fault::Budget(Budget::WallClock(30))), "{name}");
        assert!(figures.time >= Duration::from_millis(30), "{figures:?}");
    }
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
fn attack_08_components_within_components() {
    // Each level makes two of the one below: 5 levels are 32 instances of a module, 8 are 256, 40 are more than any
    // machine has room for.
    assert!(sandbox().load(&guest_with(&doubling(5))).is_ok());
    let error = refused(&guest_with(&doubling(8)));
    assert!(matches!(&error, LoadError::Describe(Fault::Budget(Budget::Instances(60)))), "{error}");
    assert_eq!(
        chain(&refused(&guest_with(&doubling(40)))),
        "it is no valid component: \
         written out it has more than 100000 items, components within it included; valid: fewer"
    );
}

#[test]
fn attack_08_components_that_are_handed_on() {
    // What is made twice at each level is not known where it is made.
    let mut text = "(component $level0)".to_owned();
    for level in 1..=40 {
        let below = level - 1;
        text += &format!(
            "(component $level{level}
               (import \"below\" (component $below))
               (instance (instantiate $below)) (instance (instantiate $below)))
             (instance (instantiate $level{level} (with \"below\" (component $level{below}))))"
        );
    }
    let error = chain(&refused(&guest_with(&text)));
    assert!(error.contains("it makes an instance of a component that it is handed"), "{error}");
}

#[test]
fn attack_03_components_within_components() {
    // 10,000 deep, each the last section of the one around it.
    let mut deep = Vec::new();
    for _ in 0..10_000 {
        let inner = [COMPONENT, &deep].concat();
        deep = [&[4][..], &leb128(inner.len()), &inner].concat();
    }
    let error = chain(&refused(&[&guest("refuses-all")[..], &deep].concat()));
    assert_eq!(
        error,
        "it is no valid component: components lie within components more than 100 deep; valid: fewer"
    );
}

#[test]
fn attack_03_types_and_blocks_within_each_other() {
    let types = (0..1_000).map(|level| match level {
        0 => "(type $type0 (list u8))".to_owned(),
        _ => format!("(type $type{level} (list $type{}))", level - 1),
    });
    let error = chain(&refused(&guest_with(&types.collect::<String>())));
    assert!(error.starts_with("it is no valid component: ") && error.contains("nesting"), "{error}");
    // A million bytes of `block` are a function that the compiler takes, on a stack of its own.
    let blocks = format!("(core module (func {} {}))", "block ".repeat(100_000), "end ".repeat(100_000));
    let plugin = sandbox().load(&guest_with(&blocks)).expect("it is only deep");
    assert!(plugin.filter("{}", &mut offer(1)).is_ok());
}

/// The first bytes of a component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// A length as WebAssembly writes it.
fn leb128(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes
}

/// Components within components, each of which makes two of the one before.
fn doubling(levels: usize) -> String {
    let mut text = "(component $level0 (core module $small) (core instance (instantiate $small)))".to_owned();
    for level in 1..=levels {
        let below = level - 1;
        text += &format!(
            "(component $level{level} (instance (instantiate $level{below})) (instance (instantiate $level{below})))"
        );
    }
    text + &format!("(instance (instantiate $level{levels}))")
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
fn attack_11_many_tables() {
    let more = "(core module $small (table 1 funcref))".to_owned()
        + &"(core instance (instantiate $small))".repeat(9);
    let error = refused(&guest_with(&more));
    assert!(matches!(&error, LoadError::Describe(Fault::Budget(Budget::Instances(_)))), "{error}");
}

#[test]
fn attack_11_many_of_each_in_one_module() {
    for fields in ["(memory 1) (memory 1)".to_owned(), "(table 1 funcref)".repeat(9)] {
        let more = format!("(core module $many {fields}) (core instance (instantiate $many))");
        let error = refused(&guest_with(&more));
        assert!(
            matches!(
                &error,
                LoadError::Invalid(_) | LoadError::Describe(Fault::Budget(Budget::Instances(_)))
            ),
            "{error}"
        );
    }
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
