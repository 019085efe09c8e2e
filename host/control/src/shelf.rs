//! The plugins that are loaded, and from where.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portolan_member::Cause;
use portolan_plan::{Digest, Plugin, Plugins, Traits, interpreters_named, plugins_named};
use portolan_sandbox::{LoadedPlugin, Sandbox};

use crate::inputs::Inputs;

/// Reads the component that a ClusterPlugin names by `spec.source.file`; the error says why it can't be had.
pub type ReadPlugin = Box<dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync>;

/// The default plugin that must be there as soon as anything may be evicted.
const EVICTION: &str = "cluster-eviction";

/// The default interpreter of what no policy divides or prunes, but members have a status of.
const FLUX: &str = "flux";

/// The sandbox and what is loaded in it: a component is loaded again only when its bytes are others.
pub struct Shelf {
    sandbox: Sandbox,
    given: BTreeMap<String, Vec<u8>>,
    read: ReadPlugin,
    loaded: BTreeMap<Digest, Result<Arc<LoadedPlugin>, String>>,
    /// Default plugins that were tried before anybody asked for them.
    ahead: BTreeSet<&'static str>,
}

impl Shelf {
    /// With plugins that stand in for default ones of the same name or can be named by policies, and with a way to those
    /// that ClusterPlugins name.
    pub fn new(sandbox: Sandbox, given: BTreeMap<String, Vec<u8>>, read: ReadPlugin) -> Self {
        Self { sandbox, given, read, loaded: BTreeMap::new(), ahead: BTreeSet::new() }
    }

    /// Loads what policies and kinds of objects need. Second comes what can't be had, and why: the policies that name it
    /// can't be used, and say so.
    pub fn load(&mut self, inputs: &Inputs, api_versions: &BTreeSet<String>) -> (Plugins, Vec<String>) {
        let mut plugins = Plugins::new();
        let mut problems = Vec::new();
        // Whoever asked for a plugin of a default one's name does not want the default one, also if theirs can't be had.
        let mut refused = BTreeSet::new();
        for (name, component) in std::mem::take(&mut self.given) {
            match self.component(&component) {
                Ok(plugin) => drop(plugins.insert(name.clone(), plugin as Arc<dyn Plugin>)),
                Err(why) => {
                    problems.push(format!("plugin `{name}`: {why}"));
                    refused.insert(name.clone());
                }
            }
            self.given.insert(name, component);
        }
        for plugin in inputs.plugins() {
            if plugins.contains_key(&plugin.name) {
                problems.push(format!(
                    "ClusterPlugin {}: there is one of that name on the command line",
                    plugin.name
                ));
                continue;
            }
            let loaded = (self.read)(&plugin.spec.source.file).and_then(|component| {
                let digest = Digest::of(&component).to_string();
                match plugin.spec.digest.as_ref().filter(|wanted| **wanted != digest) {
                    Some(wanted) => Err(format!("spec.digest: the component is {digest}, not {wanted}")),
                    None => self.component(&component),
                }
            });
            match loaded {
                Ok(loaded) => {
                    let narrower = narrowed(&loaded, &plugin.spec.budget);
                    plugins.insert(plugin.name.clone(), narrower);
                }
                Err(why) => {
                    problems.push(format!("ClusterPlugin {}: {why}", plugin.name));
                    refused.insert(plugin.name.clone());
                }
            }
        }
        let traits = Traits::of(inputs.clusters());
        let mut wanted = plugins_named(inputs.propagation(), inputs.overrides(), traits);
        wanted.extend(interpreters_named(api_versions.iter().map(String::as_str)));
        wanted.extend(api_versions.iter().any(|version| version.contains(".fluxcd.io/")).then_some(FLUX));
        wanted.insert(EVICTION);
        for builtin in portolan_builtin::ALL {
            let asked_for = plugins.contains_key(builtin.name) || refused.contains(builtin.name);
            if wanted.contains(builtin.name) && !asked_for {
                match self.component(builtin.component) {
                    Ok(plugin) => drop(plugins.insert(builtin.name.into(), plugin)),
                    Err(why) => problems.push(format!("default plugin `{}`: {why}", builtin.name)),
                }
            }
        }
        (plugins, problems)
    }

    /// Loads one more of the default plugins that nobody has asked for yet; false once there is none left. The first policy
    /// that names one then need not wait for it to be compiled.
    pub fn load_ahead(&mut self) -> bool {
        let waits = |builtin: &&portolan_builtin::Builtin| {
            !self.loaded.contains_key(&Digest::of(builtin.component)) && !self.ahead.contains(builtin.name)
        };
        let Some(builtin) = portolan_builtin::ALL.iter().find(waits) else { return false };
        self.ahead.insert(builtin.name);
        // Whoever asks for it hears why it can't be had.
        let _ = self.component(builtin.component);
        true
    }

    fn component(&mut self, component: &[u8]) -> Result<Arc<LoadedPlugin>, String> {
        let digest = Digest::of(component);
        if let Some(loaded) = self.loaded.get(&digest) {
            return loaded.clone();
        }
        let loaded = self.sandbox.load(component);
        let passes = matches!(loaded, Err(portolan_sandbox::LoadError::Busy));
        let loaded = loaded.map(Arc::new).map_err(|error| Cause::of(&error).to_string());
        if !passes {
            self.loaded.insert(digest, loaded.clone());
        }
        loaded
    }
}

fn narrowed(loaded: &LoadedPlugin, budget: &portolan_api::BudgetSpec) -> Arc<dyn Plugin> {
    let portolan_api::BudgetSpec { fuel, memory_bytes, wall_clock_millis } = budget;
    let mut narrower = loaded.budgets().clone();
    narrower.fuel = fuel.unwrap_or(narrower.fuel);
    narrower.memory_bytes = memory_bytes.unwrap_or(narrower.memory_bytes);
    narrower.wall_clock = wall_clock_millis.map_or(narrower.wall_clock, std::time::Duration::from_millis);
    Arc::new(loaded.narrowed_by(&narrower))
}
