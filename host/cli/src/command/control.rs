//! `portolan run`: the controller.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::Context as _;
use portolan_control::{Metrics, ReadPlugin, Setting, Thresholds};
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::{LogFormat, RunArguments};
use crate::control_plane;
use crate::findings::Findings;
use crate::plugins::{cache_directory, chain};

/// Runs until it is told to end.
pub fn run(arguments: &RunArguments) -> anyhow::Result<Findings> {
    begin_log(arguments);
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
    let read_plugin: ReadPlugin = Box::new(move |file| {
        let Some(directory) = &directory else {
            return Err("spec.source.file: valid with --plugin-directory DIR, which holds it".into());
        };
        portolan_local::read_component_in(directory, file).map_err(|error| chain(&error))
    });
    control_plane::runtime()?.block_on(async {
        let client = control_plane::client(&arguments.control).await?;
        let mut end = signal(SignalKind::terminate()).context("can't listen for signals")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("can't listen for signals")?;
        let stop = async {
            tokio::select! {
                _ = end.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
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
fn begin_log(arguments: &RunArguments) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(&arguments.log_level));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match arguments.log_format {
        LogFormat::Json => log.json().init(),
        // Colours are for terminals, and a log is mostly a file.
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
    }
}
