//! Compiled components on disk.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use portolan_plan::Plugin as _;
use portolan_sandbox::{LoadedPlugin, Sandbox, Settings};

use crate::setting::{guest, offer};

fn with_cache(directory: &Path) -> Sandbox {
    Sandbox::new(Settings { cache: Some(directory.into()), ..Settings::new(1) }).expect("a sandbox")
}

/// From a sandbox of its own: what is cached is on disk alone.
fn load(directory: &Path, name: &str) -> LoadedPlugin {
    let sandbox = with_cache(directory);
    assert_eq!(sandbox.cache_refused(), None);
    let plugin = sandbox.load(&guest(name)).expect("it loads");
    assert!(plugin.filter("0", &mut offer(3)).is_ok(), "it works");
    plugin
}

fn from_cache(directory: &Path, name: &str) -> bool {
    load(directory, name).compiled().is_none()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn a_component_is_compiled_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let cache = directory.path().join("new");
    assert!(!from_cache(&cache, "refuses-all"));
    assert!(from_cache(&cache, "refuses-all"));
    assert!(!from_cache(&cache, "refuses-the-digits"), "another one has its own");
    assert_eq!(files(&cache).len(), 2);
    assert_eq!(fs::metadata(&cache).expect("it is there").mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&files(&cache)[0]).expect("it is there").mode() & 0o777, 0o600);
}

#[test]
fn attack_40_files_that_were_changed() {
    let directory = tempfile::tempdir().expect("a directory");
    let cache = directory.path();
    assert!(!from_cache(cache, "refuses-all"));
    let file = files(cache).remove(0);
    let whole = fs::read(&file).expect("it is there");
    let middle = whole.len() / 2;
    let mut changed = whole.clone();
    changed[middle] ^= 1;
    for bytes in [&changed, &whole[..middle], &whole[..20], &[]] {
        fs::write(&file, bytes).expect("it is ours");
        assert!(!from_cache(cache, "refuses-all"), "it is compiled anew");
        assert_eq!(fs::read(&file).expect("it is there").len(), whole.len(), "and replaced");
        assert!(from_cache(cache, "refuses-all"));
    }
}

#[test]
fn attack_40_file_of_another_component() {
    let directory = tempfile::tempdir().expect("a directory");
    let cache = directory.path();
    assert!(!from_cache(cache, "refuses-all"));
    let first = files(cache).remove(0);
    assert!(!from_cache(cache, "refuses-the-digits"));
    let second = files(cache).into_iter().find(|file| *file != first).expect("there are two");
    fs::copy(&first, &second).expect("it is ours");
    assert!(!from_cache(cache, "refuses-the-digits"), "it is not what its name says");
}

#[test]
fn attack_40_directory_that_others_may_write_to() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o770)).expect("it is ours");
    let sandbox = with_cache(directory.path());
    let why = sandbox.cache_refused().expect("it is refused");
    assert!(why.ends_with("others may write to it (mode 770); valid: 700"), "{why}");
    assert!(sandbox.load(&guest("refuses-all")).expect("it loads all the same").compiled().is_some());
    assert!(files(directory.path()).is_empty());
}

#[test]
fn attack_40_directory_that_is_a_link() {
    let directory = tempfile::tempdir().expect("a directory");
    let (real, link) = (directory.path().join("real"), directory.path().join("link"));
    fs::create_dir(&real).expect("it is ours");
    symlink(&real, &link).expect("it is ours");
    assert!(
        with_cache(&link).cache_refused().is_some_and(|why| why.contains("it is no directory of its own"))
    );
    let file = directory.path().join("file");
    fs::write(&file, "").expect("it is ours");
    assert!(with_cache(&file).cache_refused().is_some());
}

#[test]
fn attack_40_file_that_others_may_write_to() {
    let directory = tempfile::tempdir().expect("a directory");
    let cache = directory.path();
    assert!(!from_cache(cache, "refuses-all"));
    let file = files(cache).remove(0);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("it is ours");
    assert!(!from_cache(cache, "refuses-all"));
    assert!(from_cache(cache, "refuses-all"), "it was replaced");
}

#[test]
fn attack_31_compiled_components_without_end() {
    // Three that were compiled before, together more than is kept: the oldest goes, and no more than must.
    let directory = tempfile::tempdir().expect("a directory");
    let put = |digit: &str, age: u64| {
        let path = directory.path().join(format!("{}.compiled", digit.repeat(64)));
        let file = fs::File::create(&path).expect("created");
        file.set_len(400 << 20).expect("a sparse file");
        file.set_modified(SystemTime::now() - Duration::from_secs(age)).expect("it is ours");
        path
    };
    let (oldest, old, new) = (put("a", 300), put("b", 200), put("c", 100));
    assert!(!from_cache(directory.path(), "refuses-all"));
    assert!(!oldest.exists() && old.exists() && new.exists());
    let kept: u64 =
        files(directory.path()).iter().map(|file| fs::metadata(file).expect("it is there").len()).sum();
    assert!(kept <= 1 << 30, "{kept}");
}

#[test]
fn a_stranger_s_files_stay_and_what_was_left_unfinished_goes() {
    /// More than the cache keeps, so that it looks for something to remove.
    const TOO_MUCH: u64 = (1 << 30) + 1;

    let directory = tempfile::tempdir().expect("a directory");
    let put = |name: &str, bytes: u64, age: Duration| {
        let file = fs::File::create(directory.path().join(name)).expect("created");
        file.set_len(bytes).expect("a sparse file");
        file.set_modified(SystemTime::now() - age).expect("it is ours");
    };
    let (day, hex) = (Duration::from_secs(24 * 60 * 60), "0123456789abcdef".repeat(4));
    let old = format!("{hex}.compiled");
    let strangers = [
        "thesis.tex".to_owned(),
        "it.compiled".into(),
        "notes.part".into(),
        "1-a.probe".into(),
        format!("{hex}0.compiled"),
        format!("{}.compiled", hex.to_uppercase()),
        format!("{hex}.compiled.bak"),
    ];
    for name in &strangers {
        put(name, TOO_MUCH, day);
    }
    put(&old, TOO_MUCH, day);
    put("123-0.part", 1, day);
    put("123-1.probe", 1, day);
    put("123-2.part", 1, Duration::ZERO);
    assert!(!from_cache(directory.path(), "refuses-all"));
    for name in strangers.iter().map(String::as_str).chain(["123-2.part"]) {
        assert!(directory.path().join(name).exists(), "{name}");
    }
    for name in [old.as_str(), "123-0.part", "123-1.probe"] {
        assert!(!directory.path().join(name).exists(), "{name}");
    }
    assert!(from_cache(directory.path(), "refuses-all"), "what was compiled last stays");
}
