//! The components that plugins' manifests name.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use portolan_api::ClusterPlugin;

use super::origin::{Located, Origin};
use crate::bounded::{read_bounded, regular};

/// Why a plugin's file can't be had. All of it is the manifest's author's to fix, but for a file that is not there yet.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: ClusterPlugin {plugin}: spec.source.file: {file} can't be read; valid: a file of at most 64 MiB in {}, given relative to it", .directory.display())]
pub struct PluginFileError {
    /// Where the manifest stands.
    pub origin: Origin,
    /// The plugin's name.
    pub plugin: String,
    /// The file as the manifest says it.
    pub file: String,
    /// The manifest's directory.
    pub directory: PathBuf,
    /// What went wrong.
    #[source]
    pub source: io::Error,
}

impl Located<ClusterPlugin> {
    /// Reads the file that `spec.source.file` names: a regular file of at most 64 MiB, relative to the manifest's
    /// directory and not outside it, whatever `..` and links say. For a manifest on standard input that is the working
    /// directory.
    ///
    /// Whether the bytes are a component, and the one that `spec.digest` means, is not looked at.
    pub fn read_file(&self) -> Result<Vec<u8>, PluginFileError> {
        let directory = self.directory();
        let ClusterPlugin { name, spec } = &self.value;
        let file = &spec.source.file;
        open(directory, file).map_err(|source| PluginFileError {
            origin: self.origin.clone(),
            plugin: name.clone(),
            file: file.clone(),
            directory: directory.into(),
            source,
        })
    }

    /// Where that file is, if the manifest names one that it may name: for watching it.
    pub fn file(&self) -> PathBuf {
        self.directory().join(&self.value.spec.source.file)
    }

    fn directory(&self) -> &Path {
        match self.origin.file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }
}

/// Reads a component that a ClusterPlugin names, where plugins have a directory of their own: a regular file of at most 64
/// MiB in it. Whatever the manifest says, nothing outside of the directory is read.
pub fn read_component_in(directory: &Path, file: &str) -> io::Result<Vec<u8>> {
    open(directory, file)
}

fn open(directory: &Path, file: &str) -> io::Result<Vec<u8>> {
    let dir = Dir::open_ambient_dir(directory, ambient_authority())?;
    // Looked at before it is opened, because opening a pipe would wait for its writer.
    regular(dir.metadata(file)?.is_file())?;
    read_bounded(&mut dir.open(file)?, 0)
}
