//! A plugin's schema: what it says of configs, and what it may not do to the host.

use portolan_plan::Plugin as _;
use portolan_sandbox::{LoadError, LoadedPlugin};
use serde_json::{Value, json};

use crate::setting::{guest_text, sandbox};

/// A filter with a schema. Its text stands where the heap begins, in a memory that is large enough: nothing is called.
fn with_schema(schema: &str) -> Result<LoadedPlugin, LoadError> {
    let escaped: String = schema.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let length: String = u32::try_from(schema.len())
        .expect("short")
        .to_le_bytes()
        .map(|byte| format!("\\{byte:02x}"))
        .concat();
    let text = guest_text("loops")
        .replace(r#""\6a\ea\00\00\02\00\00\00""#, &format!(r#""\00\00\01\00{length}""#))
        .replace(
            "(data (i32.const 60000)",
            &format!("(data (i32.const 65536) \"{escaped}\") (data (i32.const 60000)"),
        )
        .replace(r#"(memory (export "memory") 4)"#, r#"(memory (export "memory") 16)"#);
    sandbox().load(&wat::parse_str(text).expect("a component"))
}

fn refused(schema: &Value) -> String {
    with_schema(&schema.to_string()).expect_err("it should not load").to_string()
}

#[test]
fn every_place_that_does_not_fit_is_told() {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["region"],
        "properties": {"region": {"enum": ["eu", "us"]}, "weight": {"type": "integer", "minimum": 0}},
    });
    let plugin = with_schema(&schema.to_string()).expect("it loads");
    assert_eq!(plugin.check(&json!({"region": "eu", "weight": 3})), Ok(()));
    let problems =
        plugin.check(&json!({"region": "mars", "weight": -1, "rgion": "x"})).expect_err("it does not fit");
    let lines: Vec<&str> = problems.split("; ").collect();
    assert_eq!(lines.len(), 3, "{problems}");
    assert!(lines.iter().any(|line| line.starts_with("/region: ") && line.contains(r#""eu""#)), "{problems}");
    assert!(
        lines.iter().any(|line| line.starts_with("/weight: ") && line.contains("minimum of 0")),
        "{problems}"
    );
    assert!(lines.iter().any(|line| line.starts_with("the whole: ") && line.contains("rgion")), "{problems}");
}

#[test]
fn references_inside_the_schema_are_followed() {
    let schema = json!({"items": {"$ref": "#/$defs/name"}, "$defs": {"name": {"type": "string"}}});
    let plugin = with_schema(&schema.to_string()).expect("it loads");
    assert_eq!(plugin.check(&json!(["a"])), Ok(()));
    assert!(plugin.check(&json!([1])).is_err());
}

#[test]
fn a_schema_must_be_one() {
    let error = with_schema("{").expect_err("it is no JSON").to_string();
    assert!(error.starts_with("its manifest can't be used: config-schema: it is no JSON"), "{error}");
    let error = refused(&json!({"type": "sting"}));
    assert!(error.starts_with("its manifest can't be used: config-schema: /type: "), "{error}");
}

#[test]
fn attack_29_schema_from_elsewhere() {
    for elsewhere in ["https://example.com/schema.json", "file:///etc/passwd", "other.json", "#name"] {
        let error = refused(&json!({"$ref": elsewhere}));
        assert!(error.contains(&format!("`$ref: {elsewhere}` leads nowhere")), "{error}");
    }
    assert!(
        refused(&json!({"$id": "https://example.com/", "$dynamicRef": "#x"})).contains("is not supported")
    );
    assert!(
        refused(&json!({"$schema": "https://example.com/own", "type": "string"})).contains("config-schema")
    );
}

#[test]
fn attack_03_schema_that_never_ends() {
    let error = refused(&json!({"$ref": "#"}));
    assert!(error.contains("leads back to itself"), "{error}");
    let error = refused(
        &json!({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
    );
    assert!(error.contains("leads back to itself"), "{error}");
}

#[test]
fn attack_39_schema_that_is_larger_than_it_looks() {
    let doubling = (0..20).map(|level| {
        let next = json!({"$ref": format!("#/$defs/d{}", level + 1)});
        (format!("d{level}"), json!({"allOf": [next.clone(), next]}))
    });
    let mut definitions: serde_json::Map<String, Value> = doubling.collect();
    definitions.insert("d20".into(), json!({"type": "string"}));
    let error = refused(&json!({"$ref": "#/$defs/d0", "$defs": definitions}));
    assert!(error.contains("it is too large; valid: 20000 values"), "{error}");
    let error = refused(&json!({"enum": vec!["x".repeat(9); 40_000]}));
    assert!(error.contains("valid: 262144 bytes"), "{error}");
}

#[test]
fn attack_01_pattern_that_takes_for_ever() {
    let plugin = with_schema(&json!({"pattern": "^(a+)+$"}).to_string()).expect("it loads");
    assert!(plugin.check(&json!("a".repeat(100_000) + "b")).is_err());
    assert!(with_schema(&json!({"pattern": "(a{1000}){1000}"}).to_string()).is_err(), "it is too large");
    assert!(with_schema(&json!({"pattern": "(?=a)"}).to_string()).is_err(), "it may take for ever");
}
