//! Rust files: finished, small, well named, and exceptions with their reasons.

use std::path::Path;

/// Arbitrary; a file of that length holds more than one concept.
const MOST_LINES: usize = 900;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "common", "helpers", "helper", "manager", "misc"];

/// Macros of code that is not finished. Without the exclamation mark, or this file would be found.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

pub(super) fn check(path: &str, text: &str) -> Vec<(Option<usize>, String)> {
    let mut found = Vec::new();
    if let Some(name) = empty_name(path) {
        found.push((None, format!("\"{name}\" says nothing; name what it does")));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        found.push((None, format!("{lines} lines; split it where a second concept begins")));
    }
    for (line, number) in text.lines().zip(1..) {
        if let Some(name) = unfinished(line) {
            found.push((Some(number), format!("{name}! is for code that is not finished")));
        }
        if line.contains(concat!("#[", "ignore")) {
            found.push((Some(number), "an ignored test; let it run or delete it".to_owned()));
        }
    }
    let unexplained = allows_without_reason(text).into_iter();
    found.extend(unexplained.map(|line| (Some(line), "an allow without a reason = \"...\"".to_owned())));
    found
}

fn empty_name(path: &str) -> Option<&str> {
    let parts = Path::new(path).with_extension("");
    let parts: Vec<_> = parts.iter().collect();
    EMPTY_NAMES.into_iter().find(|name| parts.iter().any(|part| part == name))
}

fn unfinished(line: &str) -> Option<&'static str> {
    // An example in a comment may leave out what it is not about.
    if line.trim_start().starts_with("//") {
        return None;
    }
    UNFINISHED.into_iter().find(|name| {
        line.match_indices(&format!("{name}!(")).any(|(at, _)| {
            line[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '_')
        })
    })
}

/// Lines on which such an attribute begins. It may be spread over several.
fn allows_without_reason(text: &str) -> Vec<usize> {
    let begins = [concat!("#[", "allow("), concat!("#![", "allow(")];
    let attributes = begins.iter().flat_map(|begin| text.match_indices(begin));
    let unexplained = attributes.filter(|(at, _)| {
        let attribute = text[*at..].split(")]").next().unwrap_or_default();
        !attribute.contains("reason =")
    });
    unexplained.map(|(at, _)| text[..at].matches('\n').count() + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<Option<usize>> {
        check(path, text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn unfinished_code_is_found_where_it_is() {
        for name in UNFINISHED {
            assert_eq!(found("a.rs", &format!("fn f() {{\n    {name}!()\n}}\n")), [Some(2)], "{name}");
            assert_eq!(found("a.rs", &format!("my_{name}!();\n/// let x = {name}!();\n")), [], "{name}");
        }
        assert_eq!(found("a.rs", &format!("#[{}]\nfn t() {{}}\n", "ignore")), [Some(1)]);
    }

    #[test]
    fn an_allow_says_why() {
        let attribute = |arguments: &str| format!("\n#[{}({arguments})]\nfn f() {{}}\n", "allow");
        assert_eq!(found("a.rs", &attribute("dead_code")), [Some(2)]);
        assert_eq!(found("a.rs", &attribute("\n    dead_code,\n    reason = \"read by C\",\n")), []);
    }

    #[test]
    fn long_files_and_empty_names_are_found() {
        assert_eq!(found("a.rs", &"\n".repeat(MOST_LINES)), []);
        assert_eq!(found("a.rs", &"\n".repeat(MOST_LINES + 1)), [None]);
        assert_eq!(found("host/a/src/utils.rs", ""), [None]);
        assert_eq!(found("host/a/src/common/list.rs", ""), [None]);
        assert_eq!(found("host/a/src/utility.rs", ""), []);
    }
}
