//! Where an object of a member is kept: `<cluster>/<namespace or _cluster>/<kind>[.<group>]/<name>.yaml`.

use std::fmt::Write;

use crate::identity::{Family, Identity};

/// What stands where a namespace would, for objects that have none. No encoded name begins with an underscore.
const CLUSTER_SCOPED: &str = "_cluster";

/// An object's file, as the three directories it lies in and its own name.
///
/// No part is ever `.`, `..`, empty, hidden, or holds a separator, and two objects never share a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberPath {
    pub(crate) cluster: String,
    pub(crate) namespace: String,
    pub(crate) kind: String,
    pub(crate) file: String,
}

impl MemberPath {
    pub(crate) fn new(cluster: &str, object: &Identity) -> Self {
        let Identity { family: Family { group, kind, namespace }, name } = object;
        // A kind has no dot where it is a kind; one that has would read as another kind and its group.
        let mut directory = encode(kind, Capitals::Keep).replace('.', "%2E");
        if !group.is_empty() {
            directory = format!("{directory}.{}", encode(group, Capitals::Encode));
        }
        Self {
            cluster: encode(cluster, Capitals::Encode),
            namespace: namespace
                .as_deref()
                .map_or_else(|| CLUSTER_SCOPED.into(), |namespace| encode(namespace, Capitals::Encode)),
            kind: shorten(directory),
            file: format!("{}.yaml", encode(name, Capitals::Encode)),
        }
    }
}

impl MemberPath {
    /// The directories that the file lies in, outermost first.
    pub(super) fn directories(&self) -> [&str; 3] {
        [&self.cluster, &self.namespace, &self.kind]
    }

    /// The same directory without the file, to be one among others.
    pub(super) fn directory(mut self) -> Self {
        self.file.clear();
        self
    }
}

impl std::fmt::Display for MemberPath {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cluster, namespace, kind, file } = self;
        write!(to, "{cluster}/{namespace}/{kind}/{file}")
    }
}

/// What becomes of A to Z.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Capitals {
    /// For kinds: no two of a group differ in nothing but case, and `%44eployment` is hard to read.
    Keep,
    /// For names: `admin` and `Admin` are two objects, but one file where the file system ignores case.
    Encode,
}

/// Percent-encodes every byte but `a-z 0-9 - . _`, and those where they mean something to a file system: a leading dot
/// (hidden, `.`, `..`), a trailing one (Windows drops it), a leading underscore (ours), the first letter of a
/// device's name (Windows).
fn encode(name: &str, capitals: Capitals) -> String {
    if name.is_empty() {
        // No name of an object is, but a part of a path never may be.
        return "%".into();
    }
    let stem = name.split('.').next().unwrap_or_default();
    let device = is_device(stem);
    let last = name.len().saturating_sub(1);
    let mut encoded = String::with_capacity(name.len());
    for (at, byte) in name.bytes().enumerate() {
        let safe = match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => !(device && at == 0),
            b'A'..=b'Z' => capitals == Capitals::Keep && !(device && at == 0),
            b'.' => at != 0 && at != last,
            b'_' => at != 0,
            _ => false,
        };
        if safe {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    shorten(encoded)
}

/// Names are up to 253 long and file names up to 255, of which `.yaml` and the encoding take their part. What is
/// longer than 200 keeps its first 150 and a digest of all of it, after a `~` that no encoded name has.
fn shorten(encoded: String) -> String {
    if encoded.len() <= 200 {
        return encoded;
    }
    format!("{}~{}", &encoded[..150], super::sha256(encoded.as_bytes()))
}

/// Names that Windows takes for devices in every directory, whatever ending they have.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase();
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || stem
            .strip_prefix("com")
            .or_else(|| stem.strip_prefix("lpt"))
            .is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9']))
}
