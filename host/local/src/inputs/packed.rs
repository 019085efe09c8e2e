//! Templates that wait for their turn.

use portolan_api::{Object, ObjectKey};
use serde_json::Value;

use crate::yaml::{MAX_DEPTH, depth};

/// An object in a fifth of the memory that it takes as a tree of values, because all templates are there at once while
/// only a few are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    key: ObjectKey,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Json(Box<[u8]>),
    /// As deep as may be read here, which is one deeper than what `serde_json` reads.
    Tree(Value),
}

impl Packed {
    /// Packs an object.
    pub fn new(object: Object) -> Self {
        let key = object.key();
        let value = object.into_value();
        let form = if depth(&value) < MAX_DEPTH {
            Form::Json(serde_json::to_vec(&value).expect("a value with text for keys is JSON").into())
        } else {
            Form::Tree(value)
        };
        Self { key, form }
    }

    /// Puts it into a namespace, or into none.
    pub(super) fn settle(&mut self, namespace: Option<String>) {
        self.key.namespace = namespace;
    }

    /// Its identity.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// The object, equal to what was packed but for the namespace that it was put into.
    pub fn unpack(&self) -> Object {
        let value = match &self.form {
            Form::Json(json) => serde_json::from_slice(json).expect("JSON that was written here"),
            Form::Tree(value) => value.clone(),
        };
        let object = Object::parse(value).expect("it was one when it was packed");
        let namespace = self.key.namespace.as_deref();
        if object.namespace() == namespace { object } else { object.in_namespace(namespace) }
    }
}
