//! What tests and benchmarks of several rooms share: the default plugins as they are shipped, loaded as the binary loads
//! them, and where figures are left.

pub mod cores;
pub mod figures;
pub mod generated;

use std::sync::{Arc, OnceLock};

use portolan_plan::{Plugin, Plugins};
use portolan_sandbox::{Sandbox, Settings};

/// The default plugins: real components in a real sandbox, compiled once a process and without a cache.
///
/// # Panics
/// Where one can't be loaded: nothing could be tested then.
pub fn default_plugins() -> Plugins {
    static LOADED: OnceLock<Plugins> = OnceLock::new();
    let load = |sandbox: &Sandbox, builtin: &portolan_builtin::Builtin| {
        let plugin =
            sandbox.load(builtin.component).unwrap_or_else(|error| panic!("{}: {error}", builtin.name));
        (builtin.name.to_owned(), Arc::new(plugin) as Arc<dyn Plugin>)
    };
    let all = || {
        let sandbox = Sandbox::new(Settings::new(2)).expect("this machine can run WebAssembly");
        portolan_builtin::ALL.iter().map(|builtin| load(&sandbox, builtin)).collect()
    };
    LOADED.get_or_init(all).clone()
}
