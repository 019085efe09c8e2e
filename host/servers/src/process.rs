//! One program that runs, with its log, and what becomes of it.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use crate::error::Error;
use crate::identity::Identity;
use crate::programs::Program;
use crate::setup::Life;

/// How long a killed process may take to be gone. Arbitrary: it takes milliseconds, but for one in the middle of a
/// write to a disk that hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How much of a log is quoted. Arbitrary: what a reader takes in.
const QUOTED_LINES: usize = 15;
const QUOTED_BYTES: u64 = 8 * 1024;

/// What is run, each time that it is started.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    /// What it is called in messages and files: `control`, `etcd`, `control-controllers`.
    pub(crate) name: String,
    pub(crate) program: Program,
    pub(crate) arguments: Vec<String>,
    /// What it prints is added here.
    pub(crate) log: PathBuf,
    /// Where its number is noted, for whoever takes it away.
    pub(crate) note: PathBuf,
    pub(crate) life: Life,
}

/// A running program. It ends when this is dropped, unless it was let go.
#[derive(Debug)]
pub struct Process {
    launch: Launch,
    identity: Identity,
    /// The process itself, or the shell that keeps it.
    child: Child,
    let_go: bool,
}

/// Runs its arguments and says their number; kills them when its input ends, which it does when the process that
/// started it is gone, however that came about. The operating system's own way for it, a signal on the parent's death,
/// is Linux's alone and comes already when the thread ends that started the child.
const KEEPER: &str = r#"exec 3<&0
"$@" 3<&- </dev/null >&2 &
kept=$!
echo "$kept"
exec >/dev/null
{ read -r _ <&3; kill -9 "$kept"; } 2>/dev/null &
watch=$!
exec 3<&-
wait "$kept"
kill "$watch" 2>/dev/null || :"#;

impl Process {
    /// Starts it, and notes its number.
    pub(crate) fn start(launch: Launch) -> Result<Self, Error> {
        let failed = |source| Error::Run { program: launch.program.path.clone(), source };
        let log = |act, path: &Path| {
            let path = path.to_owned();
            move |source| Error::File { act, path, source }
        };
        let output = OpenOptions::new().create(true).append(true).open(&launch.log);
        let output = output.map_err(log("write", &launch.log))?;
        let errors = output.try_clone().map_err(log("write", &launch.log))?;

        let mut command = match launch.life {
            Life::Tied => {
                let mut keeper = Command::new("sh");
                keeper
                    .args(["-c", KEEPER, "keeper"])
                    .arg(&launch.program.path)
                    .args(&launch.program.arguments);
                keeper.stdin(Stdio::piped()).stdout(Stdio::piped());
                keeper
            }
            Life::Detached => {
                let mut command = launch.program.command();
                command.stdin(Stdio::null()).stdout(output);
                command
            }
        };
        // A group of its own: Ctrl-C in a terminal is for the one who started it, who ends it in good order.
        command.args(&launch.arguments).stderr(errors).process_group(0);
        let mut child = command.spawn().map_err(failed)?;
        let pid = match &mut child.stdout {
            None => Some(child.id()),
            Some(said) => {
                let mut line = String::new();
                let read = BufReader::new(said).read_line(&mut line);
                read.map_err(failed)?;
                line.trim().parse().ok()
            }
        };
        let Some(identity) = pid.and_then(Identity::of) else {
            let _ = child.wait();
            return Err(Error::Ended {
                name: launch.name.clone(),
                log: launch.log.clone(),
                last: last_lines(&launch.log),
            });
        };
        let process = Self { launch, identity, child, let_go: false };
        let note = serde_json::to_string(&process.identity).expect("a number and a text are JSON");
        write_private(&process.launch.note, &note)?;
        Ok(process)
    }

    pub(crate) fn name(&self) -> &str {
        &self.launch.name
    }

    /// Where it writes what it has to say.
    pub fn log(&self) -> &Path {
        &self.launch.log
    }

    /// Which process it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether all is well.
    ///
    /// # Errors
    ///
    /// [`Error::Ended`] where it has ended, with what it said last.
    pub fn runs(&self) -> Result<(), Error> {
        if self.identity.runs() {
            return Ok(());
        }
        Err(Error::Ended {
            name: self.launch.name.clone(),
            log: self.launch.log.clone(),
            last: last_lines(&self.launch.log),
        })
    }

    /// What it said last, a few lines.
    pub fn last_lines(&self) -> String {
        last_lines(&self.launch.log)
    }

    /// Sends a signal. One that has ended gets none.
    pub(crate) fn signal(&self, signal: Signal, named: &'static str) -> Result<(), Error> {
        self.identity.signal(signal).map_err(|errno| Error::Signal {
            signal: named,
            name: self.launch.name.clone(),
            pid: self.identity.pid,
            source: errno.into(),
        })?;
        Ok(())
    }

    /// Ends it without asking it, as a power cut would, and waits until it is gone.
    pub(crate) fn kill(&mut self) -> Result<(), Error> {
        self.signal(Signal::KILL, "SIGKILL")?;
        if !self.identity.ends_within(PATIENCE) {
            return Err(Error::Survives {
                name: self.launch.name.clone(),
                pid: self.identity.pid,
                waited: PATIENCE,
            });
        }
        // Its keeper's input ends here too, so there is nothing to wait for long.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
        Ok(())
    }

    /// Kills it where it still runs, and starts it again, with the same arguments.
    pub(crate) fn restart(&mut self) -> Result<(), Error> {
        self.kill()?;
        *self = Self::start(self.launch.clone())?;
        Ok(())
    }

    /// Lets it run on when this process ends. Only for what was started detached.
    pub(crate) fn let_go(&mut self) {
        self.let_go = true;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.let_go {
            // Nobody is there to hear of it. A tied one ends with its keeper at the latest.
            let _ = self.kill();
        }
    }
}

/// Writes a file that only its owner may read. What was there is replaced.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source| Error::File { act: "write", path: path.to_owned(), source };
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

fn last_lines(log: &Path) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(log)?;
        let length = fs::metadata(log)?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(QUOTED_BYTES)))?;
        let mut bytes = Vec::new();
        file.take(QUOTED_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let text = read().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    match &lines[lines.len().saturating_sub(QUOTED_LINES)..] {
        [] => "(nothing)".to_owned(),
        lines => lines.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tied_program_ends_when_nobody_holds_its_keepers_input() {
        let directory = tempfile::tempdir().expect("there is room");
        let mut process = Process::start(Launch {
            name: "sleeper".into(),
            program: Program { path: "sleep".into(), arguments: vec!["600".into()] },
            arguments: Vec::new(),
            log: directory.path().join("sleeper.log"),
            note: directory.path().join("sleeper.json"),
            life: Life::Tied,
        })
        .expect("sleep is everywhere");
        process.runs().expect("it sleeps");
        // What the operating system does for a process that was killed: it closes what that had open.
        drop(process.child.stdin.take());
        assert!(process.identity.ends_within(PATIENCE));
        assert_eq!(
            process.child.wait().expect("the keeper is ours").code(),
            Some(0),
            "it has nothing to keep"
        );
    }

    #[test]
    fn what_a_program_said_last_is_quoted() {
        let directory = tempfile::tempdir().expect("there is room");
        let log = directory.path().join("log");
        assert_eq!(last_lines(&log), "(nothing)");
        let lines: Vec<String> = (0..2_000).map(|line| format!("line {line}")).collect();
        fs::write(&log, lines.join("\n")).expect("it can be written");
        let last = last_lines(&log);
        assert!(last.starts_with("line 1985\n") && last.ends_with("\nline 1999"), "{last}");
    }
}
