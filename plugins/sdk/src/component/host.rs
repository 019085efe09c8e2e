//! The questions, asked of the host.

use serde_json::Value;

use super::plugin::portolan::policy::{fleet, log, observed, request, target, template, types};
use crate::column;
use crate::config::write;
use crate::{Cluster, Level, Questions, Served};

/// The host on the other side of the contract.
pub(super) struct Host;

impl Questions for Host {
    fn template_get(&self, at: &str) -> Option<Value> {
        template::get(at).map(read)
    }

    fn fleet_size(&self) -> u32 {
        fleet::size()
    }
    fn fleet_find(&self, name: &str) -> Option<Cluster> {
        fleet::find(name)
    }
    fn fleet_name(&self, of: Cluster) -> String {
        fleet::name(of)
    }
    fn fleet_names(&self) -> Vec<String> {
        fleet::names()
    }
    fn fleet_label(&self, of: Cluster, key: &str) -> Option<String> {
        fleet::label(of, key)
    }
    fn fleet_get(&self, of: Cluster, at: &str) -> Option<Value> {
        fleet::get(of, at).map(read)
    }
    fn fleet_column(&self, at: &str) -> Vec<Value> {
        column::entries(&fleet::column(at)).map(Value::from).collect()
    }
    fn fleet_column_json(&self, at: &str) -> String {
        fleet::column(at)
    }
    fn fleet_matching(&self, selector: &Value) -> Result<Vec<Cluster>, String> {
        fleet::matching(&write(selector))
    }
    fn fleet_alike(&self, at: &str) -> Vec<Vec<Cluster>> {
        fleet::alike(at)
    }
    fn fleet_serving(&self, api_version: &str, kind: &str) -> Vec<Served> {
        let kind = types::Kind { api_version: api_version.to_owned(), kind: kind.to_owned() };
        fleet::serving(&kind).into_iter().map(served).collect()
    }

    fn request_replicas(&self) -> Option<u32> {
        request::replicas()
    }
    fn request_requirements(&self) -> Option<Value> {
        request::requirements().map(read)
    }
    fn request_previous(&self) -> Vec<Option<u32>> {
        request::previous()
    }
    fn request_placed(&self) -> Vec<Cluster> {
        request::placed()
    }
    fn request_fresh(&self) -> bool {
        request::fresh()
    }
    fn request_evicting(&self) -> Vec<bool> {
        request::evicting()
    }
    fn request_scores(&self) -> Vec<u32> {
        request::scores()
    }
    fn request_available(&self) -> Vec<Option<u32>> {
        request::available()
    }
    fn request_tiers(&self) -> Vec<u32> {
        request::tiers()
    }
    fn request_weights(&self) -> Option<Vec<u64>> {
        request::weights()
    }
    fn request_ranking(&self) -> Vec<Cluster> {
        request::ranking()
    }
    fn request_seed(&self) -> String {
        request::seed()
    }

    fn target_clusters(&self) -> Vec<Cluster> {
        target::clusters()
    }
    fn target_alike(&self) -> Vec<Vec<Cluster>> {
        target::alike()
    }
    fn target_get(&self, on: Cluster, at: &str) -> Option<Value> {
        target::get(on, at).map(read)
    }

    fn observed_get(&self, at: &str) -> Option<Value> {
        observed::get(at).map(read)
    }

    fn log(&self, level: Level, message: &str) {
        let level = match level {
            Level::Debug => log::Level::Debug,
            Level::Info => log::Level::Info,
            Level::Warn => log::Level::Warn,
        };
        log::log(level, message);
    }
}

fn served(served: fleet::Served) -> Served {
    match served {
        fleet::Served::Listed => Served::Listed,
        fleet::Served::Missing => Served::Missing,
        fleet::Served::Unlisted => Served::Unlisted,
        fleet::Served::Unknown => Served::Unknown,
    }
}

/// What the host writes is JSON: that is the contract's promise, and not to be caught where it is broken.
pub(super) fn read(json: String) -> Value {
    let Ok(value) = serde_json::from_str(&json) else {
        panic!("the host answers in JSON, nested no more than 127 deep")
    };
    value
}
