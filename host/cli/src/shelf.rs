//! Plugins that stay loaded from one run to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portolan_plan::Digest;
use portolan_sandbox::{LoadError, LoadedPlugin, Sandbox};

use crate::arguments::CacheArguments;
use crate::findings::Findings;
use crate::plugins::{chain, sandbox, warn_of_cache};

/// The sandbox and what is loaded in it, by what it was loaded from: a component is loaded again only when its bytes
/// are others.
#[derive(Default)]
pub struct Shelf {
    sandbox: Option<Sandbox>,
    plugins: BTreeMap<Digest, Kept>,
    /// Components' files that manifests named in this run.
    files: BTreeSet<PathBuf>,
}

struct Kept {
    plugin: Result<Arc<LoadedPlugin>, String>,
    used: bool,
}

impl Shelf {
    /// Begins a run: with a sandbox, and without what the run before did not use. Further runs have the same arguments.
    pub fn begin(
        &mut self,
        workers: usize,
        cache: &CacheArguments,
        findings: &mut Findings,
    ) -> anyhow::Result<()> {
        match &self.sandbox {
            None => self.sandbox = Some(sandbox(workers, cache, findings)?),
            Some(sandbox) => warn_of_cache(sandbox, findings),
        }
        self.plugins.retain(|_, kept| std::mem::take(&mut kept.used));
        self.files.clear();
        Ok(())
    }

    /// Loads a component, or takes it as it was loaded before; what was refused is refused again, for the same reason.
    pub fn load(&mut self, component: &[u8]) -> Result<Arc<LoadedPlugin>, String> {
        let Some(sandbox) = &self.sandbox else { return Err("there is no sandbox yet".into()) };
        let digest = Digest::of(component);
        if let Some(kept) = self.plugins.get_mut(&digest) {
            kept.used = true;
            return kept.plugin.clone();
        }
        let loaded = sandbox.load(component);
        let passes = matches!(loaded, Err(LoadError::Busy));
        let plugin = loaded.map(Arc::new).map_err(|error| chain(&error));
        if !passes {
            self.plugins.insert(digest, Kept { plugin: plugin.clone(), used: true });
        }
        plugin
    }

    /// A manifest names this file for a component.
    pub fn note(&mut self, file: PathBuf) {
        self.files.insert(file);
    }

    /// The files that manifests named in the run that was begun last.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }
}
