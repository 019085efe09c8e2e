//! What every crate's manifest says.

/// Each a beginning of a line, and what it is for.
const WANTED: [(&[&str], &str); 3] = [
    (&["description ="], "no description: what is the crate for?"),
    (&["license.workspace = true"], "no `license.workspace = true`"),
    // One crate copies the workspace's table to relax a lint, hence without the bracket.
    (&["[lints]", "[lints."], "no [lints]: without it the workspace's lints don't hold here"),
];

pub(super) fn check(_path: &str, text: &str) -> Vec<(Option<usize>, String)> {
    if !text.lines().any(|line| line == "[package]") {
        return Vec::new();
    }
    let missing = WANTED
        .iter()
        .filter(|(begins, _)| !text.lines().any(|line| begins.iter().any(|begin| line.starts_with(begin))));
    missing.map(|(_, what)| (None, (*what).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_says_all_is_fine() {
        let text = "[package]\ndescription = \"x\"\nlicense.workspace = true\n\n[lints]\nworkspace = true\n";
        assert_eq!(check("host/x/Cargo.toml", text), []);
    }

    #[test]
    fn each_thing_that_is_missing_is_said() {
        assert_eq!(check("host/x/Cargo.toml", "[package]\nname = \"x\"\n").len(), WANTED.len());
    }

    #[test]
    fn the_workspace_is_no_crate() {
        assert_eq!(check("Cargo.toml", "[workspace]\n"), []);
    }
}
