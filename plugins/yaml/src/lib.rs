//! YAML as the readers of Kubernetes understand it. The host reads its inputs with it, and the plugin `field` what stands
//! within a string.
//!
//! ```text
//!  text ──granit-parser──► events ──compose──► documents, as JSON values, up to the first error
//! ```
//!
//! What a document means is what kubectl makes of it (`sigs.k8s.io/yaml`, which follows YAML 1.1): `yes`, `no`, `on`,
//! `off`, `y` and `n` are booleans, `0777` is octal, `1_000` is a thousand, `1:20` and dates are strings, `1.0` is the
//! integer 1, and keys that are integers or booleans become strings. It is stricter in one thing, and never guesses:
//! a key that is given twice is an error, where kubectl silently keeps the last.
//!
//! It will never know a file, a template or a plugin.

mod compose;
mod scalar;

pub use compose::{Copies, Document, Malformed, compose, depth, line_in_file, parser};
pub use granit_parser::{Event, Marker};
pub use scalar::plain;

/// How deeply lists and maps may be nested. It is the depth at which `serde_json` stops too, so what was read here can
/// be written and read again anywhere, and walking it recursively never exhausts a stack.
pub const MAX_DEPTH: usize = 128;
