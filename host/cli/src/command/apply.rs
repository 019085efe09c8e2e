//! `portolan apply`: writes what each member gets.

use anyhow::Context as _;
use portolan_local::Records;

use crate::arguments::{ApplyArguments, Format};
use crate::carry::{self, Hand, Wanted};
use crate::command::changes::{self, Tense};
use crate::findings::Findings;
use crate::print::{self, Framing};
use crate::setting::Setting;
use crate::shelf::Shelf;
use crate::watch::{Outcome, Watch, watch};

/// Carries everything out that can be, and says what it did.
pub fn run(arguments: &ApplyArguments) -> anyhow::Result<Findings> {
    let format = arguments.output.output;
    let once = |shelf: &mut Shelf, findings: &mut Findings| {
        // Anew for each run: the directory may have been removed meanwhile.
        let open = |path| Records::open(path).context("--record: valid: a directory that can be written to");
        let records = arguments.record.as_deref().map(open).transpose()?;
        let wanted = Wanted { diffs: false, reports: format != Format::Table, records: records.as_ref() };
        let setting = Setting::again(&arguments.input, records.as_ref(), shelf, findings)?;
        let hand = Hand::write(&arguments.members)?;
        let run = carry::run(&setting, hand, wanted, findings)?;
        Ok(Outcome { run, complete: setting.complete() })
    };
    if arguments.watch.watch {
        let members = Some(arguments.members.as_path());
        return watch(
            &Watch {
                input: &arguments.input,
                members,
                tense: Tense::Was,
                records: arguments.record.as_deref(),
                format,
            },
            once,
        );
    }
    let mut findings = Findings::default();
    let Outcome { run, .. } = once(&mut Shelf::default(), &mut findings)?;
    print::until_closed(changes::print(format, Framing::Alone, Tense::Was, &run, &findings))?;
    Ok(findings)
}
