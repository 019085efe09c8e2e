//! Whatever comes in at the host's doors, arbitrary bytes included.
//!
//! ```text
//!  corpus/<target>/ ──► replay (cargo test) ──┐
//!                                             ├─► Target::run: it returns, or something promised is not so
//!  libFuzzer (cargo xtask fuzz) ─► mutations ─┘
//! ```
//!
//! A target is a function of bytes. It returns when all that is promised holds and panics otherwise; each says in its
//! file what is promised and what it can't find. Inputs are texts, JSON mostly, so that what is kept can be read, and
//! most mutations of them are made where they are still what they were ([`Target::mutate`]).
//!
//! What is kept in `corpus/` are the inputs that reach different parts of the code, and each that once broke something,
//! by the name of what it broke. Every run of the tests replays them, with a few mutations of each that are the same on
//! every machine.

mod component_text;
mod guests;
mod json;
mod lines;
mod random;

pub mod answers;
pub mod loading;
pub mod patches;
pub mod policies;
pub mod yaml;

pub use random::Random;

/// Makes one input of two, where that is better done by what they mean than by their bytes.
pub type Cross = fn(&[u8], &[u8], &mut Random) -> Option<Vec<u8>>;

/// A door, and what is promised of whatever comes in there.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its directory in `corpus/`.
    pub name: &'static str,
    /// Tries one input; panics where a promise does not hold.
    pub run: fn(&[u8]),
    /// Another input that is as well formed as the one given. None where that is not well formed, or bytes are as good.
    pub mutate: fn(&[u8], &mut Random) -> Option<Vec<u8>>,
    /// A part of one input in the place of a part of another.
    pub cross: Cross,
}

/// All of them.
pub const TARGETS: [Target; 5] = [
    Target { name: "patches", run: patches::run, mutate: patches::mutate, cross: json::cross },
    Target { name: "yaml", run: yaml::run, mutate: yaml::mutate, cross: json::cross },
    Target { name: "policies", run: policies::run, mutate: policies::mutate, cross: json::cross },
    Target { name: "answers", run: answers::run, mutate: answers::mutate, cross: json::cross },
    Target { name: "loading", run: loading::run, mutate: loading::mutate, cross: |_, _, _| None },
];

impl Target {
    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }
}
