//! What the generator makes of the contract. No name from here leaves this crate.
#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    reason = "written by wasmtime's generator, which vouches for it; the contract's docs are in its own files"
)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "everything",
    // A question may end the call: a budget, a place that is not on offer.
    imports: { default: trappable },
});
