//! The keys of a pointer (RFC 6901), such as those of `/metadata/annotations/example.com~1tier`.

/// A key as it is written inside of a pointer: `~` becomes `~0` and `/` becomes `~1`.
pub fn escape(key: &str) -> String {
    let mut escaped = String::with_capacity(key.len());
    for character in key.chars() {
        match character {
            '~' => escaped.push_str("~0"),
            '/' => escaped.push_str("~1"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn only_tilde_and_slash_are_written_differently() {
        assert_eq!(escape("example.com/tier"), "example.com~1tier");
        assert_eq!(escape("a~b"), "a~0b");
        assert_eq!(escape("~1"), "~01");
        assert_eq!(escape("größe"), "größe");
        assert_eq!(escape(""), "");
    }
}
