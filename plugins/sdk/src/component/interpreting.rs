//! The exports of interpreters.

use super::answer::{Described, Exported, report_panics};
use super::host::Host;
use super::plugin::portolan::policy::types;
use super::{aggregate, dependencies, health, prune, reflect, retain, workload};
use crate::config::write;
use crate::{
    Aggregate, Dependencies, Dependency, Health, Member, Operation, Prune, Reflect, Retain, Size, State,
    Which, Workload,
};
use aggregate::exports::portolan::policy::aggregate as aggregates;
use dependencies::exports::portolan::policy::dependencies as needs;
use health::exports::portolan::policy::health as states;
use workload::exports::portolan::policy::workload as sizes;

impl<T: Described + Workload> sizes::Guest for Exported<T> {
    fn replicas() -> Result<Option<sizes::Size>, types::Fault> {
        report_panics();
        let size = T::replicas(&Host)?;
        Ok(size.map(|Size { replicas, requirements, completions }| sizes::Size {
            replicas,
            requirements: requirements.as_ref().map(write),
            completions,
        }))
    }

    fn revise(replicas: u32, completions: Option<u32>) -> Result<Vec<types::Operation>, types::Fault> {
        report_panics();
        Ok(patch(T::revise(replicas, completions, &Host)?))
    }
}

impl<T: Described + Prune> prune::exports::portolan::policy::prune::Guest for Exported<T> {
    fn prune() -> Result<Vec<types::Operation>, types::Fault> {
        report_panics();
        Ok(patch(T::prune(&Host)?))
    }
}

impl<T: Described + Retain> retain::exports::portolan::policy::retain::Guest for Exported<T> {
    fn retain() -> Result<Vec<types::Operation>, types::Fault> {
        report_panics();
        Ok(patch(T::retain(&Host)?))
    }
}

impl<T: Described + Health> states::Guest for Exported<T> {
    fn health() -> Result<states::State, types::Fault> {
        report_panics();
        Ok(match T::health(&Host)? {
            State::Healthy => states::State::Healthy,
            State::Unhealthy => states::State::Unhealthy,
            State::Unknown => states::State::Unknown,
        })
    }
}

impl<T: Described + Reflect> reflect::exports::portolan::policy::reflect::Guest for Exported<T> {
    fn reflect() -> Result<Option<String>, types::Fault> {
        report_panics();
        Ok(T::reflect(&Host)?.as_ref().map(write))
    }
}

impl<T: Described + Aggregate> aggregates::Guest for Exported<T> {
    fn aggregate(members: Vec<aggregates::Member>) -> Result<Option<String>, types::Fault> {
        report_panics();
        let member = |aggregates::Member { name, status, applied, health }| Member {
            name,
            status: status.map(super::host::read),
            applied,
            health: match health.as_str() {
                "healthy" => State::Healthy,
                "unhealthy" => State::Unhealthy,
                _ => State::Unknown,
            },
        };
        Ok(T::aggregate(members.into_iter().map(member).collect(), &Host)?.as_ref().map(write))
    }
}

impl<T: Described + Dependencies> needs::Guest for Exported<T> {
    fn dependencies() -> Result<Vec<needs::Dependency>, types::Fault> {
        report_panics();
        let dependency = |Dependency { api_version, kind, namespace, which }| needs::Dependency {
            kind: types::Kind { api_version, kind },
            namespace,
            which: match which {
                Which::Name(name) => needs::Which::Name(name),
                Which::Labels(labels) => needs::Which::Labels(write(&labels)),
            },
        };
        Ok(T::dependencies(&Host)?.into_iter().map(dependency).collect())
    }
}

fn patch(operations: Vec<Operation>) -> Vec<types::Operation> {
    operations.into_iter().map(Into::into).collect()
}
