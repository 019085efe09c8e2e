//! From a component's bytes to a plugin that can be asked.

mod asking;
mod stages;

use std::sync::Arc;
use std::time::Duration;

use portolan_plan::{Digest, Fault, Manifest, Reading};
use wasmtime::component::{Component, InstancePre};

use crate::bindings::exports::portolan::policy as exports;
use crate::budgets::Budgets;
use crate::call::{Call, call};
use crate::compile::Failed;
use crate::expansion;
use crate::manifest;
use crate::outline::{Misfit, Outline};
use crate::sandbox::Shared;
use crate::schema::Schema;
use crate::text::one_line;
use stages::Stages;

/// The first bytes of a component, and of a core module, in binary.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// A component that fits the contract, compiled and ready. Asking it from many threads at once is what it is made for;
/// each call has an instance of its own. A thread that calls needs 1 MiB of stack, half of it for the plugin.
#[derive(Clone)]
pub struct LoadedPlugin {
    manifest: Manifest,
    schema: Arc<Schema>,
    outline: Outline,
    size: usize,
    compiled: Option<Duration>,
    budgets: Budgets,
    component: InstancePre<Call>,
    stages: Stages,
    shared: Arc<Shared>,
}

/// Why a component is not taken as a plugin. Only `Busy` passes by itself.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is larger than allowed.
    #[error("it is {size} bytes; valid: up to {max}")]
    TooLarge {
        /// Of this component.
        size: usize,
        /// What is allowed.
        max: usize,
    },
    /// Something else than a component in binary.
    #[error("it is {0}; valid: a WebAssembly component in binary")]
    NoComponent(&'static str),
    /// It begins like a component, but it is none, or it needs what the sandbox does not allow.
    #[error("it is no valid component")]
    Invalid(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It asks for something that no plugin is given.
    #[error("{0}")]
    Import(String),
    /// It does not offer what a plugin must, or not as the contract says.
    #[error("{0}")]
    Export(String),
    /// It takes too long to compile.
    #[error("compiling it takes more than {} s; valid: a smaller component, or a faster or less busy machine", .0.as_secs())]
    CompileTime(Duration),
    /// The compiler broke down over it.
    #[error("the compiler broke down over it; please report this with the component")]
    CompilerBroke,
    /// Others are being compiled; it may be tried again.
    #[error("other components are being compiled; try again")]
    Busy,
    /// It could not be started, or broke down when it was asked who it is.
    #[error("asked who it is: {0}")]
    Describe(Fault),
    /// What it says about itself can't be used.
    #[error("its manifest can't be used: {0}")]
    Manifest(String),
}

impl LoadedPlugin {
    pub(crate) fn load(shared: &Arc<Shared>, bytes: &[u8]) -> Result<Self, LoadError> {
        recognise(bytes, shared.loading.max_bytes)?;
        let outline = Outline::read(bytes)?;
        outline.check()?;
        expansion::check(bytes).map_err(|why| LoadError::Invalid(one_line(&why.to_string()).into()))?;
        let digest = Digest::of(bytes);
        let (component, compiled) = compile(shared, bytes, digest)?;
        let component = shared
            .linker
            .instantiate_pre(&component)
            .map_err(|error| LoadError::Import(one_line(&format!("{error:#}"))))?;
        let stages = Stages::find(&component, &outline)?;
        let described = describe(&component, &stages, &shared.budgets)?;
        let (manifest, schema) = manifest::check(described, digest, &outline).map_err(LoadError::Manifest)?;
        Ok(Self {
            manifest,
            schema: Arc::new(schema),
            outline,
            size: bytes.len(),
            compiled,
            budgets: shared.budgets.clone(),
            component,
            stages,
            shared: Arc::clone(shared),
        })
    }

    /// The same plugin with narrower budgets; what is wider counts as it was.
    pub fn narrowed_by(&self, budgets: &Budgets) -> Self {
        Self { budgets: self.budgets.narrowed_by(budgets), ..self.clone() }
    }

    /// What a call may use up.
    pub fn budgets(&self) -> &Budgets {
        &self.budgets
    }

    /// The names that the component imports, as it writes them.
    pub fn imports(&self) -> &[String] {
        &self.outline.imports
    }

    /// The names that the component exports, as it writes them: stages that this version does not call among them.
    pub fn exports(&self) -> &[String] {
        &self.outline.exports
    }

    /// Bytes of the component.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How long compiling took; none where it came from the cache.
    pub fn compiled(&self) -> Option<Duration> {
        self.compiled
    }
}

impl std::fmt::Debug for LoadedPlugin {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("LoadedPlugin").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl From<Misfit> for LoadError {
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::Malformed(error) => Self::Invalid(one_line(&error.to_string()).into()),
            Misfit::Import(text) => Self::Import(text),
            Misfit::Export(text) => Self::Export(text),
        }
    }
}

/// Tells a component in binary from what else people hand over.
fn recognise(bytes: &[u8], max: usize) -> Result<(), LoadError> {
    if bytes.len() > max {
        return Err(LoadError::TooLarge { size: bytes.len(), max });
    }
    if bytes.starts_with(COMPONENT) {
        return Ok(());
    }
    let text = std::str::from_utf8(bytes).ok().map(str::trim_start);
    Err(LoadError::NoComponent(match text {
        _ if bytes.starts_with(MODULE) => {
            "a core module, which `cargo xtask plugins`, wit-component or `wasm-tools component new` makes a component of"
        }
        _ if bytes.is_empty() => "empty",
        _ if COMPONENT.starts_with(bytes) => "cut short",
        Some(text) if text.starts_with('(') => "WebAssembly as text, which `wasm-tools parse` makes binary",
        Some(_) => "a text",
        None => "no WebAssembly",
    }))
}

fn compile(
    shared: &Shared,
    bytes: &[u8],
    digest: Digest,
) -> Result<(Component, Option<Duration>), LoadError> {
    if let Some(component) = shared.cache.as_ref().and_then(|cache| cache.load(&shared.engine, digest)) {
        return Ok((component, None));
    }
    let limit = shared.loading.compile_time;
    let (component, took) = shared.compiler.compile(bytes, limit).map_err(|failed| match failed {
        // As text, made harmless: it may quote names from the component, which may be anything.
        Failed::Refused(error) => LoadError::Invalid(one_line(&format!("{error:#}")).into()),
        Failed::TooLong => LoadError::CompileTime(limit),
        Failed::Busy => LoadError::Busy,
        Failed::Broke => LoadError::CompilerBroke,
    })?;
    // Taken back from the file, so that what is held is the mapped one.
    let kept = shared.cache.as_ref().and_then(|cache| {
        cache.store(digest, &component);
        cache.load(&shared.engine, digest)
    });
    Ok((kept.unwrap_or(component), Some(took)))
}

/// A trial: the component is started, its exports' types are held against the contract, and it is asked who it is.
fn describe(
    component: &InstancePre<Call>,
    stages: &Stages,
    budgets: &Budgets,
) -> Result<exports::info::Manifest, LoadError> {
    let mut mistyped = None;
    let (described, _) = call(component, budgets, &mut Reading::default(), |store, instance| {
        if let Err(error) = stages.check(store, instance) {
            mistyped = Some(error);
            return Ok(Ok(None));
        }
        stages.info.load(&mut *store, instance)?.call_describe(store).map(|manifest| Ok(Some(manifest)))
    });
    match (mistyped, described) {
        (Some(error), _) => Err(error),
        (None, Ok(Some(manifest))) => Ok(manifest),
        (None, Ok(None)) => Err(LoadError::Manifest("there is none".into())),
        (None, Err(fault)) => Err(LoadError::Describe(fault)),
    }
}
