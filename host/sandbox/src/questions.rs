//! The plugin's questions, answered from the call's reading.
//!
//! A host function never blocks, never panics, and never lets the guest see anything beyond the reading. It counts
//! before it answers, and counts the answer before it is passed on.

use std::panic::{self, AssertUnwindSafe};

use portolan_plan::{Fault, Place, Reading, Served, Unanswered};
use wasmtime::component::HasSelf;
use wasmtime::component::Linker;

use crate::bindings::Everything;
use crate::bindings::portolan::policy::{fleet, log, observed, request, target, template, types};
use crate::call::Call;
use crate::log::Level;
use crate::meter::Stop;

/// Bytes of a place, a number, a flag in an answer.
const WORD: usize = 4;

/// Offers the questions, and nothing else, to components.
pub(crate) fn offer(linker: &mut Linker<Call>) -> wasmtime::Result<()> {
    Everything::add_to_linker::<Call, HasSelf<Call>>(linker, |call| call)
}

impl Call {
    /// Counts a question, answers it, counts the answer.
    fn answer<T: Weighed>(
        &mut self,
        asked: usize,
        answer: impl FnOnce(&mut Reading) -> Result<T, Unanswered>,
    ) -> wasmtime::Result<T> {
        self.meter.question(asked)?;
        let reading = &mut self.reading;
        // A panic is a defect of the host, and must not become one of the whole process. The reading is only asked, and
        // what it notes it notes last: there is nothing that it could leave half done.
        let answer = panic::catch_unwind(AssertUnwindSafe(|| answer(reading)));
        let answer = answer.map_err(|_| {
            Stop(Fault::World(
                "the host itself broke down over a question; this is a bug, please report it".into(),
            ))
        })?;
        let answer = answer.map_err(|unanswered| {
            Stop(match unanswered {
                Unanswered::NotOffered { .. } => {
                    Fault::Answer(format!("it asked about what it was not offered: {unanswered}"))
                }
                Unanswered::Diverged(_) => Fault::World(unanswered.to_string()),
            })
        })?;
        self.meter.carry(answer.weight())?;
        Ok(answer)
    }
}

impl types::Host for Call {}

impl template::Host for Call {
    fn get(&mut self, at: String) -> wasmtime::Result<Option<String>> {
        self.answer(at.len(), |reading| reading.template(&at))
    }
}

impl fleet::Host for Call {
    fn size(&mut self) -> wasmtime::Result<u32> {
        self.answer(0, Reading::size)
    }

    fn find(&mut self, name: String) -> wasmtime::Result<Option<Place>> {
        self.answer(name.len(), |reading| reading.find(&name))
    }

    fn name(&mut self, of: Place) -> wasmtime::Result<String> {
        self.answer(WORD, |reading| reading.name(of))
    }

    fn names(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer(0, Reading::names)
    }

    fn label(&mut self, of: Place, key: String) -> wasmtime::Result<Option<String>> {
        self.answer(WORD + key.len(), |reading| reading.label(of, &key))
    }

    fn get(&mut self, of: Place, at: String) -> wasmtime::Result<Option<String>> {
        self.answer(WORD + at.len(), |reading| reading.cluster(of, &at))
    }

    fn column(&mut self, at: String) -> wasmtime::Result<String> {
        self.answer(at.len(), |reading| Ok(reading.column(&at)?.as_ref().into()))
    }

    fn matching(&mut self, selector: String) -> wasmtime::Result<Result<Vec<Place>, String>> {
        self.answer(selector.len(), |reading| reading.matching(&selector))
    }

    fn alike(&mut self, at: String) -> wasmtime::Result<Vec<Vec<Place>>> {
        let alike = self.answer(at.len(), |reading| reading.alike_at(&at))?;
        // What was compared is as much work as if it had been carried.
        let compared = usize::try_from(self.reading.take_compared()).unwrap_or(usize::MAX);
        self.meter.carry(compared)?;
        Ok(alike)
    }

    fn serving(&mut self, of: types::Kind) -> wasmtime::Result<Vec<fleet::Served>> {
        let types::Kind { api_version, kind } = of;
        self.answer(api_version.len() + kind.len(), |reading| {
            let serving = reading.serving(&api_version, &kind)?;
            Ok(serving.into_iter().map(served).collect())
        })
    }
}

fn served(served: Served) -> fleet::Served {
    match served {
        Served::Listed => fleet::Served::Listed,
        Served::Missing => fleet::Served::Missing,
        Served::Unlisted => fleet::Served::Unlisted,
        Served::Unknown => fleet::Served::Unknown,
    }
}

impl request::Host for Call {
    fn replicas(&mut self) -> wasmtime::Result<Option<u32>> {
        self.answer(0, Reading::replicas)
    }

    fn requirements(&mut self) -> wasmtime::Result<Option<String>> {
        self.answer(0, Reading::requirements)
    }

    fn previous(&mut self) -> wasmtime::Result<Vec<Option<u32>>> {
        self.answer(0, Reading::previous)
    }

    fn placed(&mut self) -> wasmtime::Result<Vec<Place>> {
        self.answer(0, Reading::placed)
    }

    fn fresh(&mut self) -> wasmtime::Result<bool> {
        self.answer(0, Reading::fresh)
    }

    fn evicting(&mut self) -> wasmtime::Result<Vec<bool>> {
        self.answer(0, Reading::evicting)
    }

    fn scores(&mut self) -> wasmtime::Result<Vec<u32>> {
        self.answer(0, Reading::scores)
    }

    fn available(&mut self) -> wasmtime::Result<Vec<Option<u32>>> {
        self.answer(0, Reading::available)
    }

    fn tiers(&mut self) -> wasmtime::Result<Vec<u32>> {
        self.answer(0, Reading::tiers)
    }

    fn weights(&mut self) -> wasmtime::Result<Option<Vec<u64>>> {
        self.answer(0, Reading::weights)
    }

    fn ranking(&mut self) -> wasmtime::Result<Vec<Place>> {
        self.answer(0, Reading::ranking)
    }

    fn seed(&mut self) -> wasmtime::Result<String> {
        self.answer(0, Reading::seed)
    }
}

impl target::Host for Call {
    fn clusters(&mut self) -> wasmtime::Result<Vec<Place>> {
        self.answer(0, Reading::targets)
    }

    fn alike(&mut self) -> wasmtime::Result<Vec<Vec<Place>>> {
        self.answer(0, Reading::alike)
    }

    fn get(&mut self, on: Place, at: String) -> wasmtime::Result<Option<String>> {
        self.answer(WORD + at.len(), |reading| reading.target(on, &at))
    }
}

impl observed::Host for Call {
    fn get(&mut self, at: String) -> wasmtime::Result<Option<String>> {
        self.answer(at.len(), |reading| reading.observed(&at))
    }
}

impl log::Host for Call {
    fn log(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        // Not a question: it costs from a budget of its own, and never ends a call but by the clock.
        self.meter.clock()?;
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
        };
        self.logger.take(level, &message, self.meter.budgets.log_bytes);
        Ok(())
    }
}

/// How many bytes an answer is.
trait Weighed {
    fn weight(&self) -> usize;
}

impl Weighed for String {
    fn weight(&self) -> usize {
        self.len()
    }
}

impl Weighed for u32 {
    fn weight(&self) -> usize {
        WORD
    }
}

impl Weighed for u64 {
    fn weight(&self) -> usize {
        2 * WORD
    }
}

impl Weighed for bool {
    fn weight(&self) -> usize {
        WORD
    }
}

impl Weighed for fleet::Served {
    fn weight(&self) -> usize {
        WORD
    }
}

impl<T: Weighed> Weighed for Option<T> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, T::weight)
    }
}

impl<T: Weighed> Weighed for Vec<T> {
    fn weight(&self) -> usize {
        self.iter().map(|item| WORD + item.weight()).sum()
    }
}

impl<T: Weighed> Weighed for Result<T, String> {
    fn weight(&self) -> usize {
        self.as_ref().map_or_else(String::len, T::weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budgets::Budgets;
    use crate::log::Logger;
    use crate::meter::Meter;

    // Not through the door: no question is known that makes the host panic.
    #[test]
    fn attack_34_panic_in_a_host_function() {
        let meter = Meter::new(Budgets::default());
        let mut call = Call { reading: Reading::default(), meter, logger: Logger::default() };
        let error =
            call.answer(0, |_| -> Result<u32, Unanswered> { panic!("a defect") }).expect_err("it panicked");
        let Some(Stop(fault)) = error.downcast_ref::<Stop>() else { panic!("{error}") };
        assert!(matches!(fault, Fault::World(text) if text.contains("please report it")), "{fault}");
    }
}
