//! What is in sight: which of the names that a file system mentions have to do with the inputs, which with the members.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::trail::Trail;

/// What is in sight, as it is now. Two that are equal are watched in the same way.
#[derive(Debug, PartialEq, Eq)]
pub struct Sight {
    inputs: Vec<Trail>,
    members: Option<Trail>,
    /// Whether the members' directories are written to, or only compared with.
    written: bool,
    /// What lies below these inputs and is none.
    except: Vec<PathBuf>,
    /// The ends of trails that are directories.
    directories: BTreeSet<PathBuf>,
}

/// What a changed name has to do with us.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// What is decided from may have changed.
    Input,
    /// A member's file changed, by us or by somebody else: its path in the directory of members' directories, which
    /// may also be that of a directory around it.
    Member(PathBuf),
}

impl Sight {
    /// Inputs may be files, directories, links to either, or not there.
    pub fn new<'a>(inputs: impl Iterator<Item = &'a Path>, members: Option<&Path>, written: bool) -> Self {
        let inputs: Vec<Trail> = inputs.map(Trail::new).collect();
        let members = members.map(Trail::new);
        let ends = inputs.iter().chain(&members).map(|trail| &trail.end);
        let directories = ends.filter(|end| end.is_dir()).cloned().collect();
        Self { inputs, members, written, except: Vec::new(), directories }
    }

    /// The same without what lies in directories that a run writes to.
    pub fn without(self, except: &[PathBuf]) -> Self {
        Self { except: except.iter().map(|path| Trail::new(path).end).collect(), ..self }
    }

    /// What a name has to do with us; none: nothing.
    pub fn of(&self, path: &Path) -> Option<Seen> {
        if self.inputs.iter().any(|input| input.points.contains(path)) {
            return Some(Seen::Input);
        }
        let member = self.members.as_ref().and_then(|members| {
            let inside = path.strip_prefix(&members.end).ok().map(Path::to_owned);
            inside.or_else(|| members.points.contains(path).then(PathBuf::new))
        });
        if let Some(inside) = member {
            let inventory = inside == Path::new(".portolan/inventory.json");
            return match self.written {
                // Nothing of a member's is hidden; what is hidden is only the inventory and unfinished files.
                true => (!hidden(&inside)).then_some(Seen::Member(inside)),
                false => (inventory || !hidden(&inside)).then_some(Seen::Input),
            };
        }
        if self.except.iter().any(|except| path.starts_with(except)) {
            return None;
        }
        let mut inside = self.inputs.iter().filter_map(|input| path.strip_prefix(&input.end).ok());
        inside.any(|inside| !hidden(inside)).then_some(Seen::Input)
    }

    /// Whether a name that is there no more may have been an input: that of a manifest, of a directory, or one that was
    /// given. The others are editors' and tools' own.
    pub fn may_be_input(&self, path: &Path) -> bool {
        path.extension().is_none() || self.may_be_input_file(path)
    }

    /// Whether a file may be an input: one that is called as manifests are, or one that was given.
    pub fn may_be_input_file(&self, path: &Path) -> bool {
        let manifest =
            |ending: &OsStr| ["yaml", "yml", "json"].iter().any(|known| ending.eq_ignore_ascii_case(known));
        path.extension().is_some_and(manifest) || self.inputs.iter().any(|input| input.points.contains(path))
    }

    /// Directories in which names have to be watched, but not what is below them. Some may not be there.
    pub fn shallow(&self) -> BTreeSet<&Path> {
        let points = self.inputs.iter().chain(&self.members).flat_map(|trail| &trail.points);
        points.filter_map(|point| point.parent()).collect()
    }

    /// Directories that are watched with all that is below them.
    pub fn deep(&self) -> impl Iterator<Item = &Path> {
        self.directories.iter().map(PathBuf::as_path)
    }

    /// Where all trails end.
    pub fn ends(&self) -> BTreeSet<&Path> {
        self.inputs.iter().chain(&self.members).map(|trail| trail.end.as_path()).collect()
    }
}

/// Whether some part of a path is skipped when directories are read. What begins with two dots is Kubernetes': its
/// volumes are links to what is hidden so.
fn hidden(path: &Path) -> bool {
    path.iter()
        .map(|part| part.as_encoded_bytes())
        .any(|part| part.starts_with(b".") && !part.starts_with(b".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_write_below_an_input_is_a_members_and_what_is_hidden_is_nobodys() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let real = place.path().canonicalize().expect("it is there");
        let [out, record] = [real.join("out"), real.join("record")];
        let of = |written: bool, name: &str| {
            let sight = Sight::new([real.as_path()].into_iter(), Some(&out), written)
                .without(std::slice::from_ref(&record));
            sight.of(&real.join(name))
        };
        for name in ["a.yaml", "shop/b.yaml", "..data"] {
            assert_eq!(of(true, name), Some(Seen::Input), "{name}");
        }
        for name in
            [".git/index", "shop/.b.yaml.swp", "out/.portolan/journal.jsonl", "record/transcripts/a.json"]
        {
            assert_eq!(of(true, name), None, "{name}");
        }
        let file = "member1/default/ConfigMap/a.yaml";
        assert_eq!(of(true, &format!("out/{file}")), Some(Seen::Member(file.into())));
        assert_eq!(of(true, "out"), Some(Seen::Member(PathBuf::new())));
        for name in ["out", "out/member1", "out/.portolan/inventory.json"] {
            assert_eq!(of(false, name), Some(Seen::Input), "{name}");
        }
        assert_eq!(of(false, "out/.portolan/journal.jsonl"), None);
    }
}
