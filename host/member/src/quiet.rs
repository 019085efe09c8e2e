//! Delivery goes before status: who writes what can wait, waits until nothing is being delivered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// Tells when nothing is being delivered. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Quiet(Arc<State>);

#[derive(Debug, Default)]
struct State {
    busy: AtomicUsize,
    fell_quiet: Notify,
}

/// Something is being delivered, for as long as this lives.
#[derive(Debug)]
pub struct Busy(Arc<State>);

impl Quiet {
    /// From now on something is being delivered.
    pub fn disturb(&self) -> Busy {
        self.0.busy.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(&self.0))
    }

    /// Whether nothing is being delivered.
    pub fn is_quiet(&self) -> bool {
        self.0.busy.load(Ordering::SeqCst) == 0
    }

    /// Returns when nothing is being delivered, and at the latest after so long: what waits behind a stream that never
    /// ends has its turn too.
    pub async fn wait(&self, at_most: Duration) {
        let quiet = async {
            loop {
                // Before it is looked: what happens between the two is not missed.
                let fell_quiet = self.0.fell_quiet.notified();
                if self.is_quiet() {
                    return;
                }
                fell_quiet.await;
            }
        };
        // Either way it is this one's turn.
        let _ = tokio::time::timeout(at_most, quiet).await;
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.0.busy.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.fell_quiet.notify_waiters();
        }
    }
}
