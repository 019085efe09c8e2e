//! `portolan plan`: what would change on each member. Nothing is written.

use crate::arguments::{Format, PlanArguments};
use crate::carry::{self, Hand, Wanted};
use crate::command::changes::{self, Tense};
use crate::findings::Findings;
use crate::print;
use crate::setting::Setting;

/// Shows what `apply` would do.
pub fn run(arguments: &PlanArguments) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    let setting = Setting::new(&arguments.input, None, &mut findings)?;
    let hand = Hand::look(arguments.members.as_deref())?;
    let wanted = Wanted { diffs: true, reports: arguments.output.output != Format::Table, records: None };
    let run = carry::run(&setting, hand, wanted, &mut findings)?;
    print::until_closed(changes::print(arguments.output.output, Tense::WouldBe, &run, &findings))?;
    Ok(findings)
}
