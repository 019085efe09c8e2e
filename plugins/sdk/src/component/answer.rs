//! The exports: text in, plain types to the author, generated types out.

use std::marker::PhantomData;

use super::host::{self, Host};
use super::plugin::exports::portolan::policy::info;
use super::plugin::portolan::policy::log::{Level, log};
use super::plugin::portolan::policy::types;
use super::{filter, overrider};
use crate::{Amendment, Fault, Filter, Manifest, Operation, Overrider, Refusal, config};

/// A [`Filter`] as the contract knows it.
pub struct FilterExport<T>(PhantomData<T>);

impl<T: Filter> info::Guest for FilterExport<T> {
    fn describe() -> info::Manifest {
        report_panics();
        T::manifest().into()
    }
}

impl<T: Filter> filter::exports::portolan::policy::filter::Guest for FilterExport<T> {
    fn filter(config: String) -> Result<Vec<types::Refusal>, types::Fault> {
        report_panics();
        let refusals = T::filter(config::parse(&config)?, &Host)?;
        Ok(refusals.into_iter().map(Into::into).collect())
    }
}

/// An [`Overrider`] as the contract knows it.
pub struct OverriderExport<T>(PhantomData<T>);

impl<T: Overrider> info::Guest for OverriderExport<T> {
    fn describe() -> info::Manifest {
        report_panics();
        T::manifest().into()
    }
}

impl<T: Overrider> overrider::exports::portolan::policy::overrider::Guest for OverriderExport<T> {
    fn patch(
        config: String,
    ) -> Result<Vec<overrider::exports::portolan::policy::overrider::Amendment>, types::Fault> {
        report_panics();
        let amendments = T::patch(config::parse(&config)?, &Host)?;
        Ok(amendments.into_iter().map(Into::into).collect())
    }
}

/// Without this a panic reads `unreachable` on the other side, and nothing else.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| log(Level::Warn, &panic.to_string())));
}

impl From<Manifest> for info::Manifest {
    fn from(manifest: Manifest) -> Self {
        let Manifest { name, version, summary, config_schema } = manifest;
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            summary: summary.to_owned(),
            config_schema: config_schema.into_owned(),
            kinds: Vec::new(),
        }
    }
}

impl From<Fault> for types::Fault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Config(text) => Self::Config(text),
            Fault::Template(text) => Self::Template(text),
            Fault::Unschedulable(text) => Self::Unschedulable(text),
            Fault::Internal(text) => Self::Internal(text),
        }
    }
}

impl From<Refusal> for types::Refusal {
    fn from(refusal: Refusal) -> Self {
        let Refusal { reason, clusters } = refusal;
        Self { reason, clusters }
    }
}

impl From<Amendment> for overrider::exports::portolan::policy::overrider::Amendment {
    fn from(amendment: Amendment) -> Self {
        let Amendment { clusters, patch } = amendment;
        Self { clusters, patch: patch.into_iter().map(Into::into).collect() }
    }
}

impl From<Operation> for types::Operation {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Add { at, value } => Self::Add(types::Edit { at, value: host::write(&value) }),
            Operation::Replace { at, value } => Self::Replace(types::Edit { at, value: host::write(&value) }),
            Operation::Remove { at } => Self::Remove(at),
            Operation::Test { at, value } => Self::Test(types::Edit { at, value: host::write(&value) }),
        }
    }
}
