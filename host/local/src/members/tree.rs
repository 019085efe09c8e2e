//! The files below `OUT`: every access goes through a directory that it can't leave.

use std::io::{self, BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};

use super::Error;
use super::opened::Opened;
use super::path::MemberPath;
use crate::bounded::read_bounded;

/// Where the inventory lies. No member's directory has this name, because encoded names don't begin with a dot.
pub(crate) const OURS: &str = ".portolan";

/// What a file is called until it is complete. One name will do, because one apply writes at a time; a leftover of one
/// that was killed is replaced by the next.
const UNFINISHED: &str = ".portolan.tmp";

/// `OUT`, if it exists.
#[derive(Debug)]
pub(super) struct Tree {
    out: PathBuf,
    dir: Option<Dir>,
    opened: Opened,
}

impl Tree {
    pub(super) fn open(out: &Path) -> Result<Self, Error> {
        match Dir::open_ambient_dir(out, ambient_authority()) {
            Ok(dir) => Ok(Self { out: out.into(), dir: Some(dir), opened: Opened::default() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Self { out: out.into(), dir: None, opened: Opened::default() })
            }
            Err(source) => Err(Error::Io { act: "open", path: out.into(), source }),
        }
    }

    pub(super) fn create(out: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(out).map_err(|source| Error::Io {
            act: "create",
            path: out.into(),
            source,
        })?;
        Self::open(out)
    }

    pub(super) fn out(&self) -> &Path {
        &self.out
    }

    /// `OUT/.portolan`, if it exists.
    pub(super) fn ours(&self) -> Result<Option<Dir>, Error> {
        self.dir.as_ref().map_or(Ok(None), |dir| self.enter(dir, OURS, &self.out.join(OURS)))
    }

    /// `OUT/.portolan`, which exists from now on.
    pub(super) fn create_ours(&self) -> Result<Dir, Error> {
        self.enter_or_create(self.existing()?, OURS, &self.out.join(OURS))
    }

    /// What stands in the place of an object's file, compared with some bytes.
    pub(super) fn compare(&self, path: &MemberPath, bytes: &[u8]) -> Result<There, Error> {
        let Some(directory) = self.directory(path)? else { return Ok(There::Nothing) };
        Ok(match self.length(&directory, path)? {
            None => There::Nothing,
            // A link is never what we wrote, wherever it leads.
            Some(Length::Link) => There::Other,
            Some(Length::Bytes(length)) if length != bytes.len() as u64 => There::Other,
            Some(Length::Bytes(length)) if self.contents(&directory, path, length)? == bytes => There::Same,
            Some(Length::Bytes(_)) => There::Other,
        })
    }

    /// The bytes of an object's file; of a link, a line that says where it leads.
    pub(super) fn read(&self, path: &MemberPath) -> Result<Option<Vec<u8>>, Error> {
        let Some(directory) = self.directory(path)? else { return Ok(None) };
        match self.length(&directory, path)? {
            None => Ok(None),
            Some(Length::Bytes(length)) => self.contents(&directory, path, length).map(Some),
            Some(Length::Link) => {
                let target = directory.read_link_contents(&path.file);
                let target = target.map_err(|source| failed("read", self.full(path), source))?;
                Ok(Some(format!("# a link to {}\n", target.display()).into_bytes()))
            }
        }
    }

    fn length(&self, directory: &Dir, path: &MemberPath) -> Result<Option<Length>, Error> {
        match directory.symlink_metadata(&path.file) {
            Ok(metadata) if metadata.is_file() => Ok(Some(Length::Bytes(metadata.len()))),
            Ok(metadata) if metadata.is_symlink() => Ok(Some(Length::Link)),
            Ok(_) => Err(Error::NotAFile { path: self.full(path) }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed("look at", self.full(path), source)),
        }
    }

    fn contents(&self, directory: &Dir, path: &MemberPath, length: u64) -> Result<Vec<u8>, Error> {
        let read = directory.open(&path.file).and_then(|mut file| read_bounded(&mut file, length));
        read.map_err(|source| failed("read", self.full(path), source))
    }

    /// Puts bytes into an object's file, at once: whoever looks sees the old or the new file.
    pub(super) fn write(&self, path: &MemberPath, bytes: &[u8]) -> Result<(), Error> {
        let directory = match self.opened.get(path) {
            Some(directory) => directory,
            None => {
                let mut full = self.out.clone();
                let mut inner: Option<Dir> = None;
                for part in path.directories() {
                    full.push(part);
                    let outer = inner.as_ref().map_or_else(|| self.existing(), Ok)?;
                    inner = Some(self.enter_or_create(outer, part, &full)?);
                }
                self.opened.keep(path, inner.expect("a path has three directories"))
            }
        };
        replace(&directory, &path.file, bytes).map_err(|source| failed("write", self.full(path), source))
    }

    /// Removes an object's file. Returns whether there was one.
    pub(super) fn remove(&self, path: &MemberPath) -> Result<bool, Error> {
        let Some(directory) = self.directory(path)? else { return Ok(false) };
        match directory.remove_file(&path.file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(failed("remove", self.full(path), source)),
        }
    }

    /// Removes the directory that an object's file lay in and those around it, as far as they are empty, after what a
    /// killed apply may have left in it.
    pub(super) fn sweep(&self, path: &MemberPath) -> Result<(), Error> {
        let Some(directory) = self.directory(path)? else { return Ok(()) };
        // Mostly there is none. One that can't be removed keeps its directory, which is all the harm it does.
        let _ = directory.remove_file(UNFINISHED);
        drop(directory);
        let MemberPath { cluster, namespace, kind, file: _ } = path;
        let out = self.existing()?;
        for empty in
            [format!("{cluster}/{namespace}/{kind}"), format!("{cluster}/{namespace}"), cluster.clone()]
        {
            // It fails where something is left in it, which is how far this goes.
            if out.remove_dir(empty).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The directory that an object's file lies in, if it exists.
    fn directory(&self, path: &MemberPath) -> Result<Option<Arc<Dir>>, Error> {
        if let Some(directory) = self.opened.get(path) {
            return Ok(Some(directory));
        }
        let Some(out) = &self.dir else { return Ok(None) };
        let mut full = self.out.clone();
        let mut inner: Option<Dir> = None;
        for part in path.directories() {
            full.push(part);
            match self.enter(inner.as_ref().unwrap_or(out), part, &full)? {
                Some(entered) => inner = Some(entered),
                None => return Ok(None),
            }
        }
        Ok(inner.map(|directory| self.opened.keep(path, directory)))
    }

    /// Looks for every directory anew from now on, because somebody may have removed one that is kept open.
    pub(super) fn look_again(&self) {
        self.opened.close();
    }

    /// Opens a directory in another, if it exists. Links are refused, also those that stay within `OUT`: through one,
    /// two members or namespaces would share their files. (Somebody who swaps a directory for a link between the look
    /// and the opening still gets nobody out of `OUT`; that is what `Dir` guarantees.)
    fn enter(&self, directory: &Dir, name: &str, full: &Path) -> Result<Option<Dir>, Error> {
        match directory.symlink_metadata(name) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(Error::NotADirectory { path: full.into() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed("look at", full.into(), source)),
        }
        directory.open_dir(name).map(Some).map_err(|source| failed("open", full.into(), source))
    }

    fn enter_or_create(&self, directory: &Dir, name: &str, full: &Path) -> Result<Dir, Error> {
        if let Some(inner) = self.enter(directory, name, full)? {
            return Ok(inner);
        }
        let created = directory.create_dir(name).and_then(|()| directory.open_dir(name));
        created.map_err(|source| failed("create", full.into(), source))
    }

    fn existing(&self) -> Result<&Dir, Error> {
        let missing = || failed("open", self.out.clone(), io::ErrorKind::NotFound.into());
        self.dir.as_ref().ok_or_else(missing)
    }

    fn full(&self, path: &MemberPath) -> PathBuf {
        self.out.join(path.to_string())
    }
}

/// What stands where an object's file belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum There {
    Nothing,
    /// A file with exactly the bytes in question.
    Same,
    /// A file with other bytes, or a link.
    Other,
}

enum Length {
    Bytes(u64),
    Link,
}

/// Writes beside a file and renames into its place.
pub(super) fn replace(directory: &Dir, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = unfinished(directory)?;
    file.write_all(bytes)?;
    drop(file);
    directory.rename(UNFINISHED, directory, name)
}

/// The same for what is written piece by piece, and synced, so that it outlasts a loss of power.
pub(super) fn replace_durably(
    directory: &Dir,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = BufWriter::new(unfinished(directory)?);
    write(&mut file)?;
    file.into_inner().map_err(IntoInnerError::into_error)?.sync_all()?;
    directory.rename(UNFINISHED, directory, name)
}

/// A new file with the name of what is not complete.
fn unfinished(directory: &Dir) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Never into what is there already: it might be a link.
    options.write(true).create_new(true);
    match directory.open_with(UNFINISHED, &options) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            directory.remove_file(UNFINISHED)?;
            directory.open_with(UNFINISHED, &options)
        }
        opened => opened,
    }
}

fn failed(act: &'static str, path: PathBuf, source: io::Error) -> Error {
    Error::Io { act, path, source }
}
