//! One call: a fresh store and instance, metered, and dropped afterwards.

use std::time::Duration;

use portolan_plan::{Budget, Fault, Reading};
use wasmtime::component::{Instance, InstancePre};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};

use crate::bindings::portolan::policy::types;
use crate::budgets::Budgets;
use crate::log::{Log, Logger};
use crate::meter::{Meter, Stop};
use crate::text::one_line;
use crate::ticker::ticks;

/// What a call used. It belongs to the call alone: no answer depends on it, and none may contain it.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Units of fuel, the start of the instance included.
    pub fuel: u64,
    /// On the clock, from before the instance was made until it was dropped.
    pub time: Duration,
    /// Questions asked.
    pub questions: u64,
    /// Bytes of questions and their answers.
    pub question_bytes: u64,
    /// The most linear memory that there was: it only grows.
    pub memory_bytes: u64,
    /// What the plugin said.
    pub log: Log,
}

/// What the host keeps for a call; host functions work on it.
pub(crate) struct Call {
    pub(crate) reading: Reading,
    pub(crate) meter: Meter,
    pub(crate) logger: Logger,
}

/// Makes an instance, asks it, drops it. `reading` comes back with what was asked, however the call ended.
pub(crate) fn call<T>(
    component: &InstancePre<Call>,
    budgets: &Budgets,
    reading: &mut Reading,
    ask: impl FnOnce(&mut Store<Call>, &Instance) -> wasmtime::Result<Result<T, types::Fault>>,
) -> (Result<T, Fault>, Figures) {
    let call = Call {
        reading: std::mem::take(reading),
        meter: Meter::new(budgets.clone()),
        logger: Logger::default(),
    };
    let mut store = Store::new(component.engine(), call);
    let answer = metered(&mut store, component, budgets, ask);
    let fuel = budgets.fuel.saturating_sub(store.get_fuel().unwrap_or(0));
    let Call { reading: read, meter, logger } = store.into_data();
    *reading = read;
    let answer = match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(fault)) => Err(reported(fault)),
        Err(error) => Err(broken(&error, &meter, logger.last_warning.as_deref())),
    };
    let figures = Figures {
        fuel,
        time: meter.began.elapsed(),
        questions: meter.questions,
        question_bytes: meter.question_bytes,
        memory_bytes: meter.memory_bytes,
        log: logger.log,
    };
    (answer, figures)
}

fn metered<T>(
    store: &mut Store<Call>,
    component: &InstancePre<Call>,
    budgets: &Budgets,
    ask: impl FnOnce(&mut Store<Call>, &Instance) -> wasmtime::Result<T>,
) -> wasmtime::Result<T> {
    store.limiter(|call| &mut call.meter);
    // Before the instance: its start functions are the plugin's code too.
    store.set_fuel(budgets.fuel)?;
    store.set_epoch_deadline(ticks(budgets.wall_clock));
    // What lifting may allocate on the host, counted by wasmtime as the host's types are large. A single text never
    // exceeds it, because it lies within the plugin's memory; only an answer of many small elements can.
    let lifted = budgets.memory_bytes.max(budgets.output_bytes);
    store.set_hostcall_fuel(usize::try_from(lifted).unwrap_or(usize::MAX));
    // The contract has no resources. Handles that a component gives to itself are bounded by as little as wasmtime
    // takes; arbitrary.
    store.set_max_component_handles(1024);
    let instance = component.instantiate(&mut *store)?;
    ask(store, &instance)
}

/// A fault that the plugin reports itself.
pub(crate) fn reported(fault: types::Fault) -> Fault {
    match fault {
        types::Fault::Config(text) => Fault::Config(one_line(&text)),
        types::Fault::Template(text) => Fault::Template(one_line(&text)),
        types::Fault::Unschedulable(text) => Fault::Unschedulable(one_line(&text)),
        types::Fault::Internal(text) => Fault::Internal(one_line(&text)),
    }
}

/// What an error means that ended a call.
fn broken(error: &wasmtime::Error, meter: &Meter, last_warning: Option<&str>) -> Fault {
    let budgets = &meter.budgets;
    if let Some(Stop(fault)) = error.downcast_ref::<Stop>() {
        return fault.clone();
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Fault::World(format!("all rooms for plugins are taken: {error}"));
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return match trap {
            Trap::OutOfFuel => Fault::Budget(Budget::Fuel(budgets.fuel)),
            Trap::Interrupt => meter.out_of_time(),
            Trap::StackOverflow => {
                Fault::Trap("its stack overflowed, which endless or very deep recursion does".into())
            }
            // How panics and aborts end, in every language.
            Trap::UnreachableCodeReached => Fault::Trap(match last_warning {
                Some(said) => said.into(),
                None => "it gave up without a word (`unreachable`)".into(),
            }),
            other => Fault::Trap(other.to_string()),
        };
    }
    // What follows has no type in wasmtime; the tests of attacks 11, 13 and 18 hold these texts fast.
    let text = format!("{error:#}");
    if text.contains("fuel allocated for hostcalls has been exhausted") {
        return Fault::Budget(Budget::Output(budgets.output_bytes));
    }
    if text.contains("resource limit exceeded") {
        return Fault::Budget(Budget::Instances(budgets.instances.into()));
    }
    // A text that is no UTF-8, a list that lies outside of its memory, handles without end.
    Fault::Answer(format!("it breaks a rule of the component model: {}", one_line(&text)))
}
