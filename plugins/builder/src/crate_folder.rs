use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{Build, Component, Error, Toolchain};

/// The crate of one plugin, wherever its folder lies: in a workspace of its own or in somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateFolder {
    /// The package's name.
    pub package: String,
    /// Where the manifest with its profiles lies, and the lock file.
    pub workspace: PathBuf,
    /// Cargo's target directory for it, as `CARGO_TARGET_DIR` and configuration have it.
    pub target_dir: PathBuf,
    /// Folders outside of the workspace that it depends on by path.
    pub outside: Vec<PathBuf>,
}

impl CrateFolder {
    /// Asks cargo about the crate in a folder. Reaches for no network.
    ///
    /// # Errors
    ///
    /// [`Error::Metadata`] where cargo can't use its manifest, [`Error::NoPlugin`] where it is no crate of a plugin;
    /// [`Error::NoToolchain`] where nothing could build it anyway.
    pub fn find(folder: &Path) -> Result<Self, Error> {
        let cargo = Toolchain::find()?.cargo;
        let mut metadata = Command::new(&cargo);
        metadata.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]);
        let output = metadata.arg(folder.join("Cargo.toml")).stdin(Stdio::null()).output();
        let output = output.map_err(|source| Error::RunCargo { cargo, source })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Error::Metadata(said.trim().trim_start_matches("error: ").to_owned()));
        }
        let known = serde_json::from_slice(&output.stdout)
            .map_err(|error| Error::Metadata(format!("what it says is no JSON: {error}")))?;
        Self::read(&known, &folder.join("Cargo.toml"))
    }

    /// Builds it into a component. Cargo reports progress on standard error.
    ///
    /// # Errors
    ///
    /// As [`Build::run`].
    pub fn build(&self, locked: bool) -> Result<Component, Error> {
        let Self { package, workspace, target_dir, outside } = self;
        let build = Build { workspace, packages: &[package], target_dir, locked, outside };
        let mut components = build.run()?.components;
        components.pop().ok_or_else(|| Error::NoPlugin(format!("{package} gave no component")))
    }

    fn read(known: &Value, manifest: &Path) -> Result<Self, Error> {
        let path = |value: &Value| PathBuf::from(value.as_str().unwrap_or_default());
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let packages = list(&known["packages"]);
        let here = |package: &&Value| same_file(&path(&package["manifest_path"]), manifest);
        let Some(package) = packages.iter().find(here) else {
            let names: Vec<String> = packages.iter().map(|package| text(&package["name"])).collect();
            return Err(Error::NoPlugin(format!(
                "{} is a workspace and no package; valid: the folder of one of {}",
                manifest.display(),
                names.join(", ")
            )));
        };
        let name = text(&package["name"]);
        let targets = list(&package["targets"]);
        let exported = |target: &&Value| list(&target["crate_types"]).iter().any(|kind| kind == "cdylib");
        let Some(library) = targets.iter().find(exported) else {
            return Err(Error::NoPlugin(format!(
                "{} makes no plugin; valid are these lines in it:\n  [lib]\n  crate-type = [\"cdylib\", \"rlib\"]",
                manifest.display()
            )));
        };
        if text(&library["name"]).replace('-', "_") != name.replace('-', "_") {
            return Err(Error::NoPlugin(format!(
                "{} gives its library another name than its package, `{}`; valid: no name of its own",
                manifest.display(),
                text(&library["name"])
            )));
        }
        let workspace = path(&known["workspace_root"]);
        let mut outside: Vec<PathBuf> = list(&package["dependencies"])
            .iter()
            .filter_map(|dependency| Some(PathBuf::from(dependency["path"].as_str()?)))
            .filter(|folder| !folder.starts_with(&workspace))
            .collect();
        outside.sort();
        outside.dedup();
        Ok(Self { package: name, workspace, target_dir: path(&known["target_directory"]), outside })
    }
}

/// Cargo says absolute paths, a person any.
fn same_file(one: &Path, other: &Path) -> bool {
    one == other
        || one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn known(library: &Value) -> Value {
        json!({
            "workspace_root": "/w",
            "target_directory": "/w/target",
            "packages": [{
                "name": "my-region",
                "manifest_path": "/w/region/Cargo.toml",
                "targets": [library],
                "dependencies": [
                    {"name": "portolan-plugin", "path": "/p/plugins/sdk"},
                    {"name": "near", "path": "/w/near"},
                    {"name": "serde"},
                ],
            }],
        })
    }

    fn read(known: &Value, manifest: &str) -> Result<CrateFolder, String> {
        CrateFolder::read(known, Path::new(manifest)).map_err(|error| error.to_string())
    }

    #[test]
    fn what_cargo_says_is_all_that_a_build_needs() {
        let known = known(&json!({"name": "my_region", "crate_types": ["cdylib", "rlib"]}));
        let expected = CrateFolder {
            package: "my-region".into(),
            workspace: "/w".into(),
            target_dir: "/w/target".into(),
            outside: vec!["/p/plugins/sdk".into()],
        };
        assert_eq!(read(&known, "/w/region/Cargo.toml"), Ok(expected));
    }

    #[test]
    fn what_is_no_plugin_is_told_what_would_be_one() {
        let library = |name: &str, kind: &str| known(&json!({"name": name, "crate_types": [kind]}));
        for (known, manifest, text) in [
            (
                library("my_region", "lib"),
                "/w/region/Cargo.toml",
                "/w/region/Cargo.toml makes no plugin; valid are these lines in it:\n  [lib]\n  crate-type = [\"cdylib\", \
                 \"rlib\"]",
            ),
            (
                library("other", "cdylib"),
                "/w/region/Cargo.toml",
                "/w/region/Cargo.toml gives its library another name than its package, `other`; valid: no name of its own",
            ),
            (
                library("my_region", "cdylib"),
                "/w/Cargo.toml",
                "/w/Cargo.toml is a workspace and no package; valid: the folder of one of my-region",
            ),
        ] {
            assert_eq!(read(&known, manifest), Err(text.to_owned()));
        }
    }
}
