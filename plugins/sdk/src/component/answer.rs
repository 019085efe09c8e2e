//! The exports: text in, plain types to the author, generated types out.

use std::marker::PhantomData;

use super::host::Host;
use super::plugin::exports::portolan::policy::info;
use super::plugin::portolan::policy::log::{Level, log};
use super::plugin::portolan::policy::types;
use super::{assigner, estimator, filter, overrider, scorer, selector};
use crate::{
    Amendment, Assigner, Choice, Config, Estimator, Fault, Filter, Operation, Overrider, Refusal, Scorer,
    Selector, config,
};

/// Who a plugin is; `stages!` implements it from the crate's manifest.
pub trait Described {
    /// What every stage of it is told; interpreters are told nothing.
    type Config: Config;
    /// For interpreters: the kinds that it speaks for.
    const KINDS: &[(&str, &str)];
    /// The package's name.
    const NAME: &str;
    /// Its version.
    const VERSION: &str;
    /// Its description.
    const SUMMARY: &str;
}

/// A plugin as the contract knows it: with a stage for each trait that it implements.
pub struct Exported<T>(PhantomData<T>);

impl<T: Described> info::Guest for Exported<T> {
    fn describe() -> info::Manifest {
        report_panics();
        info::Manifest {
            name: T::NAME.to_owned(),
            version: T::VERSION.to_owned(),
            summary: T::SUMMARY.to_owned(),
            config_schema: T::Config::schema().into_owned(),
            kinds: T::KINDS.iter().map(kind).collect(),
        }
    }
}

impl<T: Filter> filter::exports::portolan::policy::filter::Guest for Exported<T> {
    fn filter(config: String) -> Result<Vec<types::Refusal>, types::Fault> {
        report_panics();
        let refusals = T::filter(config::parse(&config)?, &Host)?;
        Ok(refusals.into_iter().map(Into::into).collect())
    }
}

impl<T: Scorer> scorer::exports::portolan::policy::scorer::Guest for Exported<T> {
    fn score(config: String) -> Result<Vec<u8>, types::Fault> {
        report_panics();
        Ok(T::score(config::parse(&config)?, &Host)?)
    }
}

impl<T: Estimator> estimator::exports::portolan::policy::estimator::Guest for Exported<T> {
    fn estimate(config: String) -> Result<Vec<Option<u32>>, types::Fault> {
        report_panics();
        Ok(T::estimate(config::parse(&config)?, &Host)?)
    }
}

impl<T: Selector> selector::exports::portolan::policy::selector::Guest for Exported<T> {
    fn select(config: String) -> Result<selector::exports::portolan::policy::selector::Choice, types::Fault> {
        report_panics();
        Ok(T::select(config::parse(&config)?, &Host)?.into())
    }
}

impl<T: Assigner> assigner::exports::portolan::policy::assigner::Guest for Exported<T> {
    fn assign(config: String) -> Result<Vec<u32>, types::Fault> {
        report_panics();
        Ok(T::assign(config::parse(&config)?, &Host)?)
    }
}

impl<T: Overrider> overrider::exports::portolan::policy::overrider::Guest for Exported<T> {
    fn patch(
        config: String,
    ) -> Result<Vec<overrider::exports::portolan::policy::overrider::Amendment>, types::Fault> {
        report_panics();
        let amendments = T::patch(config::parse(&config)?, &Host)?;
        Ok(amendments.into_iter().map(Into::into).collect())
    }
}

fn kind((api_version, kind): &(&str, &str)) -> types::Kind {
    types::Kind { api_version: (*api_version).to_owned(), kind: (*kind).to_owned() }
}

/// Without this a panic reads `unreachable` on the other side, and nothing else.
pub(super) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| log(Level::Warn, &panic.to_string())));
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

impl From<Choice> for selector::exports::portolan::policy::selector::Choice {
    fn from(choice: Choice) -> Self {
        let Choice { chosen, refused } = choice;
        Self { chosen, refused: refused.into_iter().map(Into::into).collect() }
    }
}

impl From<Amendment> for overrider::exports::portolan::policy::overrider::Amendment {
    fn from(amendment: Amendment) -> Self {
        let Amendment { clusters, patch, warnings } = amendment;
        let patch = patch.map(|patch| patch.into_iter().map(Into::into).collect()).map_err(Into::into);
        Self { clusters, patch, warnings }
    }
}

impl From<Operation> for types::Operation {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Add { at, value } => Self::Add(types::Edit { at, value: config::write(&value) }),
            Operation::Replace { at, value } => {
                Self::Replace(types::Edit { at, value: config::write(&value) })
            }
            Operation::Remove { at } => Self::Remove(at),
            Operation::Test { at, value } => Self::Test(types::Edit { at, value: config::write(&value) }),
        }
    }
}
