//! Which plugins are loaded, and from where.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use portolan_api::Unread;
use portolan_local::{Inputs, Records};
use portolan_plan::{Digest, Plugin, Plugins, Traits};
use portolan_sandbox::{Budgets, LoadedPlugin, Sandbox, Settings};

use crate::arguments::{CacheArguments, InputArguments};
use crate::findings::Findings;
use crate::shelf::Shelf;

/// A sandbox for so many threads, with the cache that was asked for.
pub fn sandbox(workers: usize, cache: &CacheArguments, findings: &mut Findings) -> anyhow::Result<Sandbox> {
    let workers = u32::try_from(workers).unwrap_or(u32::MAX);
    let settings = Settings { cache: cache_directory(cache), ..Settings::new(workers) };
    let sandbox = Sandbox::new(settings).context("no plugin can run on this machine")?;
    warn_of_cache(&sandbox, findings);
    Ok(sandbox)
}

/// Says where nothing is kept although it was to be.
pub fn warn_of_cache(sandbox: &Sandbox, findings: &mut Findings) {
    if let Some(why) = sandbox.cache_refused() {
        findings.warning(format!("compiled plugins are not kept: {why}"));
    }
}

/// The component in a file, or the default plugin of that name.
pub fn component(file: &Path) -> anyhow::Result<Vec<u8>> {
    let named = |builtin: &&portolan_builtin::Builtin| file.as_os_str() == builtin.name;
    match portolan_builtin::ALL.iter().find(named) {
        Some(builtin) if !file.exists() => Ok(builtin.component.to_vec()),
        _ => portolan_local::read_component(file).with_context(|| {
            let names: Vec<&str> = portolan_builtin::ALL.iter().map(|builtin| builtin.name).collect();
            format!("{}; valid: a file, or one of {}", file.display(), names.join(", "))
        }),
    }
}

/// Loads what the policies may ask for: of the default plugins only those that some policy uses. One that can't be
/// loaded is a wrong input; the policies that name it then can't be used, and say so.
pub fn load(
    shelf: &mut Shelf,
    arguments: &InputArguments,
    inputs: &Inputs,
    records: Option<&Records>,
    findings: &mut Findings,
) -> Plugins {
    let mut plugins = Plugins::new();
    // Whoever asked for a plugin of a default one's name does not want the default one, also if theirs can't be had.
    let mut refused: BTreeSet<&str> = (inputs.problems.iter())
        .filter_map(|problem| match &problem.unread {
            Some(Unread::Plugin(name)) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    for (name, file) in &arguments.plugins {
        if plugins.contains_key(name) || refused.contains(name.as_str()) {
            findings.wrong_input(format!(
                "--plugin {name}={}: `{name}` is given twice; this one is left out",
                file.display()
            ));
            continue;
        }
        let loaded = portolan_local::read_component(file)
            .map_err(|error| error.to_string())
            .and_then(|component| load_and_keep(shelf, &component, records, findings));
        match loaded {
            Ok(plugin) => drop(plugins.insert(name.clone(), plugin as Arc<dyn Plugin>)),
            Err(why) => {
                refused.insert(name);
                findings.wrong_input(format!("--plugin {name}={}: {why}", file.display()));
            }
        }
    }
    for located in &inputs.plugins {
        let plugin = &located.value;
        if plugins.contains_key(&plugin.name) || refused.contains(plugin.name.as_str()) {
            findings.wrong_input(format!(
                "{}: ClusterPlugin {}: is given twice, here and by --plugin; this one is left out",
                located.origin, plugin.name
            ));
            continue;
        }
        shelf.note(located.file());
        let component = match located.read_file() {
            Ok(component) => component,
            Err(error) => {
                refused.insert(&plugin.name);
                findings.wrong_input(chain(&error));
                continue;
            }
        };
        let loaded = (|| {
            let digest = Digest::of(&component).to_string();
            if let Some(wanted) = plugin.spec.digest.as_ref().filter(|wanted| **wanted != digest) {
                return Err(format!("spec.digest: the file is {digest}, not {wanted}"));
            }
            load_and_keep(shelf, &component, records, findings)
        })();
        match loaded {
            Ok(loaded) => {
                let narrower = narrowed(loaded.budgets(), &plugin.spec.budget);
                plugins.insert(plugin.name.clone(), Arc::new(loaded.narrowed_by(&narrower)));
            }
            Err(why) => {
                refused.insert(&plugin.name);
                findings.wrong_input(format!("{}: ClusterPlugin {}: {why}", located.origin, plugin.name));
            }
        }
    }
    let propagation = inputs.propagation.iter().map(|located| &located.value);
    let overrides = inputs.overrides.iter().map(|located| &located.value);
    let traits = Traits::of(inputs.clusters.iter().map(|located| &located.value));
    let mut wanted = portolan_plan::plugins_named(propagation, overrides, traits);
    let api_versions = inputs.templates.iter().map(|located| located.value.key().api_version.as_str());
    wanted.extend(portolan_plan::interpreters_named(api_versions));
    let known: BTreeSet<&str> = portolan_builtin::ALL.iter().map(|builtin| builtin.name).collect();
    // Where a policy names one that nobody knows, the message lists all that there are.
    let all = wanted.iter().any(|name| !known.contains(name) && !plugins.contains_key(*name));
    for builtin in portolan_builtin::ALL {
        let asked_for = plugins.contains_key(builtin.name) || refused.contains(builtin.name);
        if (all || wanted.contains(builtin.name)) && !asked_for {
            match load_and_keep(shelf, builtin.component, records, findings) {
                Ok(plugin) => drop(plugins.insert(builtin.name.into(), plugin)),
                Err(why) => findings.wrong_input(format!("default plugin `{}`: {why}", builtin.name)),
            }
        }
    }
    plugins
}

/// Loads a component, and keeps it with the decisions that are recorded.
fn load_and_keep(
    shelf: &mut Shelf,
    component: &[u8],
    records: Option<&Records>,
    findings: &mut Findings,
) -> Result<Arc<LoadedPlugin>, String> {
    let plugin = shelf.load(component)?;
    if let Some(records) = records {
        let digest = plugin.manifest().digest.to_string();
        // What can't be kept is no reason to decide without it.
        if let Err(error) = records.keep_component(&digest, component) {
            findings.wrong_input(format!("--record: {}", chain(&error)));
        }
    }
    Ok(plugin)
}

/// An error with all that led to it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

fn narrowed(budgets: &Budgets, spec: &portolan_api::BudgetSpec) -> Budgets {
    let portolan_api::BudgetSpec { fuel, memory_bytes, wall_clock_millis } = spec;
    let mut narrower = budgets.clone();
    narrower.fuel = fuel.unwrap_or(narrower.fuel);
    narrower.memory_bytes = memory_bytes.unwrap_or(narrower.memory_bytes);
    narrower.wall_clock = wall_clock_millis.map_or(narrower.wall_clock, std::time::Duration::from_millis);
    narrower
}

/// `$XDG_CACHE_HOME/portolan`, else `~/.cache/portolan`, unless something else was asked for.
pub fn cache_directory(arguments: &CacheArguments) -> Option<PathBuf> {
    let CacheArguments { plugin_cache, no_plugin_cache } = arguments;
    if *no_plugin_cache {
        return None;
    }
    if let Some(asked) = plugin_cache {
        return Some(asked.clone());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("portolan"))
}
