//! Figures that benchmarks leave, as one JSON object.

use std::fs;
use std::path::Path;

/// Every figure that there must be, as the benchmarks know them.
const FIGURES: &str = include_str!("../../tests/figures.txt");

/// Names to the benchmarks the directory in which each leaves its figures, a file each.
pub(crate) const DIRECTORY: &str = "PORTOLAN_FIGURES";

/// Makes the directory anew, so that nothing in it is of an earlier run.
pub(crate) fn begin(directory: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("can't empty {}: {error}", directory.display());
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(failed)?;
    }
    fs::create_dir_all(directory).map_err(failed)
}

/// Writes what was left. Every name of the list must be there.
pub(crate) fn write(directory: &Path, file: &Path) -> Result<(), String> {
    let left: Vec<(&str, Option<String>)> =
        names(FIGURES).map(|name| (name, fs::read_to_string(directory.join(name)).ok())).collect();
    let json = object(&left)?;
    fs::write(file, json).map_err(|error| format!("can't write {}: {error}", file.display()))
}

fn names(figures: &str) -> impl Iterator<Item = &str> {
    figures.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_whitespace().next())
}

fn object(left: &[(&str, Option<String>)]) -> Result<String, String> {
    let missing: Vec<&str> =
        left.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        return Err(format!(
            "no benchmark left a figure for {}; --json needs all of them, so no benchmark may be filtered out",
            missing.join(", ")
        ));
    }
    let lines = left.iter().filter_map(|(name, value)| Some(format!("  \"{name}\": {}", value.as_ref()?)));
    Ok(format!("{{\n{}\n}}\n", lines.collect::<Vec<_>>().join(",\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_no_figures() {
        assert_eq!(names("# what\na_ns   one\nb_ms two\n").collect::<Vec<_>>(), ["a_ns", "b_ms"]);
    }

    #[test]
    fn the_object_is_json() {
        let left = [("a_ns", Some("20".to_owned())), ("b_ms", Some("0.5".to_owned()))];
        assert_eq!(object(&left), Ok("{\n  \"a_ns\": 20,\n  \"b_ms\": 0.5\n}\n".to_owned()));
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = object(&[("a_ns", None), ("b_ms", Some("1".to_owned())), ("c_ms", None)]);
        assert!(error.is_err_and(|error| error.starts_with("no benchmark left a figure for a_ns, c_ms;")));
    }
}
