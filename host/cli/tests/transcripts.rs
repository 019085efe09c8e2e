//! Every command line that a document shows is run, and must print what stands there.
//!
//! A transcript is a Markdown file with ```` ```console ```` blocks. It runs at the top of a fresh copy of what it may
//! read, so that it can write there. `TRYCMD=overwrite` accepts what was printed and what came out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What transcripts may read.
const READ: &[&str] = &["README.md", "examples", "tests/transcripts"];

/// Where transcripts stand, besides the README.
const FOLDERS: &[&str] = &["examples", "tests/transcripts"];

#[test]
fn every_transcript_prints_what_stands_there() {
    let accept = std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite");
    let repository =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository");
    let transcripts = transcripts(&repository);
    assert!(transcripts.len() > FOLDERS.len(), "{transcripts:?}");
    for transcript in transcripts {
        let copy = tempfile::tempdir().expect("a temporary directory");
        for read in READ {
            copy_all(&repository.join(read), &copy.path().join(read));
        }
        std::env::set_current_dir(copy.path()).expect("the copy");
        // The cases run when the value is dropped.
        trycmd::TestCases::new()
            .env("PORTOLAN_PLUGIN_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/plugins"))
            .case(&transcript);
        let kept = repository.join(transcript.with_file_name("members"));
        let made = copy.path().join("out");
        if accept {
            fs::copy(copy.path().join(&transcript), repository.join(&transcript))
                .expect("a writable repository");
            if kept.exists() {
                fs::remove_dir_all(&kept).expect("a writable repository");
                copy_all(&made, &kept);
                fs::remove_dir_all(kept.join(".portolan")).expect("an inventory");
            }
        } else if kept.exists() {
            let mut made = files(&made);
            made.retain(|path, _| !path.starts_with(".portolan"));
            assert_eq!(files(&kept), made, "{}", transcript.display());
        }
    }
}

/// The README and every Markdown file of the folders, relative to the repository.
fn transcripts(repository: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("README.md")];
    for folder in FOLDERS {
        let markdown = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
        found.extend(
            files(&repository.join(folder))
                .into_keys()
                .filter(markdown)
                .map(|path| Path::new(folder).join(path)),
        );
    }
    found
}

/// All files below a directory with what is in them, by their path in it.
fn files(directory: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![PathBuf::new()];
    while let Some(path) = left.pop() {
        let full = directory.join(&path);
        if full.is_dir() {
            let entries = fs::read_dir(&full).expect("a readable directory");
            left.extend(entries.map(|entry| path.join(entry.expect("a readable directory").file_name())));
        } else {
            found.insert(
                path,
                String::from_utf8_lossy(&fs::read(&full).expect("a readable file")).into_owned(),
            );
        }
    }
    found
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a temporary directory");
        for entry in fs::read_dir(from).expect("a readable directory") {
            let name = entry.expect("a readable directory").file_name();
            copy_all(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::create_dir_all(to.parent().expect("a parent")).expect("a temporary directory");
        fs::copy(from, to).expect("a readable file");
    }
}
