//! What a member says, made fit to stand in a condition.

/// The longest that is kept of it, in characters. Arbitrary: a condition of the API takes 32 KiB, and a reader less.
const LONGEST: usize = 500;

/// Whatever a server says: one line, of a length that fits into a condition, in which no character does something else
/// than be seen.
pub fn harmless(text: &str) -> String {
    let mut line: String = text.chars().take(LONGEST).map(|c| if acts_unseen(c) { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

/// Whether a character moves the cursor, turns the direction of writing, or hides.
fn acts_unseen(character: char) -> bool {
    character.is_control()
        // Zero width, direction marks and overrides, line and paragraph separators, byte order mark, tags.
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(character, '\u{61c}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_on_whoever_reads_it() {
        assert_eq!(harmless("a\u{1b}[31mb\nc\u{202e}d"), "a [31mb c d");
        let long = harmless(&"x".repeat(100_000));
        assert_eq!(long.chars().count(), LONGEST + 1);
    }
}
