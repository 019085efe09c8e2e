use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why servers could not be started, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory holds something.
    #[error(
        "{} is not empty; valid: a directory for these servers alone, empty or not yet there. What was started there is \
         taken away first", directory.display()
    )]
    NotEmpty {
        /// Which directory.
        directory: PathBuf,
    },
    /// A cluster's name is no folder's.
    #[error("{name:?} is no name of a cluster here; valid: a-z, 0-9 and -, and no two the same")]
    Name {
        /// What was asked for.
        name: String,
    },
    /// A program is needed and not installed.
    #[error(
        "{name} is needed for {cluster} and was not found beside kube-apiserver; valid: one of the same release"
    )]
    Missing {
        /// The program.
        name: &'static str,
        /// Who wants it.
        cluster: String,
    },
    /// Keys and certificates.
    #[error("can't make a certificate for {subject}")]
    Certificate {
        /// For whom.
        subject: String,
        /// Why.
        #[source]
        source: rcgen::Error,
    },
    /// A file or a directory.
    #[error("can't {act} {}", path.display())]
    File {
        /// What was tried.
        act: &'static str,
        /// With which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No port is free.
    #[error("no free port on 127.0.0.1")]
    Port {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program does not run.
    #[error("can't run {}", program.display())]
    Run {
        /// Which.
        program: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It ended by itself.
    #[error("{name} ended by itself; the last lines of {}:\n{last}", log.display())]
    Ended {
        /// Which server.
        name: String,
        /// Where it writes to.
        log: PathBuf,
        /// What it said last.
        last: String,
    },
    /// It took too long.
    #[error("{name} is not ready after {} s ({answer}); the last lines of {}:\n{last}", waited.as_secs(), log.display())]
    NotReady {
        /// Which server.
        name: String,
        /// How long was waited.
        waited: Duration,
        /// What it answered.
        answer: String,
        /// Where it writes to.
        log: PathBuf,
        /// What it said last.
        last: String,
    },
    /// It does not end, or can't be stopped or let go on.
    #[error("can't send {signal} to {name}, process {pid}")]
    Signal {
        /// What was sent.
        signal: &'static str,
        /// Which server.
        name: String,
        /// Its process.
        pid: u32,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Killed, and still there.
    #[error("{name}, process {pid}, is still there {} s after it was killed", waited.as_secs())]
    Survives {
        /// Which server.
        name: String,
        /// Its process.
        pid: u32,
        /// How long was waited.
        waited: Duration,
    },
    /// What was noted about a process can't be read.
    #[error("{} does not say which process it is about; valid: what was written there", path.display())]
    Note {
        /// The note.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}
