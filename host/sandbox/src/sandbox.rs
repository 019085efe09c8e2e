//! The sandbox: one engine for all plugins, and what belongs to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::budgets::Budgets;
use crate::cache::Cache;
use crate::call::Call;
use crate::compile::Compiler;
use crate::engine;
use crate::load::{LoadError, LoadedPlugin};
use crate::log::LogSink;
use crate::questions;
use crate::ticker::Ticker;

/// How a sandbox is set up.
#[derive(Clone)]
pub struct Settings {
    /// How many threads call plugins at once. There is room for twice as many calls; one more is the world's fault.
    pub workers: u32,
    /// Where compiled components are kept, in a directory for this alone; none: each start compiles anew.
    pub cache: Option<PathBuf>,
    /// What each call may use up; a plugin may be narrowed further.
    pub budgets: Budgets,
    /// What loading a component may take.
    pub loading: Loading,
    /// Who is told what plugins log.
    pub log: Option<LogSink>,
}

/// What loading a component may take.
#[derive(Clone, Debug)]
pub struct Loading {
    /// Bytes of a component.
    pub max_bytes: usize,
    /// Time for compiling it.
    pub compile_time: Duration,
}

/// Loads plugins and holds what they share. Plugins that it loaded live on when it is dropped; its threads end when
/// the last of them is dropped too.
pub struct Sandbox {
    shared: Arc<Shared>,
    cache_refused: Option<String>,
}

/// What plugins share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Call>,
    pub(crate) compiler: Compiler,
    pub(crate) cache: Option<Cache>,
    pub(crate) budgets: Budgets,
    pub(crate) loading: Loading,
    pub(crate) log: Option<LogSink>,
    _ticker: Ticker,
}

/// Why there is no sandbox. Nothing about a plugin can bring it about.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The machine can't run it, or has not the address space for so many workers.
    #[error(
        "can't set up WebAssembly for {workers} workers; valid: fewer, with --workers, where address space is short"
    )]
    Engine {
        /// How many were asked for.
        workers: u32,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No thread to be had.
    #[error("can't start a thread")]
    Thread(#[source] std::io::Error),
}

impl Settings {
    /// For so many threads that call at once; no cache, no log, default limits.
    pub fn new(workers: u32) -> Self {
        Self { workers, cache: None, budgets: Budgets::default(), loading: Loading::default(), log: None }
    }
}

impl Default for Loading {
    fn default() -> Self {
        Self {
            // The largest that are known to be of use, Python's, have 18 MB.
            max_bytes: 32 << 20,
            // Six times what those take on a free core, three times what they took on a crowded one.
            compile_time: Duration::from_secs(60),
        }
    }
}

impl Sandbox {
    /// Sets up the engine and two threads: one compiles, one keeps time.
    pub fn new(settings: Settings) -> Result<Self, SandboxError> {
        let Settings { workers, cache, budgets, loading, log } = settings;
        let workers = workers.max(1);
        let failed = |source: wasmtime::Error| SandboxError::Engine { workers, source: source.into() };
        let engine = engine::engine(workers, &budgets).map_err(failed)?;
        let mut linker = Linker::new(&engine);
        questions::offer(&mut linker).map_err(failed)?;
        let (cache, cache_refused) =
            match cache.map(|directory| (Cache::open(&directory, &engine), directory)) {
                Some((Ok(cache), _)) => (Some(cache), None),
                Some((Err(why), directory)) => (None, Some(format!("{}: {why}", directory.display()))),
                None => (None, None),
            };
        let shared = Shared {
            compiler: Compiler::start(&engine).map_err(SandboxError::Thread)?,
            _ticker: Ticker::start(&engine).map_err(SandboxError::Thread)?,
            engine,
            linker,
            cache,
            budgets,
            loading,
            log,
        };
        Ok(Self { shared: Arc::new(shared), cache_refused })
    }

    /// Takes a component as a plugin: looks at its names, compiles it or finds it compiled, starts it once and asks it
    /// who it is. Takes 0.1 s for a Rust plugin and 10 s for one in Python or JavaScript, milliseconds where it is
    /// cached.
    pub fn load(&self, component: &[u8]) -> Result<LoadedPlugin, LoadError> {
        LoadedPlugin::load(&self.shared, component)
    }

    /// Whether memory is kept between calls, which makes a call two to three times cheaper. It takes Linux 6.7.
    pub fn pagemap_scan(&self) -> bool {
        engine::pagemap_scan()
    }

    /// Why the directory for compiled components is not used, where one was asked for.
    pub fn cache_refused(&self) -> Option<&str> {
        self.cache_refused.as_deref()
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Sandbox").field("cache_refused", &self.cache_refused).finish_non_exhaustive()
    }
}
