//! `portolan plan`: what would change on each member. Nothing is written.

use crate::arguments::{Format, PlanArguments};
use crate::carry::{self, Hand, Wanted};
use crate::command::changes::{self, Tense};
use crate::findings::Findings;
use crate::print::{self, Framing};
use crate::setting::Setting;
use crate::shelf::Shelf;
use crate::watch::{Outcome, Watch, watch};

/// Shows what `apply` would do.
pub fn run(arguments: &PlanArguments) -> anyhow::Result<Findings> {
    let format = arguments.output.output;
    let reports = arguments.reasons || format != Format::Table;
    let wanted = Wanted { diffs: true, reports, records: None };
    let once = |shelf: &mut Shelf, findings: &mut Findings| {
        let setting = Setting::again(&arguments.input, None, shelf, findings)?;
        let hand = Hand::look(arguments.members.as_deref())?;
        let run = carry::run(&setting, hand, wanted, findings)?;
        Ok(Outcome { run, complete: setting.complete() })
    };
    if arguments.watch.watch {
        let members = arguments.members.as_deref();
        return watch(
            &Watch { input: &arguments.input, members, tense: Tense::WouldBe, records: None, format },
            once,
        );
    }
    let mut findings = Findings::default();
    let Outcome { run, .. } = once(&mut Shelf::default(), &mut findings)?;
    print::until_closed(changes::print(format, Framing::Alone, Tense::WouldBe, &run, &findings))?;
    Ok(findings)
}
