use std::sync::{Mutex, PoisonError};

use rustix::process::Signal;

use crate::error::Error;
use crate::process::Process;
use crate::programs::Program;
use crate::readiness::Question;
use crate::setup::Place;

/// The one etcd that holds every cluster's data, each under a prefix of its own.
#[derive(Debug)]
pub struct Etcd {
    process: Mutex<Process>,
    url: String,
}

impl Etcd {
    pub(crate) fn start(program: &Program, place: &Place<'_>, ports: [u16; 2]) -> Result<Self, Error> {
        let [client, peer] = ports.map(|port| format!("http://127.0.0.1:{port}"));
        let arguments = vec![
            format!("--data-dir={}", place.etcd_data().display()),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            format!("--listen-peer-urls={peer}"),
            format!("--initial-advertise-peer-urls={peer}"),
            format!("--initial-cluster=default={peer}"),
            // Nothing here outlives a power cut.
            "--unsafe-no-fsync=true".to_owned(),
            "--log-level=warn".to_owned(),
        ];
        let process = Process::start(place.launch("etcd", program.clone(), arguments))?;
        Question::plain(format!("{client}/health")).wait(&process)?;
        Ok(Self { process: Mutex::new(process), url: client })
    }

    /// Where API servers reach it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its process's number.
    pub fn pid(&self) -> u32 {
        self.locked().identity().pid
    }

    /// Where it writes what it has to say.
    pub fn log(&self) -> std::path::PathBuf {
        self.locked().log().to_owned()
    }

    /// Ends it at once, as `kill -9` does. Every API server is without its data until [`Etcd::restart`].
    ///
    /// # Errors
    ///
    /// [`Error::Signal`], [`Error::Survives`].
    pub fn kill(&self) -> Result<(), Error> {
        self.locked().kill()
    }

    /// Stops it where it is: it keeps its connections and answers nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Signal`].
    pub fn freeze(&self) -> Result<(), Error> {
        self.locked().signal(Signal::STOP, "SIGSTOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    ///
    /// [`Error::Signal`].
    pub fn thaw(&self) -> Result<(), Error> {
        self.locked().signal(Signal::CONT, "SIGCONT")
    }

    /// Starts it again on the same ports with its data, and waits until it is ready; killed first where it runs.
    ///
    /// # Errors
    ///
    /// Like starting it: [`Error::Ended`], [`Error::NotReady`].
    pub fn restart(&self) -> Result<(), Error> {
        let mut process = self.locked();
        process.restart()?;
        Question::plain(format!("{}/health", self.url)).wait(&process)
    }

    pub(crate) fn let_go(&self) {
        self.locked().let_go();
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Process> {
        // Somebody panicked while it was locked: the process is what it was.
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
