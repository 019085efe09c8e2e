//! Ever less often: when something that did not last is done again.

use std::time::Duration;

use tokio::time::Instant as Moment;

/// The first wait. Arbitrary: what passes by itself mostly has passed after it.
const SHORTEST: Duration = Duration::from_millis(50);

/// The longest wait. Arbitrary: whoever mends something looks again after a minute.
const LONGEST: Duration = Duration::from_secs(60);

/// How long something has to last, beyond twice the wait before it, until it counts as done. Arbitrary.
const LASTS: Duration = Duration::from_secs(10);

/// How often something was done in vain, and when last.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    tries: u32,
    last: Option<Moment>,
}

impl Pace {
    /// It came to nothing again: how long to wait. 50 ms, doubled each time, a minute at most.
    pub fn failed(&mut self) -> Duration {
        let wait = wait(self.tries);
        self.tries = self.tries.saturating_add(1);
        wait
    }

    /// How often it came to nothing, in a row.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// It is to be done once more although it had been done. None: now; else when its turn comes.
    pub fn turn(&mut self, now: Moment) -> Option<Moment> {
        if let Some(last) = self.last {
            let pause = self.tries.checked_sub(1).map_or(Duration::ZERO, wait);
            if now < last + pause {
                return Some(last + pause);
            }
            if now > last + 2 * pause + LASTS {
                self.tries = 0;
            }
        }
        self.tries = self.tries.saturating_add(1);
        self.last = Some(now);
        None
    }
}

fn wait(tries: u32) -> Duration {
    // 2^11 times the shortest is beyond the longest.
    (SHORTEST * (1 << tries.min(11))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute() {
        let mut pace = Pace::default();
        let waits: Vec<_> = (0..13).map(|_| pace.failed()).collect();
        assert_eq!(waits[..3], [50, 100, 200].map(Duration::from_millis));
        assert_eq!(waits[12], LONGEST);
    }

    #[test]
    fn two_who_undo_each_others_work_do_so_ever_less_often() {
        let mut pace = Pace::default();
        let start = Moment::now();
        let mut now = start;
        let mut done = 0;
        // The other one is always there at once: whatever is asked for is asked again a millisecond later.
        while now < start + Duration::from_secs(600) {
            match pace.turn(now) {
                None => done += 1,
                Some(turn) => now = turn,
            }
            now += Duration::from_millis(1);
        }
        // Eleven doublings take 102 s together; what is left of the ten minutes has eight minutes in it.
        assert!((15..=22).contains(&done), "{done}");

        assert_eq!(pace.turn(now + 3 * LONGEST), None);
        assert_eq!(pace.turn(now + 3 * LONGEST + SHORTEST), None, "after a long peace it begins anew");
    }
}
