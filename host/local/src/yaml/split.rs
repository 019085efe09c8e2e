//! A file's text, cut into pieces that can be read one without the other.

/// One or more documents of a file, from a `---` to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunk<'a> {
    /// The number of its first line in the file, from 1.
    pub(crate) first_line: u32,
    /// Its text, with the `---` that begins it.
    pub(crate) text: &'a str,
}

/// Cuts at every line that begins with `---`, so that an error in one document leaves the others readable.
///
/// Such a line is always a document marker: whatever a document contains, block and quoted text included, is indented
/// or must not look like this. Directives and comments before the first marker stay with the document after it.
pub(crate) fn chunks(text: &str) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let (mut start, mut first_line) = (0, 1);
    // Whether anything but directives, comments and blank lines was seen since `start`.
    let mut content = false;
    let mut offset = 0;
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let marker = is_marker(line);
        if marker && content {
            chunks.push(Chunk { first_line, text: &text[start..offset] });
            (start, first_line) = (offset, number);
        }
        content |= marker || !is_preamble(line);
        offset += line.len();
    }
    chunks.push(Chunk { first_line, text: &text[start..] });
    chunks
}

fn is_marker(line: &str) -> bool {
    let line = line.strip_prefix('\u{feff}').unwrap_or(line);
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

fn is_preamble(line: &str) -> bool {
    line.starts_with('%') || line.trim_start().starts_with('#') || line.trim().is_empty()
}
