//! Waiting for servers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use crate::error::Error;
use crate::pki::Pki;
use crate::process::Process;

/// How often is looked. Arbitrary: nobody notices, and a look costs well below a millisecond.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a server may take to its first readiness. Four at once on two cores take 5 s; this is for machines that
/// have other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// Asks again and again until there is an answer. None where there is none in that time.
pub(crate) fn within<T>(time: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + time;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Where a server says that it is ready.
pub(crate) struct Question {
    agent: ureq::Agent,
    url: String,
}

impl Question {
    /// For a server without TLS.
    pub(crate) fn plain(url: String) -> Self {
        Self { agent: agent(None), url }
    }

    /// For an API server, asked by its administrator: anonymous questions are answered only once RBAC is there.
    pub(crate) fn trusted(url: String, pki: &Pki) -> Result<Self, ureq::Error> {
        let ca = Certificate::from_pem(pki.ca.as_bytes())?;
        let own = Certificate::from_pem(pki.admin_certificate.as_bytes())?;
        let key = PrivateKey::from_pem(pki.admin_key.as_bytes())?;
        let tls = TlsConfig::builder()
            // Said here, because a default may not be set, and a library has none to set.
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::new_with_certs(&[ca]))
            .client_cert(Some(ClientCert::new_with_certs(&[own], key)))
            .build();
        Ok(Self { agent: agent(Some(tls)), url })
    }

    /// Waits for a yes.
    pub(crate) fn wait(&self, process: &Process) -> Result<(), Error> {
        let mut answer = "no answer".to_owned();
        let ready = within(PATIENCE, || {
            if let Err(ended) = process.runs() {
                return Some(Err(ended));
            }
            match self.agent.get(&self.url).call() {
                Ok(_) => Some(Ok(())),
                Err(error) => {
                    answer = error.to_string();
                    None
                }
            }
        });
        ready.unwrap_or_else(|| {
            Err(Error::NotReady {
                name: process.name().to_owned(),
                waited: PATIENCE,
                answer,
                log: process.log().to_owned(),
                last: process.last_lines(),
            })
        })
    }
}

fn agent(tls: Option<TlsConfig>) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        // Nobody stands between this machine and itself.
        .proxy(None)
        // One that takes longer is asked again. Arbitrary: a ready server answers in milliseconds.
        .timeout_global(Some(Duration::from_secs(5)));
    match tls {
        Some(tls) => config.tls_config(tls).build().new_agent(),
        None => config.build().new_agent(),
    }
}
