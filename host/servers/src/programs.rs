//! Kubernetes' programs: where they come from.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::kubetest;

/// The programs that clusters are made of.
#[derive(Clone, Debug)]
pub struct Programs {
    /// Where all data is kept.
    pub etcd: Program,
    /// Serves the API.
    pub apiserver: Program,
    /// Removes namespaces and what is orphaned, makes ReplicaSets of Deployments. Not everybody has it.
    pub controller_manager: Option<Program>,
    /// Chooses nodes for pods. Not everybody has it.
    pub scheduler: Option<Program>,
    /// The client. Not everybody has it.
    pub kubectl: Option<Program>,
}

/// A program, and what stands before its own arguments where one binary holds several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The binary.
    pub path: PathBuf,
    /// Its first arguments.
    pub arguments: Vec<OsString>,
}

/// No API server is to be had here.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "no Kubernetes API server is installed here ({searched}). Valid: KUBEBUILDER_ASSETS naming a directory that holds \
     etcd, kube-apiserver and kubectl (`setup-envtest use -p path` installs one); etcd and kube-apiserver on PATH; or \
     our own build of them, which takes Go 1.26 and this repository: `cargo xtask clusters build`. Any cluster that is \
     there already, such as one of kind or k3d, can be joined instead: `portolan join NAME --kubeconfig FILE`"
)]
pub struct NotFound {
    /// Where was looked, and what was missing there.
    pub searched: String,
}

impl Program {
    fn alone(path: PathBuf) -> Self {
        Self { path, arguments: Vec::new() }
    }

    /// The program, to be given its arguments.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        command
    }
}

impl Programs {
    /// Looks for them; the first place that has etcd and kube-apiserver wins: `KUBEBUILDER_ASSETS`, `PATH`, our own build.
    ///
    /// # Errors
    ///
    /// [`NotFound`] where no place has both, with what to install. That is also the answer where `KUBEBUILDER_ASSETS`
    /// or `PORTOLAN_KUBETEST` is set and names nothing: what somebody asked for is not silently replaced.
    pub fn find() -> Result<Self, NotFound> {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        Self::find_in(
            set("KUBEBUILDER_ASSETS").as_deref().map(Path::new),
            &env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default(),
            kubetest::place().as_deref(),
            set(kubetest::VARIABLE).is_some(),
        )
    }

    fn find_in(
        assets: Option<&Path>,
        path: &[PathBuf],
        kubetest: Option<&Path>,
        kubetest_is_asked_for: bool,
    ) -> Result<Self, NotFound> {
        if let Some(assets) = assets {
            return Self::of(|name| executable(assets.join(name))).ok_or_else(|| NotFound {
                searched: format!(
                    "KUBEBUILDER_ASSETS is {}, where etcd or kube-apiserver is not",
                    assets.display()
                ),
            });
        }
        if !kubetest_is_asked_for
            && let Some(programs) =
                Self::of(|name| path.iter().find_map(|folder| executable(folder.join(name))))
        {
            return Ok(programs);
        }
        let Some(kubetest) = kubetest else {
            return Err(NotFound {
                searched: "not on PATH, and with neither XDG_CACHE_HOME nor HOME there is no cache".into(),
            });
        };
        if executable(kubetest.to_owned()).is_none() {
            let searched = if kubetest_is_asked_for {
                format!("{} is {}, which is no program", kubetest::VARIABLE, kubetest.display())
            } else {
                format!("not on PATH, and {} is not there", kubetest.display())
            };
            return Err(NotFound { searched });
        }
        let one = |name: &str| Program { path: kubetest.to_owned(), arguments: vec![name.into()] };
        Ok(Self {
            etcd: one("etcd"),
            apiserver: one("kube-apiserver"),
            controller_manager: Some(one("kube-controller-manager")),
            scheduler: Some(one("kube-scheduler")),
            kubectl: Some(one("kubectl")),
        })
    }

    fn of(find: impl Fn(&str) -> Option<PathBuf>) -> Option<Self> {
        let program = |name: &str| find(name).map(Program::alone);
        Some(Self {
            etcd: program("etcd")?,
            apiserver: program("kube-apiserver")?,
            controller_manager: program("kube-controller-manager"),
            scheduler: program("kube-scheduler"),
            kubectl: program("kubectl"),
        })
    }
}

fn executable(path: PathBuf) -> Option<PathBuf> {
    // Whether it may be run is found out by running it.
    path.is_file().then_some(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("there is room");
        for name in names {
            fs::write(folder.path().join(name), "").expect("it can be written");
        }
        folder
    }

    #[test]
    fn assets_come_before_the_path_and_the_path_before_our_own_build() {
        let assets = folder_with(&["etcd", "kube-apiserver", "kubectl"]);
        let path = folder_with(&["etcd", "kube-apiserver", "kube-controller-manager"]);
        let own = folder_with(&["kubetest"]);
        let kubetest = own.path().join("kubetest");
        let on_path = [path.path().to_owned()];

        let found = Programs::find_in(Some(assets.path()), &on_path, Some(&kubetest), false).expect("found");
        assert_eq!(found.etcd, Program::alone(assets.path().join("etcd")));
        assert_eq!(found.kubectl, Some(Program::alone(assets.path().join("kubectl"))));
        assert_eq!(found.controller_manager, None);

        let found = Programs::find_in(None, &on_path, Some(&kubetest), false).expect("found");
        assert_eq!(found.apiserver, Program::alone(path.path().join("kube-apiserver")));
        assert_eq!(found.kubectl, None);

        let found = Programs::find_in(None, &[], Some(&kubetest), false).expect("found");
        let own = Program { path: kubetest.clone(), arguments: vec!["kube-apiserver".into()] };
        assert_eq!(found.apiserver, own);

        // Named on purpose: then not what happens to lie on the path.
        let found = Programs::find_in(None, &on_path, Some(&kubetest), true).expect("found");
        assert_eq!(found.apiserver, own);
    }

    #[test]
    fn who_has_none_is_told_what_to_install() {
        let error = Programs::find_in(None, &[], Some(Path::new("/nonexistent/kubetest")), false)
            .expect_err("nothing is there");
        let text = error.to_string();
        assert!(text.contains("/nonexistent/kubetest is not there"), "{text}");
        assert!(text.contains("KUBEBUILDER_ASSETS") && text.contains("portolan join"), "{text}");
    }

    #[test]
    fn assets_that_lack_a_program_are_an_error() {
        let assets = folder_with(&["etcd"]);
        let path = folder_with(&["etcd", "kube-apiserver"]);
        let error = Programs::find_in(Some(assets.path()), &[path.path().to_owned()], None, false)
            .expect_err("what was asked for is not silently replaced");
        assert!(error.to_string().contains("where etcd or kube-apiserver is not"), "{error}");
    }
}
