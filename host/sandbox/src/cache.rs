//! Compiled components on disk, so that a start takes milliseconds instead of seconds.
//!
//! Machine code is run as it is found, so the directory is trusted only while nobody else can write to it, and a file
//! only while it is byte for byte what this host wrote under that name. A file that passes is mapped, not copied: a
//! thousand plugins then take little memory that the system could not have back. So whoever may write here must not
//! write *into* a file that is in use; this module only ever replaces and removes files as a whole, which leaves those
//! that are mapped as they were.

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use portolan_plan::Digest;
use sha2::Digest as _;
use wasmtime::Engine;
use wasmtime::component::Component;

/// How much is kept. Arbitrary: some twenty compiled JavaScript or Python plugins, or two thousand Rust ones.
const MAX_BYTES: u64 = 1 << 30;

/// How long ago a file that is written in one go was begun by a process that must be dead by now. Arbitrary: writing
/// the largest takes seconds.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// The length of the SHA-256 at the end of a file, behind what the engine reads.
const SEAL: usize = 32;

/// A private directory of compiled components.
pub(crate) struct Cache {
    directory: PathBuf,
    /// What compiled them: engine, settings, this host.
    compiler: [u8; 32],
}

/// Why a directory is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPrivate {
    #[error("it can't be made or read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("it is no directory of its own; valid: a directory, not a link to one")]
    NoDirectory,
    #[error("others may write to it (mode {0:o}); valid: 700")]
    Writable(u32),
    #[error("it belongs to another user")]
    Foreign,
    #[cfg(not(unix))]
    #[error("this system can't tell who may write to it")]
    Unknown,
}

impl Cache {
    /// Takes a directory into use, and makes it where it is missing.
    pub(crate) fn open(directory: &Path, engine: &Engine) -> Result<Self, NotPrivate> {
        private::ensure(directory)?;
        Ok(Self { directory: directory.into(), compiler: compiler(engine) })
    }

    /// The compiled component, where a whole and untouched one is there. Whatever else is found counts as nothing.
    pub(crate) fn load(&self, engine: &Engine, component: Digest) -> Option<Component> {
        let key = self.key(component);
        let path = self.path(&key);
        let file = private::read(&path)?;
        let (compiled, seal) = file.split_at_checked(file.len().checked_sub(SEAL)?)?;
        if seal != self::seal(&key, compiled) {
            return None;
        }
        deserialize(engine, &path)
    }

    /// Keeps a compiled component. What goes wrong only costs time at the next start, so it is not reported.
    pub(crate) fn store(&self, component: Digest, compiled: &Component) {
        let key = self.key(component);
        if let Ok(compiled) = compiled.serialize() {
            let _ = self.write(&key, &compiled);
            let _ = self.prune();
        }
    }

    fn write(&self, key: &[u8; 32], compiled: &[u8]) -> io::Result<()> {
        let path = self.path(key);
        let unfinished = self.directory.join(unique("part"));
        let written = private::create(&unfinished).and_then(|mut file| {
            file.write_all(compiled)?;
            file.write_all(&self::seal(key, compiled))?;
            // Renamed without this, a crash of the machine could leave an empty file; the seal would tell, though.
            file.sync_data()?;
            fs::rename(&unfinished, &path)
        });
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written
    }

    /// Removes what processes that were killed left unfinished, and the oldest compiled components while there is too
    /// much. Whatever is not ours by its name stays: somebody may have named a directory with other things in it.
    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().and_then(Name::of) else { continue };
            let metadata = entry.metadata()?;
            if !metadata.is_file() {
                continue;
            }
            let modified = metadata.modified()?;
            match name {
                Name::Compiled => files.push((modified, metadata.len(), entry.path())),
                Name::Unfinished if modified.elapsed().is_ok_and(|age| age > ABANDONED) => {
                    fs::remove_file(entry.path())?;
                }
                Name::Unfinished => {}
            }
        }
        files.sort();
        let mut bytes: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, size, path) in files {
            if bytes <= MAX_BYTES {
                break;
            }
            fs::remove_file(path)?;
            bytes -= size;
        }
        Ok(())
    }

    fn key(&self, component: Digest) -> [u8; 32] {
        let mut key = sha2::Sha256::new();
        key.update(component.0);
        key.update(self.compiler);
        key.finalize().into()
    }

    fn path(&self, key: &[u8; 32]) -> PathBuf {
        let name: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(name).with_extension("compiled")
    }
}

/// What a file is, by a name that only this module gives.
#[derive(Clone, Copy)]
enum Name {
    /// `<64 hex>.compiled`
    Compiled,
    /// `<process>-<number>.part` or `.probe`
    Unfinished,
}

impl Name {
    fn of(name: &str) -> Option<Self> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        match name.rsplit_once('.')? {
            (key, "compiled") if key.len() == 64 && key.bytes().all(is_hex) => Some(Self::Compiled),
            (unique, "part" | "probe") => {
                let (process, number) = unique.split_once('-')?;
                (is_number(process) && is_number(number)).then_some(Self::Unfinished)
            }
            _ => None,
        }
    }
}

/// The machine code of a component.
#[allow(
    unsafe_code,
    reason = "the one place where machine code is taken from a file; why it may be is said below"
)]
fn deserialize(engine: &Engine, path: &Path) -> Option<Component> {
    // SAFETY: wasmtime asks for a file that holds what `Component::serialize` gave for an engine like this one, and that
    // nobody changes while it is mapped. It does: the caller found it under a name that is derived from this engine's
    // settings and this very program, and sealed with a digest over name and bytes; `store` is the only function that
    // writes such files, and it replaces them. Only this user can write to the directory and to the file, and whoever
    // acts as this user can as well change this program's own.
    unsafe { Component::deserialize_file(engine, path) }.ok()
}

/// Binds bytes to the name under which they are kept.
fn seal(key: &[u8; 32], compiled: &[u8]) -> [u8; SEAL] {
    let mut seal = sha2::Sha256::new();
    seal.update(key);
    seal.update(compiled);
    seal.finalize().into()
}

/// What makes compiled code of use to this program only: the engine with its settings, this crate's version, and the
/// program's own size and date, which differ between two builds of one version.
fn compiler(engine: &Engine) -> [u8; 32] {
    let mut hasher = Sha256Hasher(sha2::Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    let program = std::env::current_exe().and_then(fs::metadata);
    program.and_then(|program| Ok((program.len(), program.modified()?))).ok().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// A name for a file that no other process or thread takes.
fn unique(extension: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}.{extension}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A hasher that keeps all 256 bits.
struct Sha256Hasher(sha2::Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        u64::from_le_bytes(std::array::from_fn(|index| digest[index]))
    }
}

/// Files and directories that nobody else can write to.
#[cfg(unix)]
mod private {
    use std::fs::{self, DirBuilder, File, OpenOptions};
    use std::io::{self, Read as _};
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
    use std::path::Path;

    use super::NotPrivate;

    /// Group and others may write.
    const WRITABLE: u32 = 0o022;

    pub(super) fn ensure(directory: &Path) -> Result<(), NotPrivate> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        let found = fs::symlink_metadata(directory)?;
        if !found.is_dir() {
            return Err(NotPrivate::NoDirectory);
        }
        if found.mode() & WRITABLE != 0 {
            return Err(NotPrivate::Writable(found.mode() & 0o7777));
        }
        // The user of this process, learnt from a file that it makes: there is no safe call for it in std.
        let probe = directory.join(super::unique("probe"));
        let user = create(&probe).and_then(|file| file.metadata()).map(|metadata| metadata.uid());
        let _ = fs::remove_file(&probe);
        if user? == found.uid() { Ok(()) } else { Err(NotPrivate::Foreign) }
    }

    pub(super) fn create(path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
    }

    /// What is in a file, where it is one of ours.
    pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
        let mut file = File::open(path).ok()?;
        let found = file.metadata().ok()?;
        let directory = fs::symlink_metadata(path.parent()?).ok()?;
        if !found.is_file() || found.mode() & WRITABLE != 0 || found.uid() != directory.uid() {
            return None;
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

#[cfg(not(unix))]
mod private {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use super::NotPrivate;

    pub(super) fn ensure(_: &Path) -> Result<(), NotPrivate> {
        Err(NotPrivate::Unknown)
    }

    pub(super) fn create(_: &Path) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn read(_: &Path) -> Option<Vec<u8>> {
        None
    }
}
