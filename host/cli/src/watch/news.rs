//! What a run says that the one before did not.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::io;

use crate::arguments::Format;
use crate::carry::{Carried, Kind, Run};
use crate::command::changes::Tense;
use crate::findings::Findings;

/// Tells whether a run is worth printing after those before it.
pub struct News {
    format: Format,
    tense: Tense,
    last: Option<u64>,
}

impl News {
    /// The first run is news.
    pub fn new(format: Format, tense: Tense) -> Self {
        Self { format, tense, last: None }
    }

    /// Whether this run did something, or would do or has found something else than the one before. How many objects
    /// are as they should be is no news by itself.
    pub fn is_news(&mut self, run: &Run, findings: &Findings) -> anyhow::Result<bool> {
        let did = |carried: &&Carried| {
            self.tense == Tense::Was
                && matches!(carried.change, Kind::Created | Kind::Changed | Kind::Removed)
        };
        let standing: Vec<&Carried> = run.carried.iter().filter(|carried| !did(carried)).collect();
        let did_something = standing.len() < run.carried.len();
        // For people, findings are said on standard error, each when it is new.
        let findings = (self.format != Format::Table).then_some(findings);
        let mut digest = Digest(DefaultHasher::new());
        serde_json::to_writer(&mut digest, &(standing, &run.reports, findings))?;
        let digest = Some(digest.0.finish());
        let same = self.last == digest;
        self.last = digest;
        Ok(did_something || !same)
    }
}

/// Hashes what is written, so that no run's document is kept. Nobody gains by making two runs look the same.
struct Digest(DefaultHasher);

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
