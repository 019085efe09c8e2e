use std::borrow::Cow;

use portolan_plugin::{Config, Fault};
use serde::Deserialize;

use crate::reference::Reference;

/// The entries of one rule, applied in order.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Entries(pub Vec<Entry>);

impl Config for Entries {
    fn schema() -> Cow<'static, str> {
        include_str!("../config.schema.json").into()
    }
}

/// One entry as policies write it. What admission would not let in is still understood, as the reference understands it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Entry {
    /// The one image that is meant; without it, that of every container.
    #[serde(default)]
    pub predicate: Option<Predicate>,
    /// `Registry`, `Repository` or `Tag`.
    pub component: String,
    /// `add`, `replace` or `remove`; another one changes nothing.
    pub operator: String,
    /// With what.
    #[serde(default)]
    pub value: Option<String>,
    /// Keep the digest of an image that has both a tag and a digest. Portolan's own field.
    #[serde(default)]
    pub preserve_digest: bool,
}

/// Which image is meant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    /// Where it stands: `/` between names, which are taken by their letters.
    pub path: String,
}

/// An image that was edited, and what is to be said about it.
pub(crate) struct Edited {
    pub(crate) image: String,
    pub(crate) warning: Option<String>,
}

impl Entry {
    /// Edits the image at that pointer. `tells` whether messages may say what it is: at a predicate's path may stand what
    /// nobody is to see.
    pub(crate) fn edit(&self, place: usize, at: &str, image: &str, tells: bool) -> Result<Edited, Fault> {
        let Self { predicate: _, component, operator, value, preserve_digest } = self;
        let shown = if tells { format!("`{image}`") } else { "the image".to_owned() };
        let mut reference = Reference::read(image).map_err(|why| {
            let shown = if tells && !image.is_empty() { format!(" (`{image}`)") } else { String::new() };
            Fault::Template(format!("{at}{shown}: {why}"))
        })?;
        let had_both = !reference.tag.is_empty() && !reference.digest.is_empty();
        let value = value.as_deref().unwrap_or_default();
        let mut warning = None;
        let mut versioned = false;
        let part = match component.as_str() {
            "Registry" => Some(&mut reference.registry),
            "Repository" => Some(&mut reference.repository),
            "Tag" => None,
            _ => {
                return Err(Fault::Config(format!(
                    "at [{place}].component: there is no `{component}`; valid is Registry, Repository, Tag"
                )));
            }
        };
        match (operator.as_str(), part) {
            ("add", Some(part)) => part.push_str(value),
            ("replace", Some(part)) => value.clone_into(part),
            ("remove", Some(part)) => part.clear(),
            ("remove", None) => {
                reference.tag.clear();
                reference.digest.clear();
                versioned = true;
            }
            ("add" | "replace", None) => {
                let version = match operator.as_str() {
                    "add" => format!("{}{value}", reference.version()),
                    _ => value.to_owned(),
                };
                versioned = reference.set_version(&version);
                if !versioned {
                    let version = if tells || operator == "replace" { &*version } else { value };
                    warning = Some(format!(
                        "[{place}].value: `{version}` is neither a tag nor a digest, so the version of {shown} at {at} stays; \
                         valid: a tag such as v1.2, or sha256: and 64 digits"
                    ));
                }
            }
            _ => {
                warning = Some(format!(
                    "[{place}].operator: `{operator}` does nothing; valid: add, replace, remove"
                ));
            }
        }
        let image = reference.text(*preserve_digest);
        if had_both && !versioned && !preserve_digest {
            let lost = format!(
                "[{place}]: {shown} at {at} loses its digest, because it has a tag as well; `preserveDigest: true` keeps it"
            );
            warning = Some(warning.map_or(lost.clone(), |first| format!("{first}; {lost}")));
        }
        Ok(Edited { image, warning })
    }
}
