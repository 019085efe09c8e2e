//! YAML as go-yaml v2 writes it, which is what the reference writes with.
//!
//! Lists stand as deep as their key, text wraps behind column 80 where a space allows it, and what YAML 1.1 would take for
//! something else than a string is quoted.

use std::fmt::Write as _;

use serde_json::Value;

use super::{float, order};

/// Where a line may break.
const WIDTH: usize = 80;

/// How much deeper a nested value stands.
const INDENT: usize = 2;

/// The longest key that stands before its colon, in bytes; a longer one stands behind a `?`.
const LONGEST_KEY: usize = 128;

/// The value as one document, which ends with a line break.
pub(super) fn text(value: &Value) -> String {
    let mut writer = Writer { text: String::new(), column: 0, fresh: true, spaced: true };
    writer.node(value, 0, Place::Root);
    writer.text.push('\n');
    writer.text
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// Behind a key and its colon, on the key's line.
    Value,
    /// Behind a dash, or where a long key's value begins.
    Item,
}

struct Writer {
    text: String,
    /// In characters.
    column: usize,
    /// Whether nothing but indentation stands on the line so far: a map's first key may follow there.
    fresh: bool,
    /// Whether white space, or nothing, stands before this.
    spaced: bool,
}

impl Writer {
    /// A value whose own lines are indented so far.
    fn node(&mut self, value: &Value, indent: usize, place: Place) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let mut entries: Vec<(&String, &Value)> = map.iter().collect();
                entries.sort_by(|(one, _), (other, _)| order::compare(one, other));
                for (key, value) in entries {
                    self.line(indent);
                    self.entry(key, value, indent);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for item in items {
                    self.line(indent);
                    self.indicator("-", true);
                    self.node(item, indent + INDENT, Place::Item);
                }
            }
            scalar => {
                // What continues a text on further lines stands deeper than what it belongs to.
                let indent = if place == Place::Value { indent + INDENT } else { indent.max(INDENT) };
                self.scalar(scalar, indent, false);
            }
        }
    }

    fn entry(&mut self, key: &str, value: &Value, indent: usize) {
        let simple =
            key.len() <= LONGEST_KEY && !key.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        if simple {
            self.string(key, indent, true);
            self.put(":");
            self.spaced = false;
        } else {
            self.indicator("?", true);
            self.string(key, indent + INDENT, false);
            self.line(indent);
            self.indicator(":", true);
        }
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.node(value, indent + INDENT, Place::Item);
            }
            // A list is as deep as its key, where it begins a line of its own.
            Value::Array(items) if !items.is_empty() => {
                let indent = if simple { indent } else { indent + INDENT };
                self.node(value, indent, Place::Item);
            }
            scalar => self.node(scalar, indent, Place::Value),
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize, key: bool) {
        match value {
            Value::String(string) => self.string(string, indent, key),
            Value::Null => self.word("null"),
            Value::Bool(bool) => self.word(if *bool { "true" } else { "false" }),
            Value::Number(number) if number.is_f64() => {
                self.word(&float::text(number.as_f64().unwrap_or_default()));
            }
            Value::Number(number) => self.word(&number.to_string()),
            Value::Array(_) => self.word("[]"),
            Value::Object(_) => self.word("{}"),
        }
    }

    fn string(&mut self, string: &str, indent: usize, key: bool) {
        let Allowed { plain, single, block } = allowed(string);
        // A text of several lines is a block; what would be read as another thing has double quotes.
        if string.contains('\n') {
            return if block && !key {
                self.block(string, indent)
            } else {
                self.double(string, indent, !key)
            };
        }
        if !is_text(string) || !single {
            return self.double(string, indent, !key);
        }
        if plain {
            self.flow(string, indent, !key, 0..string.len());
        } else {
            self.space();
            self.put("'");
            self.spaced = true;
            self.flow(&string.replace('\'', "''"), indent, !key, 1..string.len().saturating_sub(1));
            self.put("'");
        }
        self.spaced = false;
        self.fresh = false;
    }

    /// Text that may break where a single space is, if that lies within these bytes.
    fn flow(&mut self, text: &str, indent: usize, breaks: bool, within: std::ops::Range<usize>) {
        self.space();
        let mut after_space = false;
        for (at, character) in text.char_indices() {
            let breaks = breaks && !after_space && self.column > WIDTH && within.contains(&at);
            if character == ' ' && breaks && !text[at + 1..].starts_with(' ') {
                self.break_line(indent);
            } else {
                self.push(character);
            }
            after_space = character == ' ';
        }
    }

    fn double(&mut self, string: &str, indent: usize, breaks: bool) {
        self.space();
        self.put("\"");
        let mut after_space = false;
        for (at, character) in string.char_indices() {
            let rest = &string[at + character.len_utf8()..];
            if character == ' ' {
                if breaks && !after_space && self.column > WIDTH && at > 0 && !rest.is_empty() {
                    self.break_line(indent);
                    if rest.starts_with(' ') {
                        self.push('\\');
                    }
                } else {
                    self.push(' ');
                }
                after_space = true;
                continue;
            }
            after_space = false;
            match escape(character) {
                Some(escape) => self.put(&escape),
                None => self.push(character),
            }
        }
        self.put("\"");
        self.spaced = false;
        self.fresh = false;
    }

    fn block(&mut self, string: &str, indent: usize) {
        self.space();
        self.put("|");
        if string.starts_with([' ', '\n']) {
            self.put("2");
        }
        // Whether the last line break is kept, and whether there are more.
        if !string.ends_with('\n') {
            self.put("-");
        } else if string == "\n" || string.ends_with("\n\n") {
            self.put("+");
        }
        for line in string.strip_suffix('\n').unwrap_or(string).split('\n') {
            self.text.push('\n');
            self.column = 0;
            if !line.is_empty() {
                self.text.extend(std::iter::repeat_n(' ', indent));
                self.text.push_str(line);
                self.column = indent + line.chars().count();
            }
        }
        self.spaced = false;
        self.fresh = false;
    }

    fn word(&mut self, word: &str) {
        self.space();
        self.put(word);
        self.spaced = false;
        self.fresh = false;
    }

    fn indicator(&mut self, indicator: &str, fresh: bool) {
        self.space();
        self.put(indicator);
        self.spaced = false;
        self.fresh &= fresh;
    }

    /// Begins a line that is indented so far, unless this one is still fresh and no longer than that.
    fn line(&mut self, indent: usize) {
        if !self.fresh || self.column > indent || (self.column == indent && !self.spaced) {
            self.text.push('\n');
            self.column = 0;
        }
        while self.column < indent {
            self.push(' ');
        }
        self.spaced = true;
        self.fresh = true;
    }

    fn break_line(&mut self, indent: usize) {
        self.fresh = false;
        self.line(indent);
        self.fresh = false;
    }

    fn space(&mut self) {
        if !self.spaced {
            self.push(' ');
        }
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.column += text.chars().count();
    }

    fn push(&mut self, character: char) {
        self.text.push(character);
        self.column += 1;
    }
}

/// In which styles a text may be written.
struct Allowed {
    plain: bool,
    single: bool,
    block: bool,
}

fn allowed(text: &str) -> Allowed {
    if text.is_empty() {
        return Allowed { plain: true, single: true, block: false };
    }
    let characters: Vec<char> = text.chars().collect();
    let is_break = |character: char| matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let blank = |at: usize| {
        characters.get(at).is_none_or(|character| matches!(character, ' ' | '\t') || is_break(*character))
    };
    let mut means_something = text.starts_with("---") || text.starts_with("...");
    let (mut special, mut breaks, mut break_space, mut space_break) = (false, false, false, false);
    for (at, &character) in characters.iter().enumerate() {
        means_something |= match character {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
            | '`'
                if at == 0 =>
            {
                true
            }
            '?' | ':' | '-' if at == 0 => blank(at + 1),
            ':' => blank(at + 1),
            '#' => blank(at - 1),
            _ => false,
        };
        special |= !is_printable(character);
        if is_break(character) {
            breaks = true;
            space_break |= at > 0 && characters[at - 1] == ' ';
        } else if character == ' ' {
            break_space |= at > 0 && is_break(characters[at - 1]);
        }
    }
    let (first, last) = (characters[0], characters[characters.len() - 1]);
    let edges = [first, last].iter().any(|edge| *edge == ' ' || is_break(*edge));
    let odd = special || space_break;
    Allowed {
        plain: !(edges || breaks || means_something || odd),
        // Breaks other than line feeds never come here in go-yaml's form; an escape says the same.
        single: !(break_space || odd || breaks),
        block: !(last == ' ' || odd),
    }
}

/// What go-yaml writes as it is.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && character != '\u{feff}'
}

fn escape(character: char) -> Option<String> {
    let known = match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '\u{85}' => "\\N",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ if is_printable(character) => return None,
        _ => {
            let code = u32::from(character);
            let mut text = String::new();
            // Writing to a string does not fail.
            let _ = match code {
                0..=0xff => write!(text, "\\x{code:02X}"),
                0x100..=0xffff => write!(text, "\\u{code:04X}"),
                _ => write!(text, "\\U{code:08X}"),
            };
            return Some(text);
        }
    };
    Some(known.to_owned())
}

/// Whether text without quotes is read as that text: no boolean, number, null, date or number to the base of 60.
fn is_text(text: &str) -> bool {
    let reads_as_text = portolan_yaml::plain(text).is_ok_and(|value| value.is_string());
    reads_as_text && text != "<<" && !is_date(text) && !is_of_base_60(text)
}

/// `1:20`, `-1:20:30.5`: digits, and groups of at most two further ones below 60.
fn is_of_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut groups = unsigned.split(':');
    let first = groups.next().unwrap_or_default();
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if !first.starts_with(|first: char| first.is_ascii_digit()) || !is_digits(first) {
        return false;
    }
    let groups: Vec<&str> = groups.collect();
    let Some((last, others)) = groups.split_last() else { return false };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    let is_group = |group: &str| match group.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
        _ => false,
    };
    others.iter().all(|group| is_group(group)) && is_group(last) && is_digits(fraction)
}

/// A date, with or without a time: four digits, a dash, and what follows as dates have it.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some(text[at + 1..].trim_start_matches(' '))),
        None => (text, None),
    };
    let number = |text: &str, lengths: std::ops::RangeInclusive<usize>, most: u32| {
        lengths.contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && text.parse().is_ok_and(|number: u32| number <= most)
    };
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let lengths = 1..=2;
    let is_day = number(year, 4..=4, 9999)
        && number(month, lengths.clone(), 12)
        && number(day, lengths, 31)
        && month.parse() != Ok(0)
        && day.parse() != Ok(0);
    let Some(time) = time else { return is_day };
    // A zone of its own, Z, or none behind a space.
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => (&time[..at], &time[at..]),
        None => (time, ""),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hour, minute, second] = parts[..] else { return false };
    let is_zone = match zone {
        "" => text.contains(' '),
        "Z" => !text.contains(' '),
        _ => {
            let parts: Vec<&str> = zone[1..].split(':').collect();
            matches!(parts[..], [hours, minutes] if number(hours, 2..=2, 23) && number(minutes, 2..=2, 59))
                && !text.contains(' ')
        }
    };
    is_day
        && number(hour, 1..=2, 23)
        && number(minute, 1..=2, 59)
        && number(second, 1..=2, 59)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && is_zone
}
