//! A directory to run the command line in, and inputs to write there.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Compiled plugins are kept for all tests, and apart from the user's own.
pub(crate) const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/plugins");

pub(crate) struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a temporary directory") }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.directory.path().join(name), content).expect("a writable directory");
    }

    pub(crate) fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.directory.path().join(name)).ok()
    }

    pub(crate) fn portolan(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_portolan"))
            .args(arguments)
            .env("PORTOLAN_PLUGIN_CACHE", CACHE)
            .current_dir(self.directory.path())
            .output()
            .expect("the binary runs")
    }
}

pub(crate) const CLUSTER: &str =
    "{apiVersion: cluster.karmada.io/v1alpha1, kind: Cluster, metadata: {name: member1}}\n";

pub(crate) fn config_map(name: &str) -> String {
    format!("---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n")
}

pub(crate) fn policy(name: &str, selects: &str, plugins: &str) -> String {
    format!(
        "---\napiVersion: policy.karmada.io/v1alpha1\nkind: PropagationPolicy\nmetadata: {{name: {name}}}\nspec:\n  \
         resourceSelectors: [{{apiVersion: v1, kind: ConfigMap, name: {selects}}}]\n  placement: {{plugins: {plugins}}}\n"
    )
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
