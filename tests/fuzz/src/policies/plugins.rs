//! Plugins as plain functions of their config, hostile ones among them.

use std::collections::BTreeMap;
use std::sync::Arc;

use portolan_plan::{
    Amendment, Digest, Fault, Manifest, Patch, Place, Plugin, Plugins, Reading, Refusal, Stage, Terms,
    Unanswered, Verb,
};
use serde_json::{Value, json};

struct Native(Manifest);

/// One under each name of a default plugin, and one that policies may name.
pub(super) fn all() -> Plugins {
    let names = [
        "cluster-affinity",
        "image",
        "command",
        "args",
        "labels",
        "annotations",
        "field",
        "plaintext",
        "custom",
    ];
    names.into_iter().map(|name| (name.to_owned(), Arc::new(Native::new(name)) as Arc<dyn Plugin>)).collect()
}

impl Native {
    fn new(name: &str) -> Self {
        Self(Manifest {
            name: name.into(),
            version: "0".into(),
            summary: String::new(),
            config_schema: json!({}),
            digest: Digest::of(name.as_bytes()),
            stages: [Stage::Filter, Stage::Overrider].into(),
            kinds: [].into(),
        })
    }
}

impl Plugin for Native {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn terms(&self) -> Terms {
        Terms { engine: "native".into(), budget: BTreeMap::new() }
    }

    fn check(&self, config: &Value) -> Result<(), String> {
        if config.get("scope").is_some() { Err("scope: not here".into()) } else { Ok(()) }
    }

    /// Refuses who is excluded, and, where there are names, who is not among them.
    fn filter(&self, config: &str, reading: &mut Reading) -> Result<Vec<Refusal>, Fault> {
        let config: Value = serde_json::from_str(config).expect("plan writes JSON");
        if config.get("fuel").is_some() {
            return Err(Fault::Config("no fuel here".into()));
        }
        if config.get("key").is_some() {
            reading
                .template("/metadata/labels/env")
                .map_err(unasked)?
                .ok_or_else(|| Fault::Unschedulable("no env".into()))?;
        }
        let listed = |key: &str| -> Vec<&str> {
            config
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let (names, exclude) = (listed("clusterNames"), listed("exclude"));
        let refused: Vec<Place> = (reading.names().map_err(unasked)?.iter().map(String::as_str).zip(0..))
            .filter(|(name, _)| exclude.contains(name) || (!names.is_empty() && !names.contains(name)))
            .map(|(_, place)| place)
            .collect();
        Ok(if refused.is_empty() {
            Vec::new()
        } else {
            vec![Refusal { reason: "not meant".into(), clusters: refused }]
        })
    }

    /// Does what each entry says with a pointer of its own, or else what it says to each key of its map; on the first
    /// target only, where it says `priority`.
    fn patch(&self, config: &str, reading: &mut Reading) -> Result<Vec<Amendment>, Fault> {
        let config: Value = serde_json::from_str(config).expect("plan writes JSON");
        let map = if self.0.name == "annotations" { "annotations" } else { "labels" };
        let entries = config.as_array().cloned().unwrap_or_else(|| vec![config]);
        let mut clusters = reading.targets().map_err(unasked)?;
        let mut patch = Patch::default();
        for entry in &entries {
            let verb = match entry["operator"].as_str() {
                Some("replace") => Verb::Replace,
                Some("remove") => Verb::Remove,
                Some("test") => Verb::Test,
                _ => Verb::Add,
            };
            let wrong = |error: portolan_plan::PatchError| Fault::Config(error.to_string());
            if let Some(path) = entry["path"].as_str() {
                patch.push(verb, path, entry["value"].clone()).map_err(wrong)?;
            } else {
                for (key, value) in entry["value"].as_object().into_iter().flatten() {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    patch.push(verb, &format!("/metadata/{map}/{key}"), value.clone()).map_err(wrong)?;
                }
            }
            if entry.get("priority").is_some() {
                clusters.truncate(1);
            }
        }
        Ok(vec![Amendment::new(clusters, patch)])
    }
}

/// A question that has no answer. None of those above can be.
fn unasked(why: Unanswered) -> Fault {
    Fault::Answer(why.to_string())
}
