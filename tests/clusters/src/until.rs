use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

/// How long a test waits for what should come at once. Arbitrary, and far more than it takes: it is the time that a
/// failure costs, on a machine that has other things to do.
pub const SOON: Duration = Duration::from_secs(60);

/// How often is looked. Arbitrary: a look is a request, which takes a millisecond or two.
const PAUSE: Duration = Duration::from_millis(25);

/// Looks again and again until what is waited for is there, and hands it on.
///
/// A look that hangs, at a server that was stopped, ends with the time that is given.
///
/// # Panics
///
/// Where it does not come in that time: with what it was, and what was seen last instead.
#[track_caller]
pub fn until<T>(
    what: &str,
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let deadline = Instant::now() + within;
        let mut seen = "nothing was answered".to_owned();
        loop {
            match timeout_at(deadline, look()).await {
                Ok(Ok(there)) => return there,
                Ok(Err(instead)) => seen = instead,
                Err(_) => {}
            }
            assert!(
                Instant::now() < deadline,
                "{caller}: {what}: not within {} s; last seen: {seen}",
                within.as_secs()
            );
            sleep(PAUSE).await;
        }
    }
}
