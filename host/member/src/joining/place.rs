//! Where a kubeconfig leads.

use std::fmt::{self, Display};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::ByteString;
use kube::Config;
use kube::config::{Cluster, KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::JoinError;
use crate::cause::Cause;

/// A connection that takes longer to open is given up. Arbitrary.
const CONNECT: Duration = Duration::from_secs(10);
/// No answer takes longer: what is asked here are single objects and short lists. Arbitrary.
const READ: Duration = Duration::from_secs(30);

/// An API server, as whoever is at the command line reaches it.
#[derive(Clone, Debug)]
pub struct Place {
    /// Which of the two it is.
    pub side: Side,
    /// The kubeconfig; none: `KUBECONFIG`, else `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context in it; none: its current one.
    pub context: Option<String>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The member.
    Member,
    /// The control plane.
    Control,
}

/// What a kubeconfig says of a server that a Cluster says too.
pub(super) struct Endpoint {
    pub server: String,
    pub insecure: bool,
    pub proxy: Option<String>,
    /// As PEM; none: the system's.
    pub authority: Option<String>,
}

impl Place {
    pub(super) async fn client(&self) -> Result<kube::Client, JoinError> {
        let options = KubeConfigOptions { context: self.context.clone(), ..KubeConfigOptions::default() };
        let config = Config::from_custom_kubeconfig(self.read()?, &options).await;
        let mut config = config.map_err(|source| self.unread(source))?;
        config.connect_timeout = Some(CONNECT);
        config.read_timeout = Some(READ);
        config.reset_reader_on_write = true;
        kube::Client::try_from(config).map_err(|source| {
            let doing = "be connected to as the kubeconfig says".to_owned();
            JoinError::Request { side: self.side, doing, source: source.into() }
        })
    }

    /// What a Cluster is to say of this server.
    pub(super) fn endpoint(&self) -> Result<Endpoint, JoinError> {
        let wrong = |problem, valid| JoinError::Endpoint { file: self.kubeconfig.clone(), problem, valid };
        let cluster = self.cluster()?;
        if cluster.tls_server_name.is_some() {
            return Err(wrong(
                "a Cluster has no place for tls-server-name",
                "a server whose certificate names the address",
            ));
        }
        let Some(server) = cluster.server.clone() else {
            return Err(wrong("the cluster has no server", "a URL, such as https://192.0.2.1:6443"));
        };
        let insecure = cluster.insecure_skip_tls_verify.unwrap_or(false);
        let proxy = cluster.proxy_url.clone().filter(|proxy| !proxy.is_empty());
        let authority = if insecure { None } else { self.authority(&cluster)? };
        Ok(Endpoint { server, insecure, proxy, authority })
    }

    fn authority(&self, cluster: &Cluster) -> Result<Option<String>, JoinError> {
        if let Some(data) = cluster.certificate_authority_data.as_ref().filter(|data| !data.is_empty()) {
            let pem: Option<ByteString> = serde_json::from_value(data.as_str().into()).ok();
            let pem = pem.and_then(|pem| String::from_utf8(pem.0).ok());
            return pem.map(Some).ok_or_else(|| JoinError::Endpoint {
                file: self.kubeconfig.clone(),
                problem: "certificate-authority-data is no text in base64",
                valid: "certificates as PEM, in base64",
            });
        }
        let Some(file) = cluster.certificate_authority.as_ref().filter(|file| !file.is_empty()) else {
            return Ok(None);
        };
        let pem = fs::read_to_string(file);
        pem.map(Some).map_err(|source| JoinError::Authority { file: file.into(), source })
    }

    /// The cluster that the context names.
    fn cluster(&self) -> Result<Cluster, JoinError> {
        let kubeconfig = self.read()?;
        let context = self.context.clone().or(kubeconfig.current_context);
        let context = context.ok_or_else(|| self.unread(KubeconfigError::CurrentContextNotSet))?;
        let named = kubeconfig.contexts.into_iter().find(|named| named.name == context);
        let named = named.and_then(|named| named.context);
        let named = named.ok_or_else(|| self.unread(KubeconfigError::LoadContext(context)))?;
        let cluster = kubeconfig.clusters.into_iter().find(|cluster| cluster.name == named.cluster);
        let cluster = cluster.and_then(|cluster| cluster.cluster);
        cluster.ok_or_else(|| self.unread(KubeconfigError::LoadClusterOfContext(named.cluster)))
    }

    fn read(&self) -> Result<Kubeconfig, JoinError> {
        let read = match &self.kubeconfig {
            Some(file) => Kubeconfig::read_from(file),
            None => Kubeconfig::read(),
        };
        read.map_err(|source| self.unread(source))
    }

    fn unread(&self, source: KubeconfigError) -> JoinError {
        JoinError::Kubeconfig { side: self.side, file: self.kubeconfig.clone(), source: Cause::of(&source) }
    }
}

impl Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member => "the member",
            Self::Control => "the control plane",
        })
    }
}
