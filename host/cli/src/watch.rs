//! `--watch`: the same again whenever something changes.
//!
//! ```text
//!  Sight: inputs, plugins' files, members ──► Lookout: all watched anew
//!    ▲                                            │
//!    │                                            ▼
//!    │                          run, as without --watch ──► what is new is printed
//!    │                                            │
//!    └──── a burst of changes is over ◄───────────┘
//! ```
//!
//! Events only say when to look; what there is to decide, the run finds out by itself. So an event too many costs a run
//! that says nothing, and none is waited for that was told while a run was under way: watching begins before reading.
//! Ctrl-C ends the process wherever it is; nothing that it does is half done then, as nothing is when it is killed.

mod burst;
mod lookout;
mod news;
mod sight;
mod trail;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::error::ErrorKind;
use portolan_local::{Members, Records};

use crate::arguments::{Arguments, Format, InputArguments};
use crate::carry::{Kind, Run};
use crate::command::changes::{self, Tense};
use crate::findings::Findings;
use crate::print::Framing;
use crate::shelf::Shelf;
use burst::{Burst, POLL};
use lookout::Lookout;
use news::News;
use sight::Sight;

/// What is watched, and how it is printed.
pub struct Watch<'a> {
    /// The inputs.
    pub input: &'a InputArguments,
    /// The directory of members' directories.
    pub members: Option<&'a Path>,
    /// Where decisions are recorded.
    pub records: Option<&'a Path>,
    /// Whether it is done or only shown.
    pub tense: Tense,
    /// How it is printed.
    pub format: Format,
}

/// What one run came to.
pub struct Outcome {
    /// What it did.
    pub run: Run,
    /// Whether the input was taken for everything that there is, so that what was not in it went.
    pub complete: bool,
}

/// Runs again and again, until the process is ended or nobody reads what is printed. Whatever goes wrong in a run is
/// said, and does not end it.
pub fn watch(
    watch: &Watch<'_>,
    mut once: impl FnMut(&mut Shelf, &mut Findings) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Findings> {
    if watch.input.sources.iter().any(|source| source.as_os_str() == "-") {
        let message = "-f - can't be watched: standard input is read once; valid: files and directories";
        Arguments::command().error(ErrorKind::ArgumentConflict, message).exit();
    }
    if let (Tense::Was, Some(out)) = (watch.tense, watch.members) {
        // Watching begins before the first run, which would make it. Where it can't be made, the run says so.
        let _ = std::fs::create_dir_all(out);
    }
    let mut shelf = Shelf::default();
    let mut lookout = Lookout::new(watch.sight(&shelf));
    let mut news = News::new(watch.format, watch.tense);
    let mut before = Findings::default();
    let mut first = true;
    loop {
        lookout.look_at(watch.sight(&shelf));
        let mut findings = Findings::after(&before);
        let mut blocked = BTreeSet::new();
        let outcome = once(&mut shelf, &mut findings);
        let failed = outcome.is_err();
        match outcome {
            Ok(Outcome { run, complete }) => {
                if complete {
                    lookout.forget_gone();
                }
                blocked = blocked_by_others(&run);
                if news.is_news(&run, &findings)?
                    && watch.print(&run, &findings, std::mem::take(&mut first))? == Reader::Gone
                {
                    return Ok(findings);
                }
            }
            Err(error) => findings.wrong_input(format!("{error:#}")),
        }
        findings.say_what_is_gone(&before);
        before = findings;
        watch.wait(&mut lookout, &shelf, &blocked, failed);
    }
}

/// Whether anybody reads what is printed.
#[derive(PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

impl Watch<'_> {
    fn sight(&self, shelf: &Shelf) -> Sight {
        let sources = self.input.sources.iter().map(PathBuf::as_path);
        let plugins = self.input.plugins.iter().map(|(_, file)| file.as_path());
        let inputs = sources.chain(plugins).chain(shelf.files());
        let written = self.records.map(Records::folders);
        let written = written.as_ref().map_or(&[][..], |folders| folders);
        Sight::new(inputs, self.members, self.tense == Tense::Was).without(written)
    }

    /// Returns when it is time to run again.
    fn wait(&self, lookout: &mut Lookout, shelf: &Shelf, blocked: &BTreeSet<PathBuf>, failed: bool) {
        loop {
            // What the run came upon, a plugin's file say, or made is to be watched as well; and it may have changed
            // since it was read.
            let sight = self.sight(shelf);
            if *lookout.sight() != sight {
                lookout.look_at(sight);
                lookout.suspect();
            }
            // What stopped a run as a whole, such as somebody else's apply, may pass and tell nobody.
            let patience = (failed || lookout.polls()).then_some(POLL);
            match lookout.wait(patience) {
                Some(burst) if self.matters(&burst, blocked) => return,
                None if failed => return,
                _ => {}
            }
        }
    }

    /// Whether a burst is more than the trace of what we did ourselves.
    fn matters(&self, burst: &Burst, blocked: &BTreeSet<PathBuf>) -> bool {
        let touched = |path: &Path| path.ancestors().any(|around| burst.members.contains(around));
        let strayed = |out: &Path| match Members::open(out) {
            Ok(members) => members.strayed(touched),
            // The run says what is wrong with it.
            Err(_) => true,
        };
        burst.input
            || blocked.iter().any(|path| touched(path))
            || !burst.members.is_empty() && self.members.is_some_and(strayed)
    }

    fn print(&self, run: &Run, findings: &Findings, first: bool) -> anyhow::Result<Reader> {
        let mut printed = Ok(());
        if !first && self.format == Format::Table {
            printed = writeln!(io::stdout()).map_err(anyhow::Error::from);
        }
        let framing = Framing::OneOfMany;
        let printed = printed
            .and_then(|()| changes::print(self.format, framing, self.tense, run, findings))
            .and_then(|()| Ok(io::stdout().flush()?));
        match printed {
            Err(error) if crate::print::is_closed(&error) => Ok(Reader::Gone),
            printed => printed.map(|()| Reader::There),
        }
    }
}

/// Where something stands in the way, relative to the directory of members' directories: when that goes, there is
/// something to do.
fn blocked_by_others(run: &Run) -> BTreeSet<PathBuf> {
    let blocked = run
        .carried
        .iter()
        .filter(|carried| matches!(carried.change, Kind::Held | Kind::Withheld | Kind::Stranger));
    blocked.map(|carried| Members::path(&carried.cluster, &carried.object).into()).collect()
}
