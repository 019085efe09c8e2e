use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::Signal;

use crate::error::Error;
use crate::etcd::Etcd;
use crate::kubeconfig;
use crate::pki::Pki;
use crate::process::Process;
use crate::programs::{Program, Programs};
use crate::readiness::Question;
use crate::setup::{ClusterSetup, Controllers, Place};

/// One cluster: its API server and whatever else runs for it.
#[derive(Debug)]
pub struct ApiServer {
    name: String,
    kubeconfig: PathBuf,
    url: String,
    pki: Pki,
    server: Mutex<Process>,
    /// kube-controller-manager and kube-scheduler, where they were asked for.
    others: Mutex<Vec<Process>>,
}

impl ApiServer {
    /// Starts the API server without waiting for it, because several are started at once.
    pub(crate) fn begin(
        program: &Program,
        place: &Place<'_>,
        setup: &ClusterSetup,
        etcd: &Etcd,
        port: u16,
    ) -> Result<Self, Error> {
        let ClusterSetup { name, flags, .. } = setup;
        let pki = Pki::make(name, &place.pki(name))?;
        let url = format!("https://127.0.0.1:{port}");
        let kubeconfig = place.kubeconfig(name);
        kubeconfig::write(&kubeconfig, name, &url, &pki)?;
        let file = |path: &Path| path.display().to_string();
        let mut arguments = vec![
            format!("--etcd-servers={}", etcd.url()),
            format!("--etcd-prefix=/{name}"),
            "--bind-address=127.0.0.1".to_owned(),
            "--advertise-address=127.0.0.1".to_owned(),
            format!("--secure-port={port}"),
            format!("--tls-cert-file={}", file(&pki.files.serving_certificate)),
            format!("--tls-private-key-file={}", file(&pki.files.serving_key)),
            format!("--client-ca-file={}", file(&pki.files.ca)),
            format!("--service-account-key-file={}", file(&pki.files.accounts_public_key)),
            format!("--service-account-signing-key-file={}", file(&pki.files.accounts_key)),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
            "--authorization-mode=RBAC".to_owned(),
            "--endpoint-reconciler-type=none".to_owned(),
            "--profiling=false".to_owned(),
        ];
        arguments.extend_from_slice(flags);
        let server = Process::start(place.launch(name, program.clone(), arguments))?;
        let name = name.to_owned();
        Ok(Self { name, kubeconfig, url, pki, server: Mutex::new(server), others: Mutex::default() })
    }

    /// Waits until it is ready.
    pub(crate) fn wait(&self) -> Result<(), Error> {
        let question = Question::trusted(format!("{}/readyz", self.url), &self.pki)
            .expect("the certificates were made a moment ago and are PEM");
        question.wait(&self.server())
    }

    /// Starts kube-controller-manager and kube-scheduler, as far as they are wanted. They wait for the API server by
    /// themselves, and whoever needs one waits for what it does.
    pub(crate) fn begin_others(
        &self,
        programs: &Programs,
        place: &Place<'_>,
        setup: &ClusterSetup,
        ports: [u16; 2],
    ) -> Result<(), Error> {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = |name| move || Error::Missing { name, cluster: self.name.clone() };
        let kubeconfig = self.kubeconfig.display();
        let common = |port: u16| {
            vec![
                format!("--kubeconfig={kubeconfig}"),
                format!("--authentication-kubeconfig={kubeconfig}"),
                format!("--authorization-kubeconfig={kubeconfig}"),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={port}"),
                "--leader-elect=false".to_owned(),
                // Where it writes the certificate that it makes for itself.
                format!("--cert-dir={}", place.pki(&self.name).display()),
            ]
        };
        if let Some(controllers) = setup.controllers.flag() {
            let program = programs.controller_manager.clone();
            let mut arguments = common(ports[0]);
            arguments.extend([
                format!("--controllers={controllers}"),
                "--use-service-account-credentials=false".to_owned(),
                format!("--service-account-private-key-file={}", self.pki.files.accounts_key.display()),
                format!("--root-ca-file={}", self.pki.files.ca.display()),
                "--authentication-skip-lookup=true".to_owned(),
            ]);
            let name = format!("{}-controllers", self.name);
            let program = program.ok_or_else(missing("kube-controller-manager"))?;
            others.push(Process::start(place.launch(&name, program, arguments))?);
        }
        if setup.scheduler {
            let program = programs.scheduler.clone().ok_or_else(missing("kube-scheduler"))?;
            let name = format!("{}-scheduler", self.name);
            others.push(Process::start(place.launch(&name, program, common(ports[1])))?);
        }
        Ok(())
    }

    /// What the cluster is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The administrator's kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Where it answers: `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of the API server's process. Another one after [`ApiServer::restart`].
    pub fn pid(&self) -> u32 {
        self.server().identity().pid
    }

    /// Every process that runs for the cluster, the API server first.
    pub fn pids(&self) -> Vec<u32> {
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(self.pid()).chain(others.iter().map(|process| process.identity().pid)).collect()
    }

    /// Where the API server writes what it has to say.
    pub fn log(&self) -> PathBuf {
        self.server().log().to_owned()
    }

    /// Ends the API server at once, as `kill -9` does; its data stay.
    ///
    /// # Errors
    ///
    /// [`Error::Signal`], [`Error::Survives`].
    pub fn kill(&self) -> Result<(), Error> {
        self.server().kill()
    }

    /// Stops it where it is: connections are taken and kept, and nothing is answered.
    ///
    /// # Errors
    ///
    /// [`Error::Signal`].
    pub fn freeze(&self) -> Result<(), Error> {
        self.server().signal(Signal::STOP, "SIGSTOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    ///
    /// [`Error::Signal`].
    pub fn thaw(&self) -> Result<(), Error> {
        self.server().signal(Signal::CONT, "SIGCONT")
    }

    /// Starts it again on the same port with its data, and waits until it is ready; killed first where it runs.
    ///
    /// # Errors
    ///
    /// Like starting it: [`Error::Ended`], [`Error::NotReady`].
    pub fn restart(&self) -> Result<(), Error> {
        self.server().restart()?;
        self.wait()
    }

    pub(crate) fn let_go(&self) {
        self.server().let_go();
        self.others.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(Process::let_go);
    }

    fn server(&self) -> MutexGuard<'_, Process> {
        // Somebody panicked while it was locked: the process is what it was.
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Controllers {
    /// What `--controllers` is told. None where none are wanted.
    fn flag(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::ControlPlane => Some(
                "namespace-controller,garbage-collector-controller,serviceaccount-controller,\
                 serviceaccount-token-controller",
            ),
            Self::All => Some("*"),
        }
    }
}
