//! From the events of the YAML parser to JSON values.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value};

use crate::{MAX_DEPTH, scalar};

/// One document that is not empty.
#[derive(Debug)]
pub struct Document {
    /// What it says.
    pub value: Value,
    /// The line of its first key in the file, from 1.
    pub line: u32,
    /// The lines of the elements of a list `items` at its root.
    pub item_lines: Vec<u32>,
    /// Its place among the documents of its chunk, empty ones counted.
    pub index: usize,
}

/// Why the rest of a chunk can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The line in the file, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What is wrong there, and what would be right.
    pub message: String,
}

/// What anchors and aliases may still copy, so that a few lines of aliases of aliases can't fill the memory.
#[derive(Debug)]
pub struct Copies {
    left: usize,
    most: usize,
    /// Whose anchors and aliases these are.
    of: &'static str,
}

impl Copies {
    /// So many MiB in all for the anchors and aliases of something, such as `this file`.
    pub fn mebibytes(most: usize, of: &'static str) -> Self {
        Self { left: most << 20, most, of }
    }

    fn take(&mut self, weight: usize) -> Result<(), String> {
        match self.left.checked_sub(weight) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(format!(
                "the aliases of {} expand to more than {} MiB; write out what they stand for",
                self.of, self.most
            )),
        }
    }
}

/// Reads the documents of a text, up to the first error. `first_line` is the number of its first line in the file.
pub fn compose(text: &str, first_line: u32, copies: &mut Copies) -> (Vec<Document>, Option<Malformed>) {
    let mut composer = Composer { first_line, copies, anchors: BTreeMap::new(), open: Vec::new() };
    let mut documents = Vec::new();
    let malformed = composer.run(text, &mut documents).err();
    (documents, malformed)
}

/// The parser as all of Portolan uses it.
pub fn parser(text: &str) -> Parser<'_, granit_parser::StrInput<'_>> {
    let options = granit_parser::options! {
        emit_comments: false,
        // One more, so that it is this crate's own limit that speaks wherever it can.
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
    };
    Parser::new_from_str_with_options(text, options)
}

/// A line of the file, for a place in the chunk that begins at `first_line`.
pub fn line_in_file(first_line: u32, mark: &Marker) -> u32 {
    u32::try_from(mark.line()).unwrap_or(u32::MAX).saturating_add(first_line).saturating_sub(1).max(1)
}

struct Composer<'c> {
    first_line: u32,
    copies: &'c mut Copies,
    /// What was anchored and is complete, by the parser's number for it.
    anchors: BTreeMap<usize, Anchored>,
    /// The collections around the current place, outermost first.
    open: Vec<Collection>,
}

struct Anchored {
    value: Value,
    weight: usize,
    depth: usize,
}

enum Collection {
    List { items: Vec<Value>, anchor: usize },
    Map { entries: Map<String, Value>, key: Option<Key>, merged: Option<Map<String, Value>>, anchor: usize },
}

enum Key {
    Text(String),
    /// `<<`: the value's entries are taken where the map has none of that key itself.
    Merge,
}

type Wrong = (Marker, String);

impl Composer<'_> {
    fn run(&mut self, text: &str, documents: &mut Vec<Document>) -> Result<(), Malformed> {
        let mut index = 0;
        let mut line = 1;
        let mut item_lines = Vec::new();
        for event in parser(text) {
            let (event, span) =
                event.map_err(|error| self.malformed(*error.marker(), describe(&error, text)))?;
            let mark = span.start;
            if self.open.is_empty() && event.is_node() {
                line = line_in_file(self.first_line, &mark);
                item_lines = Vec::new();
            }
            if event.is_node() && self.in_items() {
                item_lines.push(line_in_file(self.first_line, &mark));
            }
            let root = match event {
                Event::DocumentEnd => {
                    // Anchors end with their document.
                    self.anchors.clear();
                    index += 1;
                    None
                }
                event => self.node(event, mark).map_err(|(mark, message)| self.malformed(mark, message))?,
            };
            if let Some(value) = root
                && !value.is_null()
            {
                documents.push(Document { value, line, item_lines: std::mem::take(&mut item_lines), index });
            }
        }
        Ok(())
    }

    /// Takes one event in. Returns the document's value once it is complete.
    fn node(&mut self, event: Event<'_>, mark: Marker) -> Result<Option<Value>, Wrong> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if self.awaits_key() {
                    let key = key(text, style, tag.as_deref()).map_err(|message| (mark, message))?;
                    if let (Key::Text(text), true) = (&key, anchor != 0) {
                        self.keep(anchor, &Value::String(text.clone())).map_err(|message| (mark, message))?;
                    }
                    self.set_key(key).map_err(|message| (mark, message))?;
                    return Ok(None);
                }
                let value = value(text, style, tag.as_deref()).map_err(|message| (mark, message))?;
                self.complete(value, anchor, mark)
            }
            Event::Alias(id) => {
                let Some(Anchored { value, weight, depth }) = self.anchors.get(&id) else {
                    return Err((mark, "this alias stands inside the very anchor that it names".into()));
                };
                if self.open.len() + depth > MAX_DEPTH {
                    return Err((mark, too_deep()));
                }
                self.copies.take(*weight).map_err(|message| (mark, message))?;
                let value = value.clone();
                if !self.awaits_key() {
                    return self.complete(value, 0, mark);
                }
                let Value::String(text) = value else {
                    return Err((mark, "an alias can only be a key where it stands for a string".into()));
                };
                self.set_key(Key::Text(text)).map_err(|message| (mark, message))?;
                Ok(None)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.begin(Collection::List { items: Vec::new(), anchor }, mark)?;
                Ok(None)
            }
            Event::MappingStart(_, anchor, _) => {
                self.begin(Collection::Map { entries: Map::new(), key: None, merged: None, anchor }, mark)?;
                Ok(None)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Collection::List { items, anchor }) => self.complete(Value::Array(items), anchor, mark),
                Some(Collection::Map { mut entries, merged, anchor, .. }) => {
                    for (key, value) in merged.into_iter().flatten() {
                        entries.entry(key).or_insert(value);
                    }
                    self.complete(Value::Object(entries), anchor, mark)
                }
                None => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn begin(&mut self, collection: Collection, mark: Marker) -> Result<(), Wrong> {
        if self.awaits_key() {
            let message = "a key must be text, a number or a boolean; where this is a template's {{ }}, render it first";
            return Err((mark, message.into()));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err((mark, too_deep()));
        }
        self.open.push(collection);
        Ok(())
    }

    /// Puts a finished value where it belongs; returns it if that is nowhere but the document itself.
    fn complete(&mut self, value: Value, anchor: usize, mark: Marker) -> Result<Option<Value>, Wrong> {
        if anchor != 0 {
            self.keep(anchor, &value).map_err(|message| (mark, message))?;
        }
        match self.open.last_mut() {
            None => return Ok(Some(value)),
            Some(Collection::List { items, .. }) => items.push(value),
            Some(Collection::Map { entries, key, merged, .. }) => match key.take() {
                Some(Key::Text(key)) => {
                    entries.insert(key, value);
                }
                Some(Key::Merge) => *merged = Some(merge(value).map_err(|message| (mark, message))?),
                // Keys never come here: `node` and `begin` turn to `set_key` or an error.
                None => {}
            },
        }
        Ok(None)
    }

    fn keep(&mut self, anchor: usize, value: &Value) -> Result<(), String> {
        let weight = weight(value);
        self.copies.take(weight)?;
        self.anchors.insert(anchor, Anchored { value: value.clone(), weight, depth: depth(value) });
        Ok(())
    }

    fn set_key(&mut self, new: Key) -> Result<(), String> {
        let Some(Collection::Map { entries, key, merged, .. }) = self.open.last_mut() else {
            return Ok(());
        };
        match &new {
            Key::Text(text) if entries.contains_key(text) => {
                return Err(format!("key `{text}` is given twice in this map; keep one"));
            }
            Key::Merge if merged.is_some() => {
                return Err(
                    "`<<` is given twice in this map; merge several maps as `<<: [*one, *other]`".into()
                );
            }
            _ => {}
        }
        *key = Some(new);
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Collection::Map { key: None, .. }))
    }

    /// Whether the current place is an element of the list `items` at the root.
    fn in_items(&self) -> bool {
        match &self.open[..] {
            [Collection::Map { key: Some(Key::Text(key)), .. }, Collection::List { .. }] => key == "items",
            _ => false,
        }
    }

    fn malformed(&self, mark: Marker, message: String) -> Malformed {
        Malformed {
            line: line_in_file(self.first_line, &mark),
            column: u32::try_from(mark.col()).unwrap_or(u32::MAX).saturating_add(1),
            message,
        }
    }
}

fn value(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return match style {
            ScalarStyle::Plain => scalar::plain(&text),
            _ => Ok(Value::String(text.into_owned())),
        };
    };
    let fits = |fits: fn(&Value) -> bool, what: &str| {
        let value = scalar::plain(&text)?;
        if fits(&value) { Ok(value) } else { Err(format!("`{text}` is no {what}, but its tag says so")) }
    };
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("null") => fits(Value::is_null, "null"),
        Some("bool") => fits(Value::is_boolean, "boolean"),
        Some("int") => fits(|value| value.is_i64() || value.is_u64(), "integer"),
        Some("float") => fits(Value::is_number, "number"),
        Some("binary") => {
            Err("!!binary can't be carried as JSON; write the base64 text without the tag".into())
        }
        // Any other tag leaves a scalar the text that it is, as kubectl does.
        _ => Ok(Value::String(text.into_owned())),
    }
}

fn key(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Result<Key, String> {
    let merge_tag = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("merge"));
    if text == "<<" && (merge_tag || (tag.is_none() && style == ScalarStyle::Plain)) {
        return Ok(Key::Merge);
    }
    let integer = scalar::says_integer(&text);
    match value(text, style, tag)? {
        Value::String(text) => Ok(Key::Text(text)),
        Value::Bool(bool) => Ok(Key::Text(bool.to_string())),
        Value::Number(number) if integer => Ok(Key::Text(number.to_string())),
        Value::Number(number) => {
            Err(format!("the key {number} is no integer and has several spellings; quote it"))
        }
        _ => Err("a key is missing or null; quote it if it is meant as text".into()),
    }
}

/// What `<<` adds: a map, or a list of maps of which the earlier ones count first.
fn merge(value: Value) -> Result<Map<String, Value>, String> {
    let wrong = || "`<<` takes an alias of a map, or a list of such aliases".to_owned();
    match value {
        Value::Object(map) => Ok(map),
        Value::Array(maps) => {
            let mut all = Map::new();
            for map in maps {
                let Value::Object(map) = map else { return Err(wrong()) };
                for (key, value) in map {
                    all.entry(key).or_insert(value);
                }
            }
            Ok(all)
        }
        _ => Err(wrong()),
    }
}

fn describe(error: &granit_parser::ScanError, text: &str) -> String {
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(),
        ErrorKind::UnknownAnchor => "this alias names no anchor that comes before it in the document".into(),
        ErrorKind::UnclosedQuotedScalar => "the quote that opens here is never closed".into(),
        ErrorKind::UnclosedFlowCollection { open } => format!("the `{open}` that opens here is never closed"),
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
            "a tab can't indent; use spaces".into()
        }
        ErrorKind::MappingValueNotAllowed => {
            "a `:` is not possible here; quote the text around it, or check the indentation".into()
        }
        ErrorKind::SimpleKeyExpected => {
            "this line is no `key: value`; check the indentation, or a missing `:`".into()
        }
        ErrorKind::UnexpectedCharacter { character } if text.contains("{{") && *character == '%' => {
            "a value can't begin with `%`; where this is a template, render it first".into()
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_control() && *character != '\t' => {
            format!(
                "YAML does not have the character `{}`; in double quotes it can be written as an escape such as `\\x{:02x}`",
                character.escape_default(),
                u32::from(*character)
            )
        }
        ErrorKind::UnexpectedCharacter { character } => {
            format!("a value can't begin with `{}`; quote it", character.escape_default())
        }
        _ => error.info().to_owned(),
    }
}

fn too_deep() -> String {
    format!("lists and maps are nested more than {MAX_DEPTH} deep here")
}

/// Roughly the bytes that a value takes: its text, and for every node a figure that is about right for a map's entry.
fn weight(value: &Value) -> usize {
    const A_NODE: usize = 64;
    A_NODE
        + match value {
            Value::Array(items) => items.iter().map(weight).sum(),
            Value::Object(entries) => entries.iter().map(|(key, value)| key.len() + weight(value)).sum(),
            Value::String(text) => text.len(),
            _ => 0,
        }
}

/// How deeply lists and maps are nested in a value.
pub fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
