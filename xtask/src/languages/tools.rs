//! What a machine needs to build plugins in other languages, beside what their own package managers bring.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::{run, setup};

struct Tool {
    language: &'static str,
    /// For the message.
    needs: &'static str,
    /// A command that succeeds where it is there, and new enough.
    check: &'static [&'static str],
    from: Source,
}

/// Where a tool comes from.
enum Source {
    /// Debian's packages.
    Debian(&'static [&'static str]),
    /// A crate, and how it is built.
    Crate(&'static [&'static str]),
}

const TOOLS: &[Tool] = &[
    Tool {
        language: "javascript",
        needs: "Node.js 20 or later",
        check: &["node", "-e", "process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)"],
        from: Source::Debian(&["nodejs"]),
    },
    Tool {
        language: "javascript",
        needs: "npm",
        check: &["npm", "--version"],
        from: Source::Debian(&["npm"]),
    },
    Tool {
        language: "python",
        needs: "Python 3.9 or later as python3, with venv",
        // Debian leaves ensurepip out of python3 and has it in python3-venv.
        check: &["python3", "-c", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 9))"],
        from: Source::Debian(&["python3", "python3-venv"]),
    },
    Tool {
        language: "go",
        needs: "Go 1.24 or later",
        check: &["sh", "-c", "printf 'go1.24\\n%s\\n' \"$(go env GOVERSION)\" | sort -VC"],
        from: Source::Debian(&["golang-go"]),
    },
    Tool {
        language: "go",
        needs: "wasm-tools",
        check: &["wasm-tools", "--version"],
        // Only what the README's commands need. Building that takes a processor three minutes, once.
        from: Source::Crate(&["wasm-tools@1.253.0", "--no-default-features", "--features", "component"]),
    },
];

/// Makes sure that the tools are there: installs them where that needs nobody's hand, else says all that is missing.
/// `path` is where they are looked for; crates are installed below `own`, which is in it.
pub(super) fn ensure(languages: &[&str], path: &OsStr, own: &Path) -> Result<(), String> {
    let missing = missing(languages, |tool| is_there(tool, path));
    if let Err(reason) = install(&missing, own) {
        eprintln!("Not this way: {reason}.");
    }
    let missing = self::missing(languages, |tool| is_there(tool, path));
    if missing.is_empty() { Ok(()) } else { Err(message(&missing)) }
}

fn missing(languages: &[&str], is_there: impl Fn(&Tool) -> bool) -> Vec<&'static Tool> {
    TOOLS.iter().filter(|tool| languages.contains(&tool.language) && !is_there(tool)).collect()
}

fn is_there(tool: &Tool, path: &OsStr) -> bool {
    let (program, arguments) = tool.check.split_first().expect("each has a program");
    run::printed(Command::new(program).args(arguments).env("PATH", path)).is_some()
}

fn install(missing: &[&Tool], own: &Path) -> Result<(), String> {
    let packages = packages(missing);
    if !packages.is_empty() {
        setup::apt_get(&[&["install", "-y", "--no-install-recommends"], packages.as_slice()].concat())?;
    }
    for tool in missing {
        if let Source::Crate(arguments) = tool.from {
            let mut cargo = run::cargo();
            cargo.args(["install", "--quiet", "--locked", "--root"]).arg(own).args(arguments);
            // Where the host is built is no place for another workspace's crates.
            run::visibly(cargo.env("CARGO_TARGET_DIR", own.join("build")))?;
        }
    }
    Ok(())
}

fn packages<'a>(missing: &[&'a Tool]) -> Vec<&'a str> {
    let of = |tool: &&'a Tool| match tool.from {
        Source::Debian(packages) => packages,
        Source::Crate(_) => &[],
    };
    missing.iter().flat_map(of).copied().collect()
}

fn message(missing: &[&Tool]) -> String {
    let needs: Vec<String> =
        missing.iter().map(|tool| format!("{} ({})", tool.needs, tool.language)).collect();
    let mut ways = Vec::new();
    let packages = packages(missing);
    if !packages.is_empty() {
        let line = format!("apt-get install -y {}", packages.join(" "));
        ways.push(format!("where Debian's or Ubuntu's packages are new enough: {line}"));
    }
    for tool in missing {
        if let Source::Crate(arguments) = tool.from {
            ways.push(format!("cargo install --locked {}", arguments.join(" ")));
        }
    }
    format!(
        "this needs your hand: missing are {}; {}; or name only the languages that you have, as in `cargo xtask \
         languages python`",
        needs.join(", "),
        ways.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tools_of_the_chosen_languages_are_wanted() {
        assert!(missing(&["python"], |tool| tool.language == "python").is_empty());
        let nothing_there = missing(&["javascript", "python", "go"], |_| false);
        assert_eq!(nothing_there.len(), TOOLS.len());
    }

    #[test]
    fn one_message_names_all_that_is_missing() {
        let message = message(&missing(&["javascript"], |_| false));
        let begins = "this needs your hand: missing are Node.js 20 or later (javascript), npm (javascript); ";
        assert!(message.starts_with(begins), "{message}");
        assert!(message.contains("apt-get install -y nodejs npm;"), "{message}");
        let message = super::message(&missing(&["go"], |_| false));
        assert!(message.contains("; cargo install --locked wasm-tools@"), "{message}");
    }
}
