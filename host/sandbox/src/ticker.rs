//! The clock of the sandbox: it advances the engine's epoch, by which calls that take too long are ended.

use std::convert::Infallible;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use wasmtime::Engine;

/// How often. The wall clock is a matter of seconds, so 10 ms is exact enough; and a hundred wake-ups a second cost
/// less than a ten-thousandth of a core.
const TICK: Duration = Duration::from_millis(10);

/// Ticks until it is dropped.
pub(crate) struct Ticker {
    /// Nothing is ever sent; the thread ends when this end is gone.
    _alive: Sender<Infallible>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> std::io::Result<Self> {
        // Weak, so that the thread does not keep the engine.
        let engine = engine.weak();
        let (alive, dropped) = mpsc::channel::<Infallible>();
        thread::Builder::new().name("portolan-epoch".into()).spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = dropped.recv_timeout(TICK) {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
            }
        })?;
        Ok(Self { _alive: alive })
    }
}

/// How many ticks a time takes, one more because the current one has begun already.
pub(crate) fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_millis().div_ceil(TICK.as_millis())).unwrap_or(u64::MAX - 1).saturating_add(1)
}
