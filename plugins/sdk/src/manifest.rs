use std::borrow::Cow;

/// Who a plugin is. Asked for once, when the plugin is loaded; there are no answers to any question yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The plugin's name; `env!("CARGO_PKG_NAME")` is a good one.
    pub name: &'static str,
    /// The plugin's version; `env!("CARGO_PKG_VERSION")` is a good one.
    pub version: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// A JSON Schema (draft 2020-12) as text. The host holds each config against it once, when the policy
    /// changes.
    pub config_schema: Cow<'static, str>,
}
