//! What a plugin's config must look like: a JSON Schema that the plugin wrote, so it is no more trusted than the plugin.
//!
//! Validating is done by native code without a meter. So a schema may not refer to itself, because that can recurse for
//! ever, and its size counts with every reference written out, because that is what validating walks: twenty lines in
//! which each refers twice to the next are a million. Patterns are matched in linear time, and nothing is fetched.

use std::collections::BTreeMap;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use crate::text::one_line;

/// Subschemas and values of a schema with every reference written out. Arbitrary: a Kubernetes PodSpec with all that
/// is in it, the largest that a sensible config could contain, has about 5,000.
const MAX_NODES: u64 = 20_000;

/// Bytes of one compiled pattern, and of what it keeps while it matches. A tenth of what the `regex` crate allows by
/// default, which is still far more than a name or a path needs.
const PATTERN_BYTES: usize = 1 << 20;

/// Problems that are told at once. Arbitrary: about a screen.
const SHOWN: usize = 20;

/// Keywords that name a schema for others to refer to, or refer to a name. With them it can't be told from the schema
/// alone where a reference leads.
const NAMES: [&str; 6] =
    ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef"];

/// A schema, compiled once.
pub(crate) struct Schema(Validator);

impl Schema {
    /// The error says what is wrong with the schema and what would be valid.
    pub(crate) fn new(schema: &Value) -> Result<Self, String> {
        Measure { root: schema, known: BTreeMap::new() }.size(schema)?;
        let patterns = PatternOptions::regex().size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES);
        jsonschema::options()
            .offline()
            .with_pattern_options(patterns)
            .build(schema)
            .map(Self)
            .map_err(|error| at(error.instance_path().as_str(), &error.to_string()))
    }

    /// Every place where a config does not fit, in one line: where, what is there, and what would be valid; and the next.
    pub(crate) fn check(&self, config: &Value) -> Result<(), String> {
        let mut problems = self.0.iter_errors(config);
        let shown: Vec<String> = problems
            .by_ref()
            .take(SHOWN)
            .map(|problem| at(problem.instance_path().as_str(), &problem.to_string()))
            .collect();
        if shown.is_empty() {
            return Ok(());
        }
        let more = if problems.next().is_some() { "; and more" } else { "" };
        Err(shown.join("; ") + more)
    }
}

fn at(path: &str, what: &str) -> String {
    let path = if path.is_empty() { "the whole" } else { path };
    format!("{}: {}", one_line(path), one_line(what))
}

/// Measures a schema with its references written out.
struct Measure<'a> {
    root: &'a Value,
    /// Targets by pointer. None: being measured, so that a reference to it is a circle.
    known: BTreeMap<&'a str, Option<u64>>,
}

impl<'a> Measure<'a> {
    /// Recursion is bounded: a parsed value is at most 128 levels deep, and a chain of references no longer than the
    /// schema has nodes, of which only a few are followed.
    fn size(&mut self, value: &'a Value) -> Result<u64, String> {
        let mut size = 1_u64;
        match value {
            Value::Array(items) => {
                for item in items {
                    size = self.add(size, item)?;
                }
            }
            Value::Object(members) => {
                for (key, value) in members {
                    match value {
                        Value::String(target) if key == "$ref" => size = bounded(size, self.target(target)?)?,
                        Value::String(_) if NAMES.contains(&key.as_str()) => {
                            return Err(format!(
                                "`{key}` is not supported; valid: references by place, such as `#/$defs/name`"
                            ));
                        }
                        value => size = self.add(size, value)?,
                    }
                }
            }
            _ => {}
        }
        Ok(size)
    }

    fn add(&mut self, size: u64, value: &'a Value) -> Result<u64, String> {
        let value = self.size(value)?;
        bounded(size, value)
    }

    fn target(&mut self, reference: &'a str) -> Result<u64, String> {
        /// References that lead on to references. Arbitrary; with 128 levels between two, as deep as a thread's stack
        /// allows many times over.
        const MAX_CHAIN: usize = 32;
        let valid = "valid: a place in the schema itself, such as `#/$defs/name`";
        let shown = one_line(reference);
        match self.known.get(reference) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                return Err(format!(
                    "`$ref: {shown}` leads back to itself; valid: references that form no circle"
                ));
            }
            None => {}
        }
        if self.known.values().filter(|size| size.is_none()).count() >= MAX_CHAIN {
            return Err(format!("references lead on to others more than {MAX_CHAIN} times"));
        }
        // What is percent-encoded is not decoded: such a reference is not found here, and refused.
        let pointer = reference.strip_prefix('#');
        let target = pointer.filter(|pointer| pointer.is_empty() || pointer.starts_with('/'));
        let target = target.and_then(|pointer| self.root.pointer(pointer));
        let target = target.ok_or_else(|| format!("`$ref: {shown}` leads nowhere; {valid}"))?;
        self.known.insert(reference, None);
        let size = self.size(target)?;
        self.known.insert(reference, Some(size));
        Ok(size)
    }
}

fn bounded(size: u64, more: u64) -> Result<u64, String> {
    let size = size.saturating_add(more);
    if size > MAX_NODES {
        return Err(format!("it is too large; valid: {MAX_NODES} values with every reference written out"));
    }
    Ok(size)
}
