//! Paths that exist on one machine only.

/// First folders of such paths: homes, and where containers put a checkout. Without slashes, or this file would be
/// found.
const FOLDERS: [&str; 4] = ["home", "root", "Users", "work"];

/// Files that may name such paths, each with its reason.
const INVENTED: [(&str, &str); 1] =
    [("plugins/builder/src/toolchain.rs", "its tests choose between compilers in made-up folders")];

pub(super) fn check(path: &str, text: &str) -> Vec<(Option<usize>, String)> {
    if INVENTED.iter().any(|(invented, _reason)| *invented == path) {
        return Vec::new();
    }
    let found = text.lines().zip(1..).filter_map(|(line, number)| {
        Some((Some(number), format!("a path of somebody's machine: {}", machine_path(line)?)))
    });
    found.collect()
}

/// The first one in the line.
fn machine_path(line: &str) -> Option<&str> {
    FOLDERS.iter().find_map(|folder| {
        let prefix = format!("/{folder}/");
        line.match_indices(&prefix).find_map(|(at, _)| {
            let begins = line[..at].chars().next_back().is_none_or(|before| !continues_path(before));
            let rest = &line[at + prefix.len()..];
            let goes_on =
                rest.chars().next().is_some_and(|after| after.is_alphanumeric() || "._".contains(after));
            let end = rest.find(|c: char| c.is_whitespace() || "\"'`)]>,;".contains(c)).unwrap_or(rest.len());
            (begins && goes_on).then(|| &line[at..at + prefix.len() + end])
        })
    })
}

/// Before a slash: then it is the middle of a longer path, of a URL or of a name with a variable in front.
fn continues_path(before: char) -> bool {
    before.is_alphanumeric() || "._-~*/{}$<>)]".contains(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_homes_are_found_up_to_their_end() {
        for folder in FOLDERS {
            let line = format!("see `/{folder}/somebody/file.txt` first");
            assert_eq!(machine_path(&line), Some(&*format!("/{folder}/somebody/file.txt")));
        }
    }

    #[test]
    fn the_middle_of_a_path_is_none() {
        for folder in FOLDERS {
            for line in [
                format!("apis/{folder}/v1alpha1"),
                format!("https://example.com/{folder}/page"),
                format!("${{HOME}}/{folder}/x"),
                format!("\"/{folder}/\" alone"),
                format!("/{folder}less/x"),
            ] {
                assert_eq!(machine_path(&line), None, "{line}");
            }
        }
    }
}
