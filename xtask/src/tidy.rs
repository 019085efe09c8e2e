//! Checks on the text of what is in git: what no compiler reports and every reviewer would.

mod examples;
mod machine;
mod manifest;
mod rust;

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::{run, workspace};

/// One thing to mend.
#[derive(Debug, PartialEq)]
struct Finding {
    path: String,
    /// From 1. None where it is about the whole file.
    line: Option<usize>,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.what),
            None => write!(f, "{}: {}", self.path, self.what),
        }
    }
}

/// Reads every file in git once, and says all that it finds.
pub(crate) fn run(_: &[String]) -> Result<(), Failure> {
    let root = workspace::root()?;
    let paths = tracked(&root)?;
    let mut findings = Vec::new();
    for path in &paths {
        findings.extend(check_file(&root, path)?);
    }
    // What can't be read says nothing, which is a finding here.
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    findings.extend(examples::check(&paths, read));
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            eprintln!("{} files are tidy", paths.len());
            Ok(())
        }
        count => Err(Failure::Failed(format!("tidy: {count} to mend"))),
    }
}

fn tracked(root: &Path) -> Result<Vec<String>, String> {
    // Without the second option git refuses a checkout that somebody else owns, as containers have it. Listing runs
    // nothing of the checkout's.
    let mut git = Command::new("git");
    git.current_dir(root).arg("-c").arg(format!("safe.directory={}", root.display()));
    let listed = run::printed(git.args(["ls-files", "-z"]))
        .ok_or("`git ls-files` does not work here; tidy looks at what is in git")?;
    Ok(listed.split_terminator('\0').map(str::to_owned).collect())
}

fn check_file(root: &Path, path: &str) -> Result<Vec<Finding>, String> {
    let absolute = root.join(path);
    // Deleted and not yet committed, or a link, whose text is only a path.
    if !absolute.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Ok(Vec::new());
    }
    let bytes = fs::read(&absolute).map_err(|error| format!("can't read {path}: {error}"))?;
    Ok(check(path, &bytes))
}

fn check(path: &str, bytes: &[u8]) -> Vec<Finding> {
    let text = match str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text,
        _ => {
            let what = "a binary file; keep what it is made from, and make it".to_owned();
            return vec![Finding { path: path.to_owned(), line: None, what }];
        }
    };
    let rust = path.ends_with(".rs");
    let manifest = path == "Cargo.toml" || path.ends_with("/Cargo.toml");
    [
        machine::check(path, text),
        if rust { rust::check(path, text) } else { Vec::new() },
        if manifest { manifest::check(path, text) } else { Vec::new() },
    ]
    .concat()
    .into_iter()
    .map(|(line, what)| Finding { path: path.to_owned(), line, what })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_where_an_editor_finds_them() {
        let found = check("host/a/src/lib.rs", format!("\n// see /{}/me/notes\n", "home").as_bytes());
        let shown: Vec<String> = found.iter().map(Finding::to_string).collect();
        assert_eq!(
            shown,
            [format!("host/a/src/lib.rs:2: a path of somebody's machine: /{}/me/notes", "home")]
        );
    }

    #[test]
    fn binary_files_are_found_and_text_is_not() {
        for bytes in [&b"\0asm"[..], &b"\xff\xd8\xff"[..]] {
            assert_eq!(check("logo", bytes).len(), 1, "{bytes:?}");
        }
        assert_eq!(check("README.md", "Ça va — très bien\n".as_bytes()), []);
    }
}
