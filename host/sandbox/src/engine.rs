//! The engine: what the code of plugins may do, and how much room there is for it.

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OperatorCost, PoolingAllocationConfig,
    VariableOperatorCost,
};

use crate::budgets::Budgets;

/// What runs plugins, as transcripts name it: only with the same version does the same component use the same fuel.
pub(crate) const NAME: &str = "wasmtime 48.0.8";

/// Linear memory that a slot keeps between two calls instead of giving it back to the system. A Rust plugin touches
/// 1.1 MiB (its 1 MiB stack, of which only the top is touched, and its heap); twice that.
const KEPT_BYTES: usize = 2 << 20;

/// Bytes of a table that a slot keeps: a page of it, 512 elements, which is more than a Rust plugin has. It is zeroed
/// after each call; giving it back and taking it anew costs 9 µs more, as much as half of a call.
const KEPT_TABLE_BYTES: usize = 4 << 10;

/// Stack for a plugin's code: wasmtime's default, a quarter of the 2 MiB that a Rust thread has by default.
const STACK_BYTES: usize = 512 << 10;

/// Whether memory can be kept between calls cheaply on this machine (`PAGEMAP_SCAN`, Linux 6.7).
pub(crate) fn pagemap_scan() -> bool {
    PoolingAllocationConfig::is_pagemap_scan_available()
}

/// An engine for so many calls at once.
pub(crate) fn engine(workers: u32, budgets: &Budgets) -> wasmtime::Result<Engine> {
    let mut config = Config::new();

    // The same answers everywhere: one meaning for every NaN, and nothing whose result depends on the processor.
    // Threads, garbage collection, exceptions and the component model's concurrency are not even compiled in.
    config.cranelift_nan_canonicalization(true);
    config.wasm_relaxed_simd(false);
    // Of no use to a plugin, and each is more code to be wrong about.
    config.wasm_memory64(false);
    config.wasm_tail_call(false);
    config.wasm_wide_arithmetic(false);
    config.wasm_custom_page_sizes(false);
    // Of no use within a module, but what carries texts between the components that a component is made of has the
    // memories of both: without it the compiler itself would break down over those.
    config.wasm_multi_memory(true);
    // With it a trivial call costs three times as much.
    config.concurrency_support(false);

    // Fuel ends a call deterministically; the epoch saves the process from what fuel does not count.
    config.consume_fuel(true);
    config.operator_cost(OperatorCost {
        // Left out by default: a fresh page costs the system about as much as 250 instructions. 255 is the most that
        // the field holds.
        variable: VariableOperatorCost { memory_grow_per_page: u8::MAX, ..VariableOperatorCost::new() },
        ..OperatorCost::default()
    });
    config.epoch_interruption(true);
    config.max_wasm_stack(STACK_BYTES);
    // Plugins are stripped; what they say before they break down is what helps.
    config.wasm_backtrace_max_frames(None);
    // So nobody asks where in the component's bytes an instruction came from, nor unwinds through it: wasmtime carries traps
    // and panics past its code by itself. Each is as large as the code.
    config.generate_address_map(false);
    config.native_unwind_info(false);

    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(workers, budgets)));
    Engine::new(&config)
}

/// Room for twice as many components as there are workers, so that a worker never waits for the slot that it gave back
/// a moment ago, and in each of them for all that its budget allows: no component can take another one's room.
/// A memory reserves 4 GiB of address space, so that the guest's code needs no bounds checks: with 16 workers and four
/// memories each 512 GiB of the 128 TiB that there are; with a thousand slots it would be 16 TiB.
fn pool(workers: u32, budgets: &Budgets) -> PoolingAllocationConfig {
    let slots = workers.saturating_mul(2);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots);
    // These are only counted, nothing is reserved for them: 2 × 16 × 60 = 1,920 with 16 workers.
    pool.total_core_instances(slots.saturating_mul(budgets.instances));
    pool.total_memories(slots.saturating_mul(budgets.memories));
    pool.total_tables(slots.saturating_mul(budgets.tables));
    pool.table_elements(usize::try_from(budgets.table_elements).unwrap_or(usize::MAX));
    // Book-keeping of one instance, taken as needed. Arbitrary: twice and four times wasmtime's default, because
    // interpreters compiled to WebAssembly have many thousands of functions.
    pool.max_core_instance_size(2 << 20);
    pool.max_component_instance_size(4 << 20);
    // A slot stays with its component for as long as it is unused: all of them may.
    pool.max_unused_warm_slots(slots.saturating_mul(budgets.memories));
    pool.pagemap_scan(Enabled::Auto);
    // Without the scan all that is kept would be zeroed after each call, which costs more than it saves.
    pool.linear_memory_keep_resident(if pagemap_scan() { KEPT_BYTES } else { 0 });
    pool.table_keep_resident(KEPT_TABLE_BYTES);
    pool
}

#[cfg(test)]
mod tests {
    use super::NAME;

    // wasmtime does not tell its version.
    #[test]
    fn the_name_is_that_of_the_locked_version() {
        let lock = include_str!("../../../Cargo.lock");
        let (name, version) = NAME.split_once(' ').expect("a name and a version");
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "{NAME}");
    }
}
