//! Kubernetes API servers on this machine: found, started with a CA of their own, stopped with nothing left behind.
//!
//! ```text
//!  Programs::find ──► Setup::start ──► Servers ─┬─► etcd, one for all
//!  a release's,          keys,                  ├─► ApiServer "control"  ─► control.kubeconfig
//!  or our own build      ports                  └─► ApiServer "member1"  ─► member1.kubeconfig …
//! ```
//!
//! Servers listen on 127.0.0.1 alone. They end with the process that started them, even where that is killed
//! ([`Life::Tied`]), or stay until [`down`] takes them away ([`Life::Detached`]).
//!
//! What this room never knows: what is in a cluster. It starts programs and asks whether they are ready.

mod apiserver;
mod error;
mod etcd;
mod identity;
mod kubeconfig;
mod kubetest;
mod pki;
mod port;
mod process;
mod programs;
mod readiness;
mod setup;
mod takedown;

pub use apiserver::ApiServer;
pub use error::Error;
pub use etcd::Etcd;
pub use identity::Identity;
pub use process::Process;
pub use programs::{NotFound, Program, Programs};
pub use setup::{ClusterSetup, Controllers, Life, Servers, Setup};
pub use takedown::down;
