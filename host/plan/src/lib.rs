//! From templates, policies and clusters to each member's objects, with the reasons.
mod fault;
mod fleet;
mod patch;
mod plugin;
mod reading;

pub use fault::{Blame, Budget, Fault};
pub use fleet::Fleet;
pub use patch::{Patch, PatchError, Verb};
pub use plugin::{Amendment, Digest, Manifest, Place, Plugin, Refusal, Stage};
pub use reading::{Asked, NotOffered, Reading, Request, Targets};
