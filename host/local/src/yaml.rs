//! YAML as the readers and writers of Kubernetes understand it.
//!
//! What a document means is what kubectl makes of it (`sigs.k8s.io/yaml`, which follows YAML 1.1): `yes`, `no`, `on`,
//! `off`, `y` and `n` are booleans, `0777` is octal, `1_000` is a thousand, `1:20` and dates are strings, `1.0` is the
//! integer 1, and keys that are integers or booleans become strings. It is stricter in one thing, and never guesses:
//! a key that is given twice is an error, where kubectl silently keeps the last.

mod compose;
mod emit;
mod locate;
mod scalar;
mod split;

pub(crate) use compose::{Copies, Document, compose, depth};
pub use emit::{Alike, CannotWrite, to_yaml};
pub(crate) use locate::locate;
pub(crate) use split::{Chunk, chunks};

/// How deeply lists and maps may be nested. It is the depth at which `serde_json` stops too, so what was read here can
/// be written and read again anywhere, and walking it recursively never exhausts a stack.
pub(crate) const MAX_DEPTH: usize = 128;
