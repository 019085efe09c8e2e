//! Changes that belong together: a save is several events, and a checkout is thousands.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::sight::Seen;

/// No change for so long: it is over. Editors and `git checkout` write their files within a few milliseconds. Arbitrary
/// beyond that; it is the largest part of what a person waits for.
const QUIET: Duration = Duration::from_millis(100);
/// Whoever never stops writing is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The same where something is there no more: replacing it may take longer than writing it, and what is missing may be
/// taken away from members. Arbitrary: ten times as long.
const QUIET_WHILE_GONE: Duration = Duration::from_secs(1);
const PATIENCE_WHILE_GONE: Duration = Duration::from_secs(10);

/// A file that somebody writes to is waited for: a shell makes it empty when a command begins, and the command may think
/// for long before it writes. Arbitrary: longer than rendering a chart takes.
const PATIENCE_WITH_WRITERS: Duration = Duration::from_secs(30);

/// Where no file system tells of changes, they are looked for so often.
pub const POLL: Duration = Duration::from_secs(2);
/// Two looks that find the same.
const QUIET_POLLED: Duration = Duration::from_secs(3);

/// What has changed since it was last taken.
#[derive(Debug, Default)]
pub struct Burst {
    /// When the first and the last change were seen.
    span: Option<(Instant, Instant)>,
    /// Whether an input changed, or may have.
    pub input: bool,
    /// Which members' files, by their paths in the directory of members' directories.
    pub members: BTreeSet<PathBuf>,
    /// Whether it had to be looked for.
    pub polled: bool,
    /// Inputs that somebody writes to right now.
    writing: BTreeSet<PathBuf>,
    /// What may be inputs and was removed or moved away.
    gone: BTreeSet<PathBuf>,
}

/// What happened to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody writes into it, and will close it.
    Writing,
    /// Whoever wrote into it has closed it.
    Written,
    /// It is there no more, and may have been an input.
    Gone,
    /// Anything else.
    Changed,
}

impl Burst {
    /// Notes what happened.
    pub fn note(&mut self, path: PathBuf, seen: Seen, what: What, now: Instant) {
        self.touch(now);
        match seen {
            Seen::Member(inside) => drop(self.members.insert(inside)),
            Seen::Input => {
                self.input = true;
                if what != What::Writing {
                    self.writing.remove(&path);
                }
                match what {
                    What::Writing => drop(self.writing.insert(path)),
                    What::Gone => drop(self.gone.insert(path)),
                    What::Written | What::Changed => {}
                }
            }
        }
    }

    /// Nobody can tell what happened.
    pub fn anything(&mut self, now: Instant) {
        self.touch(now);
        self.input = true;
    }

    /// A name that is gone has another now.
    pub fn renamed(&mut self, from: &PathBuf) {
        self.gone.remove(from);
    }

    /// Drops from what is gone whatever is back.
    pub fn look_again(&mut self, there: impl Fn(&PathBuf) -> bool) {
        self.gone.retain(|path| !there(path));
    }

    /// What was gone was taken to be gone for good.
    pub fn forget_gone(&mut self) {
        self.gone.clear();
    }

    /// When it may be taken to be over; none while nothing has happened.
    pub fn due(&self) -> Option<Instant> {
        self.due_with(!self.gone.is_empty())
    }

    /// When it may be over if all that is gone is back.
    pub fn earliest(&self) -> Option<Instant> {
        self.due_with(false)
    }

    fn due_with(&self, gone: bool) -> Option<Instant> {
        let (first, last) = self.span?;
        if !self.writing.is_empty() {
            return Some(first + PATIENCE_WITH_WRITERS);
        }
        let (quiet, patience) = match (gone, self.polled) {
            (_, true) => (QUIET_POLLED, PATIENCE_WHILE_GONE),
            (true, _) => (QUIET_WHILE_GONE, PATIENCE_WHILE_GONE),
            (false, _) => (QUIET, PATIENCE),
        };
        Some((last + quiet).min(first + patience))
    }

    /// What has happened; what is gone stays. Whoever still writes was waited for long enough.
    pub fn take(&mut self) -> Self {
        let rest = Self { gone: self.gone.clone(), ..Self::default() };
        std::mem::replace(self, rest)
    }

    fn touch(&mut self, now: Instant) {
        let first = self.span.map_or(now, |(first, _)| first);
        self.span = Some((first, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(burst: &Burst, start: Instant) -> Duration {
        burst.due().expect("something happened") - start
    }

    fn note(burst: &mut Burst, what: What, now: Instant) {
        burst.note("a.yaml".into(), Seen::Input, what, now);
    }

    #[test]
    fn a_burst_is_over_when_it_is_quiet_and_nobody_writes_for_ever() {
        let start = Instant::now();
        let mut burst = Burst::default();
        assert_eq!(burst.due(), None);
        note(&mut burst, What::Changed, start);
        assert_eq!(after(&burst, start), QUIET);
        note(&mut burst, What::Changed, start + QUIET / 2);
        assert_eq!(after(&burst, start), QUIET + QUIET / 2);
        note(&mut burst, What::Changed, start + PATIENCE);
        assert_eq!(after(&burst, start), PATIENCE);
        assert!(burst.take().input);
        assert_eq!(burst.due(), None);
    }

    #[test]
    fn a_file_that_is_being_written_is_waited_for() {
        let start = Instant::now();
        let mut burst = Burst::default();
        note(&mut burst, What::Writing, start);
        assert_eq!(after(&burst, start), PATIENCE_WITH_WRITERS);
        note(&mut burst, What::Written, start + QUIET);
        assert_eq!(after(&burst, start), QUIET * 2);
        note(&mut burst, What::Writing, start + QUIET);
        burst.take();
        note(&mut burst, What::Changed, start);
        assert_eq!(after(&burst, start), QUIET, "who never closes a file is waited for once");
    }

    #[test]
    fn what_is_gone_is_given_time_to_come_back() {
        let start = Instant::now();
        let mut burst = Burst::default();
        note(&mut burst, What::Gone, start);
        assert_eq!(after(&burst, start), QUIET_WHILE_GONE);
        burst.look_again(|_| true);
        assert_eq!(after(&burst, start), QUIET);
        note(&mut burst, What::Gone, start);
        burst.take();
        note(&mut burst, What::Changed, start);
        assert_eq!(after(&burst, start), QUIET_WHILE_GONE, "it has not come back yet");
        burst.forget_gone();
        assert_eq!(after(&burst, start), QUIET);
    }
}
