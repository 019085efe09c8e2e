//! Directories that stay open from one file to the next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cap_std::fs::Dir;

use super::path::MemberPath;

/// Finding a file by its path costs a look and an opening for each of three directories, which is more than writing it
/// does; and most files lie where the one before them on that member does. So a number of directories stay open.
///
/// Each was entered the careful way when it was opened. One that somebody removes meanwhile takes no new file, and says
/// so; one that is moved away stays the directory that it was.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// By their paths, in order.
    kept: Mutex<Vec<([String; 3], Arc<Dir>)>>,
}

impl Opened {
    /// How many stay open at most: half of the open files that macOS grants a process, which grants the fewest.
    const MOST: usize = 128;

    /// The directory that an object's file lies in, if it is open.
    pub(super) fn get(&self, path: &MemberPath) -> Option<Arc<Dir>> {
        let kept = self.kept();
        find(&kept, path).ok().map(|at| Arc::clone(&kept[at].1))
    }

    /// Keeps it open, unless there is no room: with more members than that, each would only ever push out the one that
    /// is needed next.
    pub(super) fn keep(&self, path: &MemberPath, directory: Dir) -> Arc<Dir> {
        let directory = Arc::new(directory);
        let mut kept = self.kept();
        if kept.len() >= Self::MOST {
            // Objects come by kind and namespace, so those of another are done with.
            kept.retain(|([_, namespace, kind], _)| *namespace == path.namespace && *kind == path.kind);
        }
        if kept.len() < Self::MOST
            && let Err(at) = find(&kept, path)
        {
            kept.insert(at, (path.directories().map(Into::into), Arc::clone(&directory)));
        }
        directory
    }

    /// Closes all.
    pub(super) fn close(&self) {
        self.kept().clear();
    }

    fn kept(&self) -> MutexGuard<'_, Vec<([String; 3], Arc<Dir>)>> {
        // Whatever happened to who held it, a list of open directories is one.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where it is, or would be.
fn find(kept: &[([String; 3], Arc<Dir>)], path: &MemberPath) -> Result<usize, usize> {
    kept.binary_search_by(|(name, _)| name.each_ref().map(String::as_str).cmp(&path.directories()))
}
