//! What metering costs: the same call with neither fuel nor epoch, with each, and with both, as the sandbox has it; and
//! what an instance costs that is made and dropped without a call. On wasmtime itself, because the sandbox offers no way
//! to leave metering out.
//!
//! The call parses: `plaintext` gets a config of 100 entries and is told that there are no clusters.

use std::hint::black_box;
use std::time::Instant;

use wasmtime::component::{Component, InstancePre, Linker, Val};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

/// Rounds of about a millisecond each, whose median counts. Arbitrary.
const ROUNDS: usize = 500;

fn main() -> wasmtime::Result<()> {
    let builtin = portolan_builtin::ALL.iter().find(|builtin| builtin.name == "plaintext");
    let builtin = builtin.expect("it is built in");
    let entry = r#"{"path":"/data/key-07","operator":"replace","value":{"a":[1,2.5,"text"],"b":null}}"#;
    let config = format!("[{}]", vec![entry; 100].join(","));
    println!("a config of {} B parsed; fuel, epoch:", config.len());
    let mut bare = None;
    for (fuel, epoch) in [(false, false), (true, false), (false, true), (true, true)] {
        let engine = engine(fuel, epoch)?;
        let began = Instant::now();
        let component = Component::new(&engine, builtin.component)?;
        let compiled = began.elapsed();
        let size = component.serialize()?.len();
        let mut linker = Linker::<()>::new(&engine);
        linker.allow_shadowing(true);
        linker.define_unknown_imports_as_traps(&component)?;
        let mut target = linker.instance("portolan:policy/target@0.1.0")?;
        target.func_wrap("clusters", |_, ()| Ok((Vec::<u32>::new(),)))?;
        let component = linker.instantiate_pre(&component)?;
        let whole = median(|| call(&component, fuel, epoch, Some(&config)).expect("an answer"));
        let nothing = median(|| call(&component, fuel, epoch, None).expect("an instance"));
        let bare = *bare.get_or_insert(whole);
        println!(
            "{fuel:5} {epoch:5}: {whole:6.1} µs ({:+3.0} %), without a call {nothing:.1} µs; {size} B, compiled in {:.0} ms",
            (whole / bare - 1.0) * 100.0,
            compiled.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

fn engine(fuel: bool, epoch: bool) -> wasmtime::Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(2).total_core_instances(16).total_memories(2).total_tables(8);
    pool.pagemap_scan(Enabled::Auto).linear_memory_keep_resident(2 << 20).table_keep_resident(4 << 10);
    let mut config = Config::new();
    config.consume_fuel(fuel).epoch_interruption(epoch).concurrency_support(false);
    config.cranelift_nan_canonicalization(true);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

/// An instance made, asked where there is a config, and dropped.
fn call(component: &InstancePre<()>, fuel: bool, epoch: bool, config: Option<&str>) -> wasmtime::Result<()> {
    let mut store = Store::new(component.engine(), ());
    if fuel {
        store.set_fuel(u64::MAX)?;
    }
    if epoch {
        store.set_epoch_deadline(1 << 32);
    }
    let instance = component.instantiate(&mut store)?;
    let Some(config) = config else { return Ok(()) };
    let stage = instance.get_export_index(&mut store, None, "portolan:policy/overrider@0.1.0");
    let stage = stage.expect("it is an overrider");
    let patch = instance.get_export_index(&mut store, Some(&stage), "patch").expect("the contract says so");
    let patch = instance.get_func(&mut store, patch).expect("it is a function");
    let mut answer = [Val::Bool(false)];
    patch.call(&mut store, &[Val::String(config.to_owned())], &mut answer)?;
    assert!(matches!(black_box(&answer[0]), Val::Result(Ok(_))), "{answer:?}");
    Ok(())
}

/// In microseconds.
fn median(act: impl Fn()) -> f64 {
    let timed = |times: u32| {
        let began = Instant::now();
        (0..times).for_each(|_| act());
        began.elapsed().as_secs_f64() * 1e6 / f64::from(times)
    };
    let times = ((1e3 / timed(20)) as u32).max(1);
    let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| timed(times)).collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}
