//! A Work, as far as its member needs to know it.

use std::sync::Arc;

use portolan_api::ObjectKey;
use portolan_plan::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::quiet::Busy;
use crate::told::Told;

/// A Work, as far as its member needs to know it.
#[derive(Debug)]
pub struct Work {
    /// Its name in the cluster's execution namespace.
    pub name: Arc<str>,
    /// Its resource version on the control plane.
    pub resource_version: String,
    /// Which object it carries.
    pub object: ObjectKey,
    /// The digest of its manifest, by [`Digest::of_value`].
    pub digest: Digest,
    /// The one object that it carries; none: it is read where it is needed.
    pub manifest: Option<Arc<Value>>,
    /// Whether nothing is written for it on the member.
    pub suspended: bool,
    /// Whether the object stays when the Work goes, without what says that it is ours.
    pub preserved: bool,
    /// What its status says was delivered last.
    pub delivered: Option<Delivered>,
    /// What its status says.
    pub told: Option<Told>,
    /// Held until the member has it, or has refused it.
    pub busy: Option<Busy>,
}

/// `status.delivered` of a Work: what was written on the member last, and what the member made of it. Where both still
/// hold there is nothing to write, also after a restart. It is recorded only where the member's object is not exactly what
/// was sent, because its server filled something in: else the object itself tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivered {
    /// The digest of the manifest.
    pub digest: Digest,
    /// The object's uid on the member.
    pub uid: String,
    /// The object's generation after the write; where its kind counts none, the digest of its content.
    pub version: String,
}
