use std::env;
use std::path::{Path, PathBuf};

use crate::run;

/// The two folders that commands need.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Where the root `Cargo.toml` lies.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, because the target directory can be set in four places.
    pub(crate) fn find() -> Result<Self, String> {
        let root = root()?;
        let mut metadata = run::cargo();
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root);
        let target = run::printed(&mut metadata)
            .and_then(|json| json_text(&json, "target_directory").map(PathBuf::from))
            .ok_or("`cargo metadata` does not say where the target directory is")?;
        Ok(Self { root, target })
    }

    /// The path as it is shown: from the root where it lies below.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// Where the root `Cargo.toml` lies.
pub(crate) fn root() -> Result<PathBuf, String> {
    let own = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    own.as_deref()
        .and_then(Path::parent)
        .map(Path::to_path_buf)
        .ok_or_else(|| "run it as `cargo xtask`: cargo says where the workspace is".to_owned())
}

/// The first text under that key. Cargo writes it without spaces; paths with quotes in them are not worth a parser.
fn json_text<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = json.split_once(&format!("\"{key}\":\""))?;
    Some(rest.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_directory_is_read_from_metadata() {
        let json = r#"{"packages":[],"target_directory":"/there/target","version":1}"#;
        assert_eq!(json_text(json, "target_directory"), Some("/there/target"));
        assert_eq!(json_text(json, "build_directory"), None);
    }
}
