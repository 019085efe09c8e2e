//! The names of the objects that stand between a template and its members, as the reference makes them.

/// The name of the binding of a template: `podinfo-helmrelease`.
///
/// Two kinds of the same name in different API groups get the same binding, as they do in the reference.
pub fn binding(kind: &str, name: &str) -> String {
    format!("{}-{kind}", name.replace(':', ".")).to_lowercase()
}

/// The namespace that holds a cluster's Works.
pub fn execution_namespace(cluster: &str) -> String {
    format!("karmada-es-{cluster}")
}

/// The name of the Work of a template, the same for every cluster: `podinfo-5bd6f9bbc4`.
pub fn work(kind: &str, namespace: Option<&str>, name: &str) -> String {
    let name = name.replace(':', ".").to_lowercase();
    let kind = kind.to_lowercase();
    let hashed = match namespace {
        Some(namespace) => format!("{}-{name}-{kind}", namespace.to_lowercase()),
        None => format!("{name}-{kind}"),
    };
    format!("{name}-{}", safe(fnv1a(&hashed)))
}

/// The key by which one binding refers to another in a label.
pub fn binding_reference(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => safe(fnv1a(&format!("{namespace}/{name}"))),
        None => safe(fnv1a(name)),
    }
}

/// 32-bit FNV-1a, whose offset and prime are the algorithm's own.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// A number in letters and digits that spell no words: each decimal digit's character code picks one of 27.
fn safe(hash: u32) -> String {
    const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    hash.to_string().bytes().map(|digit| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_reference() {
        assert_eq!(work("Deployment", Some("default"), "nginx"), "nginx-687f7fb96f");
        assert_eq!(work("HelmRelease", Some("flux-system"), "podinfo"), "podinfo-dcd848ff8");
        assert_eq!(work("ClusterRole", None, "system:controller:tom"), "system.controller.tom-656877dbcf");
        assert_eq!(binding("ClusterRole", "system:controller:tom"), "system.controller.tom-clusterrole");
        assert_eq!(binding_reference(Some("shop"), "web"), "7f949967dd");
        assert_eq!(execution_namespace("member1"), "karmada-es-member1");
    }
}
