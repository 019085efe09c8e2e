//! The example and the contract again, below the target directory: nothing that is built gets into the checkout.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::run;
use crate::workspace::Workspace;

/// What the README's commands read.
const READ: [&str; 2] = [super::EXAMPLE, "wit"];

/// A folder that looks like the top of the checkout to the README's commands.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) root: PathBuf,
    /// Relative to the root, sorted.
    paths: Vec<String>,
}

impl Copy {
    /// Copies what git knows or would take. What was built there before stays.
    pub(super) fn make(workspace: &Workspace) -> Result<Self, String> {
        let root = workspace.target.join("languages");
        let mut git = Command::new("git");
        // A checkout that somebody else owns is listed as well: tidy has the reason.
        git.current_dir(&workspace.root).arg("-c");
        git.arg(format!("safe.directory={}", workspace.root.display()));
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]).args(READ);
        let listed =
            run::printed(&mut git).ok_or("`git ls-files` does not work here; it says what to copy")?;
        let mut paths: Vec<String> = listed.split_terminator('\0').map(str::to_owned).collect();
        // What is deleted and not yet committed is still listed.
        paths.retain(|path| workspace.root.join(path).is_file());
        paths.sort();
        for read in READ {
            let old = root.join(read);
            if old.exists() {
                fs::remove_dir_all(&old)
                    .map_err(|error| format!("can't clear {}: {error}", old.display()))?;
            }
        }
        for path in &paths {
            let to = root.join(path);
            let folder = to.parent().unwrap_or(&root);
            fs::create_dir_all(folder)
                .and_then(|()| fs::copy(workspace.root.join(path), &to))
                .map_err(|error| format!("can't copy to {}: {error}", to.display()))?;
        }
        Ok(Self { root, paths })
    }

    /// A file's text.
    pub(super) fn read(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(self.root.join(path)).map_err(|error| format!("can't read {path}: {error}"))
    }

    /// A text and the texts of all files below the folders, each behind its name: equal only where all of them are.
    pub(super) fn text_of(&self, text: &str, folders: &[&str]) -> Result<String, String> {
        let mut all = text.to_owned();
        for path in &self.paths {
            if folders.iter().any(|folder| path.starts_with(folder)) {
                all.push_str(&format!("\n== {path}\n{}", self.read(path)?));
            }
        }
        Ok(all)
    }
}
