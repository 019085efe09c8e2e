//! Everything that was given to read, as what it is to Portolan.

mod file;
mod origin;
mod overlay;
mod packed;
mod plugin_file;
mod text;
mod walk;

use std::fmt;
use std::io::Read;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use portolan_api::{
    Cluster, ClusterPlugin, Context, Document, Invalid, ObjectKey, OverrideSpec, Policy, PropagationSpec,
    Scopes, Unread,
};

use serde_json::Value;

use file::{Found, Held};
pub use origin::{Located, Origin};
pub use packed::Packed;
pub use plugin_file::{PluginFileError, read_component_in};
use text::Text;

use crate::identity::{ByIdentity, Identity};

/// Where to read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One file, whatever its name ends with. A link is followed wherever it leads.
    File(PathBuf),
    /// All files below a directory whose names end with `.yaml`, `.yml` or `.json`, in byte order of their paths.
    /// Names that begin with a dot are skipped, test files, and links to directories inside it, which are read where they are. A
    /// link that leaves the directory or leads nowhere is a problem: nobody can tell what is behind it.
    Directory(PathBuf),
    /// Standard input.
    Stdin,
    /// An object that stands inside another file, which problems name.
    Object {
        /// That file.
        file: PathBuf,
        /// The object's line in it, from 1.
        line: u32,
        /// The object.
        object: Value,
    },
}

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Where objects live that need a namespace and name none.
    pub default_namespace: &'a str,
    /// How many threads read files. The result is the same for any number.
    pub threads: NonZeroUsize,
}

/// What was read, each kind in the order in which it was given: by source, then file, then place in the file.
///
/// No two templates share group, kind, namespace and name, no two policies kind, namespace and name, and no two
/// clusters or plugins a name: the first of them is here, and a problem names both places.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// What may be carried to members.
    pub templates: Vec<Located<Packed>>,
    /// The PropagationPolicies and ClusterPropagationPolicies.
    pub propagation: Vec<Located<Policy<PropagationSpec>>>,
    /// The OverridePolicies and ClusterOverridePolicies.
    pub overrides: Vec<Located<Policy<OverrideSpec>>>,
    /// The members.
    pub clusters: Vec<Located<Cluster>>,
    /// The plugins that policies may name.
    pub plugins: Vec<Located<ClusterPlugin>>,
    /// Objects of the control plane itself that this version has no use for.
    pub ignored: Vec<Located<ObjectKey>>,
    /// Everything that could not be used, with what is wrong with it.
    pub problems: Vec<InputProblem>,
    /// What was left out on purpose and might surprise: one sentence each.
    pub notes: Vec<String>,
}

/// One thing that is wrong with what was read.
///
/// Shown as `clusters.yaml:12: Cluster member1: spec.zones: invalid type ...`.
#[derive(Clone, Debug, PartialEq)]
pub struct InputProblem {
    /// The place: the field's line where it could be found, else the object's.
    pub origin: Origin,
    /// As much of the object as could be told: `OverridePolicy default/podinfo`, or "".
    pub object: String,
    /// A path in the object such as `spec.resourceSelectors[0].kind`, or "".
    pub at: String,
    /// What is wrong and what would be valid.
    pub message: String,
    /// What must be left as it is because this can't be used, where that can be told.
    pub unread: Option<Unread>,
    /// True where nobody can tell which objects stood here: the file can't be read, the document is malformed, or has
    /// no identity. Anything may be missing then.
    pub whole_document: bool,
}

impl Inputs {
    /// Reads all sources, to the end: what is wrong becomes a problem, and what stands beside it is still read.
    ///
    /// `stdin` is read where a source says so. A file may have 64 MiB; lists and maps may be nested 128 deep; aliases
    /// may expand to 16 MiB a file.
    pub fn read(sources: &[Source], stdin: &mut dyn Read, reading: &Reading<'_>) -> Self {
        let mut inputs = Self::default();
        let files = walk::files(sources, stdin, &mut inputs);
        let mut found = Vec::new();
        for file in in_parallel(&files, reading.threads, file::read) {
            found.extend(file.found);
            inputs.problems.extend(file.problems);
        }
        // A definition may stand behind the objects that it defines, so all are learnt before any is placed.
        let mut scopes = Scopes::default();
        for Found { object, .. } in &found {
            if let Held::Whole(object) = object {
                scopes.learn(object.value());
            }
        }
        let context = Context { default_namespace: reading.default_namespace, scopes: &scopes };
        let mut firsts = ByIdentity::default();
        for Found { object, origin, text } in found {
            let object = match object {
                Held::Template(mut template) => {
                    template.settle(scopes.namespace(template.key(), reading.default_namespace));
                    if inputs.is_first(template.key(), &origin, &mut firsts) {
                        inputs.templates.push(Located { value: template, origin, text: None });
                    }
                    continue;
                }
                Held::Whole(object) => object,
            };
            match Document::read(object.into_value(), &context) {
                Ok(document) => inputs.take(document, origin, text, &mut firsts),
                Err(invalid) => {
                    let locate =
                        |at: &str, message: &str| text.as_ref().and_then(|text| text.locate(at, message));
                    inputs.problems.extend(problems(invalid, &origin, locate));
                }
            }
        }
        // Directories list their entries in no order.
        inputs.problems.sort_by(|one, other| one.origin.cmp(&other.origin));
        inputs.notes.sort_unstable();
        inputs
    }

    /// Whether nothing of that identity came before; a problem where something did.
    fn is_first(&mut self, key: &ObjectKey, origin: &Origin, firsts: &mut ByIdentity<Origin>) -> bool {
        let identity = Identity::of(key);
        if let Some(first) = firsts.get(&identity) {
            self.problems.push(InputProblem {
                message: format!("is given twice; this one is left out, the one at {first} counts"),
                object: key.to_string(),
                origin: origin.clone(),
                at: String::new(),
                unread: None,
                whole_document: false,
            });
            return false;
        }
        firsts.insert(identity, origin.clone());
        true
    }

    fn take(
        &mut self,
        document: Document,
        origin: Origin,
        text: Option<Text>,
        firsts: &mut ByIdentity<Origin>,
    ) {
        let key = match &document {
            Document::Template(object) | Document::Ignored(object) => object.key(),
            Document::Propagation(policy) => policy_key(&policy.reference),
            Document::Override(policy) => policy_key(&policy.reference),
            Document::Cluster(cluster) => key("cluster.karmada.io/v1alpha1", "Cluster", None, &cluster.name),
            Document::Plugin(plugin) => {
                key("plugins.portolan.dev/v1alpha1", "ClusterPlugin", None, &plugin.name)
            }
        };
        if !self.is_first(&key, &origin, firsts) {
            return;
        }
        let text = text.map(Arc::new);
        match document {
            Document::Template(object) => {
                self.templates.push(Located { value: Packed::new(object), origin, text });
            }
            Document::Propagation(value) => self.propagation.push(Located { value: *value, origin, text }),
            Document::Override(value) => self.overrides.push(Located { value: *value, origin, text }),
            Document::Cluster(value) => self.clusters.push(Located { value: *value, origin, text }),
            Document::Plugin(value) => self.plugins.push(Located { value: *value, origin, text }),
            Document::Ignored(_) => self.ignored.push(Located { value: key, origin, text }),
        }
    }
}

impl InputProblem {
    /// A problem with a place of which nothing could be read.
    fn unreadable(origin: Origin, message: impl Into<String>) -> Self {
        Self {
            origin,
            object: String::new(),
            at: String::new(),
            message: message.into(),
            unread: None,
            whole_document: true,
        }
    }
}

impl fmt::Display for InputProblem {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, object, at, message, unread: _, whole_document: _ } = self;
        write!(to, "{origin}: ")?;
        if !object.is_empty() {
            write!(to, "{object}: ")?;
        }
        if !at.is_empty() {
            write!(to, "{at}: ")?;
        }
        to.write_str(message)
    }
}

fn problems<'a>(
    invalid: Invalid,
    origin: &'a Origin,
    locate: impl Fn(&str, &str) -> Option<u32> + 'a,
) -> impl Iterator<Item = InputProblem> + 'a {
    let Invalid { object, problems, unread } = invalid;
    problems.into_iter().map(move |problem| {
        let line = locate(&problem.at, &problem.message);
        InputProblem {
            origin: Origin { line: line.or(origin.line), ..origin.clone() },
            object: object.clone(),
            at: problem.at,
            message: problem.message,
            unread: unread.as_deref().cloned(),
            whole_document: object.is_empty(),
        }
    })
}

fn policy_key(reference: &portolan_api::PolicyRef) -> ObjectKey {
    key(
        "policy.karmada.io/v1alpha1",
        &reference.kind.to_string(),
        reference.namespace.as_deref(),
        &reference.name,
    )
}

fn key(api_version: &str, kind: &str, namespace: Option<&str>, name: &str) -> ObjectKey {
    ObjectKey {
        api_version: api_version.into(),
        kind: kind.into(),
        namespace: namespace.map(Into::into),
        name: name.into(),
    }
}

/// Does the same with every item, on several threads, and returns the results in the order of the items.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    threads: NonZeroUsize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let threads = threads.get().min(items.len());
    if threads <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let (at, Some(item)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    (at, items.get(at))
                } {
                    let result = work(item);
                    // Nothing that holds the lock can panic, so it can't be poisoned.
                    done.lock().expect("no thread panics while it pushes").push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no thread panics while it pushes");
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
