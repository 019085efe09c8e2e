//! A Go that is new enough for `tests/kubetest`: the one that is installed, else the one that it can fetch.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run;

/// What Kubernetes 1.36 asks for. Kept in step with `tests/kubetest/go.mod`.
const NEEDED: [u32; 2] = [1, 26];
/// From here on Go fetches a newer one by itself.
const FETCHES: [u32; 2] = [1, 21];
/// What an older one is made to fetch: a toolchain is a module like others, checked like others.
const TOOLCHAIN: &str = "golang.org/toolchain@v0.0.1-go1.26.0";

/// How to run it.
#[derive(Debug)]
pub(crate) struct Go {
    program: PathBuf,
    /// What `GOTOOLCHAIN` is to say.
    toolchain: &'static str,
}

impl Go {
    /// The command, to be given its arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // Each knows its own root; one that is set is another one's.
        command.env("GOTOOLCHAIN", self.toolchain).env_remove("GOROOT");
        command
    }

    /// Looks for one. An error says what to install.
    pub(crate) fn find(sources: &Path) -> Result<Self, String> {
        let [major, minor] = NEEDED;
        let install = format!(
            "valid: Go {major}.{minor} or newer (https://go.dev/dl; Debian's golang-go will do, it fetches what it lacks), \
             or API servers from elsewhere: etcd and kube-apiserver on PATH, or KUBEBUILDER_ASSETS"
        );
        // Outside of any module, which could ask for another version.
        let mut version = Command::new("go");
        version.arg("version").env("GOTOOLCHAIN", "local").current_dir("/");
        let Some(said) = run::printed(&mut version) else {
            return Err(format!("there is no Go to build Kubernetes' API server with; {install}"));
        };
        let installed = number(&said).ok_or_else(|| format!("`go version` says {said:?}; {install}"))?;
        let program = PathBuf::from("go");
        if installed >= NEEDED {
            return Ok(Self { program, toolchain: "local" });
        }
        eprintln!("{said} is older than Go {major}.{minor}: a newer one is fetched as a Go module");
        if installed >= FETCHES {
            return Ok(Self { program, toolchain: "auto" });
        }
        fetched(sources)
            .map(|program| Self { program, toolchain: "local" })
            .map_err(|why| format!("{why}; {install}"))
    }
}

/// A toolchain that a Go too old to do so by itself fetches.
fn fetched(sources: &Path) -> Result<PathBuf, String> {
    let system = |variable: &str| {
        run::printed(Command::new("go").args(["env", variable]).current_dir("/"))
            .filter(|value| !value.is_empty())
            .ok_or_else(|| format!("`go env {variable}` says nothing"))
    };
    let module = format!("{TOOLCHAIN}.{}-{}", system("GOOS")?, system("GOARCH")?);
    let mut download = Command::new("go");
    // Not in the sources' folder, whose go.mod an old Go can't read.
    download.args(["mod", "download", &module]).current_dir(sources.parent().unwrap_or(sources));
    run::visibly(&mut download)?;
    let root = Path::new(&system("GOMODCACHE")?).join(&module);
    // A module's files are not to be executed, and only a newer Go makes an exception.
    for folder in ["bin", "pkg/tool"] {
        make_executable(&root.join(folder))?;
    }
    Ok(root.join("bin/go"))
}

#[cfg(unix)]
fn make_executable(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;

    let failed = |error: std::io::Error| format!("can't prepare {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            make_executable(&path)?;
        } else {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(failed)?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_executable(folder: &Path) -> Result<(), String> {
    // Executable is what has the right name.
    fs::metadata(folder).map(drop).map_err(|error| format!("can't prepare {}: {error}", folder.display()))
}

/// The version in `go version go1.26.8 linux/amd64`, without its patch.
fn number(said: &str) -> Option<[u32; 2]> {
    let version = said.split_whitespace().find_map(|word| word.strip_prefix("go1."))?;
    let digits = version.find(|c: char| !c.is_ascii_digit()).map_or(version, |end| &version[..end]);
    Some([1, digits.parse().ok()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_go_says_them() {
        assert_eq!(number("go version go1.26.8 linux/amd64"), Some([1, 26]));
        assert_eq!(number("go version go1.26rc1 darwin/arm64"), Some([1, 26]));
        assert_eq!(number("go version devel linux/amd64"), None);
        assert!(number("go version go1.9 linux/amd64") < Some(FETCHES));
    }

    #[test]
    fn what_is_needed_is_what_the_module_says() {
        let module = include_str!("../../tests/kubetest/go.mod");
        let [major, minor] = NEEDED;
        assert!(module.contains(&format!("\ngo {major}.{minor}.0\n")));
        assert!(TOOLCHAIN.ends_with(&format!("go{major}.{minor}.0")));
    }
}
