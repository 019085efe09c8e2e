//! `portolan run`: the controller.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::{Context as _, bail};
use portolan_control::{Metrics, ReadPlugin, Setting, Thresholds};
use tracing_subscriber::EnvFilter;

use crate::arguments::{LogFormat, RunArguments};
use crate::control_plane;
use crate::findings::Findings;
use crate::plugins::{cache_directory, chain};

/// Runs until it is told to end.
pub fn run(arguments: &RunArguments) -> anyhow::Result<Findings> {
    begin_log(arguments)?;
    let workers = arguments
        .workers
        .unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
    let slots = u32::try_from(workers.get()).unwrap_or(u32::MAX);
    let sandbox = portolan_sandbox::Settings {
        cache: cache_directory(&arguments.cache),
        ..portolan_sandbox::Settings::new(slots)
    };
    let mut plugins = BTreeMap::new();
    for (name, file) in &arguments.plugins {
        let component = portolan_local::read_component(file)
            .with_context(|| format!("--plugin {name}={}", file.display()))?;
        plugins.insert(name.clone(), component);
    }
    let directory = arguments.plugin_directory.clone();
    if let Some(directory) = directory.as_deref().filter(|directory| !directory.is_dir()) {
        bail!("--plugin-directory {}: valid: a directory", directory.display());
    }
    let read_plugin: ReadPlugin = Box::new(move |file| {
        let Some(directory) = &directory else {
            return Err("spec.source.file: valid with --plugin-directory DIR, which holds it".into());
        };
        portolan_local::read_component_in(directory, file).map_err(|error| chain(&error))
    });
    if let Some(pattern) =
        arguments.skipped_namespaces.iter().find(|pattern| pattern.trim_end_matches('*').contains('*'))
    {
        bail!("--skip-namespace {pattern}: valid: a name, or the begin of one with a * at its end");
    }
    control_plane::runtime()?.block_on(async {
        let client = control_plane::client(&arguments.control).await?;
        let stop = control_plane::told_to_stop()?;
        let metrics = Metrics::new();
        let (address, serving) =
            portolan_control::listen(arguments.listen, metrics.clone()).await.with_context(|| {
                format!("--listen {}: valid: an address of this machine that is free", arguments.listen)
            })?;
        tracing::info!(%address, "answering /healthz, /readyz and /metrics");
        tokio::spawn(serving);
        let setting = Setting {
            client,
            workers,
            sandbox,
            plugins,
            read_plugin,
            skipped_namespaces: arguments.skipped_namespaces.clone(),
            thresholds: Thresholds {
                period: Duration::from_secs(arguments.cluster_period),
                failure: Duration::from_secs(arguments.cluster_failure_threshold),
                success: Duration::from_secs(arguments.cluster_success_threshold),
            },
            metrics,
        };
        portolan_control::run(setting, stop).await.context("the controller can't run")
    })?;
    Ok(Findings::default())
}

/// Begins to say on standard error what happens.
fn begin_log(arguments: &RunArguments) -> anyhow::Result<()> {
    let level = &arguments.log_level;
    let filter = match EnvFilter::try_from_default_env() {
        Ok(filter) => filter,
        Err(_) => EnvFilter::builder().parse(level).with_context(|| {
            format!("--log-level {level}: valid: error, warn, info, debug, trace, or filters")
        })?,
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match arguments.log_format {
        LogFormat::Json => log.json().init(),
        // Colours are for terminals, and a log is mostly a file.
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
    }
    Ok(())
}
