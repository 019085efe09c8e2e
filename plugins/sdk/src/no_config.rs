use std::borrow::Cow;

use serde::Deserialize;

use crate::Config;

/// The config of a plugin that needs to be told nothing: an empty object, and whatever else is in it is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

/// By hand: deriving it would make a component larger than its plugin is.
impl Config for NoConfig {
    fn schema() -> Cow<'static, str> {
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false}"#.into()
    }
}
