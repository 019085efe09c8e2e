//! Which clusters, and all of them together.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::apiserver::ApiServer;
use crate::error::Error;
use crate::etcd::Etcd;
use crate::port;
use crate::process::{Launch, Process};
use crate::programs::{Program, Programs};

/// What is to be started.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where kubeconfigs, keys, data and logs go. For these servers alone: empty, or not yet there.
    pub directory: PathBuf,
    /// Which clusters, in this order.
    pub clusters: Vec<ClusterSetup>,
    /// What ends them.
    pub life: Life,
}

/// One cluster that is to be started.
#[derive(Clone, Debug)]
pub struct ClusterSetup {
    /// What it is called: its kubeconfig is `NAME.kubeconfig`.
    pub name: String,
    /// Which controllers run for it.
    pub controllers: Controllers,
    /// Whether pods are given nodes.
    pub scheduler: bool,
    /// What its API server is told beside what it needs to run, as its command line has it.
    pub flags: Vec<String>,
}

/// Which of Kubernetes' own controllers run for a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controllers {
    /// None, for half a second and 100 MB less: a deleted namespace stays Terminating, owners take nothing with them.
    None,
    /// Those that a control plane needs: namespaces, garbage, service accounts. Nothing makes pods.
    ControlPlane,
    /// All that run by default.
    All,
}

/// What ends servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// The end of the process that started them, whatever its kind, and the drop of [`Servers`], which takes the
    /// directory's content away as well.
    Tied,
    /// [`down`](crate::down) alone, once [`Servers::let_go`] was said; until then as if tied, but for a kill.
    Detached,
}

/// Clusters that run.
#[derive(Debug)]
pub struct Servers {
    // In this order, so that nobody outlives whom it talks to.
    beside: Vec<Process>,
    clusters: Vec<ApiServer>,
    etcd: Etcd,
    directory: PathBuf,
    life: Life,
    stay: bool,
}

impl ClusterSetup {
    /// A cluster of API server alone.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), controllers: Controllers::None, scheduler: false, flags: Vec::new() }
    }

    /// With these controllers.
    pub fn with(self, controllers: Controllers) -> Self {
        Self { controllers, ..self }
    }
}

impl Setup {
    /// Starts all of it and waits until every API server is ready. Controllers are started then, and not waited for.
    ///
    /// # Errors
    ///
    /// [`Error`]; whatever was started by then is taken back.
    pub fn start(&self, programs: &Programs) -> Result<Servers, Error> {
        self.check()?;
        let place = Place { directory: &self.directory, life: self.life };
        // The directory was empty: all that is in it after a failure is ours.
        let servers = place.make().and_then(|()| self.start_in(programs, &place));
        if servers.is_err() {
            let _ = crate::down(&self.directory);
        }
        servers
    }

    fn start_in(&self, programs: &Programs, place: &Place<'_>) -> Result<Servers, Error> {
        let mut ports = port::free(2 + 3 * self.clusters.len())?.into_iter();
        let mut port = || ports.next().expect("there are as many as were asked for");
        let etcd = Etcd::start(&programs.etcd, place, [port(), port()])?;
        let mut servers = Servers {
            beside: Vec::new(),
            clusters: Vec::new(),
            etcd,
            directory: self.directory.clone(),
            life: self.life,
            stay: false,
        };
        for setup in &self.clusters {
            let server = ApiServer::begin(&programs.apiserver, place, setup, &servers.etcd, port())?;
            servers.clusters.push(server);
        }
        for (server, setup) in servers.clusters.iter().zip(&self.clusters) {
            server.wait()?;
            server.begin_others(programs, place, setup, [port(), port()])?;
        }
        Ok(servers)
    }

    fn check(&self) -> Result<(), Error> {
        let mut names = BTreeSet::new();
        for ClusterSetup { name, .. } in &self.clusters {
            let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if name.is_empty() || name == "etcd" || !name.chars().all(letters) || !names.insert(name) {
                return Err(Error::Name { name: name.clone() });
            }
        }
        match fs::read_dir(&self.directory).map(|mut entries| entries.next().is_some()) {
            Ok(true) => Err(Error::NotEmpty { directory: self.directory.clone() }),
            Ok(false) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(Error::File { act: "read", path: self.directory.clone(), source }),
        }
    }
}

impl Servers {
    /// The cluster of that name.
    pub fn cluster(&self, name: &str) -> Option<&ApiServer> {
        self.clusters.iter().find(|cluster| cluster.name() == name)
    }

    /// All clusters, in the order in which they were asked for.
    pub fn clusters(&self) -> &[ApiServer] {
        &self.clusters
    }

    /// What holds the data of all.
    pub fn etcd(&self) -> &Etcd {
        &self.etcd
    }

    /// Where everything of theirs lies.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Every process that runs for them.
    pub fn pids(&self) -> Vec<u32> {
        let clusters = self.clusters.iter().flat_map(ApiServer::pids);
        let beside = self.beside.iter().map(|process| process.identity().pid);
        std::iter::once(self.etcd.pid()).chain(clusters).chain(beside).collect()
    }

    /// Starts another program beside them, which is taken away with them. Its log is `logs/NAME.log`.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] where a process of theirs is called so, [`Error::Run`], [`Error::File`].
    pub fn run_beside(
        &mut self,
        name: &str,
        program: Program,
        arguments: Vec<String>,
    ) -> Result<&Process, Error> {
        let place = Place { directory: &self.directory, life: self.life };
        let launch = place.launch(name, program, arguments);
        if launch.note.exists() {
            return Err(Error::Name { name: name.to_owned() });
        }
        self.beside.push(Process::start(launch)?);
        Ok(self.beside.last().expect("it was just put there"))
    }

    /// Lets them run on when this process ends. What was started tied ends nevertheless.
    pub fn let_go(mut self) {
        self.beside.iter_mut().for_each(Process::let_go);
        self.clusters.iter().for_each(ApiServer::let_go);
        self.etcd.let_go();
        self.stay = true;
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if !self.stay {
            // Nobody is there to hear of it.
            let _ = crate::down(&self.directory);
        }
    }
}

/// Where what lies, in the directory of one set of servers.
pub(crate) struct Place<'a> {
    pub(crate) directory: &'a Path,
    pub(crate) life: Life,
}

impl Place<'_> {
    /// The folders that are made, and taken away: keys last, because their folders name the clusters.
    pub(crate) const FOLDERS: [&'static str; 4] = ["processes", "etcd", "logs", "pki"];

    fn make(&self) -> Result<(), Error> {
        // etcd makes its own, and wants it for its owner alone.
        for folder in Self::FOLDERS.iter().filter(|folder| **folder != "etcd") {
            let path = self.directory.join(folder);
            let failed = |source| Error::File { act: "make", path: path.clone(), source };
            fs::create_dir_all(&path).map_err(failed)?;
        }
        Ok(())
    }

    pub(crate) fn etcd_data(&self) -> PathBuf {
        self.directory.join("etcd")
    }

    pub(crate) fn pki(&self, cluster: &str) -> PathBuf {
        self.directory.join("pki").join(cluster)
    }

    pub(crate) fn kubeconfig(&self, cluster: &str) -> PathBuf {
        self.directory.join(format!("{cluster}.kubeconfig"))
    }

    pub(crate) fn notes(&self) -> PathBuf {
        self.directory.join("processes")
    }

    pub(crate) fn launch(&self, name: &str, program: Program, arguments: Vec<String>) -> Launch {
        Launch {
            name: name.to_owned(),
            program,
            arguments,
            log: self.directory.join("logs").join(format!("{name}.log")),
            note: self.notes().join(format!("{name}.json")),
            life: self.life,
        }
    }
}
