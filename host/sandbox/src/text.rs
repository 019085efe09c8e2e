//! Texts that a plugin wrote and that people will read: one line, bounded, and nothing in it that acts on a terminal.

use std::fmt::Write as _;

/// How much of a plugin's text is shown. Arbitrary: a long paragraph.
pub(crate) const SHOWN_BYTES: usize = 1024;

/// The text on one line: control characters are written as escapes (`\n`, `\u{1b}`), as are characters that turn the
/// direction of writing or can't be seen, and what is longer than `SHOWN_BYTES` is cut with `…`.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(SHOWN_BYTES));
    for character in text.chars() {
        if line.len() + character.len_utf8() > SHOWN_BYTES {
            line.push('…');
            break;
        }
        match character {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            _ if acts_unseen(character) => {
                // Writing to a string does not fail.
                let _ = write!(line, "\\u{{{:x}}}", u32::from(character));
            }
            _ => line.push(character),
        }
    }
    line
}

/// Whether a character does something else than be seen: it moves the cursor, turns the direction of writing, or hides.
/// Whoever prints what came from plugins or inputs writes such a character as an escape.
pub fn acts_unseen(character: char) -> bool {
    character.is_control()
        // Zero width, direction marks and overrides, line and paragraph separators, byte order mark, tags.
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(character, '\u{61c}' | '\u{e0000}'..='\u{e007f}')
}
