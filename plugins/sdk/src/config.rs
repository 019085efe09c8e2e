use serde::de::DeserializeOwned;

use crate::Fault;

/// Reads a config, or says where it is wrong and what would be valid.
pub(crate) fn parse<C: DeserializeOwned>(config: &str) -> Result<C, Fault> {
    serde_json::from_str(config).map_err(|error| Fault::Config(format!("config: {error}")))
}
