//! Many templates, planned in parallel and handed on in the order in which they came.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::decision::{Decision, Hold, Options, decide};
use crate::previous::Previous;
use crate::template::Template;
use crate::world::World;

/// How many decisions of each worker may wait to be handed on. A few, so that a slow sink keeps nobody waiting, and
/// no more, because a decision holds its objects. Arbitrary within that.
const AHEAD: usize = 16;

/// How many decisions a worker hands over at once. Each time takes two threads a system call or two, which is as much as
/// deciding from memory; by fours it is no longer seen, and the sink is kept busy. Arbitrary within that.
const TOGETHER: usize = 4;

type Decided = (Decision, Previous);

/// Plans templates on `workers` threads, of which the calling thread is one. The sink gets each decision on the calling
/// thread, in the order of the templates, and may stop everything by an error; what it sees does not depend on the number
/// of workers.
///
/// Memory does not grow with the number of templates: only a bounded number of decisions wait at any time, and a template
/// is called for by the worker that decides about it, when it does.
pub fn plan_all<E>(
    world: &World,
    templates: impl Iterator<Item = impl FnOnce() -> (Template, Previous) + Send> + Send,
    options: Options,
    workers: NonZeroUsize,
    mut sink: impl FnMut(Decision, Previous) -> Result<(), E>,
) -> Result<(), E> {
    let decide = |due| decided(world, due, options);
    // With a thread of its own for a single worker, one would allocate what the other frees, and changing the mapping of
    // memory would interrupt another core: together they cost as much as the decision.
    if workers == NonZeroUsize::MIN {
        return templates.map(decide).try_for_each(|(decision, previous)| sink(decision, previous));
    }
    let window = AHEAD * workers.get();
    let (queue, turn) = (Mutex::new(templates.enumerate()), Turn::default());
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel::<Vec<(usize, Decided)>>(window);
        for _ in 1..workers.get() {
            let send = send.clone();
            let (queue, turn) = (&queue, &turn);
            scope.spawn(move || work(queue, turn, window, decide, &send));
        }
        drop(send);
        let _stop = StopAtEnd(&turn);
        let mut early = BTreeMap::new();
        let mut due = 0;
        let mut exhausted = false;
        loop {
            while let Some((decision, previous)) = early.remove(&due) {
                sink(decision, previous)?;
                due += 1;
                turn.advance(|progress| progress.passed = due);
            }
            // What others have done comes first: they may wait for it to be handed on.
            match receive.try_recv() {
                Ok(decided) => early.extend(decided),
                // Up to a bound. Beyond it the decision that is due is another thread's, which hands it over before it
                // waits for anything.
                Err(_) if !exhausted && early.len() < window => match take(&queue) {
                    Some((index, template)) => drop(early.insert(index, decide(template))),
                    None => exhausted = true,
                },
                Err(_) => match receive.recv() {
                    Ok(decided) => early.extend(decided),
                    Err(_) => return Ok(()),
                },
            }
        }
    })
}

/// What a worker beside the calling thread does until there is nothing left, or nobody wants it.
fn work<T>(
    queue: &Mutex<impl Iterator<Item = (usize, T)>>,
    turn: &Turn,
    window: usize,
    decide: impl Fn(T) -> Decided,
    send: &SyncSender<Vec<(usize, Decided)>>,
) {
    let _stop = StopAtPanic(turn);
    let mut done = Vec::new();
    while let Some((index, template)) = take(queue) {
        // What is held back here may be what the sink waits for, so it goes before this thread waits.
        let must_wait = !turn.has_come(index, window);
        let hand_over = !done.is_empty() && (must_wait || done.len() >= TOGETHER);
        if hand_over && send.send(std::mem::take(&mut done)).is_err() {
            return;
        }
        if must_wait && !turn.wait(index, window) {
            return;
        }
        done.push((index, decide(template)));
    }
    // Where nobody receives any more, nobody wants it.
    let _ = send.send(done);
}

fn take<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

fn decided(world: &World, due: impl FnOnce() -> (Template, Previous), options: Options) -> Decided {
    let (template, previous) = due();
    (decide_or_hold(world, template, &previous, options), previous)
}

/// Decides about one template. A defect of our own in it must not take the others with it: it is held.
pub fn decide_or_hold(world: &World, template: Template, previous: &Previous, options: Options) -> Decision {
    let again = template.clone();
    catch_unwind(AssertUnwindSafe(|| decide(world, template, previous, options))).unwrap_or_else(|panic| {
        let text = (panic.downcast_ref::<String>().map(String::as_str))
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a panic without a message");
        Decision { hold: Some(Hold::Defect(text.into())), ..Decision::open(again, None) }
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
    /// How many workers wait: waking nobody is a system call too.
    waiting: usize,
    stopped: bool,
}

/// Lets every worker go, however the sink ended: waiting for one that nobody wakes would hang a panic for ever.
struct StopAtEnd<'a>(&'a Turn);

/// Lets everybody go where a worker panics outside of a decision: its template would be waited for without end.
struct StopAtPanic<'a>(&'a Turn);

impl Progress {
    fn too_early(&self, index: usize, window: usize) -> bool {
        !self.stopped && index >= self.passed + window
    }
}

impl Turn {
    /// Whether a decision may be begun, or everything stops.
    fn has_come(&self, index: usize, window: usize) -> bool {
        !self.lock().too_early(index, window)
    }

    /// Waits until a decision may be begun; false once everything stops.
    fn wait(&self, index: usize, window: usize) -> bool {
        let mut progress = self.lock();
        progress.waiting += 1;
        let too_early = |progress: &mut Progress| progress.too_early(index, window);
        let mut progress = self.moved.wait_while(progress, too_early).unwrap_or_else(PoisonError::into_inner);
        progress.waiting -= 1;
        !progress.stopped
    }

    fn advance(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.lock();
        change(&mut progress);
        if progress.waiting > 0 {
            self.moved.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.advance(|progress| progress.stopped = true);
    }
}

impl Drop for StopAtPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.advance(|progress| progress.stopped = true);
        }
    }
}
