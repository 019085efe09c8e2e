//! Every command line that a document shows is run, and must print what stands there.
//!
//! A transcript is a Markdown file with ```` ```console ```` blocks. It runs at the top of a fresh copy of what it may
//! read, so that it can write there. What is only compiled, because some transcripts build plugins, is not copied but
//! linked. `TRYCMD=overwrite` accepts what was printed and what came out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What transcripts may read, and cargo for them.
const READ: &[&str] = &[
    "README.md",
    "docs/interpreters.md",
    "docs/plugins.md",
    "docs/policies",
    "docs/testing-policies.md",
    "examples",
    "tests/transcripts",
    "Cargo.toml",
    "Cargo.lock",
];

/// What cargo reads: the workspace's other rooms, and of the tests' own room what is no transcript.
const COMPILED: &[&str] = &["host", "plugins", "wit", "xtask"];

/// Transcripts by themselves.
const DOCUMENTS: &[&str] =
    &["README.md", "docs/interpreters.md", "docs/plugins.md", "docs/testing-policies.md"];

/// Where the other transcripts stand.
const FOLDERS: &[&str] = &["docs/policies", "examples", "tests/transcripts"];

/// Always in the same place: cargo knows what it compiled by where it lay.
const PLACE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/transcripts");

#[test]
fn every_transcript_prints_what_stands_there() {
    let accept = std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite");
    let repository =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository");
    let transcripts = transcripts(&repository);
    assert!(transcripts.len() > FOLDERS.len(), "{transcripts:?}");
    for transcript in transcripts {
        let copy = Path::new(PLACE);
        if copy.exists() {
            fs::remove_dir_all(copy).expect("a temporary directory");
        }
        for read in READ {
            copy_all(&repository.join(read), &copy.join(read));
        }
        for compiled in COMPILED {
            link(&repository.join(compiled), &copy.join(compiled));
        }
        for test in fs::read_dir(repository.join("tests")).expect("a readable directory") {
            let name = test.expect("a readable directory").file_name();
            if name != "transcripts" {
                link(&repository.join("tests").join(&name), &copy.join("tests").join(&name));
            }
        }
        std::env::set_current_dir(copy).expect("the copy");
        // The cases run when the value is dropped.
        trycmd::TestCases::new()
            .env("PORTOLAN_PLUGIN_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/plugins"))
            .env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/built"))
            // What it compiles is the transcript's affair, how far it is is not.
            .env("CARGO_TERM_QUIET", "true")
            // A new crate depends on nothing that the workspace has not fetched already.
            .env("CARGO_NET_OFFLINE", "true")
            .register_bin("cargo", PathBuf::from(env!("CARGO")))
            .case(&transcript);
        let kept = repository.join(transcript.with_file_name("members"));
        let made = copy.join("out");
        if accept {
            fs::copy(copy.join(&transcript), repository.join(&transcript)).expect("a writable repository");
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

/// The documents and every Markdown file of the folders, relative to the repository.
fn transcripts(repository: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = DOCUMENTS.iter().map(PathBuf::from).collect();
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

fn link(original: &Path, at: &Path) {
    fs::create_dir_all(at.parent().expect("a parent")).expect("a temporary directory");
    #[cfg(unix)]
    std::os::unix::fs::symlink(original, at).expect("a link");
    #[cfg(not(unix))]
    copy_all(original, at);
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
