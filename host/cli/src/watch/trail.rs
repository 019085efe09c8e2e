//! The way to a path, with every link on it.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Links that are followed on the way to one path, as Linux does.
const LINKS: usize = 40;

/// The way to a path: what must be looked at to notice that the path leads elsewhere, or somewhere at last.
#[derive(Debug, PartialEq, Eq)]
pub struct Trail {
    /// Every name on the way, its own directory free of links: those of directories, of links (Kubernetes swaps one of
    /// them to replace all files of a volume at once), and the last one.
    pub points: BTreeSet<PathBuf>,
    /// Where the way ends; nothing need be there.
    pub end: PathBuf,
}

impl Trail {
    /// The way as it is now.
    pub fn new(path: &Path) -> Self {
        // It fails for the empty path only, and where there is no working directory any more.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
        let mut points = BTreeSet::new();
        let mut real = PathBuf::new();
        let mut left = parts(&path);
        let mut links = 0;
        while let Some(part) = left.pop_front() {
            match Path::new(&part).components().next() {
                Some(Component::ParentDir) => drop(real.pop()),
                Some(Component::Normal(name)) => {
                    let here = real.join(name);
                    match fs::read_link(&here) {
                        Ok(target) if links < LINKS => {
                            links += 1;
                            if target.has_root() {
                                real = PathBuf::new();
                            }
                            for part in parts(&target).into_iter().rev() {
                                left.push_front(part);
                            }
                        }
                        _ => real.clone_from(&here),
                    }
                    points.insert(here);
                }
                Some(Component::CurDir) | None => {}
                Some(Component::RootDir | Component::Prefix(_)) => real.push(part),
            }
        }
        Self { points, end: real }
    }
}

fn parts(path: &Path) -> VecDeque<OsString> {
    path.components().map(|part| part.as_os_str().to_owned()).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_link_on_the_way_is_a_point_of_it() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let real = place.path().canonicalize().expect("it is there");
        fs::create_dir(real.join("..v1")).expect("a directory");
        fs::write(real.join("..v1/a.yaml"), "").expect("a file");
        symlink("..v1", real.join("..data")).expect("a link");
        symlink("..data/a.yaml", real.join("a.yaml")).expect("a link");
        let trail = Trail::new(&place.path().join("a.yaml"));
        assert_eq!(trail.end, real.join("..v1/a.yaml"));
        for point in ["a.yaml", "..data", "..v1", "..v1/a.yaml", ""] {
            assert!(trail.points.contains(&real.join(point)) || point.is_empty(), "{point}");
        }
    }

    #[test]
    fn what_is_not_there_has_a_trail_too_and_a_circle_of_links_ends() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let real = place.path().canonicalize().expect("it is there");
        assert_eq!(Trail::new(&place.path().join("no/where/../x")).end, real.join("no/x"));
        symlink("b", real.join("a")).expect("a link");
        symlink("a", real.join("b")).expect("a link");
        assert!(Trail::new(&real.join("a")).points.contains(&real.join("b")));
    }
}
