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
mod agenda;
pub mod body;
pub mod bounded;
mod carrier;
mod cause;
mod hands;
mod instant;
pub mod joining;
mod observed;
mod pace;
pub mod probe;
mod quiet;
mod said;
mod summary;
mod told;
mod watching;
mod work;

pub use access::{Access, AccessError, client};
pub use agenda::Agenda;
pub use body::Body;
pub use carrier::{AWAY, Event, Member, Setting};
pub use cause::Cause;
pub use instant::Instant;
pub use pace::Pace;
pub use quiet::{Busy, Quiet};
pub use summary::Summary;
pub use told::Told;
pub use watching::{Change, Watch, watch};
pub use work::{Delivered, Work};
