//! Reaching the control plane that the command line means.

use anyhow::Context as _;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::arguments::ControlArguments;

/// A runtime for what talks to API servers.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("can't start threads")
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
