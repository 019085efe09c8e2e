//! Taking servers away that an earlier process left running.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::error::Error;
use crate::identity::Identity;
use crate::process::PATIENCE;
use crate::setup::{Life, Place};

/// Ends every server that was started in this directory and takes away what is theirs, and the directory where nothing
/// else is in it.
///
/// Done again, or where nothing was started, it does nothing. A process that only has the number of one of theirs is
/// left alone. Interrupted in the middle, it goes on when it is called again.
///
/// # Errors
///
/// [`Error::File`], [`Error::Note`], [`Error::Signal`], [`Error::Survives`].
pub fn down(directory: &Path) -> Result<(), Error> {
    let place = Place { directory, life: Life::Detached };
    let mut running = Vec::new();
    for note in entries(&place.notes())? {
        let text = fs::read_to_string(&note).map_err(failed("read", &note))?;
        // Cut off while it was written: then the process was, at that moment, still its parent's to end.
        if text.is_empty() {
            continue;
        }
        let identity: Identity =
            serde_json::from_str(&text).map_err(|source| Error::Note { path: note.clone(), source })?;
        let name = note.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let sent = identity.signal(Signal::KILL).map_err(|errno| Error::Signal {
            signal: "SIGKILL",
            name: name.clone(),
            pid: identity.pid,
            source: errno.into(),
        })?;
        if sent {
            running.push((name, identity));
        }
    }
    for (name, identity) in running {
        if !identity.ends_within(PATIENCE) {
            return Err(Error::Survives { name, pid: identity.pid, waited: PATIENCE });
        }
    }
    for cluster in entries(&directory.join("pki"))? {
        let name = cluster.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kubeconfig = place.kubeconfig(&name);
        gone(fs::remove_file(&kubeconfig)).map_err(failed("remove", &kubeconfig))?;
    }
    for folder in Place::FOLDERS {
        let folder = directory.join(folder);
        gone(fs::remove_dir_all(&folder)).map_err(failed("remove", &folder))?;
    }
    match fs::remove_dir(directory) {
        // Somebody put something there, which is theirs.
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => gone(removed).map_err(failed("remove", directory)),
    }
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    match fs::read_dir(directory) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()
            .map_err(failed("read", directory)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed("read", directory)(error)),
    }
}

fn gone(removed: std::io::Result<()>) -> std::io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn failed(act: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Error {
    move |source| Error::File { act, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_process_is_left_alone_and_so_are_a_users_files() {
        let directory = tempfile::tempdir().expect("there is room");
        let directory = directory.path();
        for folder in ["processes", "logs", "pki/control"] {
            fs::create_dir_all(directory.join(folder)).expect("it can be made");
        }
        // This test's own number, of a process that began at another time.
        let note = Identity { pid: std::process::id(), began: "0".into() };
        let note = serde_json::to_string(&note).expect("JSON");
        fs::write(directory.join("processes/control.json"), note).expect("it can be written");
        fs::write(directory.join("control.kubeconfig"), "").expect("it can be written");
        fs::write(directory.join("mine.yaml"), "").expect("it can be written");

        down(directory).expect("nothing is in the way");
        let left: Vec<_> = entries(directory).expect("it is still there");
        assert_eq!(left, [directory.join("mine.yaml")]);
        down(directory).expect("twice is once");
        fs::remove_file(directory.join("mine.yaml")).expect("it is there");
        down(directory).expect("nothing is left");
        assert!(!directory.exists());
        down(directory).expect("where nothing was, nothing is done");
    }
}
