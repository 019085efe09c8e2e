//! An image reference, taken apart and put together again.
//!
//! ```text
//!   ghcr.io:443 / acme/web : 1.2.3 @ sha256:dbcc…
//!   registry      repository tag     digest
//! ```
//!
//! What is a reference is told by the grammar of the distribution project, as the reference implementation does. The first
//! part of a name is a registry only where it has a dot or a colon or is `localhost`.

/// The parts of a reference; one that is missing is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) registry: String,
    pub(crate) repository: String,
    pub(crate) tag: String,
    pub(crate) digest: String,
}

/// The longest name, registry included, in bytes.
const LONGEST_NAME: usize = 255;

/// The longest tag, in bytes.
const LONGEST_TAG: usize = 128;

impl Reference {
    /// Reads a reference; the error says what is wrong with it and does not tell what is in it.
    pub(crate) fn read(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("there is no image reference, or an empty one");
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let name_end = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[name_end..].split_once(':') {
            Some((last, tag)) => (&rest[..name_end + last.len()], Some(tag)),
            None => (rest, None),
        };
        if !is_name(name) {
            return Err(if is_name(&name.to_lowercase()) {
                "its repository must be lower case"
            } else {
                "it is no image reference, such as registry.example.com/team/app:1.2"
            });
        }
        if name.len() > LONGEST_NAME {
            return Err("its name is longer than 255 characters");
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(
                "what stands behind its colon is no tag: letters, digits, `_`, `.` and `-`, at most 128 of them",
            );
        }
        if digest.is_some_and(|digest| !is_digest_of_an_image(digest)) {
            return Err(
                "what stands behind its `@` is no digest: sha256: and 64 digits from 0 to f, or sha384: or sha512: and theirs",
            );
        }
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
            _ => ("", name),
        };
        Ok(Self {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            tag: tag.unwrap_or_default().to_owned(),
            digest: digest.unwrap_or_default().to_owned(),
        })
    }

    /// The tag, or the digest where there is no tag.
    pub(crate) fn version(&self) -> &str {
        if self.tag.is_empty() { &self.digest } else { &self.tag }
    }

    /// Takes a tag or a digest in the place of both; whether the text is either.
    pub(crate) fn set_version(&mut self, version: &str) -> bool {
        let (tag, digest) = match (is_tag(version), is_digest(version)) {
            (true, _) => (version, ""),
            (false, true) => ("", version),
            (false, false) => return false,
        };
        self.tag = tag.to_owned();
        self.digest = digest.to_owned();
        true
    }

    /// The reference as text. Where it has a tag, its digest is written only if `both` are asked for: the reference
    /// implementation leaves it out.
    pub(crate) fn text(&self, both: bool) -> String {
        let Self { registry, repository, tag, digest } = self;
        let mut text = registry.clone();
        if !registry.is_empty() {
            text.push('/');
        }
        text.push_str(repository);
        if !tag.is_empty() {
            text.push(':');
            text.push_str(tag);
        }
        if !digest.is_empty() && (both || tag.is_empty()) {
            text.push('@');
            text.push_str(digest);
        }
        text
    }
}

/// A repository, with or without a registry in front.
fn is_name(name: &str) -> bool {
    let mut parts = name.split('/');
    let first = parts.next().unwrap_or_default();
    let is_alone = !name.contains('/');
    (is_part(first) || (!is_alone && is_registry(first))) && parts.all(is_part)
}

/// A part of a repository: lower case letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_part(part: &str) -> bool {
    let mut between = String::new();
    let mut ends_well = false;
    for character in part.chars() {
        match character {
            'a'..='z' | '0'..='9' => {
                let fits =
                    matches!(&*between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-');
                if !fits {
                    return false;
                }
                between.clear();
                ends_well = true;
            }
            '.' | '_' | '-' if ends_well || !between.is_empty() => {
                between.push(character);
                ends_well = false;
            }
            _ => return false,
        }
    }
    ends_well
}

/// A host, or an address of IPv6 within brackets, and a port if any.
fn is_registry(registry: &str) -> bool {
    let (host, port) = match registry.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            let is_address =
                !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
            (is_address, port)
        }
        None => {
            let end = registry.find(':').unwrap_or(registry.len());
            (registry[..end].split('.').all(is_label), &registry[end..])
        }
    };
    let is_port = |port: &str| {
        port.strip_prefix(':')
            .is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    host && (port.is_empty() || is_port(port))
}

/// A part of a host's name.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut bytes = tag.bytes();
    tag.len() <= LONGEST_TAG
        && bytes.next().is_some_and(is_word)
        && bytes.all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

/// What an edit may put in for a digest: any algorithm, and 32 hexadecimal digits or more.
fn is_digest(digest: &str) -> bool {
    let is_algorithm = |name: &str| {
        name.split(['-', '_', '+', '.']).all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphabetic())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    };
    digest.split_once(':').is_some_and(|(algorithm, digits)| {
        is_algorithm(algorithm) && digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// What an image may have for a digest: an algorithm that is known, and as many digits as it gives.
fn is_digest_of_an_image(digest: &str) -> bool {
    let digits = match digest.split_once(':') {
        Some(("sha256", digits)) if digits.len() == 64 => digits,
        Some(("sha384", digits)) if digits.len() == 96 => digits,
        Some(("sha512", digits)) if digits.len() == 128 => digits,
        _ => return false,
    };
    digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::Reference;

    const DIGEST: &str = "sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c";

    fn parts(text: &str) -> Option<[String; 4]> {
        let Reference { registry, repository, tag, digest } = Reference::read(text).ok()?;
        Some([registry, repository, tag, digest])
    }

    #[test]
    fn references_come_apart_and_together() {
        for (text, expected) in [
            ("nginx", ["", "nginx", "", ""]),
            ("nginx:1.27", ["", "nginx", "1.27", ""]),
            ("library/nginx", ["", "library/nginx", "", ""]),
            // A registry has a dot or a colon or is localhost; anything else is a part of the repository.
            ("registry/nginx", ["", "registry/nginx", "", ""]),
            ("Acme/web", ["", "Acme/web", "", ""]),
            ("ghcr.io/acme/web:1", ["ghcr.io", "acme/web", "1", ""]),
            ("GHCR.io/acme/web", ["GHCR.io", "acme/web", "", ""]),
            ("localhost/web", ["localhost", "web", "", ""]),
            ("localhost:5000", ["", "localhost", "5000", ""]),
            ("reg:5000/a/b:_x", ["reg:5000", "a/b", "_x", ""]),
            ("10.0.0.1:8443/a/b/c:v1", ["10.0.0.1:8443", "a/b/c", "v1", ""]),
            ("[2001:db8::1]:5000/a:1", ["[2001:db8::1]:5000", "a", "1", ""]),
            ("[::1]/a", ["[::1]", "a", "", ""]),
            ("a__b/c--d_e.f", ["", "a__b/c--d_e.f", "", ""]),
        ] {
            assert_eq!(parts(text), Some(expected.map(str::to_owned)), "{text}");
            assert_eq!(Reference::read(text).map(|reference| reference.text(true)).as_deref(), Ok(text));
            let text = format!("{text}@{DIGEST}");
            let mut expected = expected.map(str::to_owned);
            expected[3] = DIGEST.to_owned();
            assert_eq!(parts(&text), Some(expected), "{text}");
            assert_eq!(Reference::read(&text).map(|reference| reference.text(true)), Ok(text));
        }
    }

    #[test]
    fn what_is_no_reference_is_told() {
        let long = format!("{}/a", "a".repeat(254));
        let tag = format!("a:{}", "x".repeat(129));
        for text in [
            "",
            " ",
            "bad image",
            "a b:1",
            "-a",
            "a-",
            "a..b",
            "a___b",
            "a._b",
            "/a",
            "a/",
            "a//b",
            "a:",
            ":1",
            "a:b:c",
            "a:-1",
            "a@",
            "a@sha256:ab",
            "a@sha512:",
            "a@md5:0123456789abcdef0123456789abcdef",
            "reg:/a",
            "reg:x/a",
            "-r.io/a",
            "[::g]/a",
            "[]/a",
            "[::1]",
            "a\n",
            "ä",
            "GHCR.IO/Acme/Web:1",
            "Web",
            &tag,
            "a@sha256:DBCC1C35AC38DF41FD2F5E4130B32FFDB93EBAE8B3DBE638C23575912276FC9C",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
        assert_eq!(Reference::read(&long).err(), Some("its name is longer than 255 characters"));
        assert_eq!(Reference::read("Web:1").err(), Some("its repository must be lower case"));
    }

    #[test]
    fn a_version_is_a_tag_or_a_digest() {
        for (version, expected) in [
            ("v9", Some("a:v9")),
            (DIGEST, Some(&*format!("a@{DIGEST}"))),
            ("md5:0123456789ABCDEF0123456789abcdef", Some("a@md5:0123456789ABCDEF0123456789abcdef")),
            ("sha256:0123456789abcdef", None),
            (":v2", None),
            ("", None),
            ("v 2", None),
            ("@sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c", None),
        ] {
            let mut reference = Reference::read("a:1").expect("a reference");
            assert_eq!(reference.set_version(version), expected.is_some(), "{version}");
            assert_eq!(reference.text(true), expected.unwrap_or("a:1"));
        }
    }
}
