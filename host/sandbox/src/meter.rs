//! Keeps a call within its budgets while it runs.

use std::time::Instant;

use portolan_plan::{Budget, Fault};
use wasmtime::ResourceLimiter;

use crate::budgets::Budgets;

/// What a call used so far, and what it may use.
pub(crate) struct Meter {
    pub(crate) budgets: Budgets,
    pub(crate) began: Instant,
    pub(crate) questions: u64,
    pub(crate) question_bytes: u64,
    pub(crate) memory_bytes: u64,
    table_elements: u64,
}

/// Ends a call with a fault that is already known. It travels through wasmtime as an error and comes out as the fault.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Stop(pub(crate) Fault);

impl Meter {
    pub(crate) fn new(budgets: Budgets) -> Self {
        Self {
            budgets,
            began: Instant::now(),
            questions: 0,
            question_bytes: 0,
            memory_bytes: 0,
            table_elements: 0,
        }
    }

    /// Counts a question and the bytes in it. The clock is looked at here too: epochs act on the guest's code only.
    pub(crate) fn question(&mut self, bytes: usize) -> Result<(), Stop> {
        self.questions += 1;
        if self.questions > self.budgets.questions {
            return Err(Stop(Fault::Budget(Budget::Questions(self.budgets.questions))));
        }
        self.clock()?;
        self.carry(bytes)
    }

    /// Counts bytes of a question or of its answer.
    pub(crate) fn carry(&mut self, bytes: usize) -> Result<(), Stop> {
        self.question_bytes = self.question_bytes.saturating_add(bytes as u64);
        if self.question_bytes > self.budgets.question_bytes {
            return Err(Stop(Fault::Budget(Budget::QuestionBytes(self.budgets.question_bytes))));
        }
        Ok(())
    }

    /// Whether there is time left.
    pub(crate) fn clock(&self) -> Result<(), Stop> {
        if self.began.elapsed() > self.budgets.wall_clock { Err(Stop(self.out_of_time())) } else { Ok(()) }
    }

    pub(crate) fn out_of_time(&self) -> Fault {
        let milliseconds = self.budgets.wall_clock.as_millis();
        Fault::Budget(Budget::WallClock(u64::try_from(milliseconds).unwrap_or(u64::MAX)))
    }
}

/// Growing past a budget ends the call instead of telling the guest, which would take it for a lack of memory and
/// panic: the report would blame the plugin's code where the limit should be named.
impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let grown = self.memory_bytes.saturating_add((desired.saturating_sub(current)) as u64);
        if grown > self.budgets.memory_bytes {
            return Err(Stop(Fault::Budget(Budget::Memory(self.budgets.memory_bytes))).into());
        }
        // A maximum of the module's own is its own affair: `memory.grow` answers -1.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.memory_bytes = grown;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        // wasmtime does not ask about a size that no memory of this type can have, more than 4 GiB.
        if error.to_string().contains("exceeds memory type's limits") {
            return Err(Stop(Fault::Budget(Budget::Memory(self.budgets.memory_bytes))).into());
        }
        Err(Stop(Fault::World(format!("no memory to be had: {error}"))).into())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let grown = self.table_elements.saturating_add((desired.saturating_sub(current)) as u64);
        if grown > self.budgets.table_elements {
            return Err(Stop(Fault::Budget(Budget::Table(self.budgets.table_elements))).into());
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.table_elements = grown;
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(Stop(Fault::World(format!("no room for a table: {error}"))).into())
    }

    fn instances(&self) -> usize {
        self.budgets.instances as usize
    }

    fn memories(&self) -> usize {
        self.budgets.memories as usize
    }

    fn tables(&self) -> usize {
        self.budgets.tables as usize
    }
}
