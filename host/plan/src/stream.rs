//! Many templates, planned in parallel and handed on in the order in which they came.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex, PoisonError};

use crate::decision::{Decision, Hold, Options, decide};
use crate::previous::Previous;
use crate::template::Template;
use crate::world::World;

/// How many decisions of each worker may wait to be handed on. A few, so that a slow sink keeps nobody waiting, and
/// no more, because a decision holds its objects. Arbitrary within that.
const AHEAD: usize = 16;

/// Plans templates on `workers` threads. The sink gets each decision on the calling thread, in the order of the
/// templates, and may stop everything by an error; what it sees does not depend on the number of workers.
///
/// Memory does not grow with the number of templates: only a bounded number of decisions wait at any time.
pub fn plan_all<E>(
    world: &World,
    templates: impl Iterator<Item = (Template, Previous)> + Send,
    options: Options,
    workers: NonZeroUsize,
    mut sink: impl FnMut(Decision, Previous) -> Result<(), E>,
) -> Result<(), E> {
    let next = Mutex::new(templates.enumerate());
    let window = AHEAD * workers.get();
    let turn = Turn::default();
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel::<(usize, Decision, Previous)>(window);
        for _ in 0..workers.get() {
            let send = send.clone();
            let (next, turn) = (&next, &turn);
            scope.spawn(move || {
                loop {
                    let Some((index, (template, previous))) =
                        next.lock().unwrap_or_else(PoisonError::into_inner).next()
                    else {
                        break;
                    };
                    if !turn.wait(index, window) {
                        break;
                    }
                    let decision = decide_or_hold(world, template, &previous, options);
                    if send.send((index, decision, previous)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        let _stop = StopAtEnd(&turn);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (index, decision, previous) in receive {
            early.insert(index, (decision, previous));
            while let Some((decision, previous)) = early.remove(&due) {
                sink(decision, previous)?;
                due += 1;
                turn.advance(|progress| progress.passed = due);
            }
        }
        Ok(())
    })
}

/// A defect of our own in one template must not take the others with it.
fn decide_or_hold(world: &World, template: Template, previous: &Previous, options: Options) -> Decision {
    let again = template.clone();
    catch_unwind(AssertUnwindSafe(|| decide(world, template, previous, options))).unwrap_or_else(|panic| {
        let text = (panic.downcast_ref::<String>().map(String::as_str))
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a panic without a message");
        Decision {
            template: again,
            policy: None,
            filters: Vec::new(),
            selected: Vec::new(),
            rules: Vec::new(),
            deliveries: Vec::new(),
            held: Vec::new(),
            hold: Some(Hold::Defect(text.into())),
            remember: Previous::default(),
        }
    })
}

/// Keeps workers from running ahead of the sink.
#[derive(Default)]
struct Turn {
    progress: Mutex<Progress>,
    moved: Condvar,
}

#[derive(Default)]
struct Progress {
    /// How many decisions were handed on.
    passed: usize,
    stopped: bool,
}

/// Lets every worker go, however the sink ended: waiting for one that nobody wakes would hang a panic for ever.
struct StopAtEnd<'a>(&'a Turn);

impl Turn {
    /// Waits until a decision may be begun; false once everything stops.
    fn wait(&self, index: usize, window: usize) -> bool {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let too_early = |progress: &mut Progress| !progress.stopped && index >= progress.passed + window;
        let progress = self.moved.wait_while(progress, too_early).unwrap_or_else(PoisonError::into_inner);
        !progress.stopped
    }

    fn advance(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
        self.moved.notify_all();
    }
}

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.advance(|progress| progress.stopped = true);
    }
}
