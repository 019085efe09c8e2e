//! How far a long run is, on a terminal and nowhere else.

use std::cell::Cell;
use std::io::{IsTerminal, Write};

/// Runs shorter than this are over before anybody could read. Arbitrary.
const WORTH_SAYING: usize = 500;

/// A line on standard error that counts templates, and is gone when it is dropped.
pub struct Progress {
    total: usize,
    done: Cell<usize>,
    shown: bool,
}

impl Progress {
    /// For so many templates.
    pub fn new(total: usize) -> Self {
        Self { total, done: Cell::new(0), shown: total >= WORTH_SAYING && std::io::stderr().is_terminal() }
    }

    /// One more is done.
    pub fn step(&self) {
        let done = self.done.get() + 1;
        self.done.set(done);
        if self.shown && done.is_multiple_of((self.total / 100).max(1)) {
            // A closed standard error must not end the work.
            let _ = write!(std::io::stderr(), "\r{done} of {} templates", self.total);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}
