use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use crate::error::Error;

/// Below the ports that operating systems give to outgoing connections, so that a server that is down finds its own
/// one free when it comes back; above those that well-known servers have.
const FIRST: u16 = 20_000;
const MANY: u16 = 10_000;

/// Ports of 127.0.0.1 that nobody listens on, all different. Taken at random, because others who look for ports at the
/// same moment would take the same ones in turn.
///
/// A port is not held: somebody may be quicker. That is found out when the server can't listen.
pub(crate) fn free(count: usize) -> Result<Vec<u16>, Error> {
    let start = u16::try_from(RandomState::new().hash_one(std::process::id()) % u64::from(MANY))
        .expect("a remainder of MANY fits where MANY does");
    let mut ports = Vec::new();
    let mut last = None;
    for offset in 0..MANY {
        if ports.len() == count {
            break;
        }
        let port = FIRST + (start + offset) % MANY;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => ports.push(port),
            Err(error) => last = Some(error),
        }
    }
    if ports.len() == count {
        return Ok(ports);
    }
    let source = last.unwrap_or_else(|| std::io::Error::other(format!("{count} are more than there are")));
    Err(Error::Port { source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_can_be_listened_on() {
        let ports = free(5).expect("five are free");
        let listeners = ports.iter().map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)));
        let listeners: Result<Vec<_>, _> = listeners.collect();
        assert_eq!(listeners.expect("each can be listened on").len(), 5);
    }
}
