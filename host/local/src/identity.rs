//! What makes two objects the same object.

use portolan_api::ObjectKey;

/// Group, kind, namespace and name. Versions of one kind are views of the same object, on every API server, so the
/// version is no part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

impl Identity {
    pub(crate) fn of(key: &ObjectKey) -> Self {
        Self {
            group: key.group().into(),
            kind: key.kind.clone(),
            namespace: key.namespace.clone(),
            name: key.name.clone(),
        }
    }
}
