//! Where the functions of each interface are in a component, and whether they are as the contract says.

use wasmtime::Store;
use wasmtime::component::{Instance, InstancePre};

use super::LoadError;
use crate::bindings::exports::portolan::policy as exports;
use crate::call::Call;
use crate::outline::{Outline, full_name};
use crate::text::one_line;

/// Where the exports of a component are.
macro_rules! stages {
    ($($stage:ident),*) => {
        #[derive(Clone)]
        pub(super) struct Stages {
            pub(super) info: exports::info::GuestIndices,
            $(pub(super) $stage: Option<exports::$stage::GuestIndices>),*
        }

        impl Stages {
            /// Finds the functions of each interface that is exported.
            pub(super) fn find(component: &InstancePre<Call>, outline: &Outline) -> Result<Self, LoadError> {
                Ok(Self {
                    info: exports::info::GuestIndices::new(component).map_err(|error| mistyped("info", &error))?,
                    $($stage: if outline.has(stringify!($stage)) {
                        let found = exports::$stage::GuestIndices::new(component);
                        Some(found.map_err(|error| mistyped(stringify!($stage), &error))?)
                    } else {
                        None
                    }),*
                })
            }

            /// Holds the functions' types against the contract's.
            pub(super) fn check(&self, store: &mut Store<Call>, instance: &Instance) -> Result<(), LoadError> {
                self.info.load(&mut *store, instance).map_err(|error| mistyped("info", &error))?;
                $(if let Some(stage) = &self.$stage {
                    stage.load(&mut *store, instance).map_err(|error| mistyped(stringify!($stage), &error))?;
                })*
                Ok(())
            }
        }
    };
}

// Those that this version does not call are checked as well: what is loaded today must not turn out to be wrong once
// they are called.
stages!(
    filter,
    scorer,
    estimator,
    selector,
    assigner,
    overrider,
    workload,
    prune,
    retain,
    health,
    reflect,
    aggregate,
    dependencies
);

fn mistyped(interface: &str, error: &wasmtime::Error) -> LoadError {
    let why = one_line(&format!("{error:#}"));
    LoadError::Export(format!("its `{}` is not as the contract says: {why}", full_name(interface)))
}
