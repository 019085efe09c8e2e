//! The example of plugins in other languages: its README's commands, typed as its reader would.
//!
//! ```text
//!  tools ─► the host ─► a copy below target ─► for each language: build, try, compare with what the README shows
//! ```
//!
//! The commands are read from the README, so that what is tested is what stands there; and every language is held
//! against the one output that stands there, so that a plugin's language can't be told from what it decides.

mod copy;
mod readme;
mod tools;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::failure::Failure;
use crate::workspace::Workspace;
use crate::{demo, run, setup};

use copy::Copy;
use readme::{Readme, Step};

/// Where the story is.
const EXAMPLE: &str = "examples/plugins-in-other-languages";

/// A folder of the example each, and a word behind `sh` in the README.
const LANGUAGES: [&str; 3] = ["javascript", "python", "go"];

/// Builds the example's plugins, those of the named languages or all, and tries each as the README does.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let languages = chosen(arguments)?;
    let workspace = Workspace::find()?;
    tools::ensure(&languages, &path(&workspace)?, &tools(&workspace))?;
    setup::ensure()?;
    demo::build(&workspace)?;
    let copy = Copy::make(&workspace)?;
    let readme = copy.read(&format!("{EXAMPLE}/README.md"))?;
    let readme = Readme::read(&readme, &LANGUAGES)?;
    let mut failed = 0;
    for language in &languages {
        eprintln!("\n== {language}");
        if let Err(why) = try_language(&workspace, &copy, &readme, language) {
            eprintln!("{language}: {why}");
            failed += 1;
        }
    }
    println!("\nlanguages: {} passed, {failed} failed", languages.len() - failed);
    if failed == 0 { Ok(()) } else { Err(Failure::Failed("see above".to_owned())) }
}

fn chosen(arguments: &[String]) -> Result<Vec<&'static str>, Failure> {
    if arguments.is_empty() {
        return Ok(LANGUAGES.to_vec());
    }
    let known = |argument: &String| {
        let found = LANGUAGES.into_iter().find(|language| language == argument);
        found.ok_or_else(|| {
            Failure::Usage(format!("no plugin in {argument} here; valid: {}", LANGUAGES.join(", ")))
        })
    };
    arguments.iter().map(known).collect()
}

fn try_language(workspace: &Workspace, copy: &Copy, readme: &Readme, language: &str) -> Result<(), String> {
    build(workspace, copy, readme.build(language)?, language)?;
    for step in readme.steps(language) {
        try_step(workspace, copy, &step)?;
    }
    Ok(())
}

/// Types the commands that build a language's plugin, unless they and all that they read are as they were: what these
/// tools build differs in its bytes each time, and would be compiled anew.
fn build(workspace: &Workspace, copy: &Copy, script: &str, language: &str) -> Result<(), String> {
    let component = copy.root.join(format!("out/{language}/residency.wasm"));
    let built_from = copy.root.join(format!("out/{language}.built-from"));
    let inputs = copy.text_of(script, &[&format!("{EXAMPLE}/{language}/"), "wit/"])?;
    let before = fs::read_to_string(&built_from).ok().filter(|_| component.exists());
    if before.as_ref() == Some(&inputs) {
        eprintln!("built already: {}", workspace.shown(&component).display());
        return Ok(());
    }
    for stale in [&component, &built_from] {
        if stale.exists() {
            fs::remove_file(stale).map_err(|error| format!("can't remove {}: {error}", stale.display()))?;
        }
    }
    run::visibly(shell(workspace, copy)?.args(["-eu", "-c", script]))?;
    if !component.exists() {
        return Err(format!("its commands should have made {}", workspace.shown(&component).display()));
    }
    fs::write(&built_from, inputs).map_err(|error| format!("can't write {}: {error}", built_from.display()))
}

/// Types a command and compares what it prints, on both streams, with what stands below it.
fn try_step(workspace: &Workspace, copy: &Copy, step: &Step) -> Result<(), String> {
    eprintln!("$ {}", step.command);
    let mut shell = shell(workspace, copy)?;
    shell.args(["-eu", "-c", &format!("exec 2>&1\n{}", step.command)]).stdin(Stdio::null());
    let output = shell.stderr(Stdio::inherit()).output().map_err(|error| format!("can't run sh: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if let Some(difference) = step.difference(&printed) {
        return Err(format!("`{}` does not print what the README shows\n{difference}", step.command));
    }
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("`{}` ended with {}", step.command, output.status))
    }
}

/// A shell at the top of the copy that finds this `portolan` first and asks nobody anything.
fn shell(workspace: &Workspace, copy: &Copy) -> Result<Command, String> {
    let mut shell = Command::new("sh");
    shell
        .current_dir(&copy.root)
        .env("PATH", path(workspace)?)
        .env("PORTOLAN_PLUGIN_CACHE", copy.root.join("compiled"))
        .envs([("npm_config_audit", "false"), ("npm_config_fund", "false"), ("npm_config_yes", "false")])
        .envs([("npm_config_update_notifier", "false"), ("PIP_DISABLE_PIP_VERSION_CHECK", "1")])
        .envs([("PIP_NO_INPUT", "1"), ("PIP_ROOT_USER_ACTION", "ignore")]);
    Ok(shell)
}

/// Where tools are kept that this command builds.
fn tools(workspace: &Workspace) -> PathBuf {
    workspace.target.join("languages-tools")
}

/// This `portolan`, what is in the user's PATH, and what was built only because it is not there.
fn path(workspace: &Workspace) -> Result<OsString, String> {
    let given = env::var_os("PATH").unwrap_or_default();
    let binary = demo::binary(workspace);
    let first = binary.parent().unwrap_or(Path::new(""));
    let folders = std::iter::once(first.to_owned()).chain(env::split_paths(&given));
    env::join_paths(folders.chain([tools(workspace).join("bin")]))
        .map_err(|error| format!("{} can't stand in PATH: {error}", workspace.target.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_languages_of_the_example_can_be_named() {
        let named = |names: &[&str]| chosen(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(named(&[]).ok(), Some(LANGUAGES.to_vec()));
        assert_eq!(named(&["python"]).ok(), Some(vec!["python"]));
        assert!(matches!(named(&["cobol"]), Err(Failure::Usage(_))));
    }
}
