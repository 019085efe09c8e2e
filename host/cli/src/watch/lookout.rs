//! Waits for changes of what is in sight.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{
    Config, Error, ErrorKind, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher,
};

use super::burst::{Burst, POLL, What};
use super::sight::{Seen, Sight};
use crate::print;

/// Whether the system tells when a file is closed that was written to.
const TELLS_OF_CLOSING: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Waits for changes. The file system tells of them, or they are looked for where none is told of.
pub struct Lookout {
    sight: Arc<Sight>,
    heard: Arc<Heard>,
    watchers: Vec<Box<dyn Watcher>>,
    /// What was said about having to look, so that it is said once.
    said: BTreeSet<String>,
}

#[derive(Default)]
struct Heard {
    so_far: Mutex<SoFar>,
    more: Condvar,
}

#[derive(Default)]
struct SoFar {
    burst: Burst,
    /// Why the system tells of no more changes.
    exhausted: Option<String>,
}

impl Lookout {
    /// Looks at nothing yet.
    pub fn new(sight: Sight) -> Self {
        Self { sight: Arc::new(sight), heard: Arc::default(), watchers: Vec::new(), said: BTreeSet::new() }
    }

    /// What is being looked at.
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// From now on, nothing that changes in sight is missed. What was there before may be another directory of the same
    /// name by now, so all is watched anew; until it is, the watchers before go on.
    pub fn look_at(&mut self, sight: Sight) {
        self.sight = Arc::new(sight);
        let mut watchers: Vec<Box<dyn Watcher>> = Vec::new();
        if self.heard.lock().exhausted.is_none() {
            match self.listen() {
                Ok(watcher) => watchers.push(Box::new(watcher)),
                Err(error) => self.heard.lock().exhausted = Some(reason(&error)),
            }
        }
        let exhausted = self.heard.lock().exhausted.clone();
        if let Some(why) = &exhausted {
            watchers.clear();
            self.say(format!("the system tells of no changes: {why}"));
        }
        let sight = Arc::clone(&self.sight);
        let mut silent: Vec<&Path> = sight.ends().into_iter().collect();
        if exhausted.is_none() {
            silent.retain(|path| remote(path));
            for path in &silent {
                self.say(format!("{}: this file system may tell of no changes", path.display()));
            }
        }
        if !silent.is_empty() {
            watchers.extend(self.poll(&silent).map(|watcher| Box::new(watcher) as Box<dyn Watcher>));
        }
        self.watchers = watchers;
    }

    /// Something may have changed that nothing told of.
    pub fn suspect(&self) {
        self.heard.lock().burst.anything(Instant::now());
    }

    /// Waits until a burst of changes is over; none where nothing happened for so long.
    pub fn wait(&self, patience: Option<Duration>) -> Option<Burst> {
        let until = patience.map(|patience| Instant::now() + patience);
        let mut so_far = self.heard.lock();
        loop {
            let now = Instant::now();
            let mut next = so_far.burst.earliest();
            if next.is_some_and(|earliest| earliest <= now) {
                // Only now, because a look takes long where much is gone.
                so_far.burst.look_again(|path| path.symlink_metadata().is_ok());
                next = so_far.burst.due();
                if next.is_some_and(|due| due <= now) {
                    return Some(so_far.burst.take());
                }
            } else if next.is_none() && until.is_some_and(|until| until <= now) {
                return None;
            }
            so_far = match next.or(until) {
                Some(next) => self.heard.more.wait_timeout(so_far, next - now).expect(NO_PANIC).0,
                None => self.heard.more.wait(so_far).expect(NO_PANIC),
            };
        }
    }

    /// Whether changes have to be looked for, at least of a part.
    pub fn polls(&self) -> bool {
        !self.said.is_empty()
    }

    /// What was gone was taken to be gone for good.
    pub fn forget_gone(&self) {
        self.heard.lock().burst.forget_gone();
    }

    fn listen(&self) -> Result<RecommendedWatcher, Error> {
        let (sight, heard) = (Arc::clone(&self.sight), Arc::clone(&self.heard));
        let told = move |event| hear(event, &sight, &heard, false);
        let mut watcher = RecommendedWatcher::new(told, Config::default().with_follow_symlinks(false))?;
        // Names first: what is watched with all that is below it must stay so.
        let shallow = self.sight.shallow().into_iter().map(|path| (path, RecursiveMode::NonRecursive));
        let deep = self.sight.deep().map(|path| (path, RecursiveMode::Recursive));
        for (path, mode) in shallow.chain(deep) {
            match watcher.watch(path, mode) {
                Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => return Err(error),
                // It is not there, or may not be read. What becomes of an input of which that is true, the run says.
                _ => {}
            }
        }
        Ok(watcher)
    }

    fn poll(&self, paths: &[&Path]) -> Option<PollWatcher> {
        let (sight, heard) = (Arc::clone(&self.sight), Arc::clone(&self.heard));
        let told = move |event| hear(event, &sight, &heard, true);
        // By content: what is renamed into place may be older than what it replaces, and times may be whole seconds.
        let config = Config::default().with_poll_interval(POLL).with_compare_contents(true);
        let mut watcher = PollWatcher::new(told, config).ok()?;
        for path in paths {
            // Where nothing is there, whoever waits looks whether something is by now.
            let _ = watcher.watch(path, RecursiveMode::Recursive);
        }
        Some(watcher)
    }

    fn say(&mut self, why: String) {
        if !self.said.contains(&why) {
            print::warning(&format!("{why}; they are looked for every {} s", POLL.as_secs()));
            self.said.insert(why);
        }
    }
}

const NO_PANIC: &str = "nobody panics who holds the lock";

impl Heard {
    fn lock(&self) -> MutexGuard<'_, SoFar> {
        self.so_far.lock().expect(NO_PANIC)
    }
}

/// Notes an event if it has to do with what is in sight.
fn hear(event: notify::Result<Event>, sight: &Sight, heard: &Heard, polled: bool) {
    let now = Instant::now();
    let event = match event {
        Ok(event) => event,
        Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
            let mut so_far = heard.lock();
            so_far.exhausted = Some(reason(&error));
            so_far.burst.anything(now);
            heard.more.notify_one();
            return;
        }
        // Something vanished between being seen and being looked at, of which another event tells.
        Err(_) => return,
    };
    if event.need_rescan() {
        heard.lock().burst.anything(now);
        heard.more.notify_one();
        return;
    }
    if let (EventKind::Modify(ModifyKind::Name(RenameMode::Both)), Some(from)) =
        (&event.kind, event.paths.first())
    {
        // Both names were told already.
        heard.lock().burst.renamed(from);
        return;
    }
    for path in event.paths {
        let Some(what) = what(&event.kind, &path, sight, polled) else { continue };
        let Some(seen) = sight.of(&path) else { continue };
        // A new directory in a member is empty, or what is in it is told of.
        if matches!(seen, Seen::Member(_)) && event.kind == EventKind::Create(CreateKind::Folder) {
            continue;
        }
        let mut so_far = heard.lock();
        so_far.burst.polled |= polled;
        so_far.burst.note(path, seen, what, now);
        heard.more.notify_one();
    }
}

/// What happened to a name; none: it was only read.
fn what(kind: &EventKind, path: &Path, sight: &Sight, polled: bool) -> Option<What> {
    Some(match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => What::Written,
        EventKind::Access(_) => return None,
        // A log that grows beside the inputs is never closed, and nobody waits for it.
        EventKind::Modify(ModifyKind::Data(_))
            if TELLS_OF_CLOSING && !polled && sight.may_be_input_file(path) =>
        {
            What::Writing
        }
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From | RenameMode::Any))
            if sight.may_be_input(path) =>
        {
            What::Gone
        }
        _ => What::Changed,
    })
}

fn reason(error: &Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "more directories than it watches for one user (fs.inotify.max_user_watches)".into()
        }
        ErrorKind::Io(error) => format!("{error} (fs.inotify.max_user_instances)"),
        _ => error.to_string(),
    }
}

/// Whether a path lies, or would lie, in a file system that others change without this system's knowing.
#[cfg(target_os = "linux")]
fn remote(path: &Path) -> bool {
    /// From statfs(2) and the kernel's magic.h: NFS, SMB twice, CIFS, FUSE, 9P, Ceph, AFS, Coda, VirtualBox' folders.
    const REMOTE: [u32; 10] = [
        0x6969,
        0x517b,
        0xfe53_4d42,
        0xff53_4d42,
        0x6573_5546,
        0x0102_1997,
        0x00c3_6400,
        0x5346_414f,
        0x7375_7245,
        0x786f_4256,
    ];
    let there = path.ancestors().find_map(|path| rustix::fs::statfs(path).ok());
    // The field's type differs between architectures; the numbers have 32 bits on all of them.
    there.is_some_and(|system| REMOTE.contains(&(system.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
fn remote(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;

    use notify::event::DataChange;

    use super::*;

    #[test]
    fn only_what_may_be_an_input_is_waited_for_while_somebody_writes() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let real = place.path().canonicalize().expect("it is there");
        fs::create_dir(real.join("in")).expect("a writable directory");
        let given = real.join("given");
        fs::write(&given, "").expect("a writable directory");
        let sight = Sight::new([real.join("in").as_path(), &given].into_iter(), None, false);
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let while_writing = if TELLS_OF_CLOSING { What::Writing } else { What::Changed };
        for (name, expected) in [
            ("in/a.yaml", while_writing),
            ("in/a.JSON", while_writing),
            ("given", while_writing),
            ("in/render.log", What::Changed),
            ("in/nohup", What::Changed),
        ] {
            assert_eq!(what(&written, &real.join(name), &sight, false), Some(expected), "{name}");
        }
        assert_eq!(what(&written, &real.join("in/a.yaml"), &sight, true), Some(What::Changed), "polled");
    }
}
