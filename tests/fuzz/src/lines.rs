//! Mutations of text whose lines and their indentation mean something.

use crate::random::Random;

/// Pieces of YAML that mean something where they stand.
const PIECES: &[&str] = &[
    "- ", ": ", "? ", "&a ", "*a", "<<: ", "!!str ", "!!int ", "! ", "|", ">-", "|+2", "# ", "{", "}", "[",
    "]", ", ", "'", "\"", "\\u0041", "~", "yes", ".inf", "0x1f", "1_000", "1:20", "1e999", "a", "\t", "\r",
    "\u{85}", "\u{2028}", "\u{feff}", "\u{7f}", "{{ .a }}",
];

/// Lines that mean something.
const LINES: &[&str] = &[
    "---",
    "--- {}",
    "--- |",
    "...",
    "%YAML 1.1",
    "%TAG ! tag:example,2026:",
    "# a comment",
    "",
    "apiVersion: v1",
    "kind: ConfigMap",
    "kind: List",
    "metadata: {name: a}",
    "items:",
    "- a: 1",
    "data: &a",
    "  b: *a",
    "<<: [*a, {c: d}]",
    "  text",
    "\ttab",
    "apiVersion: policy.karmada.io/v1alpha1",
    "kind: PropagationPolicy",
];

/// Another text, a change or two away. None where this is no text.
pub(crate) fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut lines: Vec<String> = std::str::from_utf8(input).ok()?.split('\n').map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        step(&mut lines, random);
    }
    Some(lines.join("\n").into_bytes())
}

fn step(lines: &mut Vec<String>, random: &mut Random) {
    let at = random.below(lines.len().max(1));
    let other = random.below(lines.len().max(1));
    if lines.is_empty() || random.below(8) == 0 {
        return lines.insert(at, random.one_of(LINES).to_owned());
    }
    match random.below(9) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(other, lines[at].clone()),
        2 => lines.swap(at, other),
        3 => lines[at].insert_str(0, &" ".repeat(1 + random.below(3))),
        4 => lines[at] = lines[at].strip_prefix("  ").unwrap_or_default().to_owned(),
        5 => {
            // A block moves in or out as a whole.
            for line in lines.iter_mut().skip(at).take(1 + random.below(6)) {
                line.insert_str(0, "  ");
            }
        }
        6 => {
            let joined = lines.remove(at);
            let last = lines.len().saturating_sub(1);
            if let Some(line) = lines.get_mut(at.min(last)) {
                line.insert_str(0, &joined);
            }
        }
        _ => {
            let characters = lines[at].char_indices().map(|(place, _)| place).chain([lines[at].len()]);
            let places: Vec<usize> = characters.collect();
            lines[at].insert_str(random.one_of(&places), random.one_of(PIECES));
        }
    }
}
