//! From sources to files.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::origin::Origin;
use super::{InputProblem, Inputs, Source};
use crate::bounded::read_bounded;
use crate::members::tree::OURS;
use crate::records::MARKER;
use crate::test_files::is_test_file;

/// A file that is to be read.
pub(super) struct File {
    /// How problems name it.
    pub(super) path: PathBuf,
    from: From,
}

enum From {
    Path,
    /// A path that can't lead out of a directory.
    Inside(Arc<Dir>, PathBuf),
    Bytes(io::Result<Vec<u8>>),
}

impl File {
    /// All of it, unless it is too large.
    pub(super) fn bytes(&self) -> io::Result<Vec<u8>> {
        match &self.from {
            From::Path => {
                let mut file = fs::File::open(&self.path)?;
                let length = file.metadata()?.len();
                read_bounded(&mut file, length)
            }
            From::Inside(dir, path) => {
                let mut file = dir.open(path)?;
                let length = file.metadata()?.len();
                read_bounded(&mut file, length)
            }
            From::Bytes(Ok(bytes)) => Ok(bytes.clone()),
            From::Bytes(Err(error)) => Err(io::Error::new(error.kind(), error.to_string())),
        }
    }
}

/// The files of all sources, in order. What can't be listed becomes a problem.
pub(super) fn files(sources: &[Source], stdin: &mut dyn Read, inputs: &mut Inputs) -> Vec<File> {
    let mut files = Vec::new();
    for source in sources {
        match source {
            Source::File(path) => files.push(File { path: path.clone(), from: From::Path }),
            Source::Stdin => files.push(File { path: "-".into(), from: From::Bytes(read_bounded(stdin, 0)) }),
            // As many empty lines before it that its line is the one in the file; JSON is YAML on a line.
            Source::Object { file, line, object } => {
                let before = "\n".repeat(line.saturating_sub(1) as usize);
                let bytes = format!("{before}{object}").into_bytes();
                files.push(File { path: file.clone(), from: From::Bytes(Ok(bytes)) });
            }
            Source::Directory(path) => match Dir::open_ambient_dir(path, ambient_authority()) {
                Ok(dir) => files.extend(Walk { root: path, dir: Arc::new(dir), inputs }.files()),
                Err(error) => inputs.problems.push(unlistable(path, &error)),
            },
        }
    }
    files
}

struct Walk<'a> {
    root: &'a Path,
    dir: Arc<Dir>,
    inputs: &'a mut Inputs,
}

impl Walk<'_> {
    fn files(mut self) -> Vec<File> {
        let mut found = Vec::new();
        let mut directories = vec![PathBuf::new()];
        while let Some(directory) = directories.pop() {
            if let Err(error) = self.list(&directory, &mut directories, &mut found) {
                self.inputs.problems.push(unlistable(&self.root.join(&directory), &error));
            }
        }
        found.sort_unstable_by(|one, other| {
            one.as_os_str().as_encoded_bytes().cmp(other.as_os_str().as_encoded_bytes())
        });
        let file = |path: PathBuf| File {
            path: self.root.join(&path),
            from: From::Inside(Arc::clone(&self.dir), path),
        };
        found.into_iter().map(file).collect()
    }

    fn list(
        &mut self,
        directory: &Path,
        directories: &mut Vec<PathBuf>,
        found: &mut Vec<PathBuf>,
    ) -> io::Result<()> {
        let entries =
            if directory.as_os_str().is_empty() { self.dir.entries() } else { self.dir.read_dir(directory) }?;
        // What was written must not come back as what is to be written.
        let ours = if self.dir.is_dir(directory.join(OURS)) {
            Some("members' files")
        } else if self.dir.is_file(directory.join(MARKER)) {
            Some("transcripts")
        } else {
            None
        };
        if let Some(what) = ours {
            let path = self.root.join(directory);
            self.inputs
                .notes
                .push(format!("{} is skipped: it holds {what} that Portolan wrote", path.display()));
            return Ok(());
        }
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = directory.join(&name);
            let link = entry.file_type()?.is_symlink();
            // Of a link, what it leads to; an error where that is outside, or nowhere.
            let metadata = match if link { self.dir.metadata(&path) } else { entry.metadata() } {
                Ok(metadata) => metadata,
                Err(_) if link => {
                    self.inputs.problems.push(astray(&self.root.join(&path)));
                    continue;
                }
                Err(error) => return Err(error),
            };
            if metadata.is_dir() && link {
                // What it leads to is inside and is read there; read here as well, it would be given twice.
                let path = self.root.join(&path);
                self.inputs.notes.push(format!("{} is skipped: a link to a directory", path.display()));
            } else if metadata.is_dir() {
                directories.push(path);
            } else if metadata.is_file() && is_manifest(&path) && !is_test_file(&path) {
                found.push(path);
            }
        }
        Ok(())
    }
}

fn is_manifest(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// A link that is not followed, whatever its name: behind it may be a file, or a directory full of them.
fn astray(path: &Path) -> InputProblem {
    InputProblem::unreadable(
        Origin::of(path),
        "is a link that leads out of the directory, or nowhere, and is not followed; remove it, or give what it leads \
         to by itself",
    )
}

fn unlistable(path: &Path, error: &io::Error) -> InputProblem {
    InputProblem::unreadable(Origin::of(path), format!("can't be listed: {error}"))
}
