//! What the example's README tells its reader to type.

/// The commands of the README: those that build, language by language, and those that are the same for all.
#[derive(Debug)]
pub(super) struct Readme {
    builds: Vec<(&'static str, String)>,
    steps: Vec<Step>,
}

/// A command and what it prints. `[..]` in a line stands for anything, as it does in the other transcripts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) command: String,
    expected: String,
}

/// The language that the steps are written for; for another one its folder is named instead.
const WRITTEN_FOR: &str = "out/javascript/";

/// A block whose commands hold for every language begins so.
const FOR_ALL: &str = "```text every-language";

impl Readme {
    /// Reads the blocks that are marked; there must be one that builds for each language, and something to try.
    pub(super) fn read(text: &str, languages: &[&'static str]) -> Result<Self, String> {
        let mut builds = Vec::new();
        let mut steps = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if !line.starts_with("```") {
                continue;
            }
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if line == FOR_ALL {
                steps.extend(transcript(&block)?);
            } else if let Some(word) = line.strip_prefix("```sh ") {
                let language = languages.iter().find(|language| **language == word);
                let language = language.ok_or_else(|| {
                    format!("the README has a block `{line}`; valid: {}", languages.join(", "))
                })?;
                builds.push((*language, block.join("\n")));
            }
        }
        if steps.is_empty() {
            return Err(format!("the README has no block `{FOR_ALL}` with a command in it"));
        }
        let readme = Self { builds, steps };
        languages.iter().try_for_each(|language| readme.build(language).map(drop))?;
        Ok(readme)
    }

    /// The commands that build a language's plugin.
    pub(super) fn build(&self, language: &str) -> Result<&str, String> {
        let found = self.builds.iter().find(|(known, _)| *known == language);
        found
            .map(|(_, script)| script.as_str())
            .ok_or_else(|| format!("the README has no block ```sh {language}"))
    }

    /// What is then tried with it.
    pub(super) fn steps(&self, language: &str) -> Vec<Step> {
        let its_own = |text: &str| text.replace(WRITTEN_FOR, &format!("out/{language}/"));
        let steps = self.steps.iter();
        steps
            .map(|step| Step { command: its_own(&step.command), expected: its_own(&step.expected) })
            .collect()
    }
}

impl Step {
    /// None where it printed what it should, else the first line that is another.
    pub(super) fn difference(&self, printed: &str) -> Option<String> {
        // A block can't end in an empty line without looking odd, and outputs may.
        let expected: Vec<&str> = self.expected.trim_end().lines().collect();
        let printed: Vec<&str> = printed.trim_end().lines().collect();
        let number = (0..expected.len().max(printed.len())).find(|&number| {
            !matches!((expected.get(number), printed.get(number)), (Some(e), Some(p)) if fits(e, p))
        })?;
        let shown =
            |lines: &[&str]| lines.get(number).map_or("(nothing more)".to_owned(), |line| (*line).into());
        Some(format!(
            "line {}:\n- {}\n+ {}\nall of it:\n{}",
            number + 1,
            shown(&expected),
            shown(&printed),
            printed.join("\n")
        ))
    }
}

fn transcript(block: &[&str]) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.to_owned(), expected: String::new() });
        } else if let Some(step) = steps.last_mut() {
            step.expected.push_str(line);
            step.expected.push('\n');
        } else {
            return Err(format!("in the README `{line}` stands below no command; valid: a `$ ` line first"));
        }
    }
    Ok(steps)
}

/// Whether a line is as expected. Only the first `[..]` stands for anything: no line here has two.
fn fits(expected: &str, printed: &str) -> bool {
    match expected.split_once("[..]") {
        Some((begins, ends)) => printed.strip_prefix(begins).is_some_and(|rest| rest.ends_with(ends)),
        None => expected == printed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# It\n```sh\nnot run\n```\n```sh javascript\na\nb\n```\n\n```text every-language\n\
                          $ show out/javascript/x\none\nsize [..] bytes\n\n$ quiet\n```\n";

    #[test]
    fn marked_blocks_are_what_is_typed() {
        let readme = Readme::read(README, &["javascript"]).expect("it is whole");
        assert_eq!(readme.build("javascript"), Ok("a\nb"));
        let commands: Vec<String> = readme.steps("python").into_iter().map(|step| step.command).collect();
        assert_eq!(commands, ["show out/python/x", "quiet"]);
    }

    #[test]
    fn what_differs_is_found() {
        let readme = Readme::read(README, &["javascript"]).expect("it is whole");
        let steps = readme.steps("javascript");
        assert_eq!(steps[0].difference("one\nsize 12 bytes\n"), None);
        for other in
            ["", "one\n", "two\nsize 12 bytes\n", "one\nsize 12 bits\n", "one\nsize 12 bytes\nmore\n"]
        {
            assert!(steps[0].difference(other).is_some(), "{other:?}");
        }
        assert_eq!(steps[1].difference(""), None);
        assert!(steps[1].difference("noise\n").is_some());
    }

    #[test]
    fn a_readme_that_tests_nothing_is_refused() {
        let no_steps = "```sh javascript\na\n```\n";
        let no_build = "```text every-language\n$ a\n```\n";
        let misspelt = README.replace("sh javascript", "sh javascrypt");
        let no_command = README.replace("$ show", "show");
        for text in [no_steps, no_build, &misspelt, &no_command] {
            assert!(Readme::read(text, &["javascript"]).is_err(), "{text}");
        }
    }
}
