//! Directories of transcripts, each with the components that made its decisions.
//!
//! ```text
//!  DIR/transcripts/shop/Deployment.apps/web.json    one decision
//!  DIR/transcripts/.portolan-transcripts            says that these are no inputs
//!  DIR/components/sha256-9f86d081….wasm              what it was made with
//! ```

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use portolan_api::ObjectKey;

use crate::bounded::{bounded, read_file};
use crate::identity::Identity;
use crate::members::{MemberPath, replace_file};

const TRANSCRIPTS: &str = "transcripts";
const COMPONENTS: &str = "components";

/// A file in the folder of transcripts, by which whoever reads a directory around it knows what they are. It lies there
/// and not in `DIR`, which may be the directory of the inputs themselves.
pub(crate) const MARKER: &str = ".portolan-transcripts";

/// A directory to keep transcripts in. What it holds of other templates stays.
#[derive(Debug)]
pub struct Records {
    path: PathBuf,
    directory: Dir,
}

/// Why something can't be kept or found.
#[derive(Debug, thiserror::Error)]
#[error("can't {act} {path}")]
pub struct RecordError {
    act: &'static str,
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl Records {
    /// Takes a directory, which is made where it is missing. From now on, transcripts in it are not taken for inputs.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let failed = |source| RecordError { act: "make", path: path.into(), source };
        std::fs::create_dir_all(path).map_err(failed)?;
        let directory = Dir::open_ambient_dir(path, ambient_authority()).map_err(failed)?;
        let records = Self { path: path.into(), directory };
        // Written only where it is missing, so that nobody who watches the directory hears of it each time.
        if !records.directory.is_file(format!("{TRANSCRIPTS}/{MARKER}")) {
            records.keep(TRANSCRIPTS, MARKER, b"")?;
        }
        Ok(records)
    }

    /// The folders in such a directory that are written to. What else lies there, the inputs perhaps, is others'.
    pub fn folders(path: &Path) -> [PathBuf; 2] {
        [TRANSCRIPTS, COMPONENTS].map(|folder| path.join(folder))
    }

    /// Keeps a template's transcript, in the place of an earlier one. An error where it has more than 64 MiB, which is
    /// more than is read again; an earlier one stays then.
    pub fn keep_transcript(&self, template: &ObjectKey, json: &[u8]) -> Result<(), RecordError> {
        let MemberPath { cluster, namespace, kind, file } =
            MemberPath::new(TRANSCRIPTS, &Identity::of(template));
        let file = format!("{}.json", file.strip_suffix(".yaml").unwrap_or(&file));
        let folder = format!("{cluster}/{namespace}/{kind}");
        bounded(json.len() as u64).map_err(|source| self.unwritten(&folder, &file, source))?;
        self.keep(&folder, &file, json)
    }

    /// Keeps a component under its digest.
    pub fn keep_component(&self, digest: &str, component: &[u8]) -> Result<(), RecordError> {
        self.keep(COMPONENTS, &component_file(digest), component)
    }

    /// Writes beside the file's place and renames into it.
    fn keep(&self, folder: &str, file: &str, bytes: &[u8]) -> Result<(), RecordError> {
        let kept = self
            .directory
            .create_dir_all(folder)
            .and_then(|()| self.directory.open_dir(folder))
            .and_then(|folder| replace_file(&folder, file, bytes));
        kept.map_err(|source| self.unwritten(folder, file, source))
    }

    fn unwritten(&self, folder: &str, file: &str, source: io::Error) -> RecordError {
        RecordError { act: "write", path: self.path.join(folder).join(file), source }
    }
}

/// The transcripts that a path means: itself where it is a file, else every `.json` file below it, in the order of
/// their paths; links are not followed.
pub fn transcripts(path: &Path) -> Result<Vec<PathBuf>, RecordError> {
    let failed = |source| RecordError { act: "read", path: path.into(), source };
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.into()]);
    }
    let mut found = Vec::new();
    let mut left = vec![path.to_owned()];
    while let Some(folder) = left.pop() {
        let failed = |source| RecordError { act: "read", path: folder.clone(), source };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                left.push(entry.path());
            } else if kind.is_file() && entry.path().extension().is_some_and(|extension| extension == "json")
            {
                found.push(entry.path());
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A transcript's bytes, at most 64 MiB.
pub fn read_transcript(path: &Path) -> Result<Vec<u8>, RecordError> {
    read_file(path).map_err(|source| RecordError { act: "read", path: path.into(), source })
}

/// The component of a digest that was kept with a transcript: in `components` beside any folder that the transcript
/// lies in. Whether its bytes have that digest is not looked at.
pub fn recorded_component(transcript: &Path, digest: &str) -> Option<Vec<u8>> {
    let file = Path::new(COMPONENTS).join(component_file(digest));
    transcript.ancestors().skip(1).find_map(|folder| read_file(&folder.join(&file)).ok())
}

/// `sha256:…` with a character that every file system takes.
fn component_file(digest: &str) -> String {
    format!("{}.wasm", digest.replace(':', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounded::FILE_BYTES;

    #[test]
    fn a_transcript_that_could_not_be_read_again_is_not_written() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let records = Records::open(place.path()).expect("it can be made");
        let key = ObjectKey {
            api_version: "v1".into(),
            kind: "ConfigMap".into(),
            namespace: Some("shop".into()),
            name: "a".into(),
        };
        let file = place.path().join("transcripts/shop/ConfigMap/a.json");
        let most = vec![b' '; usize::try_from(FILE_BYTES).expect("a test needs as much memory")];
        records.keep_transcript(&key, &most).expect("it is not too long");
        assert_eq!(read_transcript(&file).expect("it is not too long").len(), most.len());

        records.keep_transcript(&key, b"{}").expect("written");
        let refused = records.keep_transcript(&key, &[most, b" ".to_vec()].concat()).expect_err("too long");
        assert!(refused.path.ends_with("transcripts/shop/ConfigMap/a.json"), "{refused}");
        assert_eq!(refused.source.to_string(), "it has more than 64 MiB, which is too much");
        assert_eq!(read_transcript(&file).expect("it is there"), b"{}");
    }
}
