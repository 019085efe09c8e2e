//! Each example is held to what its author expects of it.

use std::collections::BTreeMap;

use super::Finding;

/// Examples that need none, and why.
const WITHOUT: [&str; 1] = [
    // Its plugins are built by tools that not everybody has; `cargo xtask languages` runs its commands.
    "plugins-in-other-languages",
];

/// Looks at the paths of all files in git; `read` gives the text of one.
pub(super) fn check(paths: &[String], read: impl Fn(&str) -> String) -> Vec<Finding> {
    let mut examples = BTreeMap::<&str, bool>::new();
    for path in paths {
        let Some((example, rest)) = path.strip_prefix("examples/").and_then(|path| path.split_once('/'))
        else {
            continue;
        };
        *examples.entry(example).or_default() |= rest.ends_with("portolan-test.yaml");
    }
    let held = examples.into_iter().filter(|(example, _)| !WITHOUT.contains(example));
    held.filter_map(|(example, tested)| {
        let readme = format!("examples/{example}/README.md");
        let command = format!("$ portolan test examples/{example}\n");
        let (path, what) = if !tested {
            (format!("examples/{example}"), "no portolan-test.yaml: what is it expected to do?".to_owned())
        } else if !read(&readme).contains(&command) {
            (readme, format!("no `{}`, so nobody runs its test file", command.trim_end()))
        } else {
            return None;
        };
        Some(Finding { path, line: None, what })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str], readme: &str) -> Vec<String> {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        check(&paths, |_| readme.to_owned()).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn an_example_has_a_test_file_and_runs_it() {
        let paths = ["examples/README.md", "examples/a/README.md", "examples/a/portolan-test.yaml"];
        assert_eq!(found(&paths, "$ portolan test examples/a\n"), [""; 0]);
        assert_eq!(
            found(&paths, "nothing"),
            ["examples/a/README.md: no `$ portolan test examples/a`, so nobody runs its test file"]
        );
        assert_eq!(
            found(&paths[..2], "$ portolan test examples/a\n"),
            ["examples/a: no portolan-test.yaml: what is it expected to do?"]
        );
    }
}
