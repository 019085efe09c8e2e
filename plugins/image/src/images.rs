//! Which images of an object are meant, and what becomes of them.

use std::collections::BTreeMap;

use containers::described;
use portolan_plugin::{Amendment, Cluster, Fault, Operation, Questions, pointer};
use serde_json::Value;

use crate::entry::{Edited, Entry, Predicate};

/// The patches that apply the entries on every cluster that the rule targets.
pub(crate) fn patch(entries: &[Entry], questions: &dyn Questions) -> Vec<Amendment> {
    if entries.is_empty() {
        return Vec::new();
    }
    let groups = questions.target_alike();
    // What an entry without a predicate means depends on the kind.
    let kind = match entries.iter().all(|entry| entry.predicate.is_some()) {
        true => None,
        false => containers::kind(&groups, questions),
    };
    let at = kind.as_deref().and_then(containers::of_kind);
    let mut common = Vec::new();
    if let (Some(kind), None) = (&kind, at) {
        common.push(containers::unknown_kind(
            kind,
            "a predicate with the path of the image changes it in any kind",
        ));
    }
    let mut amendments = Vec::new();
    for clusters in groups {
        let Some(&first) = clusters.first() else { continue };
        let mut images = Images { on: first, questions, images: BTreeMap::new(), containers: None };
        let mut warnings = common.clone();
        match entries
            .iter()
            .enumerate()
            .try_for_each(|(place, entry)| images.edit(place, entry, at, &mut warnings))
        {
            Err(fault) => amendments.push(Amendment::fault(clusters, fault)),
            Ok(()) => {
                let patch = images.operations();
                if !patch.is_empty() || !warnings.is_empty() {
                    amendments.push(Amendment { clusters, patch: Ok(patch), warnings });
                }
            }
        }
    }
    amendments
}

/// The images of one object that were looked at so far.
struct Images<'a> {
    on: Cluster,
    questions: &'a dyn Questions,
    /// Before and after, by pointer.
    images: BTreeMap<String, (String, String)>,
    /// The pointers to the containers' images, once they were looked for.
    containers: Option<Vec<String>>,
}

impl Images<'_> {
    fn edit(
        &mut self,
        place: usize,
        entry: &Entry,
        at: Option<&str>,
        warnings: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let pointers = match (&entry.predicate, at) {
            (Some(predicate), _) => vec![self.meant(place, predicate)?],
            (None, Some(at)) => self.of_containers(at)?,
            (None, None) => Vec::new(),
        };
        if let (None, Some(at), []) = (&entry.predicate, at, &*pointers) {
            warnings.push(format!("[{place}]: nothing changes, because there are no containers at {at}"));
        }
        for pointer in pointers {
            let tells = entry.predicate.is_none();
            let Some((_, image)) = self.images.get_mut(&pointer) else { continue };
            let Edited { image: edited, warning } = entry.edit(place, &pointer, image, tells)?;
            *image = edited;
            warnings.extend(warning);
        }
        Ok(())
    }

    /// The pointers to the images of all containers. One without an image has an empty one.
    fn of_containers(&mut self, at: &str) -> Result<Vec<String>, Fault> {
        if let Some(known) = &self.containers {
            return Ok(known.clone());
        }
        let wrong = |at: &str, wanted: &str, found: &Value| {
            Fault::Template(format!("{at} is {}; it must be {wanted}", described(found)))
        };
        let containers = match self.questions.target_get(self.on, at) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(containers)) => containers,
            Some(other) => return Err(wrong(at, "a list of containers", &other)),
        };
        let mut pointers = Vec::new();
        for (place, container) in containers.into_iter().enumerate() {
            let at = format!("{at}/{place}");
            let Value::Object(mut container) = container else {
                return Err(wrong(&at, "a container", &container));
            };
            let at = format!("{at}/image");
            let image = match container.remove("image") {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(image)) => image,
                Some(other) => return Err(wrong(&at, "a string", &other)),
            };
            self.images.entry(at.clone()).or_insert_with(|| (image.clone(), image));
            pointers.push(at);
        }
        self.containers = Some(pointers.clone());
        Ok(pointers)
    }

    /// The pointer to the image that a predicate means.
    fn meant(&mut self, place: usize, Predicate { path }: &Predicate) -> Result<String, Fault> {
        let wrong = |why: &str| Fault::Config(format!("at [{place}].predicate.path: {path:?} {why}"));
        let Some(names) = path.strip_prefix('/') else {
            return Err(wrong("does not start with a slash, as \"/spec/image\" does"));
        };
        if names.contains("~0") || names.contains("~1") {
            return Err(wrong(
                "has an escape, and here names are taken by their letters; `plaintext` reaches a name with / or ~ in it",
            ));
        }
        // Places in a list may be written with zeros or a plus in front.
        let plain = |name: &str| match name.parse::<u32>() {
            Ok(place) => place.to_string(),
            Err(_) => pointer::escape(name),
        };
        let by_letters: String = names.split('/').map(|name| format!("/{}", pointer::escape(name))).collect();
        let by_place: String = names.split('/').map(|name| format!("/{}", plain(name))).collect();
        for pointer in [by_letters, by_place] {
            if self.images.contains_key(&pointer) {
                return Ok(pointer);
            }
            match self.questions.target_get(self.on, &pointer) {
                None => {}
                Some(Value::String(image)) => {
                    self.images.insert(pointer.clone(), (image.clone(), image));
                    return Ok(pointer);
                }
                Some(other) => {
                    return Err(Fault::Template(format!(
                        "[{place}].predicate.path: at {path} is {}; it must be the image, a string",
                        described(&other)
                    )));
                }
            }
        }
        Err(Fault::Template(format!(
            "[{place}].predicate.path: there is nothing at {path}; valid: the path of an image"
        )))
    }

    fn operations(self) -> Vec<Operation> {
        let changed = self.images.into_iter().filter(|(_, (before, after))| before != after);
        changed.map(|(at, (_, after))| Operation::Replace { at, value: after.into() }).collect()
    }
}
