//! From a component's bytes to a plugin that can be asked.

use std::sync::Arc;
use std::time::Duration;

use portolan_plan::{
    Amendment, Choice, Digest, Fault, Manifest, Outcome, Plugin, Reading, Refusal, Stage, Terms,
};
use serde_json::Value;
use wasmtime::Store;
use wasmtime::component::{Component, Instance, InstancePre};

use crate::answers;
use crate::bindings::exports::portolan::policy as exports;
use crate::bindings::portolan::policy::types;
use crate::budgets::Budgets;
use crate::call::{Call, Figures, call};
use crate::compile::Failed;
use crate::engine;
use crate::expansion;
use crate::log::Log;
use crate::manifest;
use crate::outline::{Misfit, Outline, full_name};
use crate::sandbox::Shared;
use crate::schema::Schema;
use crate::text::one_line;

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

    /// `Plugin::filter`, and what it used.
    pub fn filter_measured(
        &self,
        config: &str,
        reading: &mut Reading,
    ) -> (Result<Vec<Refusal>, Fault>, Figures) {
        let ask = |found: &exports::filter::GuestIndices, store: &mut Store<Call>, instance: &Instance| {
            found.load(&mut *store, instance)?.call_filter(store, &config.to_owned())
        };
        self.ask(Stage::Filter, self.stages.filter.as_ref(), reading, ask, looking(answers::refusals))
    }

    /// `Plugin::score`, and what it used.
    pub fn score_measured(&self, config: &str, reading: &mut Reading) -> (Result<Vec<u8>, Fault>, Figures) {
        let ask = |found: &exports::scorer::GuestIndices, store: &mut Store<Call>, instance: &Instance| {
            found.load(&mut *store, instance)?.call_score(store, &config.to_owned())
        };
        self.ask(Stage::Scorer, self.stages.scorer.as_ref(), reading, ask, looking(answers::scores))
    }

    /// `Plugin::estimate`, and what it used.
    pub fn estimate_measured(
        &self,
        config: &str,
        reading: &mut Reading,
    ) -> (Result<Vec<Option<u32>>, Fault>, Figures) {
        let ask = |found: &exports::estimator::GuestIndices, store: &mut Store<Call>, instance: &Instance| {
            found.load(&mut *store, instance)?.call_estimate(store, &config.to_owned())
        };
        self.ask(Stage::Estimator, self.stages.estimator.as_ref(), reading, ask, looking(answers::estimates))
    }

    /// `Plugin::select`, and what it used.
    pub fn select_measured(&self, config: &str, reading: &mut Reading) -> (Result<Choice, Fault>, Figures) {
        let ask = |found: &exports::selector::GuestIndices, store: &mut Store<Call>, instance: &Instance| {
            found.load(&mut *store, instance)?.call_select(store, &config.to_owned())
        };
        self.ask(Stage::Selector, self.stages.selector.as_ref(), reading, ask, looking(answers::choice))
    }

    /// `Plugin::assign`, and what it used.
    pub fn assign_measured(&self, config: &str, reading: &mut Reading) -> (Result<Vec<u32>, Fault>, Figures) {
        let ask = |found: &exports::assigner::GuestIndices, store: &mut Store<Call>, instance: &Instance| {
            found.load(&mut *store, instance)?.call_assign(store, &config.to_owned())
        };
        self.ask(Stage::Assigner, self.stages.assigner.as_ref(), reading, ask, looking(answers::replicas))
    }

    /// `Plugin::patch`, and what it used.
    pub fn patch_measured(
        &self,
        config: &str,
        reading: &mut Reading,
    ) -> (Result<Vec<Amendment>, Fault>, Figures) {
        let ask = |found: &exports::overrider::GuestIndices, store: &mut Store<Call>, instance: &Instance| {
            found.load(&mut *store, instance)?.call_patch(store, &config.to_owned())
        };
        self.ask(Stage::Overrider, self.stages.overrider.as_ref(), reading, ask, answers::amendments)
    }

    /// Any stage, by its name, and what it used.
    pub fn ask_measured(&self, stage: Stage, config: &str, reading: &mut Reading) -> (Outcome, Figures) {
        match stage {
            Stage::Filter => outcome(self.filter_measured(config, reading)),
            Stage::Scorer => outcome(self.score_measured(config, reading)),
            Stage::Estimator => outcome(self.estimate_measured(config, reading)),
            Stage::Selector => outcome(self.select_measured(config, reading)),
            Stage::Assigner => outcome(self.assign_measured(config, reading)),
            Stage::Overrider => outcome(self.patch_measured(config, reading)),
        }
    }

    /// Asks a stage and checks its answer. The generated functions take a `String` because the contract names the type
    /// of its texts.
    fn ask<S, A, T>(
        &self,
        stage: Stage,
        found: Option<&S>,
        reading: &mut Reading,
        ask: impl FnOnce(&S, &mut Store<Call>, &Instance) -> wasmtime::Result<Result<A, types::Fault>>,
        check: impl FnOnce(A, &mut Reading, &Budgets) -> Result<T, Fault>,
    ) -> (Result<T, Fault>, Figures) {
        let Some(found) = found else {
            return (Err(self.manifest.stands_not_as(stage)), Figures::default());
        };
        let (answer, figures) =
            call(&self.component, &self.budgets, reading, |store, instance| ask(found, store, instance));
        if let Some(sink) = &self.shared.log
            && !(figures.log.lines.is_empty() && figures.log.cut == 0)
        {
            if reading.looked_into_a_secret() {
                // Logs are read by more people than Secrets are. That something was said may be known.
                let cut = figures.log.cut.saturating_add(figures.log.lines.len() as u64);
                sink(&self.manifest.name, &Log { lines: Vec::new(), cut });
            } else {
                sink(&self.manifest.name, &figures.log);
            }
        }
        (answer.and_then(|answer| check(answer, reading, &self.budgets)), figures)
    }
}

impl Plugin for LoadedPlugin {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn terms(&self) -> Terms {
        Terms { engine: engine::NAME.into(), budget: self.budgets.listed() }
    }

    fn check(&self, config: &Value) -> Result<(), String> {
        self.schema.check(config)
    }

    fn filter(&self, config: &str, reading: &mut Reading) -> Result<Vec<Refusal>, Fault> {
        self.filter_measured(config, reading).0
    }

    fn score(&self, config: &str, reading: &mut Reading) -> Result<Vec<u8>, Fault> {
        self.score_measured(config, reading).0
    }

    fn estimate(&self, config: &str, reading: &mut Reading) -> Result<Vec<Option<u32>>, Fault> {
        self.estimate_measured(config, reading).0
    }

    fn select(&self, config: &str, reading: &mut Reading) -> Result<Choice, Fault> {
        self.select_measured(config, reading).0
    }

    fn assign(&self, config: &str, reading: &mut Reading) -> Result<Vec<u32>, Fault> {
        self.assign_measured(config, reading).0
    }

    fn patch(&self, config: &str, reading: &mut Reading) -> Result<Vec<Amendment>, Fault> {
        self.patch_measured(config, reading).0
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

/// A check that only looks at what was asked.
fn looking<A, T>(
    check: fn(A, &Reading, &Budgets) -> Result<T, Fault>,
) -> impl FnOnce(A, &mut Reading, &Budgets) -> Result<T, Fault> {
    move |answer, reading, budgets| check(answer, reading, budgets)
}

fn outcome<T: Into<Outcome>>((answer, figures): (Result<T, Fault>, Figures)) -> (Outcome, Figures) {
    (answer.into(), figures)
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

/// Where the exports of a component are.
macro_rules! stages {
    ($($stage:ident),*) => {
        #[derive(Clone)]
        struct Stages {
            info: exports::info::GuestIndices,
            $($stage: Option<exports::$stage::GuestIndices>),*
        }

        impl Stages {
            /// Finds the functions of each interface that is exported.
            fn find(component: &InstancePre<Call>, outline: &Outline) -> Result<Self, LoadError> {
                Ok(Self {
                    info: exports::info::GuestIndices::new(component).map_err(|error| mistyped("info", &error))?,
                    $($stage: if outline.has(stringify!($stage)) {
                        let found = exports::$stage::GuestIndices::new(component);
                        Some(found.map_err(|error| mistyped(stringify!($stage), &error))?)
                    } else {
                        None
                    }),*
                })
            }

            /// Holds the functions' types against the contract's.
            fn check(&self, store: &mut Store<Call>, instance: &Instance) -> Result<(), LoadError> {
                self.info.load(&mut *store, instance).map_err(|error| mistyped("info", &error))?;
                $(if let Some(stage) = &self.$stage {
                    stage.load(&mut *store, instance).map_err(|error| mistyped(stringify!($stage), &error))?;
                })*
                Ok(())
            }
        }
    };
}

// Those that this version does not call are checked as well: what is loaded today must not turn out to be wrong once
// they are called.
stages!(
    filter,
    scorer,
    estimator,
    selector,
    assigner,
    overrider,
    workload,
    prune,
    retain,
    health,
    reflect,
    aggregate,
    dependencies
);

fn mistyped(interface: &str, error: &wasmtime::Error) -> LoadError {
    let why = one_line(&format!("{error:#}"));
    LoadError::Export(format!("its `{}` is not as the contract says: {why}", full_name(interface)))
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
