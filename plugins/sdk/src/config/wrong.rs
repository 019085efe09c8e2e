use std::{error, fmt};

use serde::de::{self, Expected, Unexpected};

/// What is wrong with a config, and where.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    /// The way from the part that is wrong up to the whole: it is met innermost first.
    at: Vec<Step>,
    why: String,
}

#[derive(Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl Wrong {
    pub(super) fn under_key(mut self, key: &str) -> Self {
        self.at.push(Step::Key(key.to_owned()));
        self
    }

    pub(super) fn under_index(mut self, index: usize) -> Self {
        self.at.push(Step::Index(index));
        self
    }

    fn new(why: String) -> Self {
        Self { at: Vec::new(), why }
    }
}

/// `at rules[2].region: expected a string, found a number`.
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.at.iter().rev().enumerate() {
            f.write_str(if place == 0 { "at " } else { "" })?;
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if place == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        f.write_str(if self.at.is_empty() { "" } else { ": " })?;
        f.write_str(&self.why)
    }
}

impl error::Error for Wrong {}

/// Every text that serde would write is written here, shorter; a number that is out of place is not repeated,
/// because printing one takes more code than a plugin has.
impl de::Error for Wrong {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::new(why.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", named(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", named(found)))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("there is no {variant:?}; valid is {}", expected.join(", ")))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let valid = if expected.is_empty() { "none".to_owned() } else { expected.join(", ") };
        Self::new(format!("there is no field {field:?}; valid is {valid}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("the field {field:?} is missing"))
    }
}

fn named(found: Unexpected<'_>) -> String {
    let name = match found {
        Unexpected::Str(text) => return format!("{text:?}"),
        Unexpected::Unsigned(number) => return number.to_string(),
        Unexpected::Signed(number) => return number.to_string(),
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Bool(true) => "true",
        Unexpected::Bool(false) => "false",
        Unexpected::Unit => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        _ => "something else",
    };
    name.to_owned()
}
