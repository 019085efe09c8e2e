//! `portolan apply`: writes what each member gets.

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
    let records = arguments.record.as_deref().map(Records::open).transpose()?;
    let format = arguments.output.output;
    let wanted = Wanted { diffs: false, reports: format != Format::Table, records: records.as_ref() };
    let once = |shelf: &mut Shelf, findings: &mut Findings| {
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
