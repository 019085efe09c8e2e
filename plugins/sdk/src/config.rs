//! Reading a config, so that a person who got it wrong is told where and what would be right.
//!
//! Rejected: `serde_json` straight into the author's type. It tells line and column of a text that nobody has
//! seen, and makes a component 30 kB bigger, most of which prints numbers in messages; `serde_path_to_error`
//! would tell the place for another 10 to 16 kB (both measured on the default plugins). Reading a `Value` is
//! something that every plugin does anyway.

mod part;
mod wrong;

use std::borrow::Cow;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Fault;
use part::Part;

/// What a policy tells a plugin, and what it must look like.
///
/// Every type that is read by serde and described by schemars is one, so that the two can't disagree:
///
/// ```
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// /// Where objects may be.
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Config {
///     /// The region, as `spec.region` of a cluster has it.
///     region: String,
/// }
/// ```
///
/// Comments become descriptions, which `portolan plugin inspect` shows; serde's attributes hold for both, and schemars'
/// own, such as `#[schemars(range(min = 1))]`, narrow what the host lets through. The host holds each config against the
/// schema when the policy is read. What the schema can't say and the type does not take becomes a [`Fault::Config`] that
/// says where and why, before the plugin's function is called. With `#[serde(deny_unknown_fields)]` slips of the pen are
/// found, too.
///
/// A type that describes itself by hand implements this trait instead of deriving `JsonSchema`. That spares a component
/// some 75 kB of 190, and it is the author's to keep the two in step.
pub trait Config: DeserializeOwned {
    /// A JSON Schema (draft 2020-12) as text. References are to places in itself and form no circle: a type that
    /// contains itself is refused by the host when the plugin is loaded.
    fn schema() -> Cow<'static, str>;
}

impl<T: DeserializeOwned + JsonSchema> Config for T {
    fn schema() -> Cow<'static, str> {
        let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
        write(schema.as_value()).into()
    }
}

/// A value as compact text. Not `to_string`: that comes with a second, indenting writer.
pub(crate) fn write(value: &Value) -> String {
    let Ok(json) = serde_json::to_string(value) else { unreachable!("every key of a value is a string") };
    json
}

/// The config as the author's type, or a [`Fault::Config`] that names the place.
pub(crate) fn parse<C: DeserializeOwned>(config: &str) -> Result<C, Fault> {
    // The host sends what it has parsed itself, so there is nobody to explain details to.
    let Ok(config) = serde_json::from_str::<Value>(config) else {
        return Err(Fault::Config("the config is no JSON, or nested more than 127 deep".to_owned()));
    };
    C::deserialize(Part(&config)).map_err(|wrong| Fault::Config(wrong.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::{Config as _, parse};
    use crate::Fault;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Config {
        rules: Vec<Rule>,
        #[serde(default)]
        weight: Option<u8>,
        #[serde(default)]
        share: f64,
        #[serde(default)]
        names: BTreeMap<String, i32>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    enum Rule {
        Everywhere,
        Region(String),
        Zone {
            name: String,
            #[serde(default)]
            spare: bool,
        },
        Between(u32, u32),
    }

    fn wrong(config: &str) -> String {
        match parse::<Config>(config) {
            Err(Fault::Config(text)) => text,
            other => panic!("{config} should be a fault of the config, it is {other:?}"),
        }
    }

    /// Where objects may be.
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    #[allow(dead_code, reason = "described, not used")]
    struct Described {
        /// The region.
        home_region: String,
        /// How many there may be.
        #[serde(default)]
        #[schemars(range(min = 1))]
        at_most: Option<u32>,
    }

    #[test]
    fn the_schema_says_what_the_type_says() {
        let schema: Value = serde_json::from_str(&Described::schema()).expect("a schema is JSON");
        assert_eq!(
            schema,
            json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "Described",
                "description": "Where objects may be.",
                "type": "object",
                "required": ["homeRegion"],
                "additionalProperties": false,
                "properties": {
                    "homeRegion": {"description": "The region.", "type": "string"},
                    "atMost": {
                        "description": "How many there may be.",
                        "type": ["integer", "null"],
                        "format": "uint32",
                        "minimum": 1,
                        "default": null,
                    },
                },
            })
        );
    }

    #[test]
    fn every_kind_of_type_is_read() {
        let config = r#"{
            "rules": ["everywhere", {"region": "eu"}, {"zone": {"name": "z1", "spare": true}}, {"between": [1, 2]}],
            "weight": 7, "share": 0.5, "names": {"a": -1}
        }"#;
        let expected = Config {
            rules: vec![
                Rule::Everywhere,
                Rule::Region("eu".to_owned()),
                Rule::Zone { name: "z1".to_owned(), spare: true },
                Rule::Between(1, 2),
            ],
            weight: Some(7),
            share: 0.5,
            names: BTreeMap::from([("a".to_owned(), -1)]),
        };
        assert_eq!(parse(config), Ok(expected));
    }

    #[test]
    fn numbers_come_out_as_they_went_in() {
        for number in
            ["1.5", "0.30000000000000004", "0.9073038322028689", "9007199254740993", "-9223372036854775808"]
        {
            let value: serde_json::Value = parse(number).expect("a number is JSON");
            assert_eq!(value.to_string(), number);
        }
    }

    #[test]
    fn null_is_a_value_that_was_left_out_where_the_type_says_so() {
        assert_eq!(parse::<Option<u8>>("null"), Ok(None));
        assert_eq!(parse::<()>("null"), Ok(()));
        assert_eq!(wrong(r#"{"rules": null}"#), "at rules: expected a list, found null");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_what_would_be_right() {
        for (config, text) in [
            ("[", "the config is no JSON, or nested more than 127 deep"),
            ("7", "expected an object, found 7"),
            ("{}", "the field \"rules\" is missing"),
            (
                r#"{"rules": [], "wieght": 1}"#,
                "there is no field \"wieght\"; valid is rules, weight, share, names",
            ),
            (r#"{"rules": "all"}"#, "at rules: expected a list, found \"all\""),
            (r#"{"rules": {}}"#, "at rules: expected a list, found an object"),
            (r#"{"rules": [], "names": [-1.5]}"#, "at names: expected an object, found a list"),
            (r#"{"rules": [{"region": -1}]}"#, "at rules[0].region: expected a string, found -1"),
            (
                r#"{"rules": [{"between": [1, 2.5]}]}"#,
                "at rules[0].between[1]: expected u32, found a number with a fraction",
            ),
            (
                r#"{"rules": [{"between": [1]}]}"#,
                "at rules[0].between: invalid length 1, expected tuple variant Rule::Between with 2 elements",
            ),
            (r#"{"rules": [], "weight": 300}"#, "at weight: expected u8, found 300"),
            (r#"{"rules": [], "weight": 1.5}"#, "at weight: expected u8, found a number with a fraction"),
            (r#"{"rules": [], "names": {"a": {}}}"#, "at names.a: expected i32, found an object"),
            (
                r#"{"rules": ["everywhere", "nowhere"]}"#,
                "at rules[1]: there is no \"nowhere\"; valid is everywhere, region, zone, between",
            ),
            (
                r#"{"rules": [{"zone": {"name": true}}]}"#,
                "at rules[0].zone.name: expected a string, found true",
            ),
            (r#"{"rules": ["region"]}"#, "at rules[0]: \"region\" needs a content"),
            (r#"{"rules": [{"everywhere": 1}]}"#, "at rules[0]: \"everywhere\" has no content"),
        ] {
            assert_eq!(wrong(config), text, "{config}");
        }
        assert_eq!(
            parse::<Vec<Config>>(r#"[{"rules": [7]}]"#),
            Err(Fault::Config(
                "at [0].rules[0]: expected the name of a variant, or an object of which it is the one key"
                    .to_owned()
            ))
        );
    }
}
