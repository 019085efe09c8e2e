//! Where our own build of Kubernetes lies: `tests/kubetest`, one binary, built by `cargo xtask`.
//!
//! Only the standard library is used here: the front door, which links nothing of the host, compiles this same file, so
//! that the two can't disagree about where the build is.

use std::env;
use std::path::PathBuf;

/// The environment variable that names the binary itself.
pub(crate) const VARIABLE: &str = "PORTOLAN_KUBETEST";

/// What the build is made of. A change of any makes another build.
const SOURCES: [&[u8]; 4] = [
    include_bytes!("../../../tests/kubetest/go.mod"),
    include_bytes!("../../../tests/kubetest/go.sum"),
    include_bytes!("../../../tests/kubetest/etcd.go"),
    include_bytes!("../../../tests/kubetest/main.go"),
];

/// Names these sources. Hashed while this is compiled, so that no binary carries them.
const HASH: u64 = {
    // FNV-1a: nobody gains by a collision here, and a few lines need no library.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut source = 0;
    while source < SOURCES.len() {
        let mut at = 0;
        while at < SOURCES[source].len() {
            hash = (hash ^ SOURCES[source][at] as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
        // Lengths count as well, so that a line may not wander from one file into the next.
        hash = (hash ^ at as u64).wrapping_mul(0x0100_0000_01b3);
        source += 1;
    }
    hash
};

/// The binary: what [`VARIABLE`] names, else its place in the user's cache directory. Whether it is there is not asked.
/// None where neither is set, nor `HOME`.
pub(crate) fn place() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set(VARIABLE).or_else(|| {
        // The XDG Base Directory Specification: a path that is not absolute is passed over.
        let cache = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        let cache = cache.or_else(|| set("HOME").map(|home| home.join(".cache")))?;
        Some(cache.join(format!("portolan/kubetest/{HASH:016x}/kubetest")))
    })
}
