//! What makes two objects the same object.

use std::collections::BTreeMap;

use portolan_api::ObjectKey;

/// Group, kind, namespace and name. Versions of one kind are views of the same object, on every API server, so the
/// version is no part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) family: Family,
    pub(crate) name: String,
}

/// What objects share that differ in nothing but their names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Family {
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
}

/// Something about each of many objects, in the order of their identities.
///
/// Thousands of objects share few families, so looking one up compares names, and remembering one keeps no more.
#[derive(Clone, Debug)]
pub(crate) struct ByIdentity<T> {
    families: BTreeMap<Family, BTreeMap<String, T>>,
}

impl Identity {
    pub(crate) fn of(key: &ObjectKey) -> Self {
        let (group, kind, namespace, name) = borrowed(key);
        let family = Family { group: group.into(), kind: kind.into(), namespace: namespace.map(Into::into) };
        Self { family, name: name.into() }
    }
}

/// The same without keeping it, in the same order.
pub(crate) fn borrowed(key: &ObjectKey) -> (&str, &str, Option<&str>, &str) {
    (key.group(), &key.kind, key.namespace.as_deref(), &key.name)
}

impl<T> ByIdentity<T> {
    pub(crate) fn get(&self, object: &Identity) -> Option<&T> {
        self.families.get(&object.family)?.get(&object.name)
    }

    pub(crate) fn get_mut(&mut self, object: &Identity) -> Option<&mut T> {
        self.families.get_mut(&object.family)?.get_mut(&object.name)
    }

    /// What is there about an object, or what is made now.
    pub(crate) fn get_or_insert_with(&mut self, object: Identity, make: impl FnOnce() -> T) -> &mut T {
        let Identity { family, name } = object;
        self.families.entry(family).or_default().entry(name).or_insert_with(make)
    }

    /// Returns what was there.
    pub(crate) fn insert(&mut self, object: Identity, value: T) -> Option<T> {
        let Identity { family, name } = object;
        self.families.entry(family).or_default().insert(name, value)
    }

    pub(crate) fn remove(&mut self, object: &Identity) {
        let Some(family) = self.families.get_mut(&object.family) else { return };
        family.remove(&object.name);
        if family.is_empty() {
            self.families.remove(&object.family);
        }
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.families.values().flat_map(BTreeMap::values)
    }
}

impl<T> Default for ByIdentity<T> {
    fn default() -> Self {
        Self { families: BTreeMap::new() }
    }
}
