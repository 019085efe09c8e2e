//! What a machine needs to build plugins in other languages, beside what their own package managers bring.

use std::process::Command;

use crate::{run, setup};

struct Tool {
    language: &'static str,
    /// For the message.
    needs: &'static str,
    /// A command that succeeds where it is there, and new enough.
    check: &'static [&'static str],
    /// Debian's packages of it.
    packages: &'static [&'static str],
}

const TOOLS: &[Tool] = &[
    Tool {
        language: "javascript",
        needs: "Node.js 20 or later",
        check: &["node", "-e", "process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)"],
        packages: &["nodejs"],
    },
    Tool { language: "javascript", needs: "npm", check: &["npm", "--version"], packages: &["npm"] },
    Tool {
        language: "python",
        needs: "Python 3.9 or later as python3, with venv",
        // Debian leaves ensurepip out of python3 and has it in python3-venv.
        check: &["python3", "-c", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 9))"],
        packages: &["python3", "python3-venv"],
    },
];

/// Makes sure that the tools are there: installs them where that needs nobody's hand, else says all that is missing.
pub(super) fn ensure(languages: &[&str]) -> Result<(), String> {
    let missing = missing(languages, is_there);
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|tool| tool.packages).copied().collect();
    let install = [&["install", "-y", "--no-install-recommends"], packages.as_slice()].concat();
    if let Err(reason) = setup::apt_get(&install) {
        eprintln!("Not this way: {reason}.");
    }
    let missing = self::missing(languages, is_there);
    if missing.is_empty() { Ok(()) } else { Err(message(&missing)) }
}

fn missing(languages: &[&str], is_there: impl Fn(&Tool) -> bool) -> Vec<&'static Tool> {
    TOOLS.iter().filter(|tool| languages.contains(&tool.language) && !is_there(tool)).collect()
}

fn is_there(tool: &Tool) -> bool {
    let (program, arguments) = tool.check.split_first().expect("each has a program");
    run::printed(Command::new(program).args(arguments)).is_some()
}

fn message(missing: &[&Tool]) -> String {
    let needs: Vec<String> =
        missing.iter().map(|tool| format!("{} ({})", tool.needs, tool.language)).collect();
    let packages: Vec<&str> = missing.iter().flat_map(|tool| tool.packages).copied().collect();
    format!(
        "this needs your hand: missing are {}; where Debian's or Ubuntu's are new enough: apt-get install -y {}; or \
         name only the languages that you have, as in `cargo xtask languages python`",
        needs.join(", "),
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tools_of_the_chosen_languages_are_wanted() {
        assert!(missing(&["python"], |tool| tool.language == "python").is_empty());
        let nothing_there = missing(&["javascript", "python"], |_| false);
        assert_eq!(nothing_there.len(), TOOLS.len());
    }

    #[test]
    fn one_message_names_all_that_is_missing() {
        let message = message(&missing(&["javascript"], |_| false));
        let begins = "this needs your hand: missing are Node.js 20 or later (javascript), npm (javascript); ";
        assert!(message.starts_with(begins), "{message}");
        assert!(message.contains("apt-get install -y nodejs npm"), "{message}");
    }
}
