//! Names one template, in as few words as tell it from the others.

use std::fmt;

use portolan_api::ObjectKey;
use serde::{Deserialize, Deserializer, de::Error};

/// `Deployment/web`, or `Deployment shop/web` with its namespace; the kind may be in any case and carry its group, as in
/// `deployment.apps/web`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    kind: String,
    group: Option<String>,
    namespace: Option<String>,
    name: String,
}

/// Why a name names no single template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// None is called so.
    Nobody,
    /// Several are.
    Several(Vec<ObjectKey>),
}

impl Which {
    /// Reads one.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, namespace, name) = match text.split_once(' ') {
            Some((kind, rest)) => match rest.trim().split_once('/') {
                Some((namespace, name)) => (kind, Some(namespace), name),
                None => (kind, None, rest.trim()),
            },
            None => text.split_once('/').map(|(kind, name)| (kind, None, name))?,
        };
        let (kind, group) = match kind.split_once('.') {
            Some((kind, group)) => (kind, Some(group)),
            None => (kind, None),
        };
        let parts = [Some(kind), group, namespace, Some(name)];
        let sound = parts.into_iter().flatten().all(|part| !part.is_empty() && !part.contains([' ', '/']));
        sound.then(|| Self {
            kind: kind.into(),
            group: group.map(Into::into),
            namespace: namespace.map(Into::into),
            name: name.into(),
        })
    }

    /// Whether it names this one.
    pub fn means(&self, key: &ObjectKey) -> bool {
        self.kind.eq_ignore_ascii_case(&key.kind)
            && self.name == key.name
            && self.group.as_deref().is_none_or(|group| group == key.group())
            && self.namespace.as_ref().is_none_or(|namespace| Some(namespace) == key.namespace.as_ref())
    }

    /// The one that it names.
    pub fn among<'a, T>(
        &self,
        templates: &'a [T],
        key: impl Fn(&T) -> &ObjectKey,
    ) -> Result<&'a T, NotFound> {
        let meant: Vec<&T> = templates.iter().filter(|template| self.means(key(template))).collect();
        match meant[..] {
            [one] => Ok(one),
            [] => Err(NotFound::Nobody),
            _ => Err(NotFound::Several(meant.into_iter().map(|template| key(template).clone()).collect())),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, group, namespace, name } = self;
        to.write_str(kind)?;
        if let Some(group) = group {
            write!(to, ".{group}")?;
        }
        match namespace {
            Some(namespace) => write!(to, " {namespace}/{name}"),
            None => write!(to, "/{name}"),
        }
    }
}

impl<'de> Deserialize<'de> for Which {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "`{text}` names no template; valid: a kind and a name, such as Deployment/web or Deployment shop/web"
            ))
        })
    }
}
