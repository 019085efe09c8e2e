//! Reaching the control plane that the command line means.

use anyhow::Context as _;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::ControlArguments;

/// A runtime for what talks to API servers.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("can't start threads")
}

/// Ends when the process is told to: by Ctrl-C or SIGTERM. From now on neither ends it by itself.
pub fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let listen = |kind| signal(kind).context("can't listen for signals");
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// A client for the control plane.
pub async fn client(arguments: &ControlArguments) -> anyhow::Result<Client> {
    let ControlArguments { kubeconfig, context } = arguments;
    let options = KubeConfigOptions { context: context.clone(), ..KubeConfigOptions::default() };
    let config = match kubeconfig {
        Some(file) => {
            let read = Kubeconfig::read_from(file).with_context(|| {
                format!("--kubeconfig {}: valid: a kubeconfig that can be read", file.display())
            })?;
            Config::from_custom_kubeconfig(read, &options)
                .await
                .with_context(|| format!("--kubeconfig {}", file.display()))?
        }
        None if context.is_some() => Config::from_kubeconfig(&options).await.context("--context")?,
        None => Config::infer().await.context("no control plane; valid: --kubeconfig FILE")?,
    };
    Client::try_from(config).context("the kubeconfig can't be used")
}
