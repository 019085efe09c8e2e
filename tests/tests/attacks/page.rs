//! The page about attacks, held against the tests: it names every one, and none that is not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The kinds of attack that there are.
const ATTACKS: usize = 55;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rest of each line or word that begins so, as far as it is a name.
fn names_after<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = String> + 'a {
    text.match_indices(before).map(move |(at, _)| {
        let rest = &text[at + before.len()..];
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        format!("attack_{name}")
    })
}

/// Every test of an attack in the sources.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left: Vec<PathBuf> =
        ["host", "plugins", "tests", "xtask"].map(|room| repository().join(room)).into();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            // What is built is no source.
            if !path.ends_with("target") {
                let entries = fs::read_dir(&path).expect("a readable directory");
                left.extend(entries.map(|entry| entry.expect("a readable directory").path()));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source is text");
            found.extend(names_after(&text, "fn attack_"));
        }
    }
    // What this file itself looks for.
    found.remove("attack_");
    found
}

fn page() -> String {
    fs::read_to_string(repository().join("docs/attacks.md")).expect("the page is there")
}

#[test]
fn the_page_about_attacks_names_every_test_and_none_that_is_not_there() {
    let named: BTreeSet<String> = names_after(&page(), "`attack_").collect();
    let tests = tests();
    assert!(tests.len() > 100, "{tests:?}");
    let unknown: Vec<&String> = named.difference(&tests).collect();
    let forgotten: Vec<&String> = tests.difference(&named).collect();
    assert!(unknown.is_empty(), "docs/attacks.md names tests that are not there: {unknown:?}");
    assert!(forgotten.is_empty(), "docs/attacks.md does not name these: {forgotten:?}");
}

#[test]
fn the_page_about_attacks_has_each_of_them_once_and_its_tests_carry_its_number() {
    let page = page();
    let rows = page.lines().filter_map(|line| {
        let (number, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
        Some((number.parse::<usize>().ok()?, rest))
    });
    let mut numbers = Vec::new();
    for (number, row) in rows {
        numbers.push(number);
        for name in names_after(row, "`attack_") {
            let carries = name.split('_').any(|part| part.parse() == Ok(number));
            assert!(carries || name.starts_with("attack_01_to_55_"), "{number}: {name}");
        }
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=ATTACKS).collect::<Vec<_>>());
}
