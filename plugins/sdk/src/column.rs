//! A column as the host writes it: a compact JSON array with an entry for each cluster.
//!
//! Mostly these are null, short texts and small numbers, which are read here, texts without being copied: a component is built to
//! be small, and takes twice as long to make values of them by `serde_json`, to which all others are left.
//!
//! ```
//! use portolan_plugin::column::{Entry, entries};
//! use serde_json::json;
//!
//! let column: Vec<_> = entries(r#"["eu",null,7]"#).collect();
//! assert_eq!(column, [Entry::Text("eu"), Entry::Null, Entry::Other(json!(7))]);
//! ```

use serde_json::Value;

/// What one cluster has in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<'a> {
    /// Null, or nothing at all.
    Null,
    /// A text in which nothing is escaped.
    Text(&'a str),
    /// Whatever else, other texts included.
    Other(Value),
}

impl From<Entry<'_>> for Value {
    fn from(entry: Entry<'_>) -> Self {
        match entry {
            Entry::Null => Self::Null,
            Entry::Text(text) => text.into(),
            Entry::Other(value) => value,
        }
    }
}

/// The entries of a column, in the order of the clusters.
///
/// # Panics
///
/// When the text is no JSON array: that what the host writes is one is the contract's promise.
pub fn entries(column: &str) -> impl Iterator<Item = Entry<'_>> {
    let Some(rest) = column.strip_prefix('[') else { no_list() };
    Entries { rest }
}

/// What is not read yet: entries with commas between them, and the bracket behind the last.
struct Entries<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let text = self.rest;
        let (entry, length) = match text.as_bytes() {
            // A bracket stands at the end alone: behind a comma there is an entry.
            [b']'] => return None,
            [b'n', b'u', b'l', b'l', ..] => (Entry::Null, 4),
            [b'"', inside @ ..] => text_in(text, inside).unwrap_or_else(|| any(text)),
            [b'1'..=b'9', ..] => number(text.as_bytes()).unwrap_or_else(|| any(text)),
            _ => any(text),
        };
        self.rest = match &text.as_bytes()[length..] {
            [b',', b']'] | [b','] => no_list(),
            [b',', ..] => &text[length + 1..],
            [b']'] => "]",
            _ => no_list(),
        };
        Some(entry)
    }
}

/// A text in which nothing is escaped, and how long it is with its quotes.
fn text_in<'a>(text: &'a str, inside: &[u8]) -> Option<(Entry<'a>, usize)> {
    let end = inside.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))?;
    (inside[end] == b'"').then(|| (Entry::Text(&text[1..=end]), end + 2))
}

/// A whole number, and how long it is.
fn number(text: &[u8]) -> Option<(Entry<'static>, usize)> {
    let length = text.iter().position(|byte| !byte.is_ascii_digit())?;
    // 18 digits are less than 2^63.
    let ends = length <= 18 && matches!(text[length], b',' | b']');
    let number = || text[..length].iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    ends.then(|| (Entry::Other(number().into()), length))
}

/// Whatever it is, and how long it is.
fn any(text: &str) -> (Entry<'_>, usize) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let Some(Ok(value)) = values.next() else { no_list() };
    (Entry::Other(value), values.byte_offset())
}

fn no_list() -> ! {
    panic!("the host answers with a list in JSON, nested no more than 127 deep")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::entries;

    fn read(text: &str) -> Vec<Value> {
        entries(text).map(Into::into).collect()
    }

    #[test]
    fn it_reads_what_serde_json_reads() {
        let all = [
            "null",
            "true",
            "0",
            "7",
            "-7",
            "1.5",
            "1e3",
            "100000000000000",
            "9007199254740993",
            "18446744073709551616",
            "\"\"",
            "\"64\"",
            "\"größe\"",
            r#""a\"b\\""#,
            r#""\u00e9""#,
            "[]",
            "{}",
            r#"[1,[null,"]"],{"a":","}]"#,
            r#"{"key":"a","effect":"NoSchedule"}"#,
        ];
        for one in all {
            for other in all {
                let text = format!("[{one},{other},{one}]");
                let expected: Vec<Value> = serde_json::from_str(&text).expect("it is JSON");
                assert_eq!(read(&text), expected, "{text}");
            }
            let text = format!("[{one}]");
            assert_eq!(read(&text), serde_json::from_str::<Vec<Value>>(&text).expect("it is JSON"));
        }
        assert_eq!(read("[]"), [Value::Null; 0]);
    }

    #[test]
    fn what_is_no_array_ends_the_call() {
        for text in [
            "",
            "]",
            "null",
            "7",
            "{}",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[\"a]",
            "[nul]",
            "[1 2]",
            "[1]]",
            "[\"a\n\"]",
            "[null",
        ] {
            assert!(std::panic::catch_unwind(|| read(text)).is_err(), "{text}");
        }
    }
}
