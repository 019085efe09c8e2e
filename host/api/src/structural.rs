//! Schemas as API servers want them: structural, without references, with `nullable` for what may be null.

use serde_json::{Map, Value, json};

/// Makes a structural schema of the one that a type has.
pub(crate) fn structural(schema: Value) -> Value {
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    made(&schema, &definitions)
}

fn made(schema: &Value, definitions: &Value) -> Value {
    let Value::Object(schema) = schema else { return anything() };
    if let Some(name) =
        schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"))
    {
        let mut inner = made(&definitions[name], definitions);
        // What is said of the field says more than what is said of its type.
        if let Some(text) = schema.get("description") {
            inner["description"] = text.clone();
        }
        return inner;
    }
    let choices = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key)).and_then(Value::as_array);
    if let Some(choices) = choices {
        return chosen(schema, choices, definitions);
    }
    let mut out = Map::new();
    match schema.get("type") {
        Some(Value::String(kind)) => drop(out.insert("type".into(), kind.as_str().into())),
        Some(Value::Array(kinds)) => {
            let kind = kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default();
            out.insert("type".into(), kind);
            out.insert("nullable".into(), true.into());
        }
        _ => return described(anything(), schema),
    }
    for (key, value) in schema {
        match key.as_str() {
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties = properties
                    .map(|(name, schema)| (name.clone(), made(schema, definitions)))
                    .collect::<Map<_, _>>();
                out.insert(key.clone(), properties.into());
            }
            "items" => drop(out.insert(key.clone(), made(value, definitions))),
            "additionalProperties" if value.is_object() => {
                out.insert(key.clone(), made(value, definitions));
            }
            "required" | "enum" | "description" => drop(out.insert(key.clone(), value.clone())),
            // API servers know these two.
            "format" if value == "int32" || value == "int64" => drop(out.insert(key.clone(), value.clone())),
            "minimum" | "minLength" => drop(out.insert(key.clone(), value.clone())),
            _ => {}
        }
    }
    optional_may_be_null(&mut out);
    out.into()
}

/// One of several: something or null, or one of some texts.
fn chosen(schema: &Map<String, Value>, choices: &[Value], definitions: &Value) -> Value {
    let texts: Option<Vec<&Value>> = choices.iter().map(|choice| choice.get("const")).collect();
    if let Some(texts) = texts {
        return described(json!({"type": "string", "enum": texts}), schema);
    }
    let something = choices.iter().find(|choice| choice["type"] != "null");
    let mut inner = something.map_or_else(anything, |choice| made(choice, definitions));
    inner["nullable"] = true.into();
    described(inner, schema)
}

fn described(mut inner: Value, schema: &Map<String, Value>) -> Value {
    if let Some(text) = schema.get("description") {
        inner["description"] = text.clone();
    }
    inner
}

/// Any JSON at all, kept as it is.
fn anything() -> Value {
    json!({"x-kubernetes-preserve-unknown-fields": true, "nullable": true})
}

/// YAML files leave fields empty: what may be left out may be null. One of several texts is never null, for API servers
/// compare null with the texts, too, and don't find it there even where it is one of them. They take null for left out
/// where the field has a default.
fn optional_may_be_null(object: &mut Map<String, Value>) {
    let required: Vec<Value> = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let properties = object.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if !required.iter().any(|required| required == name) {
            property["nullable"] = property.get("enum").is_none().into();
        }
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;

    use super::*;

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is looked at")]
    struct Ship {
        /// Its name.
        name: String,
        /// Who sails it.
        crew: Option<Crew>,
        cargo: Option<Value>,
        sails: Vec<Sail>,
        rig: Option<Sail>,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is looked at")]
    struct Crew {
        hands: u32,
    }

    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is looked at")]
    enum Sail {
        Main,
        Jib,
    }

    #[test]
    fn a_schema_stands_alone_and_says_what_may_be_null() {
        let schema = serde_json::to_value(schemars::schema_for!(Ship)).expect("a schema is JSON");
        let schema = structural(schema);
        assert_eq!(schema["properties"]["crew"]["properties"]["hands"]["type"], "integer");
        assert_eq!(schema["properties"]["crew"]["nullable"], true);
        assert_eq!(schema["properties"]["crew"]["description"], "Who sails it.");
        assert_eq!(schema["properties"]["cargo"]["x-kubernetes-preserve-unknown-fields"], true);
        assert_eq!(
            schema["properties"]["sails"]["items"],
            json!({"type": "string", "enum": ["Main", "Jib"]})
        );
        assert_eq!(schema["properties"]["rig"]["nullable"], false);
        assert!(!schema.to_string().contains("$ref"));
    }
}
