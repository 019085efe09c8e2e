use serde_json::Value;

/// What a cluster's status says of a kind of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// The cluster's server has it.
    Listed,
    /// The server has it not: the list of what it has is complete, and the kind is not in there.
    Missing,
    /// The kind is not in the list, and nothing says that the list is complete.
    Unlisted,
    /// There is no list.
    Unknown,
}

impl Served {
    /// What a status says: its `apiEnablements`, and its condition `CompleteAPIEnablements`. An empty list is none.
    pub(crate) fn told_by(status: &Value, api_version: &str, kind: &str) -> Self {
        let all = |field: &str| status[field].as_array().into_iter().flatten();
        let mut groups = all("apiEnablements").filter(|group| group["groupVersion"] == api_version);
        let has_it = |group: &Value| {
            let resources = group["resources"].as_array();
            resources.into_iter().flatten().any(|resource| resource["kind"] == kind)
        };
        let complete = |one: &Value| one["type"] == "CompleteAPIEnablements" && one["status"] == "True";
        if groups.any(has_it) {
            Self::Listed
        } else if all("apiEnablements").next().is_none() {
            Self::Unknown
        } else if all("conditions").any(complete) {
            Self::Missing
        } else {
            Self::Unlisted
        }
    }
}
