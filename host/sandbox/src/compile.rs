//! Compiling, bounded in time, on a thread of its own.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use wasmtime::Engine;
use wasmtime::component::Component;

/// Stack of the compiling thread. Validation and translation recurse over what is nested in a component, to depths
/// that wasmtime bounds for a main thread's stack, which is 8 MiB nearly everywhere.
const STACK_BYTES: usize = 8 << 20;

/// How many components may wait. Arbitrary; each takes its size in memory.
const QUEUE: usize = 16;

/// The one thread that compiles. A component that takes too long holds it up, so others are told to come again; it does
/// not hold up the threads that call plugins.
pub(crate) struct Compiler {
    jobs: SyncSender<Job>,
}

/// Why there is no compiled component.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The component is not valid, or asks for more than the engine allows.
    Refused(wasmtime::Error),
    /// It takes longer than allowed. It goes on in the background: compiling can't be interrupted.
    TooLong,
    /// Another one is still being compiled.
    Busy,
    /// The compiler itself broke down.
    Broke,
}

struct Job {
    component: Vec<u8>,
    began: SyncSender<()>,
    done: SyncSender<wasmtime::Result<Component>>,
}

impl Compiler {
    /// The thread ends when this is dropped, once what it is compiling is done.
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::sync_channel::<Job>(QUEUE);
        let engine = engine.weak();
        thread::Builder::new().name("portolan-compile".into()).stack_size(STACK_BYTES).spawn(move || {
            for job in queue {
                let Some(engine) = engine.upgrade() else { return };
                compile(&engine, job);
            }
        })?;
        Ok(Self { jobs })
    }

    /// A component and how long it took. `limit` bounds the compilation, and before it the wait for the thread.
    pub(crate) fn compile(&self, component: &[u8], limit: Duration) -> Result<(Component, Duration), Failed> {
        let (began, has_begun) = mpsc::sync_channel(1);
        let (done, is_done) = mpsc::sync_channel(1);
        self.jobs.try_send(Job { component: component.into(), began, done }).map_err(|_| Failed::Busy)?;
        has_begun.recv_timeout(limit).map_err(|_| Failed::Busy)?;
        let began = Instant::now();
        match is_done.recv_timeout(limit) {
            Ok(compiled) => compiled.map(|component| (component, began.elapsed())).map_err(Failed::Refused),
            Err(RecvTimeoutError::Timeout) => Err(Failed::TooLong),
            // Dropped without a word: the compiler panicked.
            Err(RecvTimeoutError::Disconnected) => Err(Failed::Broke),
        }
    }
}

fn compile(engine: &Engine, job: Job) {
    // Whoever waited may be gone: then the result is of no use to anybody.
    if job.began.send(()).is_err() {
        return;
    }
    // A component that makes the compiler panic must not take the thread with it. Nothing is left half done: the
    // component is all that the compiler was making, and it is dropped.
    let compiled = panic::catch_unwind(AssertUnwindSafe(|| Component::from_binary(engine, &job.component)));
    if let Ok(compiled) = compiled {
        let _ = job.done.send(compiled);
    }
}
