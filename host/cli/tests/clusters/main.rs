//! The controller on real API servers: a control plane, members, `portolan run` as a process of its own.

mod account;
mod definitions;
mod delivery;
mod examples;
mod kills;
mod meddling;
mod members;
mod plane;
mod refusals;
mod shells;
