//! What a policy author expects of a plan, held against the plan.
//!
//! ```text
//!  test file ──► Suite ──► Case ─────────┐
//!                  │                     ▼
//!                  │      Scene ──► decide ──► Answer ──► misses: expected, got, and why
//!                  ▼                     ▲
//!              Properties ───────────────┘    the same once more, changed in a way that must not matter
//! ```
//!
//! A shell reads the files, loads the plugins and prints; everything in between are values. This crate will never know
//! files, clocks, chance, WebAssembly or the command line.

mod answer;
mod check;
mod difference;
mod miss;
mod property;
mod said;
mod scene;
mod shuffle;
mod suite;
mod which;

pub use answer::Answer;
pub use check::check;
pub use difference::{Difference, differences};
pub use miss::Miss;
pub use property::{Breach, Property, Subject, breaches};
pub use said::unlike;
pub use scene::Scene;
pub use suite::{Case, Clusters, Held, Input, Properties, Rule, Suite};
pub use which::{NotFound, Which};
