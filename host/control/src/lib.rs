//! Watches a control plane, has plan decide, and writes what was decided.
//!
//! ```text
//!              ┌───────────────────── Control ─────────────────────┐
//!   watches ──►│ inputs ─► World          ledger: what is known    │
//!              │             │  plan        │     of each template │
//!              │             ▼              ▼                      │
//!              │           Decision ─► Dispatch: what is to be     │
//!              └───────────────────────────┬───────────────────────┘
//!                        claims, bindings, ▼ Works ──► members (push)
//!                                     statuses, when nothing is delivered
//! ```
//!
//! All state is in the API server. Whatever a watch tells is taken down in the ledger; a template of which anything
//! changed is decided about anew, and what is not as it is to be is written. So it makes no difference when the process
//! ends or begins. This crate decides nothing: that is plan's.

mod announcing;
mod binding;
mod claim;
mod concerns;
mod control;
mod dispatch;
mod due;
mod health;
mod inputs;
mod job;
mod kinds;
mod ledger;
mod metrics;
mod served;
mod serving;
mod shelf;
mod status;
mod writing;

pub use control::{RunError, Setting, run};
pub use health::{Thresholds, keep};
pub use metrics::Metrics;
pub use served::NotServed;
pub use serving::listen;
pub use shelf::ReadPlugin;
