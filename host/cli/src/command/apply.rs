//! `portolan apply`: writes what each member gets.

use portolan_local::Records;

use crate::arguments::{ApplyArguments, Format};
use crate::carry::{self, Hand, Wanted};
use crate::command::changes::{self, Tense};
use crate::findings::Findings;
use crate::print;
use crate::setting::Setting;

/// Carries everything out that can be, and says what it did.
pub fn run(arguments: &ApplyArguments) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let records = arguments.record.as_deref().map(Records::open).transpose()?;
    let setting = Setting::new(&arguments.input, records.as_ref(), &mut findings)?;
    let hand = Hand::write(&arguments.members)?;
    let wanted =
        Wanted { diffs: false, reports: arguments.output.output != Format::Table, records: records.as_ref() };
    let run = carry::run(&setting, hand, wanted, &mut findings)?;
    print::until_closed(changes::print(arguments.output.output, Tense::Was, &run, &findings))?;
    Ok(findings)
}
