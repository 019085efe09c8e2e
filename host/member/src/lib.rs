//! Carries Works to one member, and its status back.
//!
//! ```text
//!              ┌────────────── Member ──────────────┐
//!  Work ──► put│ ► create, replace, delete ─────────│──► the member's API server
//!              │ ◄ watch: drift, deletion, status ◄─│──
//!              └──┬───────────────────────────────┬─┘
//!            Event▼                               ▼ Work.status
//!           whoever put it                the control plane's API server
//! ```
//!
//! Used by whoever pushes Works and by an agent that pulls them. This crate will never know policies.

mod access;
mod carrier;
mod quiet;
mod work;

pub use access::{Access, AccessError, client};
pub use carrier::{Event, Member, Setting};
pub use quiet::{Busy, Quiet};
pub use work::{Delivered, Work};
