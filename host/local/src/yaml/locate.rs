//! From a path such as `spec.overrideRules[0].overriders` to the line where it stands.

use portolan_yaml::{Event, Marker, line_in_file, parser};

use super::split::Chunk;

/// The line in the file of the field at `path` in one document of a chunk, or of the innermost field around it that
/// the text has. None where the text has not even the first part of the path.
///
/// The path is compared as text, so keys that contain dots are found too. What an alias or `<<` brings in is found at
/// the alias.
pub(crate) fn locate(chunk: Chunk<'_>, document: usize, path: &str) -> Option<u32> {
    let mut index = 0;
    let mut open: Vec<Collection> = Vec::new();
    // How much of the path was found, and where.
    let mut best: Option<(usize, Marker)> = None;
    for event in parser(chunk.text) {
        let (event, span) = event.ok()?;
        match event {
            Event::DocumentEnd => {
                index += 1;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                open.pop();
                continue;
            }
            _ if index != document || !event.is_node() => continue,
            _ => {}
        }
        // How much of the path leads to this node; none if it is not on the path.
        let matched = match open.last_mut() {
            None => Some(0),
            Some(Collection::List { matched, next }) => {
                let step = format!("[{next}]");
                *next += 1;
                let matched = matched.and_then(|matched| step_on(path, matched, &step));
                if let Some(matched) = matched {
                    best = longer(best, matched, span.start);
                }
                matched
            }
            Some(Collection::Map { matched, entry: entry @ None }) => {
                let key = event.scalar().map(|(text, _)| text);
                let found = key.zip(*matched).and_then(|(key, matched)| {
                    let step = if matched == 0 { key.to_owned() } else { format!(".{key}") };
                    step_on(path, matched, &step)
                });
                if let Some(found) = found {
                    best = longer(best, found, span.start);
                }
                *entry = Some(found);
                // A key that is itself a collection has no step, but must be walked over.
                None
            }
            Some(Collection::Map { entry, .. }) => entry.take().flatten(),
        };
        match event {
            Event::SequenceStart(..) => open.push(Collection::List { matched, next: 0 }),
            Event::MappingStart(..) => open.push(Collection::Map { matched, entry: None }),
            _ => {}
        }
    }
    best.map(|(_, mark)| line_in_file(chunk.first_line, &mark))
}

/// A collection around the current place, with how much of the path leads to it.
enum Collection {
    List {
        matched: Option<usize>,
        next: usize,
    },
    /// `entry`: once a key was seen and until its value is, how much of the path leads there.
    Map {
        matched: Option<usize>,
        entry: Option<Option<usize>>,
    },
}

/// Where `path` stands after `step`, if that is its next step.
fn step_on(path: &str, matched: usize, step: &str) -> Option<usize> {
    let rest = path.get(matched..)?.strip_prefix(step)?;
    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(matched + step.len())
}

/// The longer match; the earlier of two that are equally long.
fn longer(best: Option<(usize, Marker)>, matched: usize, mark: Marker) -> Option<(usize, Marker)> {
    match best {
        Some((longest, _)) if longest >= matched => best,
        _ => Some((matched, mark)),
    }
}
