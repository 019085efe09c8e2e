//! From a component's bytes to a plugin that can be asked.

use std::sync::Arc;
use std::time::Duration;

use portolan_plan::{
    Amendment, Choice, Dependency, Digest, Fault, Health, Manifest, MemberStatus, Outcome, Patch, Plugin,
    Reading, Refusal, Revision, Size, Stage, Terms,
};
use serde::de::DeserializeOwned;
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

    /// Any stage, by its name, and what it used. An interpreter's config is what its operation takes beside the object.
    pub fn ask_measured(&self, stage: Stage, config: &str, reading: &mut Reading) -> (Outcome, Figures) {
        match stage {
            Stage::Filter => outcome(self.filter_measured(config, reading)),
            Stage::Scorer => outcome(self.score_measured(config, reading)),
            Stage::Estimator => outcome(self.estimate_measured(config, reading)),
            Stage::Selector => outcome(self.select_measured(config, reading)),
            Stage::Assigner => outcome(self.assign_measured(config, reading)),
            Stage::Overrider => outcome(self.patch_measured(config, reading)),
            Stage::Replicas => outcome(self.replicas_measured(reading)),
            Stage::Revise => match argument(config) {
                Ok(revision) => outcome(self.revise_measured(revision, reading)),
                Err(fault) => (fault, Figures::default()),
            },
            Stage::Prune => outcome(self.prune_measured(reading)),
            Stage::Dependencies => outcome(self.dependencies_measured(reading)),
            Stage::Retain => outcome(self.retain_measured(reading)),
            Stage::Health => outcome(self.health_measured(reading)),
            Stage::Reflect => outcome(self.reflect_measured(reading)),
            Stage::Aggregate => match argument::<Vec<MemberStatus>>(config) {
                Ok(members) => outcome(self.aggregate_measured(&members, reading)),
                Err(fault) => (fault, Figures::default()),
            },
        }
    }

    /// Asks a stage and checks its answer.
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

/// Each call of the contract, twice: measured, and as plan makes it. A row has the stage, plan's method with what it
/// takes and gives, the interface with the generated function and what that is given, and the check of the answer.
macro_rules! calls {
    ($(
        $stage:ident: $plain:ident / $measured:ident ($($argument:ident: $of:ty),*) -> $answer:ty,
        $interface:ident . $function:ident ($($given:expr),*), $check:path;
    )*) => {
        impl LoadedPlugin {
            $(
                #[doc = concat!("`Plugin::", stringify!($plain), "`, and what it used.")]
                pub fn $measured(
                    &self,
                    $($argument: $of,)*
                    reading: &mut Reading,
                ) -> (Result<$answer, Fault>, Figures) {
                    let ask = |found: &exports::$interface::GuestIndices,
                               store: &mut Store<Call>,
                               instance: &Instance| {
                        found.load(&mut *store, instance)?.$function(store $(, $given)*)
                    };
                    self.ask(Stage::$stage, self.stages.$interface.as_ref(), reading, ask, $check)
                }
            )*
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

            $(
                fn $plain(&self, $($argument: $of,)* reading: &mut Reading) -> Result<$answer, Fault> {
                    self.$measured($($argument,)* reading).0
                }
            )*
        }
    };
}

// The generated functions take a `String` because the contract names the type of its texts.
calls! {
    Filter: filter / filter_measured(config: &str) -> Vec<Refusal>,
        filter.call_filter(&config.to_owned()), answers::refusals;
    Scorer: score / score_measured(config: &str) -> Vec<u8>,
        scorer.call_score(&config.to_owned()), answers::scores;
    Estimator: estimate / estimate_measured(config: &str) -> Vec<Option<u32>>,
        estimator.call_estimate(&config.to_owned()), answers::estimates;
    Selector: select / select_measured(config: &str) -> Choice,
        selector.call_select(&config.to_owned()), answers::choice;
    Assigner: assign / assign_measured(config: &str) -> Vec<u32>,
        assigner.call_assign(&config.to_owned()), answers::replicas;
    Overrider: patch / patch_measured(config: &str) -> Vec<Amendment>,
        overrider.call_patch(&config.to_owned()), answers::amendments;
    Replicas: replicas / replicas_measured() -> Option<Size>,
        workload.call_replicas(), answers::size;
    Revise: revise / revise_measured(revision: Revision) -> Patch,
        workload.call_revise(revision.replicas, revision.completions), answers::patch_of_object;
    Prune: prune / prune_measured() -> Patch,
        prune.call_prune(), answers::patch_of_object;
    Dependencies: dependencies / dependencies_measured() -> Vec<Dependency>,
        dependencies.call_dependencies(), answers::dependencies;
    Retain: retain / retain_measured() -> Patch,
        retain.call_retain(), answers::patch_of_object;
    Health: health / health_measured() -> Health,
        health.call_health(), answers::health;
    Reflect: reflect / reflect_measured() -> Option<Value>,
        reflect.call_reflect(), answers::status;
    Aggregate: aggregate / aggregate_measured(members: &[MemberStatus]) -> Option<Value>,
        aggregate.call_aggregate(&self::members(members)), answers::status;
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

/// What an interpreter's operation takes beside the object, from JSON.
fn argument<T: DeserializeOwned>(json: &str) -> Result<T, Outcome> {
    serde_json::from_str(json).map_err(|error| {
        Outcome::Fault(Fault::Config(one_line(&format!("the operation's arguments: {error}"))))
    })
}

/// What is known of members, as the contract says it.
fn members(members: &[MemberStatus]) -> Vec<exports::aggregate::Member> {
    let member = |member: &MemberStatus| exports::aggregate::Member {
        name: member.name.clone(),
        status: member.status.as_ref().map(Value::to_string),
        applied: member.applied,
        health: member.health.name().into(),
    };
    members.iter().map(member).collect()
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
