//! The test files of policies, which stand beside them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What the name of a test file is, or ends with behind a dot.
const NAME: &str = "portolan-test.yaml";

/// Whether a file is one by its name: `portolan-test.yaml`, or `shop.portolan-test.yaml`.
pub fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.as_encoded_bytes()).unwrap_or_default();
    name.strip_suffix(NAME.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.ends_with(b"."))
}

/// All of them below a directory, in byte order of their paths. Names that begin with a dot are skipped, and links to
/// directories.
pub fn test_files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut left = vec![directory.to_owned()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.file_type()?.is_dir() {
                left.push(path);
            } else if is_test_file(&path) {
                found.push(path);
            }
        }
    }
    found.sort_unstable_by(|one, other| {
        one.as_os_str().as_encoded_bytes().cmp(other.as_os_str().as_encoded_bytes())
    });
    Ok(found)
}
