/// Why there is no answer. It is shown to people: say what would be right.
///
/// Plugins are deterministic, so the host asks again only once something that the call read has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The policy's config can't be used.
    Config(String),
    /// The config is fine, but not for this object: a path is missing, a field has another type.
    Template(String),
    /// No defect at all: nothing fits.
    Unschedulable(String),
    /// The plugin itself is wrong.
    Internal(String),
}
