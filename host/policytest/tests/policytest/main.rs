//! Expectations and properties, tried on plans by plugins that are closures.

mod expectations;
mod fixture;
mod properties;
mod suites;
