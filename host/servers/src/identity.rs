//! Which process: a number alone may be somebody else's tomorrow.

use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

/// A process by its number and the moment when it began, so that a signal never reaches a stranger who has the number
/// by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Its number.
    pub pid: u32,
    /// When it began, in words of the operating system that are compared and not read.
    pub began: String,
}

impl Identity {
    /// The process that has this number now. None where none has.
    pub fn of(pid: u32) -> Option<Self> {
        Some(Self { pid, began: began(pid)? })
    }

    /// Whether it still runs. One that has ended and that nobody has waited for does not.
    pub fn runs(&self) -> bool {
        began(self.pid).as_ref() == Some(&self.began)
    }

    /// Sends it a signal. False where it is not there any more.
    ///
    /// Between the look at the process and the signal lies a moment in which it may end and its number be given away.
    /// Numbers are given in turn, so that would take all the others in that moment.
    pub(crate) fn signal(&self, signal: Signal) -> Result<bool, Errno> {
        if !self.runs() {
            return Ok(false);
        }
        let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) else {
            return Ok(false);
        };
        match kill_process(pid, signal) {
            Ok(()) => Ok(true),
            Err(Errno::SRCH) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Waits until it has ended. False where it has not after that time.
    pub(crate) fn ends_within(&self, time: Duration) -> bool {
        crate::readiness::within(time, || (!self.runs()).then_some(())).is_some()
    }
}

#[cfg(target_os = "linux")]
fn began(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in parentheses and may hold anything: what counts comes after the last one.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    if matches!(fields.next()?, "Z" | "X") {
        return None;
    }
    // proc_pid_stat(5): the state is the third field, the start in ticks since the machine came up the 22nd.
    let ticks = fields.nth(18)?;
    // Which time the machine came up, as two times may have the same ticks.
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    Some(format!("{ticks} {}", boot.trim()).trim_end().to_owned())
}

#[cfg(not(target_os = "linux"))]
fn began(pid: u32) -> Option<String> {
    let mut ps = std::process::Command::new("ps");
    let output = ps.args(["-o", "stat=,lstart=", "-p", &pid.to_string()]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (state, began) = text.trim().split_once(' ')?;
    (!state.starts_with('Z')).then(|| began.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_number_that_somebody_else_has_by_now_is_not_meant() {
        let own = Identity::of(std::process::id()).expect("this process runs");
        assert!(own.runs());
        let earlier = Identity { began: "0".into(), ..own };
        assert!(!earlier.runs());
        assert_eq!(earlier.signal(Signal::KILL), Ok(false));
    }

    #[test]
    fn who_has_ended_does_not_run_even_unwaited_for() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().expect("cat is everywhere");
        let identity = Identity::of(child.id()).expect("it waits for its input");
        assert_eq!(identity.signal(Signal::KILL), Ok(true));
        assert!(
            identity.ends_within(Duration::from_secs(10)),
            "nobody has waited for it, and yet it has ended"
        );
        child.wait().expect("it is ours");
        assert_eq!(Identity::of(identity.pid), None);
    }
}
