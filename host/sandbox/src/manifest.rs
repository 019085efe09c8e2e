//! Who a plugin says it is, checked before anybody believes it.

use std::collections::BTreeSet;

use portolan_plan::{Digest, Kind, Manifest, Stage};

use crate::answers::parsed_bytes;
use crate::bindings::exports::portolan::policy::info;
use crate::bindings::portolan::policy::types;
use crate::outline::Outline;
use crate::schema::Schema;
use crate::text::{acts_unseen, one_line};

/// Bytes of a name or a version: what Kubernetes allows for a name.
const NAME_BYTES: usize = 253;

/// Bytes of a schema as text, and sixteen times that once parsed. Arbitrary: a large CustomResourceDefinition's.
const SCHEMA_BYTES: usize = 256 << 10;

/// How many kinds an interpreter may speak for. Arbitrary: more than a cluster with many operators has.
const MAX_KINDS: usize = 1_000;

/// A manifest and its compiled schema; the error says which field is wrong and what would be valid.
pub(crate) fn check(
    described: info::Manifest,
    digest: Digest,
    outline: &Outline,
) -> Result<(Manifest, Schema), String> {
    let info::Manifest { name, version, summary, config_schema, kinds } = described;
    check_name("name", &name)?;
    check_name("version", &version)?;
    let config_schema = check_schema(&config_schema)?;
    let schema = Schema::new(&config_schema).map_err(|error| format!("config-schema: {error}"))?;
    let stages: BTreeSet<Stage> =
        Stage::ALL.into_iter().filter(|stage| outline.has(stage.interface())).collect();
    let kinds = check_kinds(kinds)?;
    Ok((
        Manifest { name, version, summary: one_line(&summary), config_schema, digest, stages, kinds },
        schema,
    ))
}

fn check_kinds(kinds: Vec<types::Kind>) -> Result<BTreeSet<Kind>, String> {
    if kinds.len() > MAX_KINDS {
        return Err(format!("kinds: there are {}; valid: up to {MAX_KINDS}", kinds.len()));
    }
    let checked = kinds.into_iter().map(|types::Kind { api_version, kind }| {
        check_name("kinds: an API version", &api_version)?;
        check_name("kinds: a kind", &kind)?;
        Ok(Kind { api_version, kind })
    });
    checked.collect()
}

fn check_name(field: &str, name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err(format!("{field}: it is empty; valid: a text that people will know it by"));
    }
    if name.len() > NAME_BYTES {
        return Err(format!("{field}: it is {} bytes long; valid: {NAME_BYTES} bytes", name.len()));
    }
    if name.chars().any(|character| acts_unseen(character) || character.is_whitespace()) {
        return Err(format!(
            "{field}: `{}` has characters that can't be seen; valid: visible ones",
            one_line(name)
        ));
    }
    Ok(())
}

fn check_schema(text: &str) -> Result<serde_json::Value, String> {
    let parsed = parsed_bytes(text);
    if text.len() > SCHEMA_BYTES || parsed > 16 * SCHEMA_BYTES as u64 {
        return Err(format!("config-schema: it is {} bytes long; valid: {SCHEMA_BYTES} bytes", text.len()));
    }
    serde_json::from_str(text)
        .map_err(|error| format!("config-schema: it is no JSON: {error}; valid: a JSON Schema, such as {{}}"))
}
